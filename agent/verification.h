// The project's own checks: which commands they are, and running them in the jail. What they say
// decides how a turn ends. Threads: owner thread of the session only.
#pragma once
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "agent/event.h"
#include "base/clock.h"
#include "tools/sandbox.h"

namespace moxie::agent {

// A check of ours ends with it when it cannot tell (77, as test harnesses say "skipped").
constexpr int32_t kCannotCheckExit = 77;

struct VerificationPlan {
    std::vector<std::string> commands;
    std::vector<std::string> notes;  // what was found but cannot be run here, and why
};

// The user's commands if there are any; else what the files in `root` tell, in this order: CMake,
// Makefile (if no CMake), package.json, go.mod, Cargo.toml, Python. Reads files, runs nothing.
VerificationPlan planVerification(const std::filesystem::path& root,
                                  const std::vector<std::string>& userCommands);

struct CheckRequest {
    std::string command;
    std::filesystem::path directory;
    tools::NetworkAccess network = tools::NetworkAccess::denied;
    int64_t timeoutMs = 1'200'000;
    std::function<void(std::string_view)> onOutput = {};
};

// Runs one command. Fails: cancelled, unsupported (no jail), notFound, io.
base::Result<VerificationRun> runCheck(const CheckRequest& request, const tools::Sandbox& sandbox,
                                       const std::stop_token& stop);

}  // namespace moxie::agent
