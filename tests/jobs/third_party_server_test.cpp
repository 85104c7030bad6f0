// `moxie run` against a server that somebody else wrote: llama.cpp's, with the sample model. A
// model of 135M parameters says anything; whatever it says must stream, be counted as the server
// counts, and end cleanly. Hidden: needs the server of tests/bench/peers/build_llama_cpp.sh, and
// minutes.
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/event.h"
#include "base/file.h"
#include "tests/catch.h"
#include "tests/jobs/job_harness.h"
#include "tests/jobs/llama_server.h"
#include "tools/process.h"

using namespace moxie::tests;
namespace agent = moxie::agent;
namespace tools = moxie::tools;
namespace fs = std::filesystem;

namespace {

constexpr const char* kKey = "peer-key-0123456789abcdef";

struct PeerRun {
    MoxieResult result;
    std::vector<int64_t> deltaAtMs;  // when each piece of text or reasoning came out

    int64_t sum(std::string_view counter) const {
        int64_t total = 0;
        for (const Json& event : result.ofType("usage"))
            total += event.at("usage").at(counter).get<int64_t>();
        return total;
    }
};

int64_t nowMs() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// A small repository with a test of its own, and a home for Moxie.
class PeerJob {
public:
    PeerJob() {
        write("repository/shapes.py",
              "def area(width, height):\n    return width * height\n\n\n"
              "def perimeter(width, height):\n    return 2 * (width + height)\n");
        write("repository/test_shapes.py",
              "import unittest\n\nimport shapes\n\n\nclass ShapesTest(unittest.TestCase):\n"
              "    def test_area(self):\n        self.assertEqual(shapes.area(2, 3), 6)\n\n\n"
              "if __name__ == '__main__':\n    unittest.main()\n");
        write("repository/README.md", "# shapes\n\nSmall functions on rectangles.\n");
        write("home/config/config.json",
              R"({"retry": {"attempts": 2, "idle_seconds": 120, "wait_seconds": 5}})");
        for (const char* command :
             {"git init -q -b main", "git config user.name Test",
              "git config user.email test@example.org", "git add -A", "git commit -q -m start"})
            REQUIRE(runCommand({"sh", "-c", command}, repository()).exitCode == 0);
    }

    fs::path repository() const { return folder_.path() / "repository"; }

    fs::path home() const { return folder_.path() / "home"; }

    const fs::path& folder() const { return folder_.path(); }

    // `onEvent` sees every event as it comes; when it asks to stop, SIGINT goes to the run.
    using OnEvent = std::function<void(const Json&, std::stop_source&)>;

    PeerRun run(const LlamaServer& server, const std::vector<std::string>& arguments,
                const OnEvent& onEvent = {}, const std::string& key = kKey) const {
        PeerRun run;
        std::stop_source stop;
        std::string line;
        tools::ProcessRequest request;
        request.argv = {MOXIE_BINARY, "run",         "--repo",        repository(),
                        "--output",   "stream-json", "--base-url",    server.address() + "/v1",
                        "--model",    "sample",      "--budget-time", "4m"};
        request.argv.insert(request.argv.end(), arguments.begin(), arguments.end());
        request.environment = cleanEnvironment(
            {{"MOXIE_HOME", home()}, {"MOXIE_API_KEY", key}, {"LC_ALL", "C.UTF-8"}});
        request.timeoutMs = 400'000;
        request.killStepMs = 30'000;  // what ends it is the first signal, or the test fails
        request.onOutput = [&](std::string_view bytes) {
            for (const char c : bytes) {
                if (c != '\n') {
                    line.push_back(c);
                    continue;
                }
                Json event = Json::parse(line, nullptr, false);
                line.clear();
                if (!event.is_object()) continue;
                if (event.value("type", "") == "delta") run.deltaAtMs.push_back(nowMs());
                if (onEvent) onEvent(event, stop);
                run.result.events.push_back(std::move(event));
            }
        };
        const auto done = tools::runUntilStopped(request, stop.get_token());
        REQUIRE(done.has_value());
        REQUIRE_FALSE(done->isTimedOut);
        run.result.exitCode = done->exitCode;
        run.result.output = done->output;
        run.result.durationMs = done->durationMs;
        return run;
    }

private:
    void write(const std::string& path, std::string_view content) const {
        fs::create_directories((folder_.path() / path).parent_path());
        std::ofstream(folder_.path() / path, std::ios::binary) << content;
    }

