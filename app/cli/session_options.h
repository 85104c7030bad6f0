// What a session shall be, from what was asked for now, the settings and the rules of the project:
// the same answer for `moxie run`, the desktop and whoever else starts sessions.
// Threads: any thread, as long as nobody changes the environment.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/session.h"
#include "app/cli/config.h"
#include "app/cli/messages.h"
#include "base/result.h"
#include "engine/chat_model.h"

namespace moxie::app {

// What is asked for this time; what is empty comes from the settings.
struct SessionWishes {
    std::string repo = ".";
    std::string mode = {};        // "plan", "ask", "auto-edit", "auto"
    std::string sandbox = {};     // "required", "off"
    std::string effort = {};      // "none", "low", "high", "max"
    std::string budgetTime = {};  // "90s", "10m", "1.5h"
    std::optional<int32_t> budgetSteps = {};
    std::optional<int64_t> budgetTokens = {};
    std::optional<double> budgetCost = {};
    std::optional<int64_t> packTokens = {};
    std::optional<int64_t> outputTokensMax = {};
    std::optional<double> temperature = {};
    std::optional<uint64_t> seed = {};
    std::vector<std::string> verify = {};
    std::string commitMessage = {};
    bool commits = false;  // true wins over the settings, as do the next two
    bool usesNetwork = false;
    bool sendsNoPack = false;
};

// `limits` are of the model that will answer; `notes` gets sentences the user should read.
// Requires: mode, sandbox and effort are empty or one of their names. Fails: invalidInput, with a
// sentence for the user: no such folder, no such time, the project's rules cannot be read (a lost
// "deny" would widen what the session may do).
base::Result<agent::SessionOptions> makeSessionOptions(const SessionWishes& wishes,
                                                       const Config& config,
                                                       const engine::ModelLimits& limits,
                                                       const Messages& say,
                                                       std::vector<std::string>& notes);

// "90", "90s", "10m", "1.5h" in milliseconds. Fails: invalidInput.
base::Result<int64_t> parseDuration(const std::string& text, const Messages& say);

}  // namespace moxie::app
