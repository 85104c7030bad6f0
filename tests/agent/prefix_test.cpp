// Requests begin with the bytes of the request before; also after a resume, a fork and a kill.
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <thread>

#include "agent/event_log.h"
#include "agent/prompt.h"
#include "tests/agent/rig.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;

extern char** environ;

namespace {

ScriptedTurn stepOf(size_t n) {
    switch (n % 4) {
        case 0:
            return calls("write", fmt::format(R"({{"path":"f{}.txt","content":"{}\n"}})", n, n));
        case 1:
            return calls(
                "plan", fmt::format(R"({{"items":[{{"text":"step {}","status":"pending"}}]}})", n));
        case 2:
            return calls("read", R"({"path":"a.txt"})");
        default:
            return says(fmt::format("turn over at {}", n));
    }
}

void checkPrefixes(const std::vector<std::string>& requests) {
    for (size_t i = 1; i < requests.size(); ++i) {
        CAPTURE(i);
        REQUIRE(requests[i].starts_with(stablePrefix(requests[i - 1])));
    }
}

}  // namespace

TEST_CASE("over many turns each request begins with the bytes of the one before",
          "[agent][prefix]") {
    Rig rig([](size_t n, const engine::ChatRequest&) { return stepOf(n); });
    for (int turn = 0; turn < 12; ++turn)
        rig.run(fmt::format("task {}", turn));
    const std::string id = rig.session->id();
    const std::string next = rig.session->serialiseNextRequest();
    rig.session.reset();
    auto resumed = Session::resume(id, rig.options, rig.environment());
    REQUIRE(resumed);
    CHECK((*resumed)->serialiseNextRequest() == next);
    rig.session = std::move(*resumed);
    rig.run("after the resume");
    auto forked = Session::fork(id, 0, rig.options, rig.environment());
    REQUIRE(forked);
    rig.session = std::move(*forked);
    rig.run("after the fork");
    checkPrefixes(rig.model.requests());
}

TEST_CASE("200 turns keep their prefix", "[agent][prefix][.slow]") {
    Rig rig([](size_t n, const engine::ChatRequest&) { return stepOf(n); });
    for (int turn = 0; turn < 200; ++turn)
        rig.run(fmt::format("task {}", turn));
    checkPrefixes(rig.model.requests());
}

TEST_CASE("the first request is small", "[agent][prefix]") {
    Rig rig({says("hello")});
    rig.run("make the parser accept trailing commas");
    const std::string first = rig.model.requests().at(0);
    CAPTURE(first.size());
    CHECK(systemText().size() <= 3500);
    CHECK(first.size() <= 12'000);
}

namespace {

// Kills a child at random moments and looks at what it left; the next child resumes the session.
void killAtRandomMoments(int nKills, uint64_t seed) {
    TempFolder folder;
    makeRepository(folder.path / "repo");
    std::mt19937_64 random(seed);
    base::SystemClock clock;
    std::string id = "new";
    for (int kill9 = 0; kill9 < nKills; ++kill9) {
        CAPTURE(kill9, seed);
        std::string program = (std::filesystem::read_symlink("/proc/self/exe").parent_path() /
                               "moxie_agent_crash_child")
                                  .string();
        std::string where = folder.path.string();
        char* argv[] = {program.data(), where.data(), id.data(), nullptr};
        pid_t child = 0;
        REQUIRE(posix_spawn(&child, program.c_str(), nullptr, nullptr, argv, environ) == 0);
        const auto afterMs = std::chrono::milliseconds(30 + random() % 250);
        std::this_thread::sleep_for(afterMs);  // the moment is the point of this test
        kill(child, SIGKILL);
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        REQUIRE(WIFSIGNALED(status));
        const auto sessions = EventLog::list(folder.path / "sessions");
        REQUIRE(sessions);
        if (sessions->empty() || (*sessions)[0].startedMs == 0) {
            std::error_code error;
            std::filesystem::remove_all(folder.path / "sessions", error);
            continue;  // killed before the first event
        }
        id = (*sessions)[0].id;

        FakeModel model(clock, std::vector<ScriptedTurn>{});
        SessionOptions options;
        options.sessionsFolder = folder.path / "sessions";
        SessionEnvironment environment{.model = model, .clock = clock};
        auto resumed = Session::resume(id, options, environment);
        INFO((resumed ? "" : resumed.error().message()));
        REQUIRE(resumed);
        const std::string last = readText(folder.path / "last_request");
        if (!last.empty())
            REQUIRE((*resumed)->serialiseNextRequest().starts_with(stablePrefix(last)));
        resumed->reset();

        auto log = EventLog::open(options.sessionsFolder, id, EventLog::Access::readOnly, clock);
        REQUIRE(log);
        const auto events = (*log)->read(0, 1'000'000);
        REQUIRE(events);
        std::set<std::string> done, inFlight, found;
        for (size_t i = 0; i < events->size(); ++i) {
            REQUIRE((*events)[i].seq == int64_t(i) + 1);
            const EventBody& body = (*events)[i].body;
            if (const auto* call = std::get_if<ToolCallStarted>(&body))
                inFlight.insert(call->callId.substr(4));
            if (const auto* ended = std::get_if<ToolCallEnded>(&body)) {
                inFlight.erase(ended->callId.substr(4));
                if (!ended->isError) done.insert(ended->callId.substr(4));
            }
        }
        std::error_code none;
        for (const auto& file : std::filesystem::directory_iterator(folder.path / "repo/n", none)) {
            // What a kill within an atomic write left is gone with the resume.
            CHECK_FALSE(file.path().filename().string().starts_with(".moxie-"));
            found.insert(file.path().filename().string());
            CHECK(readText(file.path()) == file.path().filename().string());
        }
        for (const std::string& name : done)
            CHECK(found.contains(name));
        for (const std::string& name : found)
            CHECK((done.contains(name) || inFlight.contains(name)));
    }
}

}  // namespace

TEST_CASE("a killed session opens again with the same prefix and a true log", "[agent][crash]") {
    killAtRandomMoments(10, 20261122);
}

TEST_CASE("the same after 100 kills", "[agent][crash][.slow]") {
    killAtRandomMoments(100, 42);
}
