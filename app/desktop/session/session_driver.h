// The thread on which one session's agent works: opens what a turn needs, runs it, asks for
// permissions and waits for the answers. It keeps the agent's session between turns and with it the
// lease, until release(). Everything the agent does is in the log before a signal tells of it.
// Threads: GUI thread only; signals are emitted on the thread of the agent (connect them queued).
// Destroying it stops a running turn and waits until the log has its end.
#pragma once
#include <QObject>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "app/desktop/session/live_environment.h"
#include "app/desktop/session/session_model.h"
#include "indexer/watch.h"

namespace moxie::desktop {

class SessionDriver : public QObject {
    Q_OBJECT

public:
    explicit SessionDriver(LiveEnvironment environment, QObject* parent = nullptr);
    ~SessionDriver() override;
    SessionDriver(const SessionDriver&) = delete;
    SessionDriver& operator=(const SessionDriver&) = delete;

    struct Place {
        std::filesystem::path repository = {};
        std::string sessionId = {};  // "": a new session
        agent::PermissionMode mode = agent::PermissionMode::ask;
        agent::Budget budgetLeft = {.steps = 0};  // bounds the turn's own; 0: no bound
        ModelWish models = {};
    };

    // One turn after the other; a second one waits.
    void run(Place place, agent::Task task);
    // Of the turn that runs, or is being prepared.
    void stop(SessionModel::Stop how);
    // Does nothing where nobody asks (any more).
    void answer(const std::string& callId, agent::PermissionReply reply);
    // `itemsJson` as in PlanChanged; at once, also within a turn.
    void changePlan(Place place, std::string itemsJson);
    // Gives the lease back after the turn, so that another process may drive.
    void release();

    // What is being prepared.
    enum class Step : uint8_t { nothing, model, index, session };

    struct End {
        bool wasStarted = false;  // the log has the task
        int64_t lastSeq = 0;      // of the events that were written
        agent::EndStatus status = agent::EndStatus::error;
        std::string failure = {};  // empty: the turn came to its end, as `status` tells
    };

signals:
    void preparing(moxie::desktop::SessionDriver::Step step, int percent);
    // The session is ours from now on.
    void opened(const QString& id, qint64 contextTokensMax);
    void released();
    // An event is in the log.
    void appended();
    void asked(const moxie::desktop::PendingPermission& permission);
    // The question needs no answer any more.
    void settled(const std::string& callId);
    // Of every run().
    void ended(const moxie::desktop::SessionDriver::End& end);
    void noticed(const QString& sentence);
    void failed(const QString& sentence);

private:
    enum class Kind : uint8_t { turn, plan, release };

    struct Job {
        Kind kind = Kind::turn;
        Place place = {};
        agent::Task task = {};
        std::string plan = {};
        std::stop_source stop = {}, stopAfterCall = {};
        bool isPrepared = false;
    };

    struct Question {
        std::optional<agent::PermissionReply> reply = {};
    };

    void push(Job job);
    void loop(const std::stop_token& stop);
    void work(Job& job);
    End runTurn(Job& job);
    base::Status open(const Job& job);
    base::Status updateIndex(const std::filesystem::path& repository, const std::stop_token& stop);
    // Requires: closed.
    base::Status openSession(const Place& place, agent::SessionOptions options,
                             std::shared_ptr<engine::ChatModel> model);
    base::Status writePlan(const Job& job);
    void close();
    agent::SessionEnvironment environmentOf(const Place& place, engine::ChatModel& model);
    agent::PermissionReply ask(const std::filesystem::path& repository,
                               const agent::PermissionQuestion& question,
                               const std::stop_token& stop);
    void tell(const std::vector<std::string>& notes);

    LiveEnvironment environment_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable_any wake_;
    std::deque<Job> jobs_;
    std::optional<Job> running_;
    std::map<std::string, Question> questions_;

    // Of the agent's thread.
    std::shared_ptr<engine::ChatModel> model_;
    std::unique_ptr<indexer::Index> index_;
    // While a session is held: what commands and the user change. May be null.
    std::unique_ptr<indexer::Watch> watching_;
    std::optional<agent::SessionOptions> options_;
    std::vector<std::string> told_;  // notes that were given once
    bool wasTurnStarted_ = false;
    int64_t lastSeq_ = 0;

    std::unique_ptr<agent::Session> session_;  // replaced on the agent's thread, under mutex_
    std::jthread thread_;                      // last: joined before the rest goes
};

}  // namespace moxie::desktop
