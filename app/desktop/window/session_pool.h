// The living sessions of this window: the one that is shown, and those whose agent is at work while
// another one is shown. Idle ones are let go, so that other processes may drive them.
// Threads: GUI thread only.
#pragma once
#include <QObject>
#include <memory>
#include <vector>

#include "app/desktop/session/live_session.h"

namespace moxie::desktop {

class SessionPool final : public QObject {
    Q_OBJECT

public:
    explicit SessionPool(LiveEnvironment environment, QObject* parent = nullptr)
        : QObject(parent),
          environment_(std::move(environment)) {}

    // The session of that id, made if it does not live yet.
    LiveSession& open(const QString& id, agent::PermissionMode mode);
    // One that has no message yet.
    LiveSession& begin(const QString& repository, agent::PermissionMode mode);
    LiveSession& adopt(std::unique_ptr<LiveSession> session);
    // nullptr: it does not live here.
    LiveSession* find(const QString& id) const;
    // Lets go of what neither works nor is `shown`.
    void tidy(const SessionModel* shown);

    int nWorking() const;

signals:
    void opened(moxie::desktop::LiveSession& session);

private:
    LiveSession& keep(std::unique_ptr<LiveSession> session);

    LiveEnvironment environment_;
    std::vector<std::unique_ptr<LiveSession>> sessions_;
};

}  // namespace moxie::desktop
