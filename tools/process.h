// Starts one program in its own process group, feeds and reads it, and ends it for sure: what it
// left running in its group is killed when it exits, and all of it when we are killed (in a jail)
// or it alone (outside). Threads: one thread per call; runProcess() blocks and reads on the calling
// thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::tools {

// Standard input that stays open and is written while the program runs. Threads: any thread.
class ProcessInput {
public:
    ProcessInput();
    ~ProcessInput();
    ProcessInput(const ProcessInput&) = delete;
    ProcessInput& operator=(const ProcessInput&) = delete;

    // Queues bytes. Fails: invalidInput (closed, or more than 1 MiB is waiting).
    base::Status write(std::string_view bytes);
    void close();

    // For the reader of the queue, inside runProcess().
    int wakeFd() const { return wakeFd_; }

    std::string take();
    bool isClosed() const;

private:
    mutable std::mutex mutex_;  // guards pending_, isClosed_
    std::string pending_;
    bool isClosed_ = false;
    int wakeFd_ = -1;
};

struct ProcessRequest {
    std::vector<std::string> argv;         // argv[0] is looked up in PATH
    std::filesystem::path directory = {};  // empty: the current one
    std::optional<std::map<std::string, std::string>> environment = {};  // nullopt: inherit
    std::string standardInput = {};
    int64_t timeoutMs = 0;              // 0: none
    int64_t outputBytesMax = 64 << 20;  // beyond: dropped, isOutputCut set; the program goes on
    std::function<void(std::string_view)> onOutput = {};  // stdout and stderr in order of arrival
    int64_t killStepMs = 2000;  // between SIGINT and SIGTERM, and SIGTERM and SIGKILL
    bool keepsOutput = true;    // false: output goes to onOutput only, result.output stays empty
    bool isJailed = false;      // set by Sandbox::wrap(): argv[0] is the jail's monitor
    std::shared_ptr<ProcessInput> input = {};    // set: input stays open, after standardInput
    std::function<void()> onStarted = {};        // once, when the program runs
    std::shared_ptr<const void> keepAlive = {};  // what the program needs until it has ended
};

struct ProcessResult {
    int32_t exitCode = 0;  // 128 + signal if killed by one
    std::string output;    // stdout and stderr together, in order of arrival
    bool isTimedOut = false;
    bool isOutputCut = false;
    int64_t durationMs = 0;
    bool isStopped = false;  // by the token; only from runUntilStopped()
};

// Runs to the end. On timeout or stop: SIGINT to the group, after 2 s SIGTERM, after 2 s SIGKILL.
// Fails: notFound (program), cancelled (stop requested; the group is gone then), io.
base::Result<ProcessResult> runProcess(const ProcessRequest& request, const std::stop_token& stop);

// As runProcess(), but a stop is no error: isStopped is set and the output is kept.
base::Result<ProcessResult> runUntilStopped(const ProcessRequest& request,
                                            const std::stop_token& stop);

}  // namespace moxie::tools
