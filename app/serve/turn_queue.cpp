#include "app/serve/turn_queue.h"

#include <fmt/format.h>

#include <algorithm>

namespace moxie::serve {

TurnQueue::Turn::~Turn() {
    if (queue_ != nullptr) queue_->leave();
}

base::Result<TurnQueue::Turn> TurnQueue::enter(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (nRunning_ >= turnsMax_ && int32_t(tickets_.size()) >= waitingMax_)
        return base::fail(base::Errc::busy, fmt::format("{} requests run and {} wait already",
                                                        nRunning_, tickets_.size()));
    const uint64_t ticket = ++lastTicket_;
    tickets_.push_back(ticket);
    const bool isNext = changed_.wait(
        lock, stop, [&] { return nRunning_ < turnsMax_ && tickets_.front() == ticket; });
    tickets_.erase(std::find(tickets_.begin(), tickets_.end(), ticket));
    if (isNext) ++nRunning_;
    changed_.notify_all();  // whoever is first now
    if (!isNext) return base::fail(base::Errc::cancelled, "stopped while waiting for the model");
    return Turn(*this);
}

int32_t TurnQueue::running() const {
    std::lock_guard lock(mutex_);
    return nRunning_;
}

int32_t TurnQueue::waiting() const {
    std::lock_guard lock(mutex_);
    return int32_t(tickets_.size());
}

void TurnQueue::leave() {
    {
        std::lock_guard lock(mutex_);
        --nRunning_;
    }
    changed_.notify_all();
}

}  // namespace moxie::serve
