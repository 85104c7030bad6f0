#include "tools/process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "tests/catch.h"
#include "tests/tools/fixture.h"
#include "tests/tools/processes.h"
#include "tools/jobs.h"

namespace moxie::tools {

using namespace moxie::tests;

namespace {

ProcessRequest shell(std::string command) {
    return {.argv = {"sh", "-c", std::move(command)}, .killStepMs = 100};
}

ProcessResult runToEnd(const ProcessRequest& request) {
    auto result = runProcess(request, {});
    REQUIRE(result);
    return *result;
}

}  // namespace

TEST_CASE("a program's streams come in order of arrival with its exit code", "[tools][process]") {
    const ProcessResult result = runToEnd(shell("echo one; echo two >&2; echo three; exit 3"));
    CHECK(result.output == "one\ntwo\nthree\n");
    CHECK(result.exitCode == 3);
    CHECK_FALSE(result.isTimedOut);
    CHECK(runToEnd(shell("kill -9 $$")).exitCode == 128 + SIGKILL);
}

TEST_CASE("a program that is not there is notFound, a folder too", "[tools][process]") {
    const auto missing = runProcess({.argv = {"moxie-no-such-program"}}, {});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind() == base::Errc::notFound);
    const auto folder = runProcess({.argv = {"true"}, .directory = "/no/such/folder"}, {});
    REQUIRE_FALSE(folder);
    CHECK(folder.error().kind() == base::Errc::notFound);
    CHECK_FALSE(runProcess({}, {}));
}

TEST_CASE("input larger than a pipe reaches the program, and one that does not read is no harm",
          "[tools][process]") {
    ProcessRequest request{.argv = {"cat"}, .standardInput = std::string(3 << 20, 'x')};
    CHECK(runToEnd(request).output == request.standardInput);
    request.argv = {"true"};
    CHECK(runToEnd(request).exitCode == 0);
}

TEST_CASE("without input a program reads the end of its input at once", "[tools][process]") {
    CHECK(runToEnd({.argv = {"cat"}, .timeoutMs = 5000}).exitCode == 0);
}

TEST_CASE("the environment and the folder are those of the request", "[tools][process]") {
    const TempFolder folder;
    ProcessRequest request{.argv = {"/bin/sh", "-c", "pwd; env | sort | head -3; echo $A"}};
    request.directory = folder.path();
    request.environment = std::map<std::string, std::string>{{"A", "b"}};
    const ProcessResult result = runToEnd(request);
    CHECK(contains(result.output, folder.path().string() + "\nA=b\n"));
    CHECK_FALSE(contains(result.output, "HOME="));
}

TEST_CASE("a timeout goes up the ladder until the whole group is gone", "[tools][process]") {
    ProcessRequest request =
        shell("trap '' INT TERM; sleep 4711.25 & sleep 4711.25; sleep 4711.25");
    request.timeoutMs = 50;
    const ProcessResult result = runToEnd(request);
    CHECK(result.isTimedOut);
    CHECK(result.exitCode == 128 + SIGKILL);
    CHECK(result.durationMs >= 250);
    CHECK(result.durationMs < 3000);
    CHECK(happens([] { return processesWith("4711.25") == 0; }));
}

TEST_CASE("the first rung is SIGINT, and a program may end by itself", "[tools][process]") {
    ProcessRequest request = shell("trap 'echo bye; exit 7' INT; while :; do sleep 0.02; done");
    request.timeoutMs = 100;
    request.killStepMs = 5000;
    const ProcessResult result = runToEnd(request);
    CHECK(result.isTimedOut);
    CHECK(result.exitCode == 7);
    CHECK(contains(result.output, "bye"));
}

TEST_CASE("a stop ends the program and is reported as cancelled", "[tools][process]") {
    std::stop_source stop;
    ProcessRequest request = shell("echo up; sleep 4712.25");
    request.onOutput = [&](std::string_view) { stop.request_stop(); };
    const auto result = runProcess(request, stop.get_token());
    REQUIRE_FALSE(result);
    CHECK(result.error().kind() == base::Errc::cancelled);
    CHECK(happens([] { return processesWith("4712.25") == 0; }));
    CHECK_FALSE(runProcess(request, stop.get_token()));
}

TEST_CASE("a child that holds the pipe open does not hold us, and does not stay",
          "[tools][process]") {
    const ProcessResult result = runToEnd(shell("sleep 4713.25 & echo done"));
    CHECK(result.output == "done\n");
    CHECK(result.durationMs < 2000);
    CHECK(happens([] { return processesWith("4713.25") == 0; }));
    // One that left the group keeps the pipe: reading stops all the same.
    const ProcessResult away = runToEnd(shell("setsid sleep 3.0625 & echo done"));
    CHECK(away.output == "done\n");
    CHECK(away.durationMs < 2000);
}

TEST_CASE("output beyond the cap is dropped, the program goes on", "[tools][process]") {
    ProcessRequest request = shell("yes | head -c 3000000; exit 5");
    request.outputBytesMax = 1000;
    const ProcessResult result = runToEnd(request);
    CHECK(result.output.size() == 1000);
    CHECK(result.isOutputCut);
    CHECK(result.exitCode == 5);
}

