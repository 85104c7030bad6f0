#include "app/desktop/shell/notice_strip.h"

#include <QBoxLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <algorithm>
#include <array>
#include <utility>

#include "app/desktop/shell/qt_compat.h"
#include "app/desktop/theme/appearance.h"
#include "app/desktop/theme/icons.h"

namespace moxie::desktop {

namespace {

constexpr size_t kNoticesMax = 20;

struct ToneLook {
    Role ground, ink;
    IconShape sign;
};

constexpr std::array<ToneLook, 3> kTones = {
    ToneLook{Role::infoSoft, Role::info, IconShape::info},
    ToneLook{Role::warningSoft, Role::warning, IconShape::warning},
    ToneLook{Role::errorSoft, Role::error, IconShape::warning}};

}  // namespace

NoticeStrip::NoticeStrip(Appearance& appearance, QWidget* parent)
    : QFrame(parent),
      appearance_(appearance),
      sign_(new QLabel(this)),
      label_(new QLabel(this)),
      body_(new QBoxLayout(QBoxLayout::LeftToRight)),
      choices_(new QBoxLayout(QBoxLayout::LeftToRight)),
      more_(new QLabel(this)),
      close_(new QToolButton(this)) {
    setObjectName(QStringLiteral("notices"));
    setFrameShape(QFrame::NoFrame);
    setAutoFillBackground(true);
    label_->setObjectName(QStringLiteral("notices.text"));
    label_->setTextFormat(Qt::PlainText);
    label_->setWordWrap(true);
    label_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    more_->setObjectName(QStringLiteral("notices.more"));
    close_->setObjectName(QStringLiteral("notices.close"));
    close_->setAutoRaise(true);
    close_->setFocusPolicy(Qt::StrongFocus);
    choices_->setSpacing(grid(1));
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(grid(3), grid(1), grid(2), grid(1));
    line->setSpacing(grid(2));
    body_->setSpacing(grid(2));
    body_->addWidget(label_, 1);
    body_->addLayout(choices_);
    line->addWidget(sign_);
    line->addLayout(body_, 1);
    line->addWidget(more_);
    line->addWidget(close_);
    connect(close_, &QToolButton::clicked, this, &NoticeStrip::closeShown);
    connect(&appearance, &Appearance::changed, this, &NoticeStrip::restyle);
    hide();
    retranslate();
    restyle();
}

void NoticeStrip::serve(QWidget& host) {
    host.installEventFilter(this);
}

QString NoticeStrip::text() const {
    return posted_.empty() ? QString() : posted_.front().notice.sentence;
}

void NoticeStrip::tell(Notice notice) {
    take(*this, notice);
}

bool NoticeStrip::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != NoticeEvent::kind()) return QFrame::eventFilter(watched, event);
    const auto& posted = static_cast<const NoticeEvent&>(*event);
    event->accept();
    take(posted.from(), posted.notice());
    return true;
}

void NoticeStrip::take(QObject& from, const Notice& notice) {
    const bool isKnown = std::any_of(posted_.begin(), posted_.end(),
                                     [&](const Posted& one) { return one.from == &from; });
    if (!isKnown && notice.sentence.isEmpty()) return;
    if (!isKnown && &from != this)
        connect(&from, &QObject::destroyed, this, [this](QObject* gone) { drop(gone); });
    posted_.remove_if([&](const Posted& one) { return one.from == &from; });
    if (!notice.sentence.isEmpty()) posted_.push_front({&from, notice});
    if (posted_.size() > kNoticesMax) posted_.pop_back();
    showNewest();
    if (notice.sentence.isEmpty()) return;
    setAccessibleName(notice.sentence);
    sendAnnouncement(this, notice.sentence);
}

void NoticeStrip::drop(const QObject* from) {
    posted_.remove_if([&](const Posted& one) { return one.from == from; });
    showNewest();
}

void NoticeStrip::closeShown() {
    if (!posted_.empty()) posted_.pop_front();
    showNewest();
}

void NoticeStrip::dropButtons() {
    for (QToolButton* button : std::exchange(buttons_, {})) {
        choices_->removeWidget(button);
        button->hide();
        button->setObjectName(QString());
        button->deleteLater();  // it may be the one that was pressed
    }
}

void NoticeStrip::showNewest() {
    dropButtons();
    setVisible(!posted_.empty());
    if (posted_.empty()) return label_->clear();
    const Notice& notice = posted_.front().notice;
    label_->setText(notice.sentence);
    QWidget* before = label_;
    for (const NoticeChoice& choice : notice.choices) {
        auto* button = new QToolButton(this);
        button->setObjectName(QLatin1String("notices.") + QLatin1String(choice.name));
        button->setText(choice.text);
        button->setAccessibleName(choice.text);
        button->setFocusPolicy(Qt::StrongFocus);
        choices_->addWidget(button);
        button->show();  // a layout would do it later
        buttons_.push_back(button);
        connect(button, &QToolButton::clicked, this, [this, run = choice.run] {
            closeShown();
            if (run) run();
        });
        setTabOrder(before, button);
        before = button;
    }
    setTabOrder(before, close_);
    fold();
    retranslate();
    restyle();
}

void NoticeStrip::fold() {
    int wanted = 0;
    for (const QToolButton* button : buttons_)
        wanted += button->sizeHint().width() + grid(1);
    const auto direction = wanted > width() / 2 ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight;
    body_->setDirection(direction);
    choices_->setDirection(direction);
}

void NoticeStrip::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    fold();
}

void NoticeStrip::retranslate() {
    const int nMore = posted_.empty() ? 0 : int(posted_.size()) - 1;
    more_->setText(nMore == 1 ? tr("1 more") : tr("%n more", "notices", nMore));
    more_->setVisible(nMore > 0);
    close_->setAccessibleName(tr("Close the notice"));
    close_->setToolTip(close_->accessibleName());
}

void NoticeStrip::restyle() {
    const Look& look = appearance_.look();
    const ToneLook& tone =
        kTones[posted_.empty() ? size_t(0) : size_t(posted_.front().notice.tone)];
    QPalette palette = look.palette();
    palette.setColor(QPalette::Window, look.color(tone.ground));
    setPalette(palette);
    const int edge = fontMetrics().height();
    sign_->setPixmap(icon(tone.sign, tone.ink, appearance_).pixmap(edge, edge));
    close_->setIcon(icon(IconShape::close, Role::text, appearance_));
    palette.setColor(QPalette::WindowText, look.color(Role::textMuted));
    more_->setPalette(palette);
}

// The sentences are of the other language.
void NoticeStrip::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() != QEvent::LanguageChange) return;
    posted_.clear();
    showNewest();
    retranslate();
}

}  // namespace moxie::desktop
