// Starts one program in its own process group, feeds and reads it, and ends it for sure.
// Threads: one thread per call; runProcess() blocks and reads on the calling thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::tools {

struct ProcessRequest {
    std::vector<std::string> argv;         // argv[0] is looked up in PATH
    std::filesystem::path directory = {};  // empty: the current one
    std::optional<std::map<std::string, std::string>> environment = {};  // nullopt: inherit
    std::string standardInput = {};
    int64_t timeoutMs = 0;              // 0: none
    int64_t outputBytesMax = 64 << 20;  // beyond: dropped, isOutputCut set; the program goes on
    std::function<void(std::string_view)> onOutput = {};  // stdout and stderr in order of arrival
};

struct ProcessResult {
    int32_t exitCode = 0;  // 128 + signal if killed by one
    std::string output;    // stdout and stderr together, in order of arrival
    bool isTimedOut = false;
    bool isOutputCut = false;
    int64_t durationMs = 0;
};

// Runs to the end. On timeout or stop: SIGINT to the group, after 2 s SIGTERM, after 2 s SIGKILL.
// Fails: notFound (program), cancelled (stop requested; the group is gone then), io.
base::Result<ProcessResult> runProcess(const ProcessRequest& request, const std::stop_token& stop);

}  // namespace moxie::tools
