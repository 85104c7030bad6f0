// fork and exec, and signals to a family of processes. Inside tools only. Threads: any thread.
#pragma once
#include <sys/types.h>

#include <utility>

#include "base/result.h"
#include "tools/process.h"

namespace moxie::tools {

// Owns a file descriptor.
class Fd {
public:
    explicit Fd(int fd = -1) : fd_(fd) {}

    ~Fd() { reset(); }

    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) reset(std::exchange(other.fd_, -1));
        return *this;
    }

    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;

    int get() const { return fd_; }

    bool isOpen() const { return fd_ >= 0; }

    void reset(int fd = -1);

private:
    int fd_;
};

struct Spawned {
    pid_t pid = -1;  // leader of its own session and process group
    Fd output;       // read end of stdout and stderr, non-blocking
    Fd input;        // write end of stdin, non-blocking; closed if stdin is /dev/null
    Fd exited;       // readable when the program has ended (pidfd); closed if the kernel has none
};

// Starts the program. It dies with the calling *thread* (PR_SET_PDEATHSIG counts threads), so the
// thread must wait for it. Fails: notFound (program or folder), denied, io.
base::Result<Spawned> spawn(const ProcessRequest& request);

// All living descendants of `root`, without it. Reads /proc.
std::vector<pid_t> descendantsOf(pid_t root);

}  // namespace moxie::tools
