#include "app/desktop/screens/code/state_note.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

StateNote::StateNote(Appearance& appearance, const QString& name, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      title_(new QLabel(this)),
      sentence_(new QLabel(this)),
      action_(new QPushButton(this)) {
    setObjectName(name);
    title_->setObjectName(name + QStringLiteral(".title"));
    sentence_->setObjectName(name + QStringLiteral(".sentence"));
    action_->setObjectName(name + QStringLiteral(".action"));
    for (QLabel* label : {title_, sentence_}) {
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    sentence_->setForegroundRole(QPalette::PlaceholderText);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(6), grid(6), grid(6), grid(6));
    layout->setSpacing(grid(2));
    layout->addStretch(2);
    layout->addWidget(title_);
    layout->addWidget(sentence_);
    layout->addSpacing(grid(2));
    layout->addWidget(action_, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    connect(action_, &QPushButton::clicked, this, &StateNote::actionWanted);
    connect(&appearance, &Appearance::changed, this, &StateNote::applyLook);
    applyLook();
}

void StateNote::applyLook() {
    title_->setFont(appearance_.look().font(TextRole::heading3));
}

void StateNote::say(const QString& title, const QString& sentence, const QString& action) {
    title_->setText(title);
    sentence_->setText(sentence);
    sentence_->setVisible(!sentence.isEmpty());
    action_->setText(action);
    action_->setVisible(!action.isEmpty());
}

}  // namespace moxie::desktop
