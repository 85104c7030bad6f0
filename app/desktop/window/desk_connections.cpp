// Who asks whom: the signals of screens and actions, and what the desk answers.
#include <QApplication>
#include <QDesktopServices>
#include <QUrl>
#include <algorithm>
#include <utility>

#include "app/desktop/canvas/canvas.h"
#include "app/desktop/screens/changes/review_model.h"
#include "app/desktop/screens/code/go_to_dialog.h"
#include "app/desktop/screens/composer/composer_screen.h"
#include "app/desktop/screens/conversation/aside_panel.h"
#include "app/desktop/screens/conversation/conversation_screen.h"
#include "app/desktop/screens/cost/budget_watch.h"
#include "app/desktop/screens/sessions/sessions_screen.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/window/desk.h"
#include "app/desktop/window/main_window.h"
#include "app/desktop/window/session_page.h"
#include "app/desktop/window/status_chips.h"
#include "app/desktop/window/workbench.h"
#include "app/desktop/window/worktree_sessions.h"

namespace moxie::desktop {

namespace {

// The canvas that has the focus, or the one beside it.
Canvas* canvasAtFocus() {
    for (QWidget* widget = QApplication::focusWidget(); widget != nullptr;
         widget = widget->parentWidget()) {
        if (auto* canvas = qobject_cast<Canvas*>(widget)) return canvas;
        const auto inside = widget->findChildren<Canvas*>();
        for (Canvas* canvas : inside)
            if (canvas->isVisible()) return canvas;
    }
    return nullptr;
}

}  // namespace

void Desk::connectSidebar() {
    connect(sidebar_, &SessionsScreen::sessionChosen, this, &Desk::openSession);
    connect(sidebar_, &SessionsScreen::turnWanted, this, [this](const QString&, int turn) {
        if (page_) page_->conversation().showTurn(turn);
    });
    connect(sidebar_, &SessionsScreen::newSessionWanted, this, &Desk::beginSession);
    connect(sidebar_, &SessionsScreen::newSessionHereWanted, this, &Desk::newSession);
    connect(sidebar_, &SessionsScreen::newWorktreeSessionWanted, this,
            [this] { worktrees_->beginInWorktree(repository_); });
    connect(worktrees_, &WorktreeSessions::folderReady, this, [this](const QString& folder) {
        setRepository(folder);
        newSession();
    });
    connect(worktrees_, &WorktreeSessions::said, this, &Desk::say);
    connect(sidebar_, &SessionsScreen::folderWanted, this, &Desk::askForFolder);
    connect(sidebar_, &SessionsScreen::forkWanted, this,
            [this](const QString& id) { store_.fork(id, SessionStoreModel::kAllTurns); });
    connect(&store_, &SessionStoreModel::forked, this, [this](const QString&, const QString& id) {
        openSession(id);
        if (resendText_ && page_) page_->composer().setDraft(*resendText_);
        resendText_.reset();
    });
    connect(&store_, &SessionStoreModel::failed, this, [this](const QString& sentence) {
        resendText_.reset();
        say(sentence);
    });
    connect(&store_, &SessionStoreModel::changed, this, [this] {
        retitle();
        if (page_ && session_) page_->conversation().setRatings(store_.ratings(sessionId()));
    });
    connect(&store_, &SessionStoreModel::removed, this, [this](const QString& id) {
        if (id != sessionId()) return;
        behind_ = nullptr;
        if (session_) newSession();
    });
}

void Desk::connectWorkbench() {
    connect(workbench_.get(), &Workbench::messageWanted, this, [this](const QString& text) {
        if (session_) session_->send(text);
    });
    connect(workbench_.get(), &Workbench::addToMessage, this, [this](const QString& text) {
        if (page_) page_->composer().insert(text);
    });
    connect(workbench_.get(), &Workbench::editorWanted, this, &Desk::openInEditor);
    connect(chips_, &StatusChips::indexWanted, workbench_.get(), &Workbench::showSymbols);
    connect(chips_, &StatusChips::modelWanted, this,
            [this] { showSettings(QStringLiteral("Models and backends")); });
    connect(goTo_, &GoToDialog::placeWanted, this, [this](const CodePlace& place) {
        workbench_->showPlace(place.path, place.line, place.column);
    });
    connect(goTo_, &GoToDialog::addToMessage, workbench_.get(), &Workbench::addToMessage);
}

void Desk::connectActions() {
    const auto on = [this](const char* id, std::function<void()> run) {
        needs_.registry.on(QLatin1String(id), *this, std::move(run));
    };
    on("folder.open", [this] { askForFolder(); });
    on("session.new", [this] { beginSession(); });
    on("session.newWorktree", [this] { worktrees_->beginInWorktree(repository_); });
    on("session.next", [this] { sidebar_->chooseNext(); });
    on("session.find", [this] {
        needs_.window.setColumnWanted(MainWindow::Column::sidebar, true);
        sidebar_->focusSearch();
    });
    on("go.anywhere", [this] { goTo_->open(); });
    on("composer.focus", [this] {
        needs_.window.showColumn(MainWindow::Column::session);
        if (page_) page_->composer().setFocus();
    });
    on("aside.open", [this] {
        needs_.window.showColumn(MainWindow::Column::session);
        if (page_) page_->aside().open();
    });
    on("workbench.1", [this] { workbench_->showChangesOf({}); });
    on("changes.review", [this] { workbench_->showChangesOf({}); });
    on("workbench.3", [this] { workbench_->showSymbols(); });
    on("workbench.4", [this] { workbench_->showOutputOf({}, 0); });
    on("terminal.show", [this] { workbench_->showOutputOf({}, 0); });
    on("workbench.5", [this] { workbench_->showCommit(); });
    on("settings.open", [this] { showSettings({}); });
    on("help.about", [this] { showSettings(QStringLiteral("About")); });
    on("find.here", [] {
        if (Canvas* canvas = canvasAtFocus()) emit canvas->findWanted();
    });
    for (const auto& [id, direction] : {std::pair("find.next", FindDirection::forward),
                                        std::pair("find.previous", FindDirection::backward)})
        on(id, [direction = direction] {
            if (Canvas* canvas = canvasAtFocus()) canvas->findNext(direction);
        });
    for (const auto& [id, step] : {std::pair("text.larger", 10), std::pair("text.smaller", -10)})
        on(id, [this, step = step] {
            const int64_t now = needs_.settings.integer("desktop.text_percent");
            const int64_t next = std::clamp<int64_t>(now + step, kTextPercentMin, kTextPercentMax);
            if (const auto done = needs_.settings.set("desktop.text_percent", std::to_string(next));
                !done)
                say(QString::fromStdString(done.error().message()));
        });
    on("text.reset", [this] {
        if (const auto done = needs_.settings.set("desktop.text_percent", "100"); !done)
            say(QString::fromStdString(done.error().message()));
    });
}

void Desk::watchSession(LiveSession& session) {
    notifications_->watch(session);
    watchBudgets(session);
    // Of the one that is shown, its page says it.
    connect(&session, &SessionModel::failed, this, [this, &session](const QString& sentence) {
        if (session_ != &session) say(sentence);
    });
    connect(&session, &SessionModel::noticed, this, &Desk::say);
    // Not in the middle of the signal that brings the news.
    connect(
        &session, &LiveSession::rested, this,
        [this, at = QPointer(&session)] {
            if (at) noteRest(*at);
        },
        Qt::QueuedConnection);
}

// As long as the session lives here, shown or not.
void Desk::watchBudgets(LiveSession& session) {
    auto* budgets = new BudgetWatch(session, *costs_, needs_.settings, &session);
    if (const auto known = allowances_.find(session.id()); known != allowances_.end())
        budgets->setAllowance(known->second);
    session.setBudgetLeft([budgets]() -> std::optional<agent::Budget> {
        if (budgets->isHolding()) return std::nullopt;
        return budgets->bounded({.steps = 0});
    });
    connect(budgets, &BudgetWatch::localWanted, &session,
            [&session] { session.setModels({.isOnlyLocal = true}); });
    connect(budgets, &BudgetWatch::allowed, this, [this, budgets, &session] {
        if (!session.id().isEmpty()) allowances_[session.id()] = budgets->allowance();
    });
    connect(budgets, &BudgetWatch::goOnWanted, &session,
            [&session] { session.goOnWith(tr("Go on with the task.")); });
    connect(budgets, &BudgetWatch::reached, this, [this, &session](const QString& sentence) {
        if (session_ != &session) say(sentence);
    });
}

void Desk::noteStatus() {
    setRepository(session_->repository());
    const bool isRead = session_->state() != SessionModel::State::loading;
    if (isRead && modeIsToCome_ == session_) {
        modeIsToCome_ = nullptr;
        session_->setMode(usualMode());
    }
    sidebar_->setShown(session_->id());
    retitle();
    if (isRead) emit ready();
}

void Desk::connectPage(SessionPage& page) {
    statusConnection_ = connect(session_, &SessionModel::statusChanged, this, &Desk::noteStatus);
    ConversationScreen& conversation = page.conversation();
    connect(&conversation, &ConversationScreen::openPlace, workbench_.get(), &Workbench::showPlace);
    connect(&conversation, &ConversationScreen::webWanted, this,
            [](const QString& address) { QDesktopServices::openUrl(QUrl(address)); });
    connect(&conversation, &ConversationScreen::reviewWanted, workbench_.get(),
            &Workbench::showChangesOf);
    connect(&conversation, &ConversationScreen::outputWanted, this,
            [this](const QString& callId) { workbench_->showOutputOf(callId, 0); });
    connect(&conversation, &ConversationScreen::applyWanted, this,
            [this](const QString& code, const QString& language, const QStringList& targets) {
                CodeToApply wanted = {code.toStdString(), language.toStdString(), {}};
                for (const QString& target : targets)
                    wanted.targets.push_back(target.toStdString());
                workbench_->applyCode(wanted);
            });
    connect(&conversation, &ConversationScreen::rated, this, [this](int turn, Rating rating) {
        store_.rate(sessionId(), turn, rating);
        if (page_) page_->conversation().setRatings(store_.ratings(sessionId()));
    });
    conversation.setRatings(store_.ratings(sessionId()));
    connect(&conversation, &ConversationScreen::pictureWanted, this, &Desk::openPicture);
    connect(&conversation, &ConversationScreen::openCodeWanted, this, &Desk::openCode);
    connect(&conversation, &ConversationScreen::commitWanted, this,
            [this] { workbench_->showCommit(); });
    connect(&conversation, &ConversationScreen::openMarkdownWanted, this, &Desk::openMarkdown);
    connect(&conversation, &ConversationScreen::resendWanted, this, &Desk::forkForResend);
    connect(&conversation, &ConversationScreen::restoreWanted, this,
            [this](int, const QString& commit) { workbench_->restoreCheckpoint(commit); });
    connect(&conversation, &ConversationScreen::retryWanted, this,
            [this] { openSession(sessionId()); });
    ComposerScreen& composer = page.composer();
    composer.setHistory(sent_.value(repository_));
    connect(&composer, &ComposerScreen::messageSent, this, &Desk::rememberSent);
    connect(&composer, &ComposerScreen::modelWanted, this,
            [this] { showSettings(QStringLiteral("Models and backends")); });
    connect(&composer, &ComposerScreen::newSessionWanted, this, &Desk::beginSession);
    connect(&composer, &ComposerScreen::undoWanted, this, &Desk::undoLastTurn);
    connect(&composer, &ComposerScreen::commitWanted, this, [this] { workbench_->showCommit(); });
    if (session_->state() != SessionModel::State::loading)
        QMetaObject::invokeMethod(this, &Desk::ready, Qt::QueuedConnection);
}

}  // namespace moxie::desktop
