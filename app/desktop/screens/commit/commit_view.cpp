// What the commit screen shows of its model, and what it asks of it.
#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTimer>
#include <algorithm>

#include "app/desktop/screens/commit/commit_files.h"
#include "app/desktop/screens/commit/commit_screen.h"
#include "app/desktop/screens/commit/message_edit.h"
#include "app/desktop/shell/notice.h"
#include "app/desktop/theme/appearance.h"
#include "base/text.h"

namespace moxie::desktop {

namespace {

constexpr qsizetype kHookCharsMax = 64 << 10;  // the last ones are shown

QString textOf(const std::string& utf8) {
    return QString::fromStdString(utf8);
}

bool hasConflicts(const CommitSnapshot& snapshot) {
    return std::any_of(snapshot.files.begin(), snapshot.files.end(),
                       [](const CommitFile& file) { return file.change.status == 'U'; });
}

}  // namespace

void CommitScreen::connectModel() {
    connect(&model_, &CommitModel::changed, this, &CommitScreen::takeModel);
    connect(&model_, &CommitModel::hunksFound, files_, &CommitFiles::showHunks);
    connect(&model_, &CommitModel::refused, this, &CommitScreen::refuse);
    connect(&model_, &CommitModel::suggested, this, [this](const QString& message) {
        if (isUnwritten()) message_->clear();  // a template makes room
        message_->setSuggestion(message);
        message_->setFocus(Qt::OtherFocusReason);
    });
    connect(
        &model_, &CommitModel::committed, this, [this](const QString& id, const QString& title) {
            const QSignalBlocker quiet(amend_);
            amend_->setChecked(false);
            message_->setSuggestion({});
            message_->setPlainText(template_);
            hooks_->hide();
            const QString sentence =
                tr("Committed %1: %2", "short id and subject").arg(id.left(7), title);
            postNotice(*this,
                       {.sentence = sentence,
                        .choices = {{"undo", tr("Take it back"), [this] { model_.takeBack(); }}}});
            emit committed(id);
        });
    connect(&model_, &CommitModel::takenBack, this, [this](const QString& message) {
        message_->setPlainText(message);
        postNotice(*this, {tr("The commit is taken back. The files are as they were.")});
        emit takenBack();
    });
    connect(&model_, &CommitModel::hookStarted, this, [this](const QString& name) {
        runningHook_ = name;
        hookOutput_.clear();
        hooks_->show();
        showHookOutput();
    });
    connect(&model_, &CommitModel::hookOutput, this, [this](const QString& text) {
        hookOutput_ = (hookOutput_ + text).right(kHookCharsMax);
        if (!hookPause_->isActive()) hookPause_->start();
    });
}

void CommitScreen::takeModel() {
    const CommitSnapshot& now = model_.now();
    const bool hasRepository = model_.state() != CommitModel::State::error &&
                               model_.state() != CommitModel::State::loading;
    branch_->setText(!hasRepository         ? QString()
                     : now.branch == "HEAD" ? tr("On no branch")
                                            : tr("On %1", "a branch").arg(textOf(now.branch)));
    author_->setText(hasRepository && !now.identity.empty()
                         ? tr("as %1", "the author of a commit").arg(textOf(now.identity))
                         : QString());
    newBranch_->setVisible(hasRepository);
    if (hasRepository && template_ != textOf(now.messageTemplate)) {
        const bool isReplaced = isUnwritten() && !message_->hasSuggestion();
        template_ = textOf(now.messageTemplate);
        if (isReplaced) message_->setPlainText(template_);
    }
    // Nothing changed, but the last commit may be amended; and a box with text is not taken away.
    const bool isShown = model_.state() == CommitModel::State::ready ||
                         (model_.state() == CommitModel::State::empty &&
                          (amend_->isChecked() || model_.isCommitting() || !isUnwritten()));
    files_->setFiles(now.files);
    if (!isShown) return showMessage();
    pages_->setCurrentWidget(content_);
    showObstacle();
    updateButtons();
    showHookOutput();
}

// Nothing was typed: the box is empty, or has what git's template put there.
bool CommitScreen::isUnwritten() const {
    const QString text = message_->toPlainText();
    return text.trimmed().isEmpty() || text == template_;
}

void CommitScreen::showMessage() {
    QString title, text;
    switch (model_.state()) {
        case CommitModel::State::loading:
            title = tr("Looking at the repository…");
            break;
        case CommitModel::State::error:
            if (model_.errorKind() == base::Errc::notFound) {
                title = tr("No git repository");
                text =
                    tr("This folder is in none. One is made before the agent writes its first "
                       "file, or by: git init");
            } else {
                title = tr("The repository cannot be read");
                text = tr("Nothing was changed. The reason: %1").arg(model_.errorText());
            }
            break;
        default:
            title = tr("Nothing to commit");
            text = tr("All files are as in the last commit.");
            break;
    }
    messageTitle_->setText(title);
    messageText_->setText(text);
    messageText_->setVisible(!text.isEmpty());
    pages_->setCurrentWidget(messagePage_);
}

void CommitScreen::updateTicks() {
    const CommitFiles::Ticks ticks = files_->ticks();
    all_->setCheckState(ticks.isEmpty() ? Qt::Unchecked
                        : ticks.nTicked == ticks.nFiles && ticks.parts.empty()
                            ? Qt::Checked
                            : Qt::PartiallyChecked);
    all_->setText(tr("%1 of %2 ticked", "files to commit").arg(ticks.nTicked).arg(ticks.nFiles));
    all_->setAccessibleName(all_->text());
    updateButtons();
}

void CommitScreen::updateButtons() {
    const CommitSnapshot& now = model_.now();
    const bool isBusy = model_.isCommitting();
    const bool hasMessage = !isUnwritten();
    const bool isPossible = !now.identity.empty() && !now.isMerging && !hasConflicts(now);
    const CommitFiles::Ticks ticks = files_->ticks();
    const bool hasFiles = !ticks.isEmpty() || amend_->isChecked();
    commit_->setEnabled(!isBusy && isPossible && hasMessage && hasFiles && !ticks.isWaiting);
    commit_->setText(isBusy ? tr("Committing…") : amend_->isChecked() ? tr("Amend") : tr("Commit"));
    commit_->setAccessibleName(commit_->text());
    commit_->setToolTip(!hasMessage       ? tr("Write a message first.")
                        : !hasFiles       ? tr("Tick a file first.")
                        : ticks.isWaiting ? tr("What is staged is being read…")
                                          : tr("%1 (Ctrl+Enter)").arg(commit_->text()));
    suggest_->setText(message_->hasSuggestion() ? tr("Use suggestion (Tab)") : tr("Suggest"));
    suggest_->setAccessibleName(suggest_->text());
    suggest_->setEnabled(!isBusy && (message_->hasSuggestion() || !hasMessage));
    suggest_->setToolTip(tr("Proposes a message from the task and the changes. You decide."));
    amend_->setEnabled(!isBusy && (now.whyNoAmend.empty() || amend_->isChecked()));
    amend_->setToolTip(now.whyNoAmend.empty()
                           ? tr("The ticked files and this message go into your last commit.")
                           : tr("Not possible: %1").arg(textOf(now.whyNoAmend)));
    files_->setEnabled(!isBusy);
    message_->setReadOnly(isBusy);
    foldFoot();
}

// What keeps from committing at all.
void CommitScreen::showObstacle() {
    const CommitSnapshot& now = model_.now();
    QString sentence;
    if (hasConflicts(now))
        sentence =
            tr("Some files have conflicts. Resolve them and mark them with git add, then "
               "commit.");
    else if (now.isMerging)
        sentence = tr("A merge, rebase or similar is in progress. Finish it with git first.");
    else if (now.identity.empty())
        sentence =
            tr("Git does not know who you are. Say it once in a terminal:\n"
               "git config --global user.name \"Your Name\"\n"
               "git config --global user.email you@example.org");
    obstacle_->setText(sentence);
    obstacle_->setVisible(!sentence.isEmpty());
}

void CommitScreen::showHookOutput() {
    const bool isRunning = model_.isCommitting();
    hookName_->setText(isRunning ? tr("The hook %1 is running…").arg(runningHook_)
                                 : tr("The hook %1 has ended").arg(runningHook_));
    hookStop_->setText(isRunning ? tr("Stop") : tr("Close"));
    hookStop_->setAccessibleName(hookStop_->text());
    const QString text = textOf(base::stripTerminalControl(hookOutput_.toStdString()));
    if (hookText_->toPlainText() == text) return;
    hookText_->setPlainText(text);
    hookText_->verticalScrollBar()->setValue(hookText_->verticalScrollBar()->maximum());
}

void CommitScreen::toggleAmend(bool isAmend) {
    if (isAmend) {
        messageBeforeAmend_ = message_->toPlainText();
        message_->setPlainText(textOf(model_.now().headMessage).trimmed());
    } else {
        message_->setPlainText(messageBeforeAmend_);
    }
    updateButtons();
}

void CommitScreen::suggest() {
    CommitFiles::Ticks ticks = files_->ticks();
    for (const CommitPart& part : ticks.parts)
        ticks.whole.push_back(part.path);
    model_.suggest(ticks.whole);
}

void CommitScreen::commit() {
    if (pages_->currentWidget() != content_ || !commit_->isEnabled()) return;
    CommitFiles::Ticks ticks = files_->ticks();
    model_.commit({std::move(ticks.whole), std::move(ticks.parts), message_->toPlainText(),
                   amend_->isChecked() ? tools::CommitKind::amend : tools::CommitKind::onTop,
                   signOff_->isChecked() ? SignOff::yes : SignOff::no,
                   coAuthor_->isChecked() ? CoAuthor::moxie : CoAuthor::no});
}

void CommitScreen::refuse(const CommitRefusal& refusal) {
    const QString reason = textOf(refusal.message);
    const QString sentence =
        !refusal.hook.isEmpty()
            ? tr("Not committed: the hook %1 refused. Your message is kept.").arg(refusal.hook)
            : tr("That was not done: %1. Your message is kept.").arg(reason);
    postNotice(*this, {sentence, NoticeTone::warning});
}

}  // namespace moxie::desktop
