// Shows a session from its log and keeps showing it while somebody, here or in another process,
// appends to it. Reading happens on a Worker; the GUI gets a snapshot and its changes at most 30
// times a second, and nothing while nothing happens. Threads: GUI thread only, but for poke().
#pragma once
#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/desktop/core/worker.h"
#include "app/desktop/session/folder_watcher.h"
#include "app/desktop/session/log_reader.h"

namespace moxie::desktop {

class LogFollower : public QObject {
    Q_OBJECT

public:
    LogFollower(std::filesystem::path sessionsFolder, std::string id, base::Clock& clock,
                QObject* parent = nullptr);
    ~LogFollower() override;
    LogFollower(const LogFollower&) = delete;
    LogFollower& operator=(const LogFollower&) = delete;

    enum class State : uint8_t {
        loading,
        ready,
        error,  // it cannot be read; the view stays as it was
    };

    State state() const { return state_; }

    const std::string& errorText() const { return error_; }

    // False: only the newest turns so far.
    bool isWhole() const { return isWhole_; }

    // Some process holds the lease.
    bool isLeased() const { return isLeased_; }

    const SessionView& view() const { return view_; }

    // What no event says.
    void setContextTokensMax(int64_t tokens) { view_.contextTokensMax = tokens; }

    // Something was appended. Threads: any thread, while this lives.
    void poke();

signals:
    void stateChanged();  // state(), isWhole() or isLeased()
    void changed(const std::vector<moxie::desktop::ConversationChange>& changes);
    void reset();
    void wasRead();  // view() is what the log holds, or was a moment ago

private:
    enum class Watch : uint8_t { works, fails };

    void readSoon();
    void read();
    void take(base::Result<LogNews> news);
    void show(LogNews news);
    void showError(const std::string& text);

    std::filesystem::path folder_;
    SessionView view_;
    State state_ = State::loading;
    std::string error_;
    bool isWhole_ = false, isLeased_ = false;
    bool isReading_ = false, hasMore_ = false;
    Watch watch_ = Watch::works;
    QElapsedTimer lastShown_;
    QTimer soon_;
    FolderWatcher watcher_;
    std::shared_ptr<LogReader> reader_;  // used on the worker only
    Worker worker_;                      // last: ends before what it uses
};

}  // namespace moxie::desktop
