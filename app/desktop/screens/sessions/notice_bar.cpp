#include "app/desktop/screens/sessions/notice_bar.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>
#include <utility>

#include "app/desktop/shell/qt_compat.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

NoticeBar::NoticeBar(Appearance& appearance, QWidget* parent)
    : QFrame(parent),
      appearance_(appearance),
      text_(new QLabel(this)),
      undo_(new QToolButton(this)),
      close_(new QToolButton(this)) {
    setObjectName(QStringLiteral("sessions.notice"));
    text_->setObjectName(QStringLiteral("sessions.noticeText"));
    text_->setWordWrap(true);
    text_->setTextFormat(Qt::PlainText);
    undo_->setObjectName(QStringLiteral("sessions.undo"));
    close_->setObjectName(QStringLiteral("sessions.noticeClose"));
    close_->setAutoRaise(true);
    for (QToolButton* button : {undo_, close_})
        button->setFocusPolicy(Qt::StrongFocus);
    auto* line = new QHBoxLayout;
    line->setSpacing(grid(1));
    line->addWidget(text_, 1);
    line->addWidget(undo_);
    line->addWidget(close_, 0, Qt::AlignTop);
    choices_ = new QVBoxLayout;
    choices_->setContentsMargins(0, 0, grid(1), 0);
    choices_->setSpacing(grid(1));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(2), grid(2), grid(1), grid(2));
    layout->setSpacing(grid(1));
    layout->addLayout(line);
    layout->addLayout(choices_);
    connect(undo_, &QToolButton::clicked, this, [this] {
        hide();
        if (const auto run = std::exchange(run_, nullptr)) run();
    });
    connect(close_, &QToolButton::clicked, this, &QWidget::hide);
    connect(&appearance, &Appearance::changed, this, &NoticeBar::applyLook);
    hide();
    retranslate();
    applyLook();
}

void NoticeBar::say(const QString& sentence, Tone tone) {
    run_ = nullptr;
    dropChoices();
    tone_ = tone;
    text_->setText(sentence);
    undo_->hide();
    applyLook();
    show();
    setAccessibleName(sentence);
    sendAnnouncement(this, sentence);
}

void NoticeBar::sayUndoable(const QString& sentence, std::function<void()> undo) {
    say(sentence, Tone::quiet);
    run_ = std::move(undo);
    undo_->show();
}

void NoticeBar::ask(const QString& sentence, const std::vector<Choice>& choices) {
    say(sentence, Tone::quiet);
    for (const Choice& choice : choices) {
        auto* button = new QToolButton(this);
        button->setObjectName(QLatin1String("sessions.notice.") + QLatin1String(choice.name));
        button->setText(choice.text);
        button->setAccessibleName(choice.text);
        button->setFocusPolicy(Qt::StrongFocus);
        button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        choices_->addWidget(button);
        buttons_.push_back(button);
        connect(button, &QToolButton::clicked, this, [this, run = choice.run] {
            hide();
            if (run) run();
        });
    }
    if (!buttons_.empty()) setTabOrder(close_, buttons_.front());
    applyLook();
}

void NoticeBar::dropChoices() {
    for (QToolButton* button : std::exchange(buttons_, {})) {
        choices_->removeWidget(button);
        button->hide();
        button->deleteLater();  // it may be the one that was pressed
    }
}

void NoticeBar::retranslate() {
    undo_->setText(tr("Undo"));
    undo_->setAccessibleName(tr("Undo what the notice tells"));
    close_->setText(QString(QChar(0x00D7)));
    close_->setAccessibleName(tr("Close the notice"));
    close_->setToolTip(close_->accessibleName());
}

void NoticeBar::applyLook() {
    const Look& look = appearance_.look();
    QPalette palette = look.palette();
    palette.setColor(QPalette::WindowText,
                     look.color(tone_ == Tone::error ? Role::error : Role::text));
    text_->setPalette(palette);
    for (QWidget* part : {static_cast<QWidget*>(text_), static_cast<QWidget*>(undo_)})
        part->setFont(look.font(TextRole::small));
    for (QToolButton* button : buttons_)
        button->setFont(look.font(TextRole::small));
    update();
}

void NoticeBar::paintEvent(QPaintEvent*) {
    const Look& look = appearance_.look();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(look.color(Role::border));
    painter.setBrush(look.color(tone_ == Tone::error ? Role::errorSoft : Role::raised));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), grid(1), grid(1));
}

void NoticeBar::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QFrame::changeEvent(event);
}

}  // namespace moxie::desktop
