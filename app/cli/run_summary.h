// What a session came to, gathered from its events: the object of `--output json`, the JUnit and
// SARIF files, the last lines of the text view. A view of the log; holds no truth of its own.
// Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/event.h"

namespace moxie::app {

class RunSummary {
public:
    void add(const agent::Event& event);

    std::string sessionId, repository, task, model, backend;
    std::string answer;  // the last text of the model
    engine::Usage usage;
    double costUsd = -1;  // negative: unknown
    std::vector<agent::VerificationRun> verifications;
    std::vector<std::string> changedPaths;  // in order of first change
    std::vector<std::string> denied;        // summaries of calls that were not allowed
    std::string commit;
    std::optional<agent::TurnEnded> end;

    // The exit code is given apart because a signal decides it.
    nlohmann::json toJson(int exitCode) const;

private:
    std::vector<std::pair<std::string, std::string>> asked_;  // call id, summary
};

// JUnit XML of the verification commands, one test case each.
std::string junitXml(const RunSummary& summary);
// SARIF 2.1.0: one result for each verification command that did not pass.
std::string sarifJson(const RunSummary& summary, std::string_view version);

}  // namespace moxie::app
