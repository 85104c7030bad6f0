#include "tools/process.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>

#include "tools/spawn.h"

namespace moxie::tools {

namespace {

constexpr int64_t kInputBytesMax = 1 << 20;
// After the program ended, a child that holds its output open gets this long to finish its line.
constexpr int64_t kDrainMs = 200;
constexpr int64_t kPollMsWithoutPidfd = 20;

int64_t nowMs() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

void wake(int fd) {
    const uint64_t one = 1;
    // It can only fail when the counter is full, and then the sleeper is awake already.
    [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof one);
}

void clearWake(int fd) {
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(fd, &count, sizeof count);
}

// write() to a pipe without the signal that kills the whole process when nobody reads it.
ssize_t writeWithoutSigpipe(int fd, std::string_view bytes) {
    sigset_t pipeSignal, before, pending;
    ::sigemptyset(&pipeSignal);
    ::sigaddset(&pipeSignal, SIGPIPE);
    ::sigpending(&pending);
    const bool wasPending = ::sigismember(&pending, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &pipeSignal, &before);
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    const int savedErrno = errno;
    if (written < 0 && savedErrno == EPIPE && !wasPending) {
        const timespec none = {};
        ::sigtimedwait(&pipeSignal, nullptr, &none);
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = savedErrno;
    return written;
}

// One running program from start to end.
class Supervisor {
public:
    Supervisor(const ProcessRequest& request, Spawned spawned, int stopFd)
        : request_(request),
          spawned_(std::move(spawned)),
          stopFd_(stopFd),
          pendingInput_(request.standardInput),
          startedMs_(nowMs()) {}

    ProcessResult run(const std::stop_token& stop) {
        while (!isDone()) {
            waitForSomething();
            readOutput();
            writeInput();
            noticeExit();
            if (exitedAtMs_ < 0) checkLimits(stop);
        }
        result_.durationMs = nowMs() - startedMs_;
        return std::move(result_);
    }

private:
    bool isDone() const {
        if (exitedAtMs_ < 0) return false;
        return !spawned_.output.isOpen() || nowMs() >= exitedAtMs_ + kDrainMs;
    }

    int64_t sleepMs() const {
        int64_t until = INT64_MAX;
        if (exitedAtMs_ >= 0) {
            until = exitedAtMs_ + kDrainMs;
        } else if (nextRungMs_ >= 0) {
            until = nextRungMs_;
        } else if (request_.timeoutMs > 0) {
            until = startedMs_ + request_.timeoutMs;
        }
        int64_t wait = until == INT64_MAX ? -1 : std::max<int64_t>(until - nowMs(), 0);
        if (!spawned_.exited.isOpen() && exitedAtMs_ < 0)
            wait = wait < 0 ? kPollMsWithoutPidfd : std::min(wait, kPollMsWithoutPidfd);
        return std::min<int64_t>(wait, 1 << 30);
    }

    void waitForSomething() {
        std::array<pollfd, 5> fds{};
        nfds_t count = 0;
        const auto watch = [&](int fd, short events) { fds[count++] = {fd, events, 0}; };
        if (spawned_.output.isOpen()) watch(spawned_.output.get(), POLLIN);
        if (exitedAtMs_ < 0) {
            if (spawned_.exited.isOpen()) watch(spawned_.exited.get(), POLLIN);
            if (nextRungMs_ < 0) watch(stopFd_, POLLIN);
            if (spawned_.input.isOpen()) {
                if (!pendingInput_.empty()) watch(spawned_.input.get(), POLLOUT);
                if (request_.input) watch(request_.input->wakeFd(), POLLIN);
            }
        }
        ::poll(fds.data(), count, int(sleepMs()));
    }

    void readOutput() {
        std::array<char, 65536> buffer;
        // Bounded, so that a program that only writes cannot keep us from its time limit.
        for (int round = 0; round < 16 && spawned_.output.isOpen(); ++round) {
            const ssize_t got = ::read(spawned_.output.get(), buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0 && errno == EAGAIN) return;
            if (got <= 0) {
                spawned_.output.reset();
                return;
            }
            accept(std::string_view(buffer.data(), size_t(got)));
        }
    }

    void accept(std::string_view bytes) {
        const int64_t room = request_.outputBytesMax - seenBytes_;
        seenBytes_ += int64_t(bytes.size());
        if (room < int64_t(bytes.size())) {
            result_.isOutputCut = true;
            bytes = bytes.substr(0, size_t(std::max<int64_t>(room, 0)));
        }
        if (bytes.empty()) return;
        if (request_.keepsOutput) result_.output.append(bytes);
        if (request_.onOutput) request_.onOutput(bytes);
    }

    void writeInput() {
        if (!spawned_.input.isOpen()) return;
        if (request_.input) {
            clearWake(request_.input->wakeFd());
            pendingInput_ += request_.input->take();
        }
        while (!pendingInput_.empty()) {
            const ssize_t written = writeWithoutSigpipe(spawned_.input.get(), pendingInput_);
            if (written < 0 && errno == EINTR) continue;
            if (written < 0 && errno == EAGAIN) return;
            if (written < 0) {  // the program does not read: not our failure
                spawned_.input.reset();
                return;
            }
            pendingInput_.erase(0, size_t(written));
        }
        if (!request_.input || request_.input->isClosed()) spawned_.input.reset();
    }

    // Looks before it reaps: while the leader is a zombie its group id cannot be given to others.
    void noticeExit() {
        if (exitedAtMs_ >= 0) return;
        siginfo_t info = {};
        if (::waitid(P_PID, id_t(spawned_.pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
            info.si_pid == 0)
            return;
        ::kill(-spawned_.pid, SIGKILL);
        int status = 0;
        ::waitpid(spawned_.pid, &status, 0);
        result_.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        exitedAtMs_ = nowMs();
        spawned_.input.reset();
        readOutput();
    }

    void checkLimits(const std::stop_token& stop) {
        const int64_t now = nowMs();
        if (nextRungMs_ < 0) {
            if (stop.stop_requested()) {
                result_.isStopped = true;
            } else if (request_.timeoutMs > 0 && now >= startedMs_ + request_.timeoutMs) {
                result_.isTimedOut = true;
            } else {
                return;
            }
            nextRungMs_ = now;
        }
        if (now < nextRungMs_) return;
        constexpr std::array kRungs = {SIGINT, SIGTERM, SIGKILL};
        signalAll(kRungs[size_t(std::min(rung_, 2))]);
        ++rung_;
        nextRungMs_ = now + std::max<int64_t>(request_.killStepMs, 1);
    }

    // A polite signal to the monitor of a jail would end it, and with it the jail at once. So
    // polite ones go to what runs inside, and SIGKILL to all.
    void signalAll(int number) const {
        if (request_.isJailed && number != SIGKILL) {
            for (const pid_t pid : descendantsOf(spawned_.pid))
                ::kill(pid, number);
            return;
        }
        if (number == SIGKILL) {
            for (const pid_t pid : descendantsOf(spawned_.pid))
                ::kill(pid, SIGKILL);  // also those that left the group
        }
        ::kill(-spawned_.pid, number);
    }

    const ProcessRequest& request_;
    Spawned spawned_;
    int stopFd_;
    std::string pendingInput_;
    int64_t startedMs_;
    int64_t seenBytes_ = 0;
    int64_t exitedAtMs_ = -1;
    int64_t nextRungMs_ = -1;  // of the kill ladder; -1: nobody wants it to end
    int rung_ = 0;
    ProcessResult result_;
};

}  // namespace

ProcessInput::ProcessInput() : wakeFd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

ProcessInput::~ProcessInput() {
    if (wakeFd_ >= 0) ::close(wakeFd_);
}

base::Status ProcessInput::write(std::string_view bytes) {
    {
        const std::lock_guard lock(mutex_);
        if (isClosed_) return base::fail(base::Errc::invalidInput, "the input is closed");
        if (int64_t(pending_.size() + bytes.size()) > kInputBytesMax)
            return base::fail(base::Errc::invalidInput, "more than 1 MiB of input is waiting");
        pending_.append(bytes);
    }
    wake(wakeFd_);
    return {};
}

void ProcessInput::close() {
    {
        const std::lock_guard lock(mutex_);
        isClosed_ = true;
    }
    wake(wakeFd_);
}

std::string ProcessInput::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(pending_, {});
}

bool ProcessInput::isClosed() const {
    const std::lock_guard lock(mutex_);
    return isClosed_ && pending_.empty();
}

base::Result<ProcessResult> runUntilStopped(const ProcessRequest& request,
                                            const std::stop_token& stop) {
    if (stop.stop_requested()) {
        ProcessResult result;
        result.isStopped = true;
        result.exitCode = 128 + SIGINT;
        return result;
    }
    const Fd stopFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!stopFd.isOpen()) return base::fail(base::errnoError(errno, "eventfd"));
    TRY_ASSIGN(Spawned spawned, spawn(request));
    if (request.onStarted) request.onStarted();
    const std::stop_callback wakeUp(stop, [&] { wake(stopFd.get()); });
    return Supervisor(request, std::move(spawned), stopFd.get()).run(stop);
}

base::Result<ProcessResult> runProcess(const ProcessRequest& request, const std::stop_token& stop) {
    TRY_ASSIGN(ProcessResult result, runUntilStopped(request, stop));
    if (result.isStopped) return base::fail(base::Errc::cancelled, "the command was stopped");
    return result;
}

}  // namespace moxie::tools
