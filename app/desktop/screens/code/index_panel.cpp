#include "app/desktop/screens/code/index_panel.h"

#include <QEvent>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <limits>

#include "app/desktop/screens/code/code_model.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kLanguageRowsShown = 8, kExcludedRowsShown = 5;

constexpr int kTextColumns = 24;  // beside the buttons, at least

QString counted(int64_t number) {
    return QLocale().toString(qlonglong(number));
}

QTableWidgetItem* numberCell(int64_t number) {
    auto* cell = new QTableWidgetItem(counted(number));
    cell->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    return cell;
}

QString reasonOf(indexer::Exclusion why) {
    switch (why) {
        case indexer::Exclusion::binary:
            return IndexPanel::tr("binary");
        case indexer::Exclusion::tooLarge:
            return IndexPanel::tr("too large");
        case indexer::Exclusion::bulkData:
            return IndexPanel::tr("generated or bulk data");
    }
    return {};
}

}  // namespace

IndexPanel::IndexPanel(CodeModel& model, Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      model_(model),
      appearance_(appearance),
      sign_(new QLabel(this)),
      phase_(new QLabel(this)),
      size_(new QLabel(this)),
      details_(new QToolButton(this)),
      action_(new QPushButton(this)),
      progress_(new QProgressBar(this)),
      languages_(new QTableWidget(0, 5, this)),
      excluded_(new QLabel(this)),
      head_(new QBoxLayout(QBoxLayout::LeftToRight)) {
    setObjectName(QStringLiteral("index"));
    phase_->setObjectName(QStringLiteral("index.phase"));
    size_->setObjectName(QStringLiteral("index.size"));
    details_->setObjectName(QStringLiteral("index.details"));
    action_->setObjectName(QStringLiteral("index.action"));
    progress_->setObjectName(QStringLiteral("index.progress"));
    languages_->setObjectName(QStringLiteral("index.languages"));
    size_->setForegroundRole(QPalette::PlaceholderText);
    phase_->setWordWrap(true);
    size_->setWordWrap(true);
    details_->setCheckable(true);
    details_->setAutoRaise(true);
    details_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    progress_->setTextVisible(false);
    progress_->setFixedHeight(grid(1));
    languages_->verticalHeader()->hide();
    languages_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    languages_->setSelectionMode(QAbstractItemView::NoSelection);
    languages_->setFrameShape(QFrame::NoFrame);
    languages_->setShowGrid(false);
    languages_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    languages_->horizontalHeader()->setHighlightSections(false);
    languages_->hide();
    excluded_->setObjectName(QStringLiteral("index.excluded"));
    excluded_->setWordWrap(true);
    excluded_->setTextFormat(Qt::PlainText);
    excluded_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    excluded_->hide();
    layOut();
    connect(details_, &QToolButton::toggled, this, [this](bool isOn) {
        languages_->setVisible(isOn);
        excluded_->setVisible(isOn);
        refresh();
    });
    connect(action_, &QPushButton::clicked, this, &IndexPanel::act);
    connect(&model_, &CodeModel::indexChanged, this, &IndexPanel::refresh);
    connect(&model_, &CodeModel::stateChanged, this, &IndexPanel::refresh);
    connect(&appearance_, &Appearance::changed, this, &IndexPanel::refresh);
    refresh();
}

void IndexPanel::layOut() {
    auto* texts = new QGridLayout;
    texts->setHorizontalSpacing(grid(2));
    texts->setVerticalSpacing(grid(1));
    texts->setColumnStretch(1, 1);
    texts->addWidget(sign_, 0, 0, Qt::AlignTop);
    texts->addWidget(phase_, 0, 1);
    texts->addWidget(size_, 1, 1);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(grid(2));
    buttons->addStretch(1);
    buttons->addWidget(details_, 0, Qt::AlignVCenter);
    buttons->addWidget(action_, 0, Qt::AlignVCenter);
    head_->setContentsMargins(grid(3), grid(2), grid(3), grid(2));
    head_->setSpacing(grid(2));
    head_->addLayout(texts, 1);
    head_->addLayout(buttons);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 1);
    layout->setSpacing(0);
    layout->addLayout(head_);
    layout->addWidget(progress_);
    auto* table = new QVBoxLayout;
    table->setContentsMargins(grid(2), 0, grid(2), grid(1));
    table->setSpacing(grid(1));
    table->addWidget(languages_);
    table->addWidget(excluded_);
    layout->addLayout(table);
}

