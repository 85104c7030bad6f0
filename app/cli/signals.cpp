#include "app/cli/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

namespace moxie::app {

namespace {

// A signal handler has no context of its own: the one global of the program. Any thread may run
// the handler, so it is an atomic, and a lock-free one as a handler needs.
std::atomic<int> handlerPipe = -1;
static_assert(std::atomic<int>::is_always_lock_free);

// timeout(1) and job runners send one signal twice, to the process and to its group: that is not
// a person who insists.
constexpr std::chrono::milliseconds kOneBurst(300);

extern "C" void moxieOnSignal(int signal) {
    const int saved = errno;
    const auto byte = static_cast<unsigned char>(signal);
    // A full pipe means that signals are already waiting there.
    [[maybe_unused]] const ssize_t written = ::write(handlerPipe, &byte, 1);
    errno = saved;
}

extern "C" void moxieOnClosedPipe(int /*signal*/) {}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
}

}  // namespace

Signals::Signals(std::function<void(int)> onFirst) : onFirst_(std::move(onFirst)) {
    std::array<int, 2> ends = {-1, -1};
    BASE_CHECK(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    readEnd_ = ends[0];
    writeEnd_ = ends[1];
    ::fcntl(readEnd_, F_SETFL, 0);  // the waiter blocks; the handler must not
    handlerPipe = writeEnd_;
    handle(SIGINT, moxieOnSignal);
    handle(SIGTERM, moxieOnSignal);
    handle(SIGPIPE, moxieOnClosedPipe);
    waiter_ = std::thread([this] { wait(); });
}

Signals::~Signals() {
    handle(SIGINT, SIG_DFL);
    handle(SIGTERM, SIG_DFL);
    handlerPipe = -1;
    const unsigned char end = 0;
    while (::write(writeEnd_, &end, 1) != 1 && errno == EINTR) {
    }
    waiter_.join();
    ::close(readEnd_);
    ::close(writeEnd_);
}

void Signals::wait() {
    std::chrono::steady_clock::time_point firstAt;
    for (;;) {
        unsigned char signal = 0;
        const ssize_t count = ::read(readEnd_, &signal, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count != 1 || signal == 0) return;
        const auto now = std::chrono::steady_clock::now();
        if (received_ != 0) {
            if (now - firstAt < kOneBurst) continue;
            ::_exit(128 + int(signal));
        }
        firstAt = now;
        received_ = int(signal);
        onFirst_(received_);
        source_.request_stop();
    }
}

}  // namespace moxie::app
