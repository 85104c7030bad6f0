#include "app/desktop/screens/output/output_header.h"

#include <QDateTime>
#include <QFontMetrics>
#include <QHBoxLayout>
#include <QLabel>
#include <QTimer>
#include <QToolButton>

#include "app/desktop/screens/output/command_texts.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kTickMs = 1'000;

void setInk(QLabel& label, const QColor& color) {
    QPalette palette = label.palette();
    palette.setColor(QPalette::WindowText, color);
    label.setPalette(palette);
}

}  // namespace

OutputHeader::OutputHeader(const Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      command_(new QLabel(this)),
      state_(new QLabel(this)),
      detail_(new QLabel(this)),
      note_(new QLabel(this)),
      add_(new QToolButton(this)),
      tick_(new QTimer(this)) {
    setObjectName(QStringLiteral("output.header"));
    setAutoFillBackground(true);
    auto* rows = new QVBoxLayout(this);
    rows->setContentsMargins(grid(2), grid(2), grid(2), grid(2));
    rows->setSpacing(grid(1));
    command_->setObjectName(QStringLiteral("output.command"));
    command_->setTextFormat(Qt::PlainText);
    command_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    state_->setObjectName(QStringLiteral("output.state"));
    state_->setTextFormat(Qt::PlainText);
    detail_->setObjectName(QStringLiteral("output.detail"));
    detail_->setTextFormat(Qt::PlainText);
    detail_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    note_->setObjectName(QStringLiteral("output.note"));
    note_->setTextFormat(Qt::PlainText);
    note_->setWordWrap(true);
    note_->hide();
    add_->setObjectName(QStringLiteral("output.add"));
    add_->setAutoRaise(true);
    add_->setFocusPolicy(Qt::TabFocus);
    add_->setEnabled(false);
    connect(add_, &QToolButton::clicked, this, &OutputHeader::addWanted);
    auto* second = new QHBoxLayout;
    second->setSpacing(grid(2));
    second->addWidget(state_);
    second->addWidget(detail_, 1);
    second->addWidget(add_);
    rows->addWidget(command_);
    rows->addLayout(second);
    rows->addWidget(note_);
    tick_->setInterval(kTickMs);
    connect(tick_, &QTimer::timeout, this, &OutputHeader::refresh);
    connect(&appearance, &Appearance::changed, this, &OutputHeader::layOutAgain);
    retranslate();
    layOutAgain();
}

void OutputHeader::show(const CommandRow& row) {
    row_ = row;
    if (row_.isRunning() && isVisible())
        tick_->start();
    else
        tick_->stop();
    layOutAgain();
}

void OutputHeader::setNote(const QString& sentence) {
    if (note_->text() == sentence) return;
    note_->setText(sentence);
    note_->setVisible(!sentence.isEmpty());
}

void OutputHeader::allowAdding(bool isAllowed) {
    add_->setEnabled(isAllowed);
}

void OutputHeader::retranslate() {
    add_->setText(tr("Add to message"));
    add_->setAccessibleName(tr("Add the selection to the message"));
    add_->setToolTip(tr("Add the selection to the message"));
    refresh();
}

void OutputHeader::layOutAgain() {
    const Look& look = appearance_.look();
    QPalette ground = palette();
    ground.setColor(QPalette::Window, look.color(Role::raised));
    setPalette(ground);
    command_->setFont(look.font(TextRole::code));
    for (QLabel* label : {state_, detail_, note_})
        label->setFont(look.font(TextRole::small));
    add_->setFont(look.font(TextRole::small));
    setInk(*command_, look.color(Role::text));
    setInk(*state_, look.color(signOf(row_).role));
    setInk(*detail_, look.color(Role::textMuted));
    setInk(*note_, look.color(Role::textMuted));
    refresh();
}

void OutputHeader::refresh() {
    const QString command = commandText(row_);
    const QFontMetrics metrics(command_->font());
    command_->setText(metrics.elidedText(command, Qt::ElideRight, command_->width()));
    command_->setToolTip(QString::fromStdString(row_.command));
    command_->setAccessibleName(command);
    state_->setText(QStringLiteral("%1 %2").arg(signOf(row_).sign).arg(stateText(row_)));
    int64_t durationMs = row_.durationMs;
    if (row_.isRunning() && row_.startedMs > 0)
        durationMs = std::max<int64_t>(0, QDateTime::currentMSecsSinceEpoch() - row_.startedMs);
    QStringList details;
    if (durationMs > 0) details << commandDuration(durationMs);
    details << ownerText(row_);
    if (!row_.directory.empty()) details << QString::fromStdString(row_.directory);
    detail_->setText(details.join(QStringLiteral(" \u00B7 ")));
}

void OutputHeader::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (row_.isRunning()) tick_->start();
    refresh();
}

void OutputHeader::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    tick_->stop();
}

void OutputHeader::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    refresh();
}

}  // namespace moxie::desktop