// The buttons go below the texts where they would leave them too narrow a column.
void IndexPanel::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    const int buttons = details_->sizeHint().width() + action_->sizeHint().width();
    const int texts = kTextColumns * fontMetrics().averageCharWidth();
    head_->setDirection(buttons + texts <= width() ? QBoxLayout::LeftToRight
                                                   : QBoxLayout::TopToBottom);
}

void IndexPanel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        generation_ = -1;
        refresh();
    }
    QWidget::changeEvent(event);
}

void IndexPanel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(appearance_.look().color(Role::border));
    painter.drawLine(0, height() - 1, width(), height() - 1);
}

void IndexPanel::act() {
    if (model_.index().phase == IndexState::Phase::updating)
        model_.pause();
    else
        model_.update();
}

void IndexPanel::refresh() {
    const IndexState& index = model_.index();
    const auto state = model_.state();
    setVisible(state == CodeModel::State::ready || state == CodeModel::State::loading);
    size_->setFont(appearance_.look().font(TextRole::small));
    flattenTable();
    showPhase(index);
    const indexer::IndexStats& stats = index.stats;
    size_->setText(
        tr("%1 files, %2 symbols, %3 on disk", "what the index holds")
            .arg(counted(stats.files), counted(stats.symbols),
                 QLocale().formattedDataSize(stats.indexBytes, 1, QLocale::DataSizeSIFormat)));
    details_->setText(tr("By language"));
    details_->setAccessibleName(tr("Show what the index holds of each language"));
    details_->setArrowType(details_->isChecked() ? Qt::UpArrow : Qt::DownArrow);
    excluded_->setFont(appearance_.look().font(TextRole::small));
    if (!details_->isChecked() || generation_ == stats.generation) return;
    fillLanguages(index);
    fillExcluded(index);
}

void IndexPanel::showPhase(const IndexState& index) {
    using Phase = IndexState::Phase;
    const Look& look = appearance_.look();
    const bool isUpdating = index.phase == Phase::updating;
    const QString done = counted(index.progress.filesDone),
                  total = counted(index.progress.filesTotal);
    QString sentence, sign;
    Role role = Role::textMuted;
    switch (index.phase) {
        case Phase::updating:
            sign = QChar(0x2026);
            sentence = index.progress.filesTotal > 0
                           ? tr("Being updated: %1 of %2 changed files").arg(done, total)
                           : tr("Being compared with the files…");
            break;
        case Phase::paused:
            sign = QStringLiteral("!");
            role = Role::warning;
            sentence = index.progress.filesTotal > 0
                           ? tr("Paused at %1 of %2 changed files: what is found may be old.")
                                 .arg(done, total)
                           : tr("Paused: what is found may be old.");
            break;
        case Phase::current:
            sign = QChar(0x2713);
            role = Role::success;
            sentence = tr("Up to date at %1", "time of day")
                           .arg(QLocale().toString(index.checked.time(), QLocale::ShortFormat));
            break;
        case Phase::stale:
            sign = QStringLiteral("!");
            role = Role::warning;
            sentence = index.error.isEmpty()
                           ? tr("Stale: not compared with the files yet.")
                           : tr("Stale: the update failed (%1).").arg(index.error);
            break;
    }
    QPalette palette = sign_->palette();
    palette.setColor(QPalette::WindowText, look.color(role));
    sign_->setPalette(palette);
    sign_->setText(sign);
    phase_->setText(sentence);
    action_->setText(isUpdating                     ? tr("Pause")
                     : index.phase == Phase::paused ? tr("Continue")
                                                    : tr("Update"));
    progress_->setVisible(isUpdating && index.progress.filesTotal > 0);
    progress_->setAccessibleName(tr("Progress of the index"));
    progress_->setRange(0, int(std::max<int64_t>(1, index.progress.filesTotal)));
    progress_->setValue(int(index.progress.filesDone));
}

