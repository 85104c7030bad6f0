// A queue of values between two threads with a fixed capacity. Full: push() blocks, tryPush()
// declines. close() wakes everyone: pushes are declined, pops drain what is left and then say
// "closed". Threads: any thread.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "base/result.h"

namespace moxie::base {

template <class T>
class BoundedQueue {
public:
    explicit BoundedQueue(int64_t capacity) : capacity_(capacity) { BASE_CHECK(capacity > 0); }

    // Blocks while full. Fails: cancelled (stop requested or queue closed); the value is dropped
    // then.
    Status push(T value, const std::stop_token& stop = {}) {
        std::unique_lock lock(mutex_);
        spaceFree_.wait(lock, stop,
                        [this] { return closed_ || int64_t(items_.size()) < capacity_; });
        if (closed_ || int64_t(items_.size()) >= capacity_)
            return fail(Errc::cancelled, "queue is closed");
        items_.push_back(std::move(value));
        lock.unlock();
        itemReady_.notify_one();
        return {};
    }

    // False if full or closed.
    bool tryPush(T value) {
        {
            std::lock_guard lock(mutex_);
            if (closed_ || int64_t(items_.size()) >= capacity_) return false;
            items_.push_back(std::move(value));
        }
        itemReady_.notify_one();
        return true;
    }

    // Blocks while empty. nullopt: closed and drained, or stop requested.
    std::optional<T> pop(const std::stop_token& stop = {}) {
        std::unique_lock lock(mutex_);
        itemReady_.wait(lock, stop, [this] { return closed_ || !items_.empty(); });
        if (items_.empty()) return std::nullopt;
        T value = std::move(items_.front());
        items_.pop_front();
        lock.unlock();
        spaceFree_.notify_one();
        return value;
    }

    void close() {
        {
            std::lock_guard lock(mutex_);
            closed_ = true;
        }
        itemReady_.notify_all();
        spaceFree_.notify_all();
    }

    int64_t size() const {
        std::lock_guard lock(mutex_);
        return int64_t(items_.size());
    }

private:
    const int64_t capacity_;
    mutable std::mutex mutex_;  // guards items_ and closed_
    std::condition_variable_any itemReady_;
    std::condition_variable_any spaceFree_;
    std::deque<T> items_;
    bool closed_ = false;
};

}  // namespace moxie::base