    TemporaryFolder folder_;
};

// Processes of other programs that have to do with the folder: by arguments, environment or place.
std::vector<std::string> processesOf(const fs::path& folder) {
    std::vector<std::string> found;
    std::error_code ignored;  // processes come and go while we look
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        if (name == std::to_string(::getpid())) continue;
        std::string all = fs::read_symlink(entry.path() / "cwd", ignored).string();
        for (const char* part : {"cmdline", "environ"}) {
            std::ifstream file(entry.path() / part, std::ios::binary);
            all.append(std::istreambuf_iterator<char>(file), {});
        }
        if (all.find(folder.string()) != std::string::npos) found.push_back(all.substr(0, 200));
    }
    return found;
}

// What holds however a run ends: one terminal event, the last one; the exit code is its status, one
// of the published ones; every call is answered; nothing is left running; the key is nowhere.
void checkEnd(const PeerJob& job, const PeerRun& run) {
    const std::vector<Json> ends = run.result.ofType("turn_ended");
    REQUIRE(ends.size() == 1);
    CHECK(ends[0] == run.result.events.back());
    const auto status = agent::endStatusFromString(ends[0].at("status").get<std::string>());
    REQUIRE(status.has_value());
    CHECK(run.result.exitCode == static_cast<int32_t>(*status));
    for (size_t i = 0; i < run.result.events.size(); ++i)
        CHECK(run.result.events[i].at("seq") == int64_t(i) + 1);
    CHECK(run.result.ofType("tool_call").size() == run.result.ofType("tool_result").size());
    CHECK(processesOf(job.folder()).empty());
    CHECK(run.result.output.find(kKey) == std::string::npos);
    CHECK(filesWith(job.folder(), kKey).empty());
}

// Text that came in several pieces, spread over the time of the answer, not in one block.
void checkStreamed(const PeerRun& run) {
    REQUIRE(run.deltaAtMs.size() >= 4);
    const int64_t first = run.deltaAtMs.front();
    const int64_t spread = run.deltaAtMs.back() - first;
    CHECK(spread >= 300);
    std::set<int64_t> tenths;  // of the time between the first piece and the last
    for (const int64_t at : run.deltaAtMs)
        tenths.insert((at - first) * 10 / (spread + 1));
    CHECK(tenths.size() >= 4);
}

// The log counts what the server itself counted.
void checkUsage(const PeerRun& run, const LlamaServer& server) {
    const int64_t input = run.sum("input_tokens");
    CHECK(input > 0);
    CHECK(run.sum("output_tokens") > 0);
    CHECK(run.sum("output_tokens") == server.counter("tokens_predicted_total"));
    CHECK(input - run.sum("cached_input_tokens") == server.counter("prompt_tokens_total"));
}

const std::vector<std::string> kQuestion = {"What does shapes.py do? Answer in a few sentences.",
                                            "--budget-steps",
                                            "2",
                                            "--max-output-tokens",
                                            "160",
                                            "--temperature",
                                            "0"};

// Calls `then` once, when the third piece of the answer has come.
PeerJob::OnEvent onThirdDelta(std::function<void(std::stop_source&)> then) {
    return [then = std::move(then), n = 0](const Json& event, std::stop_source& stop) mutable {
        if (event.value("type", "") == "delta" && ++n == 3) then(stop);
    };
}

void checkQuestion(const std::string& api) {
    const LlamaServer server({.apiKey = kKey});
    const PeerJob job;
    std::vector<std::string> arguments = kQuestion;
    arguments.insert(arguments.end(), {"--api", api});
    const PeerRun run = job.run(server, arguments);
    CAPTURE(run.result.exitCode, run.result.output.substr(0, 4000));
    checkEnd(job, run);
    checkStreamed(run);
    checkUsage(run, server);
    CHECK(run.result.ofType("attempt_failed").empty());
    CHECK(run.result.exitCode != int32_t(agent::EndStatus::error));
    CHECK(server.isHealthy());
}

}  // namespace

TEST_CASE("an answer of llama.cpp's server streams, is counted and ends cleanly",
          "[jobs][peer][.slow]") {
    checkQuestion("openai");
}

TEST_CASE("so does one over its Anthropic messages", "[jobs][peer][.slow]") {
    checkQuestion("anthropic");
}

