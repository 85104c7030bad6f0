#include "app/desktop/screens/changes/apply_page.h"

#include <QComboBox>
#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/changes/diff_view.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

ApplyPage::ApplyPage(ReviewModel& model, Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      model_(model),
      appearance_(appearance),
      title_(new QLabel(this)),
      pathLabel_(new QLabel(this)),
      wayLabel_(new QLabel(this)),
      path_(new QComboBox(this)),
      way_(new QComboBox(this)),
      note_(new QLabel(this)),
      diff_(new DiffView(source_, appearance, this)),
      cancel_(new QPushButton(this)),
      write_(new QPushButton(this)) {
    setObjectName(QStringLiteral("changes.apply"));
    title_->setObjectName(QStringLiteral("changes.apply.title"));
    path_->setObjectName(QStringLiteral("changes.apply.path"));
    path_->setEditable(true);
    path_->lineEdit()->setObjectName(QStringLiteral("changes.apply.pathText"));
    path_->setInsertPolicy(QComboBox::NoInsert);
    path_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    path_->setMinimumContentsLength(12);
    way_->setObjectName(QStringLiteral("changes.apply.way"));
    way_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    way_->setMinimumContentsLength(12);
    note_->setObjectName(QStringLiteral("changes.apply.note"));
    note_->setWordWrap(true);
    // The screen's own diff has these names.
    const QString prefix = QStringLiteral("changes.");
    for (QWidget* part : diff_->findChildren<QWidget*>())
        if (part->objectName().startsWith(prefix))
            part->setObjectName(QStringLiteral("changes.apply.") +
                                part->objectName().mid(prefix.size()));
    write_->setObjectName(QStringLiteral("changes.apply.write"));
    cancel_->setObjectName(QStringLiteral("changes.apply.cancel"));
    layOut();
    connect(&model_, &ReviewModel::previewed, this, &ApplyPage::take);
    connect(path_, &QComboBox::activated, this, [this] { ask(std::nullopt); });
    // What was shown is of another file from now on: it must not be written by the next click.
    connect(path_->lineEdit(), &QLineEdit::textEdited, this,
            [this] { take({.code = preview_.code}); });
    connect(path_->lineEdit(), &QLineEdit::editingFinished, this, [this] {
        if (path_->currentText().trimmed() != QString::fromStdString(preview_.path))
            ask(std::nullopt);
    });
    connect(way_, &QComboBox::activated, this,
            [this](int index) { ask(preview_.ways[size_t(index)]); });
    connect(write_, &QPushButton::clicked, this, [this] { model_.apply(preview_); });
    connect(cancel_, &QPushButton::clicked, this, &ApplyPage::left);
    connect(&appearance_, &Appearance::changed, this, &ApplyPage::restyle);
    retranslate();
    restyle();
}

void ApplyPage::layOut() {
    auto* fields = new QGridLayout;
    fields->setHorizontalSpacing(grid(2));
    fields->setVerticalSpacing(grid(1));
    fields->addWidget(pathLabel_, 0, 0);
    fields->addWidget(path_, 0, 1);
    fields->addWidget(wayLabel_, 1, 0);
    fields->addWidget(way_, 1, 1);
    fields->setColumnStretch(1, 1);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(grid(2));
    buttons->addWidget(note_, 1);
    buttons->addWidget(cancel_);
    buttons->addWidget(write_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(2), grid(3), grid(3));
    layout->setSpacing(grid(2));
    layout->addWidget(title_);
    layout->addLayout(fields);
    layout->addWidget(diff_, 1);
    layout->addLayout(buttons);
}

void ApplyPage::open(const CodeToApply& code) {
    preview_ = {.code = code};
    source_.setSnapshot({});
    {
        const QSignalBlocker quiet(path_);
        path_->clear();
        for (const std::string& target : code.targets)
            path_->addItem(QString::fromStdString(target));
        path_->setCurrentIndex(-1);
        path_->clearEditText();
    }
    take(preview_);
    model_.preview(code, {}, std::nullopt);
    path_->setFocus(Qt::OtherFocusReason);
}

void ApplyPage::ask(std::optional<ApplyWay> way) {
    const std::string path = path_->currentText().trimmed().toStdString();
    if (!path.empty()) return model_.preview(preview_.code, path, way);
    take({.code = preview_.code});
}

void ApplyPage::take(const ApplyPreview& preview) {
    if (preview.code != preview_.code) return;  // of another block, which is not shown any more
    preview_ = preview;
    const QSignalBlocker quiet(path_);
    if (!preview_.path.empty()) path_->setEditText(QString::fromStdString(preview_.path));
    fillWays();
    ReviewSnapshot shown;
    if (preview_.file) shown.files.push_back(preview_.file);
    source_.setSnapshot(shown);
    retranslate();
}

void ApplyPage::fillWays() {
    const QSignalBlocker quiet(way_);
    way_->clear();
    for (const ApplyWay way : preview_.ways) {
        way_->addItem(wayText(way));
        if (way == preview_.way) way_->setCurrentIndex(way_->count() - 1);
    }
    way_->setEnabled(preview_.ways.size() > 1);
}

QString ApplyPage::wayText(ApplyWay way) const {
    switch (way) {
        case ApplyWay::patch:
            return tr("Apply the diff");
        case ApplyWay::fitting:
            return tr("In place of the lines that begin and end like it");
        case ApplyWay::wholeFile:
            return preview_.before == nullptr ? tr("As a new file")
                                              : tr("In place of the whole file");
        case ApplyWay::atEnd:
            break;
    }
    return tr("At the end of the file");
}

// "": it can be written.
QString ApplyPage::whyNot() const {
    if (preview_.path.empty())
        return path_->currentText().trimmed().isEmpty() ? tr("Say for which file this code is.")
                                                        : tr("Enter shows what would change.");
    if (!preview_.problem.isEmpty()) return tr("Not possible: %1").arg(preview_.problem);
    if (preview_.file == nullptr) return tr("Reading the file…");
    return preview_.file->review.hunks.empty() ? tr("The file has this code already.") : QString();
}

void ApplyPage::retranslate() {
    const QString reason = whyNot();
    title_->setText(tr("Apply code to a file"));
    pathLabel_->setText(tr("File"));
    path_->setAccessibleName(tr("File to apply the code to"));
    path_->lineEdit()->setAccessibleName(path_->accessibleName());
    path_->lineEdit()->setPlaceholderText(tr("Path in the repository"));
    wayLabel_->setText(tr("How"));
    way_->setAccessibleName(tr("How the code becomes part of the file"));
    note_->setText(reason.isEmpty() ? tr("A checkpoint is taken first. You review the change then.")
                                    : reason);
    diff_->canvas().setAccessibleName(tr("What would change"));
    write_->setText(tr("Write"));
    write_->setAccessibleName(tr("Write the change into the file"));
    write_->setEnabled(reason.isEmpty());
    write_->setToolTip(reason.isEmpty() ? write_->accessibleName() : reason);
    cancel_->setText(tr("Cancel"));
    cancel_->setAccessibleName(tr("Leave the file as it is"));
}

void ApplyPage::restyle() {
    const Look& look = appearance_.look();
    title_->setFont(look.font(TextRole::heading3));
    QPalette quiet = look.palette();
    quiet.setColor(QPalette::WindowText, look.color(Role::textMuted));
    note_->setPalette(quiet);
}

void ApplyPage::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() != QEvent::LanguageChange) return;
    fillWays();
    retranslate();
}

void ApplyPage::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        emit left();
        return;
    }
    QWidget::keyPressEvent(event);
}

}  // namespace moxie::desktop
