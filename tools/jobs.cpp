#include "tools/jobs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <system_error>
#include <thread>

#include "tools/descriptor.h"
#include "tools/spawn.h"

namespace moxie::tools {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr int kRunningMax = 16;
constexpr int64_t kReadBytesMax = 4 << 20;
constexpr int64_t kKillStepMsAtEnd = 500;  // the session is going: less patience than kill()

std::string readRange(int fd, int64_t begin, int64_t end) {
    std::string bytes(size_t(end - begin), '\0');
    size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got =
            ::pread(fd, bytes.data() + filled, bytes.size() - filled, off_t(begin) + off_t(filled));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        filled += size_t(got);
    }
    bytes.resize(filled);
    return bytes;
}

}  // namespace

std::string outputFileStem(std::string_view outputName) {
    std::string safe;
    for (const char c : outputName.substr(0, 80)) {
        const bool isPlain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || c == '-' || c == '_';
        safe.push_back(isPlain ? c : '_');
    }
    return safe;
}

struct Jobs::Job {
    Status status;
    Fd file;
    std::shared_ptr<ProcessInput> input;
    int64_t writtenBytes = 0;
    int64_t returnedBytes = 0;
    bool hasStarted = false;
    SteadyClock::time_point lastOutput = SteadyClock::now();
    std::stop_source stop;
    std::jthread reader;  // last: joined before the rest goes
};

struct Jobs::State {
    fs::path spillFolder;
    mutable std::mutex mutex;  // guards jobs, nextId and every Job in it
    std::condition_variable_any changed;
    std::map<int32_t, std::shared_ptr<Job>> jobs;
    int32_t nextId = 1;

    std::shared_ptr<Job> find(int32_t id) const {
        const auto it = jobs.find(id);
        return it == jobs.end() ? nullptr : it->second;
    }

    Status statusOf(const Job& job) const {
        Status status = job.status;
        if (status.isRunning)
            status.quietMs = std::chrono::duration_cast<std::chrono::milliseconds>(
                                 SteadyClock::now() - job.lastOutput)
                                 .count();
        return status;
    }

    void accept(Job& job, std::string_view bytes) {
        const bool isStored = writeAll(job.file.get(), bytes);
        const std::lock_guard lock(mutex);
        if (isStored) {
            job.writtenBytes += int64_t(bytes.size());
        } else {
            job.status.isOutputCut = true;  // the disk is full: the command goes on
        }
        job.lastOutput = SteadyClock::now();
        changed.notify_all();
    }

    // The body of a reader thread.
    void run(Job& job, ProcessRequest request, std::promise<base::Status>& started) {
        auto result = runUntilStopped(request, job.stop.get_token());
        request.keepAlive.reset();  // whoever sees the end sees the jail's traces gone
        const std::lock_guard lock(mutex);
        job.status.isRunning = false;
        if (result) {
            job.status.exitCode = result->exitCode;
            job.status.isOutputCut |= result->isOutputCut;
        }
        if (!job.hasStarted) {
            if (result) {
                started.set_value({});
            } else {
                started.set_value(base::fail(std::move(result).error()));
            }
        }
        changed.notify_all();
    }

    base::Result<Output> take(int32_t id, int64_t waitMs, const std::stop_token& stop,
                              bool untilMore) {
        std::unique_lock lock(mutex);
        const std::shared_ptr<Job> job = find(id);
        if (!job) return base::fail(base::Errc::notFound, fmt::format("there is no job {}", id));
        changed.wait_for(lock, stop, std::chrono::milliseconds(std::max<int64_t>(waitMs, 0)), [&] {
            return !job->status.isRunning || (untilMore && job->writtenBytes > job->returnedBytes);
        });
        if (stop.stop_requested())
            return base::fail(base::Errc::cancelled, "stopped while waiting for a job");
        const int64_t begin = job->returnedBytes;
        const int64_t end = job->writtenBytes;
        job->returnedBytes = end;
        Output output{statusOf(*job), {}};
        lock.unlock();
        if (end - begin <= kReadBytesMax) {
            output.text = readRange(job->file.get(), begin, end);
        } else {
            const int64_t half = kReadBytesMax / 2;
            output.text = readRange(job->file.get(), begin, begin + half) +
                          fmt::format("\n[... {} bytes left out ...]\n", end - begin - 2 * half) +
                          readRange(job->file.get(), end - half, end);
        }
        return output;
    }
};

Jobs::Jobs(fs::path spillFolder) : state_(std::make_unique<State>()) {
    state_->spillFolder = std::move(spillFolder);
    std::error_code ec;  // a folder that cannot be made shows when a job's file cannot
    fs::create_directories(state_->spillFolder, ec);
}

Jobs::~Jobs() {
    std::map<int32_t, std::shared_ptr<Job>> jobs;
    {
        const std::lock_guard lock(state_->mutex);
        jobs = state_->jobs;
        for (auto& [id, job] : jobs)
            job->status.isKilled |= job->status.isRunning;
    }
    for (auto& [id, job] : jobs)
        job->stop.request_stop();
    for (auto& [id, job] : jobs)
        if (job->reader.joinable()) job->reader.join();
}

