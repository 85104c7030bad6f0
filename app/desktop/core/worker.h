// A thread that does work for the window, one piece after the other, and gives the results back on
// the GUI thread. What reads files, git, an index or a database belongs here, never on the GUI
// thread. Threads: run() from the GUI thread; destroy it there, too: work that has not begun is
// dropped, what runs is asked to stop and waited for.
#pragma once
#include <QCoreApplication>
#include <QPointer>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>

namespace moxie::desktop {

class Worker {
public:
    Worker() : thread_([this](const std::stop_token& stop) { loop(stop); }) {}

    ~Worker() {
        std::lock_guard lock(mutex_);
        pieces_.clear();
    }

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Calls `work(stop)` on the thread, then `then(result)` on the GUI thread if `receiver` lives
    // still. `work` returns a value that can be moved.
    template <class Work, class Then>
    void run(QObject& receiver, Work work, Then then) {
        using Result = std::invoke_result_t<Work&, const std::stop_token&>;
        // Shared because std::function wants copies.
        auto both = std::make_shared<std::pair<Work, Then>>(std::move(work), std::move(then));
        Piece piece = [both, at = QPointer<QObject>(&receiver)](const std::stop_token& stop) {
            auto result = std::make_shared<Result>(both->first(stop));
            // By way of the application, which outlives every receiver.
            QMetaObject::invokeMethod(
                QCoreApplication::instance(),
                [both, at, result] {
                    if (at) both->second(std::move(*result));
                },
                Qt::QueuedConnection);
        };
        {
            std::lock_guard lock(mutex_);
            pieces_.push_back(std::move(piece));
        }
        wake_.notify_one();
    }

private:
    using Piece = std::function<void(const std::stop_token&)>;

    void loop(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        while (wake_.wait(lock, stop, [this] { return !pieces_.empty(); })) {
            if (stop.stop_requested()) return;
            {
                const Piece piece = std::move(pieces_.front());
                pieces_.pop_front();
                lock.unlock();
                piece(stop);
            }
            lock.lock();
        }
    }

    std::mutex mutex_;  // guards pieces_
    std::condition_variable_any wake_;
    std::deque<Piece> pieces_;
    std::jthread thread_;  // last: stops and joins before the rest goes
};

}  // namespace moxie::desktop
