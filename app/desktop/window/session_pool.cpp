#include "app/desktop/window/session_pool.h"

#include <algorithm>

namespace moxie::desktop {

namespace {

bool isAtWork(const LiveSession& session) {
    return session.driver() == SessionModel::Driver::us || !session.preparing().isEmpty() ||
           !session.queued().empty();
}

}  // namespace

LiveSession& SessionPool::open(const QString& id, agent::PermissionMode mode) {
    if (LiveSession* known = find(id)) return *known;
    return keep(std::make_unique<LiveSession>(
        environment_, LiveSession::Place{.repository = {}, .id = id, .mode = mode}));
}

LiveSession& SessionPool::begin(const QString& repository, agent::PermissionMode mode) {
    return keep(std::make_unique<LiveSession>(
        environment_, LiveSession::Place{.repository = repository, .id = {}, .mode = mode}));
}

LiveSession& SessionPool::adopt(std::unique_ptr<LiveSession> session) {
    return keep(std::move(session));
}

LiveSession* SessionPool::find(const QString& id) const {
    const auto known = std::find_if(sessions_.begin(), sessions_.end(), [&](const auto& session) {
        return !id.isEmpty() && session->id() == id;
    });
    return known == sessions_.end() ? nullptr : known->get();
}

void SessionPool::tidy(const SessionModel* shown) {
    std::erase_if(sessions_, [&](const std::unique_ptr<LiveSession>& session) {
        return session.get() != shown && !isAtWork(*session);
    });
}

int SessionPool::nWorking() const {
    return int(std::count_if(sessions_.begin(), sessions_.end(), [](const auto& session) {
        return session->driver() == SessionModel::Driver::us;
    }));
}

LiveSession& SessionPool::keep(std::unique_ptr<LiveSession> session) {
    sessions_.push_back(std::move(session));
    LiveSession& kept = *sessions_.back();
    emit opened(kept);
    return kept;
}

}  // namespace moxie::desktop
