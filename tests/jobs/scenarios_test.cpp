// The harness contract: how a run ends when the model or its server misbehaves. Every row is one
// `moxie run` of the real program against a script of tests/data/scripts, over the OpenAI door; the
// rows marked with an A also over the Anthropic door. Each must end in time with the exit code
// named here, one terminal event that says the same, every call answered, no side effect of a
// cut-off or refused call, bounded memory, and the key nowhere.
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/jobs/job_harness.h"

using namespace moxie::tests;
namespace fs = std::filesystem;

namespace {

struct Scenario {
    const char* script;
    int exitCode;
    const char* apis;                      // "O", "A" or "OA"
    std::vector<std::string> more = {};    // further arguments
    std::vector<std::string> absent = {};  // files that must not have come to be
    const char* says = "";                 // must stand in the output
};

// Exit codes: 0 verified, 1 error, 3 unverified, 5 permission, 6 budget, 7 stuck, 9 refused.
const std::vector<Scenario>& scenarios() {
    static const std::vector<Scenario> kAll = {
        // plain ends and odd streams that are fine
        {"ok", 0, "OA"},
        {"hello", 0, "OA"},
        {"crlf", 0, "O"},
        {"tiny-pieces", 7, "OA"},
        {"keep-alive", 0, "OA"},
        {"slow-drip", 0, "OA"},
        {"whole-json", 7, "O"},
        {"wrong-content-type", 0, "O"},
        {"usage-missing", 0, "OA"},
        {"usage-on-last-chunk", 0, "O"},
        {"empty-choices", 0, "O"},
        {"duplicated-finish", 0, "O"},
        {"invalid-utf8", 0, "O"},
        {"huge-reasoning", 0, "OA"},
        {"terminal-control", 0, "OA"},
        {"false-done", 4, "OA", {"--verify", "false"}},
        // calls in odd shapes
        {"index-missing", 0, "O"},
        {"index-and-id-missing", 0, "O"},
        {"id-again", 0, "O"},
        {"name-in-pieces", 0, "O"},
        {"call-at-once", 0, "O"},
        {"arguments-object", 0, "O"},
        {"stop-with-calls", 0, "OA"},
        {"two-calls-one-id", 0, "O"},
        {"same-id-every-turn", 0, "OA"},
        {"no-arguments", 0, "OA"},
        {"parallel-reads", 0, "OA"},
        // calls that must not run, and are answered
        {"length", 0, "OA", {}, {"cut.txt"}},
        {"trunc", 0, "OA", {}, {"cut.txt"}},
        {"trunc-plain", 0, "O", {}, {"cut.txt"}},
        {"trunc-whole-call", 0, "O", {}, {"cut.txt"}},
        {"malformed", 0, "O"},
        {"malformed-for-ever", 7, "O"},
        {"unknown-tool", 0, "OA"},
        {"wrong-types", 0, "OA"},
        {"missing-argument", 0, "OA"},
        {"extra-argument", 0, "OA"},
        {"arguments-array", 0, "O"},
        {"arguments-deep", 0, "O"},
        {"odd-tool-name", 0, "OA"},
        {"nul", 0, "OA"},
        {"outside", 0, "OA", {}, {"../outside.txt"}},
        {"git-internals", 0, "OA", {}, {".git/hooks/pre-commit"}},
        {"text-call-dsml", 0, "OA", {}, {"text.txt"}},
        {"text-call-hermes", 0, "OA", {}, {"text.txt"}},
        {"text-call-mistral", 0, "OA", {}, {"text.txt"}},
        {"text-call-qwen", 0, "OA", {}, {"text.txt"}},
        {"text-call-llama", 0, "OA", {}, {"text.txt"}},
        {"text-call-json", 0, "OA", {}, {"text.txt"}},
        // loops and floods
        {"loop-a", 7, "OA"},
        {"loop-new-ids", 7, "OA"},
        {"loop-abab", 7, "OA"},
        {"loop-growing", 6, "OA", {"--budget-steps", "12"}},
        {"many-calls", 0, "OA"},
        {"huge-arguments", 0, "OA"},
        {"giant-output-request", 0, "OA"},
        {"endless-text", 7, "O"},
        {"endless-event", 1, "O"},
        // empty, refused, overflowing
        {"empty-twice", 0, "OA"},
        {"empty", 7, "OA"},
        {"refusal", 9, "OA"},
        {"refusal-field", 9, "O"},
        {"overflow", 6, "OA"},
        {"overflow-413", 6, "OA"},
        // servers that fail
        {"http400", 1, "OA"},
        {"http401", 1, "OA", {}, {}, "key"},
        {"http402", 1, "OA"},
        {"http404", 1, "OA"},
        {"http429-retry-after", 0, "OA"},
        {"http429", 0, "OA"},
        {"http500-once", 0, "OA"},
        {"http500", 1, "OA"},
        {"http503-page", 0, "O"},
        {"http529", 0, "A"},
        {"html-200", 1, "O"},
        {"garbage", 1, "O"},
        {"empty-stream", 1, "OA"},
        {"cut", 1, "OA"},
        {"cut-once", 0, "OA"},
        {"drop", 0, "OA"},
        {"mid-stream-error", 0, "OA"},
        {"mid-stream-error-for-ever", 1, "OA"},
        {"malformed-event", 0, "O"},
        {"keep-alive-only", 6, "O", {"--budget-time", "3"}},
        {"hang", 1, "OA"},
        {"redirect", 1, "O"},
    };
    return kAll;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int64_t kMemoryMbMax = 8'000;  // shadow memory
#else
constexpr int64_t kMemoryMbMax = 300;  // endless-text takes 141, most others 22
#endif

// Of the largest program that this test has run so far.
int64_t largestChildMb() {
    rusage usage = {};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    return usage.ru_maxrss / 1024;
}

void checkScenario(const Scenario& scenario, const std::string& api) {
    const std::string name = scenario.script;
    CAPTURE(name, api);
    JobHarness job;
    job.write("README.md", "a small project\n");
    job.write("a.txt", "alpha\n");
    job.write("b.txt", "beta\n");
    job.commitAll("start");
    const std::string before = job.git({"rev-parse", "HEAD"});
    fs::create_directories(job.home() / "config");
    std::ofstream(job.home() / "config/config.json")
        << R"({"retry": {"attempts": 3, "idle_seconds": 2, "wait_seconds": 10}})";

    std::vector<std::string> more = {"--api", api, "--no-pack"};
    const bool hasOwnVerify = !scenario.more.empty() && scenario.more[0] == "--verify";
    if (!hasOwnVerify) more.insert(more.end(), {"--verify", "true"});
    more.insert(more.end(), scenario.more.begin(), scenario.more.end());
    const MoxieResult result = job.run("say hello", name, more);

    CAPTURE(result.output.substr(0, 4000));
    CHECK(result.exitCode == scenario.exitCode);
    CHECK(result.durationMs < 60'000);
    CHECK(largestChildMb() < kMemoryMbMax);
    const auto ends = result.ofType("turn_ended");
    REQUIRE(ends.size() == 1);
    CHECK(ends[0] == result.events.back());
    CHECK(result.ofType("tool_call").size() == result.ofType("tool_result").size());
    for (size_t i = 0; i < result.events.size(); ++i)
        CHECK(result.events[i].at("seq") == int64_t(i) + 1);
    for (const std::string& path : scenario.absent)
        CHECK_FALSE(job.exists(path));
    CHECK(result.output.find(scenario.says) != std::string::npos);
    CHECK(job.git({"rev-parse", "HEAD"}) == before);
    CHECK(result.output.find("test-key-0123456789") == std::string::npos);
    CHECK(filesWith(job.home(), "test-key-0123456789").empty());
}

// Every fourth scenario of one door, so that ctest can run the parts beside each other.
void checkPart(char door, const std::string& api, size_t part) {
    const std::vector<Scenario>& all = scenarios();
    CHECK(all.size() >= 40);
    for (size_t i = part; i < all.size(); i += 4)
        if (std::string(all[i].apis).find(door) != std::string::npos) checkScenario(all[i], api);
}

}  // namespace

TEST_CASE("misbehaviour ends as the contract says, chat completions, part 1", "[jobs]") {
    checkPart('O', "openai", 0);
}

TEST_CASE("misbehaviour ends as the contract says, chat completions, part 2", "[jobs]") {
    checkPart('O', "openai", 1);
}

TEST_CASE("misbehaviour ends as the contract says, chat completions, part 3", "[jobs]") {
    checkPart('O', "openai", 2);
}

TEST_CASE("misbehaviour ends as the contract says, chat completions, part 4", "[jobs]") {
    checkPart('O', "openai", 3);
}

TEST_CASE("misbehaviour ends as the contract says, Anthropic messages, part 1", "[jobs]") {
    checkPart('A', "anthropic", 0);
}

TEST_CASE("misbehaviour ends as the contract says, Anthropic messages, part 2", "[jobs]") {
    checkPart('A', "anthropic", 1);
}

TEST_CASE("misbehaviour ends as the contract says, Anthropic messages, part 3", "[jobs]") {
    checkPart('A', "anthropic", 2);
}

TEST_CASE("misbehaviour ends as the contract says, Anthropic messages, part 4", "[jobs]") {
    checkPart('A', "anthropic", 3);
}

TEST_CASE("a session goes on under its name, and a fork is another one", "[jobs]") {
    JobHarness job;
    job.write("a.txt", "alpha\n");
    job.commitAll("start");
    const std::string id = job.run("say hello", "hello").events.at(0).at("session_id");
    // The object of --output json, or the lines for people.
    const auto goOn = [&](const std::string& how, const std::string& output) {
        return runCommand({MOXIE_BINARY, "run", "go on", "--output", output, "--base-url",
                           job.server().baseUrl(), "--model", "hello", how, "last"},
                          job.repository(), {{"MOXIE_HOME", job.home().string()}});
    };
    const CommandResult resumed = goOn("--resume", "json");
    CAPTURE(resumed.output);
    const Json summary = Json::parse(resumed.output.substr(resumed.output.find("\n{") + 1));
    CHECK(summary.at("session_id") == id);
    CHECK(goOn("--resume", "text").output.find("moxie sessions show " + id) != std::string::npos);
    CHECK(goOn("--fork", "text").output.find("moxie sessions show " + id) == std::string::npos);
}