base::Result<int32_t> Jobs::start(ProcessRequest request, std::string command,
                                  std::string_view outputName) {
    auto job = std::make_shared<Job>();
    // Shared: the reader may still be inside set_value() when start() returns.
    auto promise = std::make_shared<std::promise<base::Status>>();
    std::future<base::Status> started = promise->get_future();
    {
        const std::lock_guard lock(state_->mutex);
        const auto nRunning =
            std::count_if(state_->jobs.begin(), state_->jobs.end(),
                          [](const auto& e) { return e.second->status.isRunning; });
        if (nRunning >= kRunningMax)
            return base::fail(base::Errc::busy, fmt::format("{} jobs are running", nRunning));
        job->status.id = state_->nextId++;
        job->status.isRunning = true;
        job->status.command = std::move(command);
        std::string name = outputFileStem(outputName);
        // Some models number their calls anew each turn.
        std::error_code ec;
        if (name.empty() || fs::exists(state_->spillFolder / (name + ".txt"), ec))
            name += fmt::format("{}job-{}", name.empty() ? "" : "-", job->status.id);
        job->status.outputFile = state_->spillFolder / (name + ".txt");
        state_->jobs.emplace(job->status.id, job);
    }
    const int32_t id = job->status.id;
    const auto drop = [&] {
        const std::lock_guard lock(state_->mutex);
        state_->jobs.erase(id);
    };
    std::error_code ec;
    fs::create_directories(state_->spillFolder, ec);
    job->file.reset(::open(job->status.outputFile.c_str(),
                           O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!job->file.isOpen()) {
        const int savedErrno = errno;
        drop();
        return base::fail(base::errnoError(savedErrno, "make " + job->status.outputFile.string()));
    }
    job->input = request.input;
    request.keepsOutput = false;
    request.killStepMs = std::min(request.killStepMs, kKillStepMsAtEnd);
    Job* raw = job.get();
    request.onOutput = [state = state_.get(), raw](std::string_view bytes) {
        state->accept(*raw, bytes);
    };
    request.onStarted = [state = state_.get(), raw, promise] {
        const std::lock_guard lock(state->mutex);
        raw->hasStarted = true;
        promise->set_value({});
    };
    // The reader starts the program itself: it dies with the thread that started it.
    job->reader =
        std::jthread([state = state_.get(), raw, promise, own = std::move(request)]() mutable {
            state->run(*raw, std::move(own), *promise);
        });
    if (base::Status status = started.get(); !status) {
        job->reader.join();
        drop();
        fs::remove(job->status.outputFile, ec);
        return base::fail(std::move(status).error());
    }
    return id;
}

base::Result<Jobs::Output> Jobs::output(int32_t id, int64_t waitMs, const std::stop_token& stop) {
    return state_->take(id, waitMs, stop, false);
}

base::Result<Jobs::Output> Jobs::outputOrMore(int32_t id, int64_t waitMs,
                                              const std::stop_token& stop) {
    return state_->take(id, waitMs, stop, true);
}

base::Status Jobs::input(int32_t id, std::string_view bytes) {
    std::shared_ptr<ProcessInput> input;
    {
        const std::lock_guard lock(state_->mutex);
        const std::shared_ptr<Job> job = state_->find(id);
        if (!job) return base::fail(base::Errc::notFound, fmt::format("there is no job {}", id));
        if (!job->status.isRunning)
            return base::fail(base::Errc::invalidInput, fmt::format("job {} has ended", id));
        input = job->input;
    }
    if (!input)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("job {} was started without an input", id));
    return input->write(bytes);
}

base::Status Jobs::kill(int32_t id) {
    std::unique_lock lock(state_->mutex);
    const std::shared_ptr<Job> job = state_->find(id);
    if (!job) return base::fail(base::Errc::notFound, fmt::format("there is no job {}", id));
    if (!job->status.isRunning) return {};
    job->status.isKilled = true;
    lock.unlock();
    job->stop.request_stop();  // runs callbacks: not under the lock
    lock.lock();
    state_->changed.wait(lock, [&] { return !job->status.isRunning; });
    return {};
}

std::vector<Jobs::Status> Jobs::list() const {
    const std::lock_guard lock(state_->mutex);
    std::vector<Status> statuses;
    for (const auto& [id, job] : state_->jobs)
        statuses.push_back(state_->statusOf(*job));
    return statuses;
}

void Jobs::forget(int32_t id, OutputFile file) {
    std::shared_ptr<Job> job;
    {
        const std::lock_guard lock(state_->mutex);
        job = state_->find(id);
        if (!job || job->status.isRunning) return;
        state_->jobs.erase(id);
    }
    if (job->reader.joinable()) job->reader.join();
    std::error_code ec;  // a file that stays behind goes with the session's folder
    if (file == OutputFile::removed) fs::remove(job->status.outputFile, ec);
}

const fs::path& Jobs::spillFolder() const {
    return state_->spillFolder;
}

}  // namespace moxie::tools
