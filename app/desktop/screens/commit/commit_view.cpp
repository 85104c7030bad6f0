// What the commit screen shows of its model, and what it asks of it.
#include <QCheckBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTimer>
#include <QTreeWidget>
#include <algorithm>

#include "app/desktop/screens/changes/notice_strip.h"
#include "app/desktop/screens/commit/commit_screen.h"
#include "app/desktop/screens/commit/message_edit.h"
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
    connect(&model_, &CommitModel::refused, this, &CommitScreen::refuse);
    connect(&model_, &CommitModel::suggested, this, [this](const QString& message) {
        message_->setSuggestion(message);
        message_->setFocus(Qt::OtherFocusReason);
    });
    connect(&model_, &CommitModel::committed, this,
            [this](const QString& id, const QString& title) {
                const QSignalBlocker quiet(amend_);
                amend_->setChecked(false);
                message_->setSuggestion({});
                message_->clear();
                hooks_->hide();
                const QString sentence =
                    tr("Committed %1: %2", "short id and subject").arg(id.left(7), title);
                notice_->tell(NoticeStrip::Tone::quiet, sentence,
                              {{"undo", tr("Take it back"), [this] { model_.takeBack(); }}});
                emit said(sentence);
                emit committed(id);
            });
    connect(&model_, &CommitModel::takenBack, this, [this](const QString& message) {
        message_->setPlainText(message);
        const QString sentence = tr("The commit is taken back. The files are as they were.");
        notice_->tell(NoticeStrip::Tone::quiet, sentence, {});
        emit said(sentence);
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
    // Nothing changed, but the last commit may be amended; and a box with text is not taken away.
    const bool isShown =
        model_.state() == CommitModel::State::ready ||
        (model_.state() == CommitModel::State::empty &&
         (amend_->isChecked() || model_.isCommitting() || !message_->toPlainText().isEmpty()));
    fillFiles();
    if (!isShown) return showMessage();
    pages_->setCurrentWidget(content_);
    showObstacle();
    updateButtons();
    showHookOutput();
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

// Who staged something wants that; else everything is ticked. A tick once set by hand stays.
void CommitScreen::fillFiles() {
    const CommitSnapshot& now = model_.now();
    const Look& look = appearance_.look();
    const bool isStagedOnly = std::any_of(
        now.files.begin(), now.files.end(),
        [](const CommitFile& file) { return file.change.isStaged && file.change.status != 'U'; });
    isFilling_ = true;
    files_->clear();
    std::set<std::string> present;
    int widest = 1;
    const QLocale locale;
    for (const CommitFile& file : now.files) {
        const std::string& path = file.change.path;
        present.insert(path);
        if (!known_.contains(path) && isStagedOnly && !file.change.isStaged) unticked_.insert(path);
        auto* item = new QTreeWidgetItem(files_);
        QString name = textOf(path);
        if (!file.change.oldPath.empty())
            name = tr("%1, was %2", "a renamed file").arg(name, textOf(file.change.oldPath));
        const QChar status = QLatin1Char(file.change.status == '?' ? 'A' : file.change.status);
        item->setText(0, status + QStringLiteral("  ") + name);
        item->setToolTip(0, file.change.isStaged && file.change.isUnstaged
                                ? tr("Staged in part. The whole file is committed.")
                                : name);
        item->setText(1, QLatin1Char('+') + locale.toString(qlonglong(file.nAdded)));
        item->setText(2, QChar(0x2212) + locale.toString(qlonglong(file.nRemoved)));
        item->setForeground(1, look.color(file.nAdded > 0 ? Role::success : Role::textMuted));
        item->setForeground(2, look.color(file.nRemoved > 0 ? Role::error : Role::textMuted));
        for (const int column : {1, 2}) {
            item->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
            widest = std::max(widest, int(item->text(column).size()));
        }
        item->setData(0, Qt::UserRole, textOf(path));
        item->setData(0, Qt::AccessibleTextRole,
                      tr("%1, %2 added, %3 removed").arg(name).arg(file.nAdded).arg(file.nRemoved));
        item->setCheckState(0, unticked_.contains(path) ? Qt::Unchecked : Qt::Checked);
    }
    const int width =
        QFontMetrics(files_->font()).horizontalAdvance(QString(widest, QLatin1Char('8')));
    files_->header()->resizeSection(1, width + grid(3));
    files_->header()->resizeSection(2, width + grid(3));
    known_ = present;
    std::erase_if(unticked_, [&](const std::string& path) { return !present.contains(path); });
    isFilling_ = false;
    updateTicks();
}

void CommitScreen::updateTicks() {
    int nTicked = 0;
    const int n = files_->topLevelItemCount();
    for (int i = 0; i < n; ++i) {
        const QTreeWidgetItem* item = files_->topLevelItem(i);
        const std::string path = item->data(0, Qt::UserRole).toString().toStdString();
        const bool isTicked = item->checkState(0) == Qt::Checked;
        nTicked += isTicked ? 1 : 0;
        isTicked ? void(unticked_.erase(path)) : void(unticked_.insert(path));
    }
    all_->setCheckState(nTicked == 0   ? Qt::Unchecked
                        : nTicked == n ? Qt::Checked
                                       : Qt::PartiallyChecked);
    all_->setText(tr("%1 of %2 ticked", "files to commit").arg(nTicked).arg(n));
    all_->setAccessibleName(all_->text());
    updateButtons();
}

std::vector<std::string> CommitScreen::tickedPaths() const {
    std::vector<std::string> paths;
    for (const CommitFile& file : model_.now().files) {
        if (unticked_.contains(file.change.path)) continue;
        paths.push_back(file.change.path);
        if (!file.change.oldPath.empty()) paths.push_back(file.change.oldPath);
    }
    return paths;
}

void CommitScreen::updateButtons() {
    const CommitSnapshot& now = model_.now();
    const bool isBusy = model_.isCommitting();
    const bool hasMessage = !message_->toPlainText().trimmed().isEmpty();
    const bool isPossible = !now.identity.empty() && !now.isMerging && !hasConflicts(now);
    const bool hasFiles = !tickedPaths().empty() || amend_->isChecked();
    commit_->setEnabled(!isBusy && isPossible && hasMessage && hasFiles);
    commit_->setText(isBusy ? tr("Committing…") : amend_->isChecked() ? tr("Amend") : tr("Commit"));
    commit_->setAccessibleName(commit_->text());
    commit_->setToolTip(!hasMessage ? tr("Write a message first.")
                        : !hasFiles ? tr("Tick a file first.")
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
    if (!sentence.isEmpty() && notice_->text() != sentence)
        notice_->tell(NoticeStrip::Tone::warning, sentence, {});
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

void CommitScreen::commit() {
    if (pages_->currentWidget() != content_ || !commit_->isEnabled()) return;
    model_.commit({tickedPaths(), message_->toPlainText(),
                   amend_->isChecked() ? tools::CommitKind::amend : tools::CommitKind::onTop,
                   signOff_->isChecked() ? SignOff::yes : SignOff::no});
}

void CommitScreen::refuse(const CommitRefusal& refusal) {
    const QString reason = textOf(refusal.message);
    const QString sentence =
        !refusal.hook.isEmpty()
            ? tr("Not committed: the hook %1 refused. Your message is kept.").arg(refusal.hook)
            : tr("That was not done: %1. Your message is kept.").arg(reason);
    notice_->tell(NoticeStrip::Tone::warning, sentence, {});
    emit said(sentence);
}

}  // namespace moxie::desktop
