#include "tools/bash.h"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "tests/catch.h"
#include "tests/tools/fixture.h"
#include "tests/tools/processes.h"
#include "tools/job.h"
#include "tools/jobs.h"
#include "tools/observations.h"
#include "tools/sandbox.h"
#include "tools/workspace.h"

namespace moxie::tools {

using namespace moxie::tests;
using nlohmann::json;

namespace {

struct Setup {
    explicit Setup(SandboxMode mode = SandboxMode::off)
        : workspace(Workspace::open(folder.path()).value()),
          sandbox(Sandbox::open(folder.path(), mode)),
          jobs(spill.path() / "spill"),
          context{.workspace = workspace,
                  .observations = observations,
                  .jobs = jobs,
                  .sandbox = sandbox,
                  .clock = clock,
                  .onOutput = {},
                  .callId = "call-1"} {}

    ToolResult call(Tool& tool, const json& arguments) {
        auto result = tool.run(arguments, context, stop.get_token());
        REQUIRE(result);
        return *result;
    }

    ToolResult run(const json& arguments) { return call(*bash, arguments); }

    TempFolder folder, spill;
    Workspace workspace;
    Observations observations;
    Sandbox sandbox;
    Jobs jobs;
    base::SystemClock clock;
    ToolContext context;
    std::stop_source stop;
    std::unique_ptr<Tool> bash = makeBashTool();
    std::unique_ptr<Tool> job = makeJobTool();
};

}  // namespace

TEST_CASE("bash gives output and exit code, and a failing command is no error", "[tools][bash]") {
    Setup setup(SandboxMode::required);
    REQUIRE(setup.sandbox.level() == "full");
    setup.folder.put("d/x", "x");
    std::string live;
    setup.context.onOutput = [&](std::string_view text) { live += text; };
    ToolResult result = setup.run({{"command", "echo hi; ls; exit 2"}, {"workdir", "d"}});
    CHECK(result.text == "hi\nx\n[exit 2]");
    CHECK(result.exitCode == 2);
    CHECK_FALSE(result.isError);
    CHECK(live == "hi\nx\n");
    CHECK(setup.run({{"command", "true"}}).text == "(no output)\n[exit 0]");
    result = setup.run({{"command", "echo x > /etc/moxie-x"}});
    CHECK(contains(result.text, "[sandbox: only the workspace"));
    CHECK(setup.run({{"command", "true"}, {"workdir", "../.."}}).isError);
    CHECK(setup.run(json::object()).isError);
    CHECK(setup.run({{"command", std::string("a\0b", 3)}}).isError);
    CHECK(std::filesystem::is_empty(setup.jobs.spillFolder()));
}

TEST_CASE("terminal control goes, long output keeps head and tail and names its file",
          "[tools][bash]") {
    Setup setup;
    CHECK(setup.run({{"command", "printf '\\033[31mred\\033[0m 10%%\\r20%%\\rdone\\n'"}}).text ==
          "done\n[exit 0]");
    const ToolResult result = setup.run({{"command", "seq 1 200000"}});
    CHECK(result.text.size() <= 30'200);
    CHECK(result.text.starts_with("1\n2\n"));
    CHECK(contains(result.text, "\n200000\n"));
    const std::string file = (setup.jobs.spillFolder() / "call-1.txt").string();
    CHECK(contains(result.text, file));
    CHECK(base::readFile(file).value_or("").size() == 1'288'895);
    CHECK(base::isValidUtf8(setup.run({{"command", "printf '\\377ok'"}}).text));
}

TEST_CASE("a command over its time goes on as a job", "[tools][bash]") {
    Setup setup;
    ToolResult result =
        setup.run({{"command", "echo first; read x < fifo; echo second"}, {"timeout_ms", 300}});
    // No fifo: fails at once. With one it waits.
    CHECK(contains(result.text, "second"));
    REQUIRE(::mkfifo((setup.folder.path() / "fifo").c_str(), 0600) == 0);
    result =
        setup.run({{"command", "echo first; read x < fifo; echo got $x"}, {"timeout_ms", 300}});
    CHECK(result.text == "first\n[timed out after 0.3 s; still running as job 2]");
    CHECK_FALSE(result.isError);
    CHECK(setup.run({{"command", "echo go > fifo"}}).exitCode == 0);
    result = setup.call(*setup.job, {{"action", "wait"}, {"id", 2}, {"wait_ms", 5000}});
    CHECK(result.text == "got go\n[exit 0]");
}

TEST_CASE("a background command takes input and can be ended", "[tools][bash]") {
    Setup setup(SandboxMode::required);
    ToolResult result = setup.run(
        {{"command", "while read x; do echo \"<$x>\"; done; sleep 4731.25"}, {"background", true}});
    CHECK(contains(result.text, "running in the background as job 1"));
    result = setup.call(*setup.job, {{"action", "input"}, {"id", 1}, {"text", "a\n"}});
    CHECK(result.text == "<a>\n[running]");
    CHECK(contains(setup.call(*setup.job, {{"action", "list"}}).text, "job 1 [running] while"));
    CHECK(setup.call(*setup.job, {{"action", "kill"}, {"id", 1}}).text == "(no output)\n[killed]");
    CHECK(happens([] { return processesWith("4731.25") == 0; }));
    CHECK(setup.call(*setup.job, {{"action", "output"}, {"id", 7}}).isError);
    CHECK(setup.call(*setup.job, {{"action", "input"}, {"id", 1}, {"text", "a"}}).isError);
    result = setup.run({{"command", "exit 3"}, {"background", true}});
    CHECK(result.text == "(no output)\n[exit 3]");
}

TEST_CASE("a stop ends the command", "[tools][bash]") {
    Setup setup;
    setup.context.onOutput = [&](std::string_view) { setup.stop.request_stop(); };
    const auto result = setup.bash->run({{"command", "echo up; sleep 4732.25"}}, setup.context,
                                        setup.stop.get_token());
    REQUIRE_FALSE(result);
    CHECK(result.error().kind() == base::Errc::cancelled);
    CHECK(happens([] { return processesWith("4732.25") == 0; }));
    CHECK(setup.jobs.list().empty());
}

}  // namespace moxie::tools
