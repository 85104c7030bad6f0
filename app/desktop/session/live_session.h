// A session of this user's store: shown from its log, driven by our agent when somebody sends a
// message, watched while another process drives it. Threads: GUI thread only. Destroying it stops a
// running turn at once and waits until its end is in the log.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "app/desktop/session/live_environment.h"
#include "app/desktop/session/log_follower.h"
#include "app/desktop/session/session_driver.h"
#include "app/desktop/session/session_model.h"

namespace moxie::desktop {

class LiveSession final : public SessionModel {
    Q_OBJECT

public:
    struct Place {
        QString repository = {};  // absolute folder; of a stored session "": as its log says
        QString id = {};          // "": a new session
        agent::PermissionMode mode = agent::PermissionMode::ask;
    };

    LiveSession(LiveEnvironment environment, Place place, QObject* parent = nullptr);
    ~LiveSession() override;
    LiveSession(const LiveSession&) = delete;
    LiveSession& operator=(const LiveSession&) = delete;

    // Gives the lease back once no turn runs: before the session is removed, undone or driven by
    // another process. The next message takes it again.
    void release();

    // What is left of budgets beyond a turn, asked before each turn; it bounds the turn. Nothing:
    // no turn may begin, messages wait.
    void setBudgetLeft(std::function<std::optional<agent::Budget>()> budgetLeft) {
        budgetLeft_ = std::move(budgetLeft);
    }

    // From the next turn on.
    void setModels(ModelWish models) { models_ = std::move(models); }

    const ModelWish& models() const { return models_; }

    // False: a budget is used up.
    bool mayBegin() const { return !budgetLeft_ || budgetLeft_().has_value(); }

    // After a stop: what waits is sent, else `text`; while the turn still ends, as soon as it has.
    void goOnWith(const QString& text);

    const LiveEnvironment& environment() const { return environment_; }

    // False: only the newest turns of a long log so far; costs are not counted yet.
    bool isWhole() const { return follower_ && follower_->isWhole(); }

    State state() const override;
    QString errorText() const override;
    QString id() const override;
    QString repository() const override;
    const SessionView& now() const override;
    Driver driver() const override;
    QString preparing() const override;

    agent::PermissionMode mode() const override { return place_.mode; }

    void setMode(agent::PermissionMode mode) override;

    QString chosenModel() const override { return QString::fromStdString(models_.name); }

    void setChosenModel(const QString& name) override;
    void send(const UserMessage& message) override;
    void sendNow(const UserMessage& message) override;

    const std::vector<QueuedMessage>& queued() const override { return queued_; }

    void editQueued(int64_t id, const QString& text) override;
    void stop(Stop how) override;

    const std::vector<PendingPermission>& pending() const override { return pending_; }

    void answer(const std::string& callId, const agent::PermissionReply& reply) override;
    void changePlan(const std::vector<PlanEntry>& entries) override;

signals:
    // The turn has ended and none follows by itself.
    void rested();

private:
    void connectDriver();
    void follow(const QString& id);
    void noteAnswerer(const QString& id, qint64 contextTokensMax);
    void noteEnd(const SessionDriver::End& end);
    void goOn();

    std::optional<UserMessage> takeQueued();
    void run(const UserMessage& message);
    void queue(const UserMessage& message);
    void queueFirst(const UserMessage& message);
    SessionDriver::Place driverPlace() const;

    LiveEnvironment environment_;
    Place place_;
    std::function<std::optional<agent::Budget>()> budgetLeft_;
    ModelWish models_ = {};
    const SessionView empty_ = {};
    std::unique_ptr<LogFollower> follower_;  // none before the session has an id
    bool wasBegunHere_ = false;              // then nothing of it needs loading
    UserMessage working_ = {};               // that was sent last
    bool isWorking_ = false, holdsLease_ = false;
    std::optional<SessionDriver::End> end_ = {};  // of the turn; counts once the view has it
    SessionDriver::Step step_ = SessionDriver::Step::nothing;
    int percent_ = 0;
    std::vector<QueuedMessage> queued_;
    int64_t lastQueuedId_ = 0;
    std::optional<UserMessage> next_;  // to be sent as soon as the turn has stopped
    std::vector<PendingPermission> pending_;
    std::unique_ptr<SessionDriver> driver_;  // last: ends before what its signals reach
};

}  // namespace moxie::desktop
