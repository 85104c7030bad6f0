#include "tools/spawn.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"

namespace moxie::tools {

void Fd::reset(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
}

namespace {

base::Result<std::pair<Fd, Fd>> makePipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return base::fail(base::errnoError(errno, "pipe"));
    return std::pair{Fd(ends[0]), Fd(ends[1])};
}

bool isExecutable(const std::string& path) {
    struct stat info = {};
    return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
           ::access(path.c_str(), X_OK) == 0;
}

// The search path is that of the program's own environment.
base::Result<std::string> findProgram(const ProcessRequest& request) {
    if (request.argv.empty() || request.argv[0].empty())
        return base::fail(base::Errc::invalidInput, "no program was named");
    const std::string& name = request.argv[0];
    if (name.find('/') != std::string::npos) return name;
    std::string searchPath = "/usr/local/bin:/usr/bin:/bin";
    if (request.environment) {
        if (auto it = request.environment->find("PATH"); it != request.environment->end())
            searchPath = it->second;
    } else if (const char* inherited = std::getenv("PATH")) {
        searchPath = inherited;
    }
    std::string_view rest = searchPath;
    while (!rest.empty()) {
        const size_t end = rest.find(':');
        const std::string_view folder = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (folder.empty() || folder[0] != '/') continue;  // never the current folder
        std::string candidate = fmt::format("{}/{}", folder, name);
        if (isExecutable(candidate)) return candidate;
    }
    return base::fail(base::Errc::notFound, fmt::format("{}: no such program in PATH", name));
}

// What the child needs, prepared before fork: after it no memory may be allocated.
struct ExecPlan {
    std::string program, directory;
    std::vector<std::string> environment;
    std::vector<char*> argv, envp;
    int input = -1, output = -1, report = -1;
    pid_t parent = -1;
};

ExecPlan planOf(const ProcessRequest& request, std::string program) {
    ExecPlan plan;
    plan.program = std::move(program);
    plan.directory = request.directory.string();
    // execve() takes char* for historical reasons and does not write through it.
    for (const std::string& argument : request.argv)
        plan.argv.push_back(const_cast<char*>(argument.c_str()));
    plan.argv.push_back(nullptr);
    if (request.environment) {
        for (const auto& [name, value] : *request.environment)
            plan.environment.push_back(name + "=" + value);
        for (std::string& entry : plan.environment)
            plan.envp.push_back(entry.data());
    } else {
        for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry)
            plan.envp.push_back(*entry);
    }
    plan.envp.push_back(nullptr);
    plan.parent = ::getpid();
    return plan;
}

struct ChildFailure {
    int savedErrno = 0;
    char step = 'x';  // d: chdir, e: exec, x: other
};

[[noreturn]] void reportAndExit(int fd, char step) {
    const ChildFailure failure{errno, step};
    if (::write(fd, &failure, sizeof failure) != sizeof failure) ::_exit(126);
    ::_exit(127);
}

// Runs in the child: async-signal-safe calls only.
[[noreturn]] void becomeProgram(const ExecPlan& plan) {
    ::setsid();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != plan.parent) ::_exit(127);  // the parent died before prctl
    for (int number = 1; number < NSIG; ++number)
        ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (::dup2(plan.input, STDIN_FILENO) < 0 || ::dup2(plan.output, STDOUT_FILENO) < 0 ||
        ::dup2(plan.output, STDERR_FILENO) < 0)
        reportAndExit(plan.report, 'x');
    // Descriptors that a library of ours opened without CLOEXEC must not leak into commands.
    ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    if (!plan.directory.empty() && ::chdir(plan.directory.c_str()) != 0)
        reportAndExit(plan.report, 'd');
    ::execve(plan.program.c_str(), plan.argv.data(), plan.envp.data());
    reportAndExit(plan.report, 'e');
}

