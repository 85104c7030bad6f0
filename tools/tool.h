// The door to everything an agent can do to the world. A tool declares its effects and runs; it
// never asks the user and never decides whether it may run: that is the agent's policy. Threads:
// run() on one thread at a time per ToolContext, except tools without write or execute effects,
// which may run beside each other.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace moxie::indexer {
class Index;
}

namespace moxie::tools {

class Workspace;
class Observations;
class Jobs;
class Sandbox;

struct Effects {
    bool reads = false;
    bool writes = false;    // files of the workspace
    bool executes = false;  // starts programs
    bool network = false;
};

struct ToolSpec {
    std::string name;            // [a-z_]+, stable for ever
    std::string description;     // for the model: limits, and what an error means
    std::string parametersJson;  // JSON Schema, canonical bytes
    Effects effects;
};

// What the model gets to read. A failed command is not an error (isError false, "[exit 2]" in the
// text).
struct ToolResult {
    std::string text = {};
    bool isError = false;
    std::vector<std::string> changedPaths =
        {};                 // relative to the workspace, for checkpoints, index and verification
    int32_t exitCode = -1;  // of a command; -1: none was run
    bool isSandboxUnavailable = false;  // the jail could not be had: the run ends with exit code 8
    std::string planJson = {};          // set by `plan` only: the new list, canonical
};

struct ToolContext {
    Workspace& workspace;
    Observations& observations;
    Jobs& jobs;
    const Sandbox& sandbox;
    base::Clock& clock;
    indexer::Index* index = nullptr;                 // null: no index; tools that need it say so
    std::function<void(std::string_view)> onOutput;  // live output of a command; may be empty
    std::string callId;                              // names the spill file
};

class Tool {
public:
    virtual ~Tool() = default;
    virtual const ToolSpec& spec() const = 0;
    // The effects of this very call; at most those of spec(). (bash without network asks for less.)
    virtual Effects effectsOf(const nlohmann::json& arguments) const = 0;
    // One line for people and permission rules: "edit src/list.cpp", "bash: ctest
    // --output-on-failure".
    virtual std::string summary(const nlohmann::json& arguments) const = 0;
    // `arguments` is a JSON object; the tool checks everything in it. Problems the model can act on
    // come back as ToolResult with isError. Fails: cancelled, internal, io (our own storage).
    virtual base::Result<ToolResult> run(const nlohmann::json& arguments, ToolContext& context,
                                         const std::stop_token& stop) = 0;
};

// All tools of the house in their fixed order: read, edit, write, apply_patch, glob, grep, symbols,
// bash, job, plan.
std::vector<std::unique_ptr<Tool>> makeTools();

}  // namespace moxie::tools
