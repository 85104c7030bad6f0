#include "app/desktop/screens/changes/message_page.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/desktop/screens/changes/review_model.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

MessagePage::MessagePage(Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      title_(new QLabel(this)),
      text_(new QLabel(this)),
      action_(new QPushButton(this)) {
    setObjectName(QStringLiteral("changes.message"));
    title_->setObjectName(QStringLiteral("changes.message.title"));
    text_->setObjectName(QStringLiteral("changes.message.text"));
    text_->setTextFormat(Qt::PlainText);
    action_->setObjectName(QStringLiteral("changes.message.action"));
    for (QLabel* label : {title_, text_}) {
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
    }
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(6), grid(6), grid(6), grid(6));
    layout->setSpacing(grid(2));
    layout->addStretch(2);
    layout->addWidget(title_);
    layout->addWidget(text_);
    layout->addSpacing(grid(2));
    layout->addWidget(action_, 0, Qt::AlignCenter);
    layout->addStretch(3);
    connect(action_, &QPushButton::clicked, this, &MessagePage::actionWanted);
    connect(&appearance_, &Appearance::changed, this, &MessagePage::restyle);
    restyle();
}

void MessagePage::restyle() {
    const Look& look = appearance_.look();
    QPalette muted = look.palette();
    muted.setColor(QPalette::WindowText, look.color(Role::textMuted));
    text_->setPalette(muted);
    title_->setFont(look.font(TextRole::heading3));
}

MessagePage::Message MessagePage::emptyMessage(const ReviewModel& model) {
    switch (model.whyEmpty()) {
        case ReviewModel::Emptiness::noTurn:
            return {tr("No changes yet"),
                    tr("What the agent changes in this session appears here, hunk by hunk."),
                    tr("Show uncommitted changes")};
        case ReviewModel::Emptiness::noRepository:
            return {tr("No changes yet"),
                    tr("This folder is in no git repository. One is made before the agent "
                       "writes its first file.")};
        case ReviewModel::Emptiness::noCommit:
            return {tr("No commit yet"),
                    tr("There is no commit to compare with. Make the first one, or look at "
                       "the changes of this session.")};
        case ReviewModel::Emptiness::noOtherBranch:
            return {tr("No other branch"),
                    tr("This branch left no other one, so there is nothing to compare with.")};
    }
    return {};
}

MessagePage::Message MessagePage::messageOf(const ReviewModel& model) {
    using State = ReviewModel::State;
    const ReviewSnapshot& now = model.now();
    const auto nDecided = int(now.nAccepted + now.nRejected + now.nEdited);
    switch (model.state()) {
        case State::loading:
            return {tr("Looking for changes…")};
        case State::error:
            return {tr("The changes cannot be shown"),
                    tr("No file was touched. The reason: %1").arg(model.errorText()),
                    tr("Try again")};
        case State::ready:
            return {nDecided > 0 ? tr("Everything is reviewed") : tr("No changes"),
                    nDecided > 0 ? tr("Hunks decided: %n. What you accepted stays in the files and "
                                      "can be committed.",
                                      nullptr, nDecided)
                                 : tr("The files are as they were."),
                    now.canUndo ? tr("Undo the last decision") : QString()};
        case State::empty:
            return emptyMessage(model);
    }
    return {};
}

void MessagePage::explain(const ReviewModel& model) {
    const Message message = messageOf(model);
    title_->setText(message.title);
    text_->setText(message.text);
    text_->setVisible(!message.text.isEmpty());
    action_->setText(message.action);
    action_->setAccessibleName(message.action);
    action_->setVisible(!message.action.isEmpty());
}

}  // namespace moxie::desktop
