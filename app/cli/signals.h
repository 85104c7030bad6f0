// SIGINT and SIGTERM become a stop token; the second signal ends the program at once (its children
// die with it). A closed pipe is reported by the write instead of ending us. One per process, made
// in main before other threads. Children see none of it: handlers, unlike masks and ignored
// signals, do not survive exec. Threads: any thread; one small thread inside waits for the signal.
#pragma once
#include <atomic>
#include <functional>
#include <stop_token>
#include <thread>

#include "base/result.h"

namespace moxie::app {

class Signals {
public:
    // `onFirst` is called on the waiting thread with the signal's number, before stop is requested.
    explicit Signals(std::function<void(int)> onFirst);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    std::stop_token token() const { return source_.get_token(); }

    void requestStop() { source_.request_stop(); }  // for example when nobody reads our output

    int received() const { return received_; }  // 0: none

private:
    void wait();

    std::function<void(int)> onFirst_;
    std::stop_source source_;
    std::atomic<int> received_ = 0;
    int readEnd_ = -1;  // of the self-pipe: one byte for each signal, 0 from the destructor
    int writeEnd_ = -1;
    std::thread waiter_;  // last member
};

}  // namespace moxie::app
