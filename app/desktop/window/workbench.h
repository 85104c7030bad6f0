// The right column: what belongs to the shown session (changes, terminal) and to the repository
// (symbols, code, commit). The tabs of a session are made anew with each; without one the changes
// are those of the work tree. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QPointer>
#include <QString>
#include <filesystem>
#include <memory>

#include "base/clock.h"

namespace moxie::desktop {

class ActionRegistry;
class Appearance;
class ChangesScreen;
class CodeModel;
class CodeViewer;
class CommitScreen;
class LiveCommit;
class LiveReview;
class MainWindow;
class OutputScreen;
class SearchScreen;
class SessionModel;
struct CodeToApply;

// Outlive the workbench.
struct WorkbenchNeeds {
    MainWindow& window;
    Appearance& appearance;
    ActionRegistry& registry;
    CodeModel& code;
    base::Clock& clock;
    std::filesystem::path sessionsFolder;
};

class Workbench final : public QObject {
    Q_OBJECT

public:
    explicit Workbench(const WorkbenchNeeds& needs, QObject* parent = nullptr);
    ~Workbench() override;

    void showRepository(const QString& folder);
    // `session` outlives what is shown of it: dropSession() before it goes.
    void showSession(SessionModel& session);
    void dropSession();

    void showChangesOf(const QString& path);  // "": all
    void showOutputOf(const QString& callId, int turn);
    // A place in a file of the repository, absolute or relative to it; line 0: not said.
    void showPlace(const QString& path, int line, int column);
    void showSymbols();
    void showCommit();
    // Shown as a change first.
    void applyCode(const CodeToApply& code);
    // Asked for in place, on the page of the checkpoints.
    void restoreCheckpoint(const QString& commit);

signals:
    void messageWanted(const QString& text);  // to the agent, at once
    void addToMessage(const QString& text);   // into the message box
    void editorWanted(const QString& path, int line, int column);

private:
    void makeCodeTabs();
    void makeChanges(std::unique_ptr<LiveReview> review);
    void makeCommit();
    void showNoCommands();
    void settleCommits();

    WorkbenchNeeds needs_;
    QString repository_;
    std::unique_ptr<LiveReview> review_;
    std::unique_ptr<LiveCommit> commit_;
    QPointer<ChangesScreen> changes_;  // the window owns the tabs
    QPointer<OutputScreen> output_;
    QPointer<SearchScreen> symbols_;
    QPointer<CodeViewer> viewer_;
    QPointer<CommitScreen> commitScreen_;
};

}  // namespace moxie::desktop
