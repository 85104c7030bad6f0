// The real CommitModel: a CommitDesk on a thread of its own. Threads: GUI thread only.
#pragma once
#include <QPointer>
#include <memory>
#include <stop_token>
#include <string>

#include "app/desktop/core/worker.h"
#include "app/desktop/screens/commit/commit_desk.h"
#include "app/desktop/screens/commit/commit_model.h"
#include "app/desktop/session/session_model.h"

namespace moxie::desktop {

class LiveCommit final : public CommitModel {
    Q_OBJECT

public:
    explicit LiveCommit(QObject* parent = nullptr);
    ~LiveCommit() override;

    // The repository of a session, whose task helps to suggest a message; looks again when a turn
    // ends. `session` may go away.
    void follow(SessionModel& session);
    void open(const QString& repository);

    State state() const override { return state_; }

    base::Errc errorKind() const override { return errorKind_; }

    QString errorText() const override { return error_; }

    const CommitSnapshot& now() const override { return now_; }

    bool isCommitting() const override { return isCommitting_; }

    void refresh() override;
    void lookInto(const std::string& path) override;
    void commit(const CommitWish& wish) override;

    void stopHook() override { hookStop_.request_stop(); }

    void takeBack() override;
    void createBranch(const QString& name) override;
    void suggest(const std::vector<std::string>& paths) override;

private:
    void takeLook(base::Result<CommitSnapshot> looked);
    void refuse(const base::Error& error, const QString& hook = {});

    QPointer<SessionModel> session_;
    std::shared_ptr<CommitDesk> desk_;
    State state_ = State::loading;
    base::Errc errorKind_ = base::Errc::internal;
    QString error_;
    CommitSnapshot now_;
    CommitDesk::Made lastMade_;
    bool isCommitting_ = false;
    bool wasAtWork_ = false;
    std::stop_source hookStop_;
    Worker worker_;  // last: stops first
};

}  // namespace moxie::desktop
