// Events of commands as the agent writes them.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/event.h"

namespace moxie::desktop::testing {

inline agent::EventBody begun(const std::string& callId, const std::string& command,
                              const std::string& directory = {}) {
    nlohmann::json arguments = {{"command", command}};
    if (!directory.empty()) arguments["workdir"] = directory;
    return agent::ToolCallStarted{callId, "bash", arguments.dump(), "bash: " + command,
                                  "read write execute"};
}

inline agent::EventBody wrote(const std::string& callId, const std::string& text) {
    return agent::ToolOutput{callId, text};
}

inline agent::EventBody ended(const std::string& callId, int exitCode, const std::string& text = "",
                              int64_t durationMs = 1'200) {
    agent::ToolCallEnded result;
    result.callId = callId;
    result.tool = "bash";
    result.text = text + "\n[exit " + std::to_string(exitCode) + "]";
    result.exitCode = exitCode;
    result.durationMs = durationMs;
    return result;
}

}  // namespace moxie::desktop::testing
