// Stopping after the running call: what runs ends, nothing new begins, every call has one answer.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <map>
#include <thread>

#include "tests/agent/rig.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;

namespace {

// Two pipes with names in the work tree: the command says that it runs and waits for a word.
class Gate {
public:
    explicit Gate(const std::filesystem::path& folder) {
        std::filesystem::create_directories(folder / "gate");
        writeText(folder / ".gitignore", "gate/\n");
        ready_ = openPipe(folder / "gate/ready");
        go_ = openPipe(folder / "gate/go");
    }

    ~Gate() {
        ::close(ready_);
        ::close(go_);
    }

    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    static constexpr const char* kCommand =
        "echo here > gate/ready; read word < gate/go; echo finished; echo finished > result.txt";

    // False: nobody came within half a minute.
    bool waitUntilReady() const {
        pollfd ready{ready_, POLLIN, 0};
        return ::poll(&ready, 1, 30'000) == 1;
    }

    void letGo() const { REQUIRE(::write(go_, "go\n", 3) == 3); }

private:
    static int openPipe(const std::filesystem::path& file) {
        REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
        const int fd = ::open(file.c_str(), O_RDWR | O_CLOEXEC);  // never waits for the other end
        REQUIRE(fd >= 0);
        return fd;
    }

    int ready_ = -1, go_ = -1;
};

std::string commandCall(const std::string& command) {
    return "{\"command\":\"" + command + "\"}";
}

TurnEnded runToStop(Rig& rig, const Gate& gate, const std::string& task) {
    std::stop_source after;
    bool wasReady = false;
    std::jthread person([&] {
        wasReady = gate.waitUntilReady();
        after.request_stop();
        gate.letGo();
    });
    if (!rig.session) {
        auto started = Session::start(rig.options, rig.environment());
        REQUIRE(started);
        rig.session = std::move(*started);
    }
    const auto ended = rig.session->runTurn(task, {}, after.get_token());
    person.join();
    REQUIRE(ended);
    CHECK(wasReady);
    return *ended;
}

void checkAnswers(const Rig& rig) {
    std::map<std::string, int> answers;
    for (const MessageAdded& added : rig.all<MessageAdded>()) {
        for (const engine::ToolCall& call : added.message.toolCalls)
            answers[call.id] += 0;
        if (added.message.role == engine::Role::tool) ++answers[added.message.toolCallId];
    }
    for (const auto& [id, count] : answers) {
        CAPTURE(id);
        CHECK(count == 1);
    }
    CHECK(std::holds_alternative<TurnEnded>(rig.events.back().body));
}

}  // namespace

TEST_CASE("stopping after the call lets the running command end and begins no other",
          "[agent][stop]") {
    Rig rig({callsMany({{"c1", "bash", commandCall(Gate::kCommand), true},
                        {"c2", "write", R"({"path":"b.txt","content":"x"})", true},
                        {"c3", "read", R"({"path":"a.txt"})", true},
                        {"c4", "read", R"({"path":"a.txt"})", true}}),
             says("I go on.")});
    const Gate gate(rig.repository);
    const TurnEnded ended = runToStop(rig, gate, "x");
    CHECK(ended.status == EndStatus::interrupted);
    CHECK(readText(rig.repository / "result.txt") == "finished\n");
    CHECK_FALSE(std::filesystem::exists(rig.repository / "b.txt"));
    const auto results = rig.all<ToolCallEnded>();
    REQUIRE(results.size() == 4);
    CHECK(results[0].wasRun);
    CHECK(results[0].exitCode == 0);
    CHECK(results[0].text.find("finished") != std::string::npos);
    for (size_t i = 1; i < 4; ++i) {
        CHECK_FALSE(results[i].wasRun);
        CHECK(results[i].text.starts_with("[not run: "));
    }
    CHECK(rig.model.requests().size() == 1);
    checkAnswers(rig);

    const std::string before = rig.model.requests().back();
    CHECK(rig.run("go on").status != EndStatus::interrupted);
    CHECK(rig.model.requests().back().starts_with(stablePrefix(before)));
    checkAnswers(rig);
}

TEST_CASE("stopping after the call ends the model's stream at once", "[agent][stop]") {
    ScriptedTurn silent;
    silent.events = {engine::TextDelta{"I am thinking"}};
    silent.waitsForStop = true;
    Rig rig({silent, says("again")});
    auto started = Session::start(rig.options, rig.environment());
    REQUIRE(started);
    rig.session = std::move(*started);
    std::stop_source after;
    rig.onEvent = [&](const Event& event) {
        if (std::holds_alternative<RequestSent>(event.body)) after.request_stop();
    };
    const auto ended = rig.session->runTurn("x", {}, after.get_token());
    REQUIRE(ended);
    CHECK(ended->status == EndStatus::interrupted);
    checkAnswers(rig);
    rig.onEvent = {};
    rig.run("go on");
    const auto requests = rig.model.requests();
    CHECK(requests.back().starts_with(stablePrefix(requests[requests.size() - 2])));
}

TEST_CASE("stopping after the call ends a question that waits", "[agent][stop]") {
    Rig rig({callsMany({{"c1", "write", R"({"path":"b.txt","content":"x"})", true},
                        {"c2", "write", R"({"path":"c.txt","content":"x"})", true}})});
    rig.options.mode = PermissionMode::ask;
    std::stop_source after;
    int nAsked = 0;
    rig.askPermission = [&](const PermissionQuestion&, const std::stop_token& stop) {
        ++nAsked;
        after.request_stop();
        CHECK(stop.stop_requested());
        return PermissionReply{PermissionAnswer::unavailable};
    };
    auto started = Session::start(rig.options, rig.environment());
    REQUIRE(started);
    rig.session = std::move(*started);
    const auto ended = rig.session->runTurn("x", {}, after.get_token());
    REQUIRE(ended);
    CHECK(ended->status == EndStatus::interrupted);
    CHECK(nAsked == 1);
    for (const ToolCallEnded& result : rig.all<ToolCallEnded>())
        CHECK(result.text.starts_with("[not run: "));
    checkAnswers(rig);
}

TEST_CASE("a running check ends, and no other begins after the stop", "[agent][stop]") {
    Rig rig({calls("write", R"({"path":"b.txt","content":"x"})"), says("done")});
    rig.options.verifyCommands = {Gate::kCommand, "echo second > second.txt"};
    const Gate gate(rig.repository);
    const TurnEnded ended = runToStop(rig, gate, "x");
    CHECK(ended.status == EndStatus::interrupted);
    CHECK(readText(rig.repository / "result.txt") == "finished\n");
    CHECK_FALSE(std::filesystem::exists(rig.repository / "second.txt"));
    const auto checks = rig.all<VerificationRun>();
    REQUIRE(checks.size() == 1);
    CHECK(checks[0].passed);
    checkAnswers(rig);
}

TEST_CASE("a hard stop after the soft one ends the running command", "[agent][stop]") {
    Rig rig({calls("bash", commandCall(Gate::kCommand))});
    const Gate gate(rig.repository);
    auto started = Session::start(rig.options, rig.environment());
    REQUIRE(started);
    rig.session = std::move(*started);
    std::stop_source now, after;
    std::jthread person([&] {
        if (!gate.waitUntilReady()) return gate.letGo();
        after.request_stop();
        now.request_stop();
    });
    const auto ended = rig.session->runTurn("x", now.get_token(), after.get_token());
    person.join();
    REQUIRE(ended);
    CHECK(ended->status == EndStatus::interrupted);
    CHECK_FALSE(std::filesystem::exists(rig.repository / "result.txt"));
    checkAnswers(rig);
}
