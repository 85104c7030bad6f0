#include "app/desktop/screens/changes/notice_strip.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

NoticeStrip::NoticeStrip(const QString& name, Appearance& appearance, QWidget* parent)
    : QFrame(parent),
      appearance_(appearance),
      label_(new QLabel(this)),
      layout_(new QHBoxLayout(this)) {
    setObjectName(name);
    setFrameShape(QFrame::NoFrame);
    setAutoFillBackground(true);
    label_->setObjectName(name + QStringLiteral(".text"));
    label_->setTextFormat(Qt::PlainText);
    label_->setWordWrap(true);
    label_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout_->setContentsMargins(grid(3), grid(1), grid(2), grid(1));
    layout_->setSpacing(grid(2));
    layout_->addWidget(label_, 1);
    connect(&appearance_, &Appearance::changed, this, &NoticeStrip::restyle);
    hide();
}

QString NoticeStrip::text() const {
    return isVisibleTo(parentWidget()) ? label_->text() : QString();
}

void NoticeStrip::tell(Tone tone, const QString& sentence, const std::vector<Choice>& choices) {
    for (QPushButton* button : buttons_) {
        layout_->removeWidget(button);
        button->hide();
        button->deleteLater();  // it may be the one that was clicked
    }
    buttons_.clear();
    tone_ = tone;
    label_->setText(sentence);
    std::vector<Choice> all = choices;
    all.push_back({"close", tr("Close"), {}});
    for (const Choice& choice : all) {
        auto* button = new QPushButton(choice.text, this);
        button->setObjectName(objectName() + QLatin1Char('.') + QLatin1String(choice.name));
        button->setAccessibleName(choice.text);
        connect(button, &QPushButton::clicked, this, [this, run = choice.run] {
            hide();
            if (run) run();
        });
        layout_->addWidget(button);
        buttons_.push_back(button);
    }
    restyle();
    show();
}

void NoticeStrip::restyle() {
    QPalette colors = appearance_.look().palette();
    colors.setColor(
        QPalette::Window,
        appearance_.look().color(tone_ == Tone::warning ? Role::warningSoft : Role::infoSoft));
    setPalette(colors);
}

void NoticeStrip::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) hide();  // its sentence is of the other language
}

}  // namespace moxie::desktop
