// Puts the window together: which repository and session it shows, the screens over them, and what
// one screen asks of another. Screens know their models; the desk knows the screens; the frame
// (main_window.h) knows only places. Threads: GUI thread only.
#pragma once
#include <QMap>
#include <QObject>
#include <QPointer>
#include <QStringList>
#include <map>
#include <memory>
#include <optional>

#include "app/desktop/core/worker.h"
#include "app/desktop/screens/cost/budget_watch.h"
#include "app/desktop/session/live_environment.h"
#include "app/desktop/session/session_store.h"
#include "app/desktop/shell/single_instance.h"
#include "app/desktop/window/session_pool.h"

namespace moxie::desktop {

class ActionRegistry;
class AsideModel;
class Appearance;
class CostChip;
class CostHistory;
class DraftStore;
class EditorLink;
class GoToDialog;
class LiveCode;
class MainWindow;
class Notifications;
class NotificationSink;
class SessionPage;
class SessionsScreen;
class Settings;
class SettingsScreen;
class StallMonitor;
class StatusChips;
class Suggester;
class WelcomeScreen;
class Workbench;
class WorktreeSessions;

// All outlive the desk.
struct DeskNeeds {
    MainWindow& window;
    Appearance& appearance;
    ActionRegistry& registry;
    Settings& settings;
    const StallMonitor& stalls;
    base::Clock& clock;
};

class Desk final : public QObject {
    Q_OBJECT

public:
    Desk(const DeskNeeds& needs, LiveEnvironment environment, StorePlaces places);
    ~Desk() override;

    // Shows what was shown last, or the first run.
    void begin(const QString& folder, const QString& sessionId);
    // The wish of a later start or of `moxie open`.
    void open(const OpenRequest& request);

    void openFolder(const QString& folder);
    void openSession(const QString& id);
    void newSession();
    // In this folder, or in a worktree of its own if another session works here.
    void beginSession();
    void showWelcome();
    void showSettings(const QString& group);
    void startLookAround();

    const QString& repository() const { return repository_; }

    // That is shown, or stands behind the settings or the first run.
    QString sessionId() const;

signals:
    // The session is there with its content, or there is none: the window can be used.
    void ready();
    // repository() or sessionId() is another: worth keeping, also if the program is killed now.
    void shownChanged();

private:
    void makeParts();
    void connectSidebar();
    void connectWorkbench();
    void connectActions();
    void connectPage(SessionPage& page);
    void watchSession(LiveSession& session);
    void watchBudgets(LiveSession& session);
    void setRepository(const QString& folder);
    void show(LiveSession& session);
    static AsideModel& asideOf(LiveSession& session);
    void dropSession();
    void showPage(QWidget* page);
    void leavePage();
    void rememberSent(const QString& text);
    void noteStatus();
    void noteRest(LiveSession& session);
    void suggestExamples();
    void lookForModels();
    void undoLastTurn();
    void forkForResend(int turn, const QString& text);
    void openMarkdown(const QString& text);
    void openCode(const QString& code, const QString& language);
    void openPicture(const engine::Image& image);
    enum class OpenWith : uint8_t { editor, system };
    void openPage(const QString& name, std::string bytes, OpenWith with);
    void askForFolder();
    void say(const QString& sentence);
    void openInEditor(const QString& path, int line, int column);
    void retitle();
    agent::PermissionMode usualMode() const;

    DeskNeeds needs_;
    LiveEnvironment environment_;
    SessionStore store_;
    std::unique_ptr<CostHistory> costs_;
    std::unique_ptr<DraftStore> drafts_;
    std::unique_ptr<LiveCode> code_;
    std::unique_ptr<Suggester> suggester_;
    std::unique_ptr<EditorLink> editor_;
    std::unique_ptr<NotificationSink> notifier_;
    std::unique_ptr<Notifications> notifications_;
    SessionPool pool_;
    QString repository_;
    QPointer<LiveSession> session_;
    QPointer<LiveSession> behind_;        // what the settings or the first run stand in place of
    QPointer<LiveSession> modeIsToCome_;  // its folder, whose settings say it, is not known yet
    std::map<QString, BudgetAllowance> allowances_;  // by session
    QPointer<SessionPage> page_;
    QPointer<SessionsScreen> sidebar_;
    WorktreeSessions* worktrees_ = nullptr;  // ours
    QPointer<StatusChips> chips_;
    QPointer<CostChip> costChip_;
    QPointer<GoToDialog> goTo_;
    QMetaObject::Connection statusConnection_;  // of session_
    QString shown_;                             // what shownChanged() told last
    std::unique_ptr<Workbench> workbench_;
    QMap<QString, QStringList> sent_;    // messages by repository, oldest first
    std::optional<QString> resendText_;  // for the session that is being forked
    Worker worker_;                      // last: ends before what its work uses
};

}  // namespace moxie::desktop