TEST_CASE("a program that only writes cannot outrun its time limit", "[tools][process]") {
    ProcessRequest request = shell("yes");
    request.timeoutMs = 100;
    request.outputBytesMax = 1000;
    const ProcessResult result = runToEnd(request);
    CHECK(result.isTimedOut);
    CHECK(result.durationMs < 3000);
}

TEST_CASE("no descriptor of ours reaches a program", "[tools][process]") {
    const int leaked = ::open("/dev/null", O_RDONLY);  // without CLOEXEC, as a library might
    REQUIRE(leaked >= 0);
    const ProcessResult result =
        runToEnd(shell("test -e /proc/$$/fd/" + std::to_string(leaked) + " && echo leaked"));
    ::close(leaked);
    CHECK(result.output == "");
    CHECK(result.exitCode == 1);
}

TEST_CASE("signals that we ignore or block are not ignored in a program", "[tools][process]") {
    const auto before = std::signal(SIGINT, SIG_IGN);
    const ProcessResult result = runToEnd(shell("kill -INT $$; echo alive"));
    std::signal(SIGINT, before);
    CHECK(result.exitCode == 128 + SIGINT);
}

TEST_CASE("a program goes when we are killed", "[tools][process]") {
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        // exec so that the program is the direct child; runs until the parent is killed.
        (void)runProcess({.argv = {"sleep", "4714.25"}}, {});
        ::_exit(0);
    }
    CHECK(happens([] { return processesWith("4714.25") == 1; }));
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    CHECK(happens([] { return processesWith("4714.25") == 0; }));
}

TEST_CASE("a job gives its output once, and says how it ended", "[tools][jobs]") {
    const TempFolder folder;
    Jobs jobs(folder.path() / "spill");
    ProcessRequest request = shell("echo hello; read line; echo \"got $line\"; exit 4");
    request.input = std::make_shared<ProcessInput>();
    const auto id = jobs.start(request, "talk");
    REQUIRE(id);
    auto output = jobs.outputOrMore(*id, 5000, {});
    REQUIRE(output);
    CHECK(output->text == "hello\n");
    CHECK(output->status.isRunning);
    REQUIRE(jobs.input(*id, "you\n"));
    output = jobs.output(*id, 5000, {});
    REQUIRE(output);
    CHECK(output->text == "got you\n");
    CHECK_FALSE(output->status.isRunning);
    CHECK(output->status.exitCode == 4);
    CHECK(jobs.output(*id, 0, {})->text.empty());
    CHECK_FALSE(jobs.input(*id, "late\n"));
    CHECK(folder.get("spill/job-1.txt") == "hello\ngot you\n");
    jobs.forget(*id, Jobs::OutputFile::removed);
    CHECK_FALSE(folder.has("spill/job-1.txt"));
    CHECK(jobs.output(*id, 0, {}).error().kind() == base::Errc::notFound);
}

TEST_CASE("the end of the jobs is the end of their processes", "[tools][jobs]") {
    const TempFolder folder;
    {
        Jobs jobs(folder.path() / "spill");
        for (int i = 0; i < 4; ++i)
            REQUIRE(jobs.start(shell("trap '' INT TERM; sleep 4715.25 & sleep 4715.25; sleep 1"),
                               "sleep"));
        REQUIRE(happens([] { return processesWith("4715.25") >= 8; }));
    }
    CHECK(happens([] { return processesWith("4715.25") == 0; }, 500));
}

TEST_CASE("a killed job is gone when kill returns, and the seventeenth is refused",
          "[tools][jobs]") {
    const TempFolder folder;
    Jobs jobs(folder.path() / "spill");
    for (int i = 0; i < 16; ++i)
        REQUIRE(jobs.start({.argv = {"sleep", "4716.25"}}, "sleep"));
    CHECK(jobs.start({.argv = {"true"}}, "true").error().kind() == base::Errc::busy);
    REQUIRE(jobs.kill(1));
    CHECK(processesWith("4716.25") == 15);
    CHECK(jobs.list()[0].isKilled);
    CHECK(jobs.start({.argv = {"moxie-no-such-program"}}, "x").error().kind() ==
          base::Errc::notFound);
    CHECK(jobs.list().size() == 16);
    CHECK(jobs.kill(99).error().kind() == base::Errc::notFound);
}

TEST_CASE("waiting for a job can be stopped, the job goes on", "[tools][jobs]") {
    const TempFolder folder;
    Jobs jobs(folder.path() / "spill");
    const auto id = jobs.start({.argv = {"sleep", "4717.25"}}, "sleep");
    REQUIRE(id);
    std::stop_source stop;
    std::jthread stopper([&] { stop.request_stop(); });
    const auto output = jobs.output(*id, 60'000, stop.get_token());
    REQUIRE_FALSE(output);
    CHECK(output.error().kind() == base::Errc::cancelled);
    CHECK(jobs.list()[0].isRunning);
}

}  // namespace moxie::tools