void setNonBlocking(const Fd& fd) {
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

// A pipe end must not be 0, 1 or 2, or dup2() in the child would close it.
bool isAboveStandard(const Fd& a, const Fd& b) {
    return a.get() > STDERR_FILENO && b.get() > STDERR_FILENO;
}

}  // namespace

base::Result<Spawned> spawn(const ProcessRequest& request) {
    TRY_ASSIGN(std::string program, findProgram(request));
    TRY_ASSIGN(auto output, makePipe());
    TRY_ASSIGN(auto report, makePipe());
    std::pair<Fd, Fd> input;
    const bool hasInput = !request.standardInput.empty() || request.input != nullptr;
    if (hasInput) {
        TRY_ASSIGN(input, makePipe());
    } else {
        input.first.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (!input.first.isOpen()) return base::fail(base::errnoError(errno, "open /dev/null"));
    }
    if (!isAboveStandard(output.first, output.second) ||
        !isAboveStandard(report.first, report.second))
        return base::fail(base::Errc::io, "a standard stream of this process is closed");

    ExecPlan plan = planOf(request, std::move(program));
    plan.input = input.first.get();
    plan.output = output.second.get();
    plan.report = report.second.get();
    const pid_t pid = ::fork();
    if (pid < 0) return base::fail(base::errnoError(errno, "fork"));
    if (pid == 0) becomeProgram(plan);

    Spawned spawned;
    spawned.pid = pid;
    report.second.reset();
    ChildFailure failure;
    ssize_t got = 0;
    do {
        got = ::read(report.first.get(), &failure, sizeof failure);
    } while (got < 0 && errno == EINTR);
    if (got == sizeof failure) {
        ::waitpid(pid, nullptr, 0);
        const std::string step = failure.step == 'd'   ? "enter " + plan.directory
                                 : failure.step == 'e' ? "run " + plan.program
                                                       : "start " + plan.program;
        return base::fail(base::errnoError(failure.savedErrno, step));
    }
    spawned.output = std::move(output.first);
    setNonBlocking(spawned.output);
    if (hasInput) {
        spawned.input = std::move(input.second);
        setNonBlocking(spawned.input);
    }
    spawned.exited.reset(int(::syscall(SYS_pidfd_open, pid, 0)));
    return spawned;
}

namespace {

// The parent of a process, from the fourth field of /proc/PID/stat; 0 if it is gone.
pid_t parentOf(pid_t pid) {
    const std::string path = fmt::format("/proc/{}/stat", pid);
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.isOpen()) return 0;
    std::array<char, 512> buffer{};
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size() - 1);
    if (got <= 0) return 0;
    const std::string_view text(buffer.data(), size_t(got));
    const size_t nameEnd = text.rfind(')');  // the name may hold anything
    if (nameEnd == std::string_view::npos || nameEnd + 4 >= text.size()) return 0;
    pid_t parent = 0;
    std::from_chars(text.data() + nameEnd + 4, text.data() + text.size(), parent);
    return parent;
}

}  // namespace

std::vector<pid_t> descendantsOf(pid_t root) {
    std::vector<std::pair<pid_t, pid_t>> edges;  // parent, child
    DIR* proc = ::opendir("/proc");
    if (proc == nullptr) return {};
    while (const dirent* entry = ::readdir(proc)) {
        const std::string_view name = entry->d_name;
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error != std::errc() || end != name.data() + name.size()) continue;
        if (const pid_t parent = parentOf(pid); parent > 0) edges.emplace_back(parent, pid);
    }
    ::closedir(proc);
    std::sort(edges.begin(), edges.end());
    std::vector<pid_t> found = {root};
    for (size_t i = 0; i < found.size(); ++i) {
        auto edge = std::lower_bound(edges.begin(), edges.end(), std::pair{found[i], pid_t(0)});
        for (; edge != edges.end() && edge->first == found[i]; ++edge)
            found.push_back(edge->second);
    }
    found.erase(found.begin());
    return found;
}

}  // namespace moxie::tools