void IndexPanel::fillLanguages(const IndexState& index) {
    generation_ = index.stats.generation;
    const QStringList titles = {tr("Language"), tr("Files"), tr("Lines"), tr("Symbols"),
                                tr("With errors", "files whose text has syntax errors")};
    languages_->setHorizontalHeaderLabels(titles);
    languages_->setAccessibleName(tr("What the index holds of each language"));
    const auto& all = index.stats.languages;
    languages_->setRowCount(int(all.size()));
    for (int row = 0; row < int(all.size()); ++row) {
        const auto& each = all[size_t(row)];
        languages_->setItem(row, 0, new QTableWidgetItem(QString::fromStdString(each.name)));
        languages_->setItem(row, 1, numberCell(each.files));
        languages_->setItem(row, 2, numberCell(each.lines));
        languages_->setItem(row, 3, numberCell(each.symbols));
        languages_->setItem(row, 4, numberCell(each.filesDamaged));
    }
    QHeaderView* header = languages_->horizontalHeader();
    header->setSectionResizeMode(0, QHeaderView::Stretch);
    for (int column = 0; column < 5; ++column) {
        if (column > 0) header->setSectionResizeMode(column, QHeaderView::ResizeToContents);
        languages_->horizontalHeaderItem(column)->setTextAlignment(
            (column == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    fitTable();
}

void IndexPanel::fillExcluded(const IndexState& index) {
    const indexer::IndexStats& stats = index.stats;
    QStringList lines;
    if (stats.filesExcluded > 0)
        lines << tr("%n files are found by name only, not by their text:", nullptr,
                    int(std::min<int64_t>(stats.filesExcluded, std::numeric_limits<int>::max())));
    const size_t shown = std::min(stats.excluded.size(), size_t(kExcludedRowsShown));
    for (size_t i = 0; i < shown; ++i) {
        const indexer::ExcludedFile& file = stats.excluded[i];
        const QString size = QLocale().formattedDataSize(file.bytes, 1, QLocale::DataSizeSIFormat);
        lines << tr("%1 (%2, %3)", "path, why its text is not known, size")
                     .arg(QString::fromStdString(file.path), reasonOf(file.why), size);
    }
    if (const int64_t rest = stats.filesExcluded - int64_t(shown); rest > 0)
        lines << tr("and %n more", nullptr,
                    int(std::min<int64_t>(rest, std::numeric_limits<int>::max())));
    lines << tr("What git ignores is left out altogether.");
    excluded_->setText(lines.join(QLatin1Char('\n')));
}

// On the ground of the panel, with a quiet head.
void IndexPanel::flattenTable() {
    const Look& look = appearance_.look();
    QPalette palette = look.palette();
    for (const QPalette::ColorRole role : {QPalette::Base, QPalette::Button})
        palette.setColor(role, look.color(Role::window));
    palette.setColor(QPalette::ButtonText, look.color(Role::textMuted));
    languages_->setPalette(palette);
    languages_->horizontalHeader()->setPalette(palette);
    languages_->horizontalHeader()->setFont(look.font(TextRole::small));
}

// As high as its rows, up to a few.
void IndexPanel::fitTable() {
    languages_->resizeRowsToContents();
    const int rows = std::min(languages_->rowCount(), kLanguageRowsShown);
    const int row = languages_->rowCount() > 0 ? languages_->rowHeight(0) : 0;
    languages_->setFixedHeight(languages_->horizontalHeader()->sizeHint().height() + rows * row +
                               grid(1));
}

}  // namespace moxie::desktop
