#include "app/cli/run_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/cli/json_text.h"
#include "base/text.h"

namespace moxie::app {

namespace {

using nlohmann::json;

// Text for XML 1.0: markup escaped, characters it forbids left out.
std::string xmlText(std::string_view text) {
    std::string out;
    for (const char c : base::toValidUtf8(text)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                if (uint8_t(c) >= 0x20 || c == '\n' || c == '\t') out += c;
        }
    }
    return out;
}

// The last run of every command: earlier ones were followed by more work.
std::vector<agent::VerificationRun> lastRuns(const RunSummary& summary) {
    std::vector<agent::VerificationRun> last;
    for (const agent::VerificationRun& run : summary.verifications) {
        const auto same = std::find_if(last.begin(), last.end(), [&](const auto& known) {
            return known.command == run.command;
        });
        if (same == last.end())
            last.push_back(run);
        else
            *same = run;
    }
    return last;
}

}  // namespace

void RunSummary::add(const agent::Event& event) {
    if (const auto* started = std::get_if<agent::SessionStarted>(&event.body)) {
        sessionId = started->sessionId;
        repository = started->repository;
    } else if (const auto* turn = std::get_if<agent::TurnStarted>(&event.body)) {
        task = turn->task;
        end.reset();
    } else if (const auto* message = std::get_if<agent::MessageAdded>(&event.body)) {
        if (message->message.role == engine::Role::assistant && !message->message.text.empty())
            answer = message->message.text;
    } else if (const auto* answering = std::get_if<agent::ModelAnswering>(&event.body)) {
        model = answering->chosen.model;
        backend = answering->chosen.backend;
    } else if (const auto* result = std::get_if<agent::ToolCallEnded>(&event.body)) {
        for (const std::string& path : result->changedPaths)
            if (std::find(changedPaths.begin(), changedPaths.end(), path) == changedPaths.end())
                changedPaths.push_back(path);
    } else if (const auto* question = std::get_if<agent::PermissionAsked>(&event.body)) {
        asked_.emplace_back(question->callId, question->summary);
    } else if (const auto* reply = std::get_if<agent::PermissionAnswered>(&event.body)) {
        if (reply->answer != "denied" && reply->answer != "unavailable") return;
        for (const auto& [callId, summary] : asked_)
            if (callId == reply->callId) denied.push_back(summary);
    } else if (const auto* usageEvent = std::get_if<agent::UsageCounted>(&event.body)) {
        usage = usageEvent->total;
        costUsd = usageEvent->costUsd;
    } else if (const auto* verification = std::get_if<agent::VerificationRun>(&event.body)) {
        verifications.push_back(*verification);
    } else if (const auto* committed = std::get_if<agent::Committed>(&event.body)) {
        commit = committed->commit;
    } else if (const auto* ended = std::get_if<agent::TurnEnded>(&event.body)) {
        end = *ended;
    }
}

json RunSummary::toJson(int exitCode) const {
    json checks = json::array();
    for (const agent::VerificationRun& run : verifications)
        checks.push_back({{"command", run.command},
                          {"exit_code", run.exitCode},
                          {"passed", run.passed},
                          {"duration_ms", run.durationMs}});
    return {{"type", "result"},
            {"session_id", sessionId},
            {"repository", repository},
            {"task", task},
            {"status", end ? agent::toString(end->status) : "error"},
            {"exit_code", exitCode},
            {"reason", end ? end->reason : ""},
            {"steps", end ? end->steps : 0},
            {"duration_ms", end ? end->durationMs : 0},
            {"model", model},
            {"backend", backend},
            {"answer", answer},
            {"usage",
             {{"input_tokens", usage.inputTokens},
              {"cached_input_tokens", usage.cachedInputTokens},
              {"output_tokens", usage.outputTokens},
              {"reasoning_tokens", usage.reasoningTokens}}},
            {"cost_usd", costUsd < 0 ? json(nullptr) : json(costUsd)},
            {"changed_paths", changedPaths},
            {"denied", denied},
            {"verification", checks},
            {"commit", commit.empty() ? json(nullptr) : json(commit)}};
}

std::string junitXml(const RunSummary& summary) {
    const std::vector<agent::VerificationRun> runs = lastRuns(summary);
    const auto failures =
        std::count_if(runs.begin(), runs.end(), [](const auto& run) { return !run.passed; });
    int64_t totalMs = 0;
    std::string cases;
    for (const agent::VerificationRun& run : runs) {
        totalMs += run.durationMs;
        cases += fmt::format("    <testcase classname=\"moxie.verify\" name=\"{}\" time=\"{:.3f}\"",
                             xmlText(run.command), double(run.durationMs) / 1000);
        if (run.passed)
            cases += "/>\n";
        else
            cases +=
                fmt::format(">\n      <failure message=\"exit {}\">{}</failure>\n    </testcase>\n",
                            run.exitCode, xmlText(run.outputTail));
    }
    const double seconds = double(totalMs) / 1000;
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites tests=\"{0}\" failures=\"{1}\" time=\"{2:.3f}\">\n"
        "  <testsuite name=\"{3}\" tests=\"{0}\" failures=\"{1}\" errors=\"0\" "
        "time=\"{2:.3f}\">\n{4}  </testsuite>\n</testsuites>\n",
        runs.size(), failures, seconds, xmlText("moxie run " + summary.sessionId), cases);
}

std::string sarifJson(const RunSummary& summary, std::string_view version) {
    json results = json::array();
    for (const agent::VerificationRun& run : lastRuns(summary)) {
        if (run.passed) continue;
        results.push_back({{"ruleId", "verification"},
                           {"level", "error"},
                           {"message",
                            {{"text", fmt::format("{} ended with exit code {}\n{}", run.command,
                                                  run.exitCode, run.outputTail)}}}});
    }
    const json rule = {{"id", "verification"},
                       {"shortDescription", {{"text", "A verification command did not pass"}}}};
    const json driver = {
        {"name", "moxie"}, {"version", std::string(version)}, {"rules", json::array({rule})}};
    const json run = {
        {"tool", {{"driver", driver}}},
        {"invocations", json::array({{{"executionSuccessful", summary.end.has_value()}}})},
        {"results", results}};
    const json sarif = {{"$schema",
                         "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                         "sarif-schema-2.1.0.json"},
                        {"version", "2.1.0"},
                        {"runs", json::array({run})}};
    return dumped(sarif, 2) + "\n";
}

}  // namespace moxie::app
