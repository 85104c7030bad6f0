// Drives one agent session for a command (`run`, `demo`) and shows its events as asked.
// Threads: owner thread only.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "agent/session.h"
#include "app/cli/context.h"
#include "app/cli/run_view.h"
#include "engine/chat_model.h"

namespace moxie::app {

enum class RunOutput { text, jsonObject, streamJson };

struct SessionJob {
    agent::SessionOptions options = {};
    std::string task = {};
    std::string resumeId = {};  // continue this session
    std::string forkId = {};    // or start from this one, up to forkSeq (0: all of it)
    int64_t forkSeq = 0;
    RunOutput output = RunOutput::text;
    Verbosity verbosity = Verbosity::normal;
};

struct SessionOutcome {
    int exitCode = kExitError;
    RunSummary summary = {};
};

// Runs one turn to its end. Failures before the session exists are reported as sentences on
// standard error (as an object on standard output for json and stream-json).
SessionOutcome runSession(const SessionJob& job, engine::ChatModel& model, Context& context);

std::filesystem::path sessionsFolder();

// The full id of a session named by an id, its first characters or "last" (the newest of
// `repository`, of all where it is empty). Fails: notFound, invalidInput (several), io.
base::Result<std::string> findSession(const std::string& name,
                                      const std::filesystem::path& repository, const Messages& say);

}  // namespace moxie::app