TEST_CASE("a task given to the sample model behind a real server ends by its log",
          "[jobs][peer][.slow]") {
    const LlamaServer server({.apiKey = kKey});
    const PeerJob job;
    const PeerRun run =
        job.run(server, {"Add a function double(x) to shapes.py and a test for it.", "--mode",
                         "auto", "--verify", "python3 test_shapes.py", "--budget-steps", "5",
                         "--max-output-tokens", "200", "--temperature", "0"});
    CAPTURE(run.result.exitCode, run.result.output.substr(0, 4000));
    checkEnd(job, run);
    checkUsage(run, server);
    CHECK(run.result.exitCode != int32_t(agent::EndStatus::error));
    CHECK(runCommand({"git", "fsck", "--strict"}, job.repository()).exitCode == 0);
    CHECK(runCommand({"git", "log", "--format=%s"}, job.repository()).output == "start\n");
}

TEST_CASE("SIGINT in the middle of a real stream ends the run and leaves the server free",
          "[jobs][peer][.slow]") {
    const LlamaServer server({.apiKey = kKey});
    const PeerJob job;
    int64_t stoppedAtMs = 0;
    const PeerRun run = job.run(server, kQuestion, onThirdDelta([&](std::stop_source& stop) {
                                    stoppedAtMs = nowMs();
                                    stop.request_stop();
                                }));
    CAPTURE(run.result.output.substr(0, 4000));
    REQUIRE(stoppedAtMs > 0);
    CHECK(nowMs() - stoppedAtMs < 5000);
    CHECK(run.result.exitCode == 130);
    checkEnd(job, run);
    CHECK(server.isHealthy());
    const PeerRun next = job.run(server, kQuestion);
    CAPTURE(next.result.output.substr(0, 4000));
    checkEnd(job, next);
    checkStreamed(next);
}

TEST_CASE("a server killed in the middle of its answer is an error in the log",
          "[jobs][peer][.slow]") {
    LlamaServer server({.apiKey = kKey});
    const PeerJob job;
    int64_t killedAtMs = 0;
    const PeerRun run = job.run(server, kQuestion, onThirdDelta([&](std::stop_source&) {
                                    server.kill();
                                    killedAtMs = nowMs();
                                }));
    CAPTURE(run.result.output.substr(0, 4000));
    REQUIRE(killedAtMs > 0);
    CHECK(nowMs() - killedAtMs < 20'000);
    CHECK(run.result.exitCode == 1);
    CHECK_FALSE(run.result.ofType("attempt_failed").empty());
    checkEnd(job, run);
}

TEST_CASE("a real server whose context is too small for the request spends the budget",
          "[jobs][peer][.slow]") {
    const LlamaServer server({.contextTokens = 512, .apiKey = kKey});
    const PeerJob job;
    const PeerRun run = job.run(server, kQuestion);
    CAPTURE(run.result.output.substr(0, 4000));
    CHECK(run.result.exitCode == 6);
    checkEnd(job, run);
    CHECK(server.isHealthy());
}

TEST_CASE("an answer that runs into the end of a real server's context ends cleanly",
          "[jobs][peer][.slow]") {
    int64_t prompt = 0;
    const PeerJob job;
    {
        const LlamaServer server({.apiKey = kKey});
        const PeerRun run =
            job.run(server, {kQuestion[0], "--budget-steps", "1", "--max-output-tokens", "16"});
        prompt = run.sum("input_tokens");
        REQUIRE(prompt > 0);
    }
    // The server rounds its context up to the next 256.
    const LlamaServer server({.contextTokens = static_cast<int32_t>(prompt) + 32, .apiKey = kKey});
    const PeerRun run = job.run(server, {kQuestion[0], "--budget-steps", "4"});
    CAPTURE(prompt, run.result.exitCode, run.result.output.substr(0, 4000));
    checkEnd(job, run);
    CHECK(run.sum("output_tokens") > 0);
    CHECK(server.isHealthy());
}

TEST_CASE("a real server that does not know the key is a plain error", "[jobs][peer][.slow]") {
    const LlamaServer server({.apiKey = "another-key"});
    const PeerJob job;
    const PeerRun run = job.run(server, kQuestion);
    CAPTURE(run.result.output.substr(0, 4000));
    CHECK(run.result.exitCode == 1);
    CHECK(run.result.output.find("did not accept the key") != std::string::npos);
    CHECK(run.result.ofType("attempt_failed").empty());
    checkEnd(job, run);
}
