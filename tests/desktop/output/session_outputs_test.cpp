#include "app/desktop/screens/output/session_outputs.h"

#include <QTemporaryDir>
#include <fstream>

#include "agent/event_log.h"
#include "base/clock.h"
#include "tests/catch.h"
#include "tests/desktop/output/command_events.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct Stored {
    Stored() { log = std::move(*agent::EventLog::create(sessions(), clock)); }

    std::filesystem::path sessions() const { return folder.path().toStdString(); }

    std::filesystem::path file(const std::string& name) const {
        return log->folder() / "outputs" / name;
    }

    void write(const std::string& name, const std::string& bytes) const {
        std::filesystem::create_directories(log->folder() / "outputs");
        std::ofstream(file(name), std::ios::binary) << bytes;
    }

    void add(int32_t turn, std::vector<agent::EventBody> bodies) {
        REQUIRE(log->appendAll(turn, std::move(bodies)));
    }

    CommandKey key(const std::string& callId, int32_t turn = 1) const {
        return {.sessionId = log->sessionId(),
                .callId = callId,
                .tool = "bash",
                .turn = turn,
                .startedMs = clock.wallMs()};
    }

    base::Result<std::unique_ptr<OutputBytes>> open(const CommandKey& wanted, CommandPhase phase) {
        return SessionOutputs(sessions(), clock).open(wanted, phase);
    }

    std::string all(OutputBytes& bytes) const {
        std::string whole;
        for (;;) {
            const auto slice = bytes.next(1'000);
            REQUIRE(slice);
            if (slice->empty()) return whole;
            whole += *slice;
        }
    }

    base::SystemClock clock;
    QTemporaryDir folder;
    std::unique_ptr<agent::EventLog> log;
};

std::string cutResult(const std::filesystem::path& file) {
    return "head\n...\ntail\n[output cut: 50000 bytes in all; read " + file.string() + "]";
}

}  // namespace

TEST_CASE("a short output is read from the live events, colours and all", "[desktop][output]") {
    Stored it;
    it.add(1, {begun("a", "make"), wrote("a", "\x1b[31mone"), wrote("b", "other"),
               wrote("a", "\x1b[0m\ntwo"), ended("a", 0, "one\ntwo")});
    it.add(2, {begun("a", "make again"), wrote("a", "second"), ended("a", 0, "second")});
    auto bytes = it.open(it.key("a"), CommandPhase::ended);
    REQUIRE(bytes);
    CHECK(it.all(**bytes) == "\x1b[31mone\x1b[0m\ntwo");
    CHECK((*bytes)->loss() == OutputLoss::none);
    auto second = it.open(it.key("a", 2), CommandPhase::ended);
    REQUIRE(second);
    CHECK(it.all(**second) == "second");
}

TEST_CASE("a long output is read from the file that its result names", "[desktop][output]") {
    Stored it;
    const std::string whole(50'000, 'x');
    it.write("a.txt", whole);
    it.add(1, {begun("a", "make"), wrote("a", whole.substr(0, 100)),
               ended("a", 0, cutResult(it.file("a.txt")))});
    auto bytes = it.open(it.key("a"), CommandPhase::ended);
    REQUIRE(bytes);
    CHECK(it.all(**bytes) == whole);
    CHECK((*bytes)->totalBytes() == 50'000);
    CHECK((*bytes)->loss() == OutputLoss::none);
}

TEST_CASE("a result that names a file elsewhere leads nowhere", "[desktop][output]") {
    Stored it;
    it.add(1, {begun("a", "make"), wrote("a", "live"), ended("a", 0, cutResult("/etc/passwd"))});
    auto bytes = it.open(it.key("a"), CommandPhase::ended);
    REQUIRE(bytes);
    CHECK(it.all(**bytes) == "live");
}

TEST_CASE("when the file is gone the view is told that only the beginning is left",
          "[desktop][output]") {
    Stored it;
    std::vector<agent::EventBody> bodies = {begun("a", "make")};
    for (int i = 0; i < 64; ++i)
        bodies.push_back(wrote("a", std::string(4'000, 'x')));
    bodies.push_back(ended("a", 0, cutResult(it.file("a.txt"))));
    it.add(1, std::move(bodies));
    auto bytes = it.open(it.key("a"), CommandPhase::ended);
    REQUIRE(bytes);
    CHECK(it.all(**bytes).size() == 256'000);
    CHECK((*bytes)->loss() == OutputLoss::end);
}

TEST_CASE("a running command is read from its file as it grows, also after it was removed",
          "[desktop][output]") {
    Stored it;
    it.add(1, {begun("call/1", "make")});
    const auto early = it.open(it.key("call/1"), CommandPhase::running);
    REQUIRE_FALSE(early);
    CHECK(early.error().kind() == base::Errc::notFound);
    it.write("call_1.txt", "one\n");
    auto bytes = it.open(it.key("call/1"), CommandPhase::running);
    REQUIRE(bytes);
    CHECK(it.all(**bytes) == "one\n");
    std::ofstream(it.file("call_1.txt"), std::ios::app) << "two\n";
    std::filesystem::remove(it.file("call_1.txt"));
    CHECK(it.all(**bytes) == "two\n");
}

TEST_CASE("of several files of one call id the newest since the start counts",
          "[desktop][output]") {
    Stored it;
    it.write("a.txt", "of an earlier turn");
    std::filesystem::last_write_time(
        it.file("a.txt"), std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
    it.add(2, {begun("a", "server")});
    CHECK_FALSE(it.open(it.key("a", 2), CommandPhase::running));
    it.write("a-job-7.txt", "now");
    auto bytes = it.open(it.key("a", 2), CommandPhase::running);
    REQUIRE(bytes);
    CHECK(it.all(**bytes) == "now");
}

TEST_CASE("of a call without output its result is shown, and that is said", "[desktop][output]") {
    Stored it;
    CommandKey key = it.key("v");
    key.tool = "plc_test";
    it.add(1, {agent::ToolCallStarted{"v", "plc_test", "{}", "plc", "execute"},
               ended("v", 0, "3 tests passed")});
    auto bytes = it.open(key, CommandPhase::ended);
    REQUIRE(bytes);
    CHECK(it.all(**bytes) == "3 tests passed\n[exit 0]");
    CHECK((*bytes)->loss() == OutputLoss::rawOutput);
}

TEST_CASE("the output of a check is read from the live events", "[desktop][output]") {
    Stored it;
    CommandKey key = it.key("verify-1-1");
    key.tool = "verify";
    it.add(1, {wrote("verify-1-1", "1/3\n"), wrote("verify-1-1", "3/3\n")});
    auto bytes = it.open(key, CommandPhase::running);
    REQUIRE(bytes);
    CHECK(it.all(**bytes) == "1/3\n3/3\n");
    it.add(1, {wrote("verify-1-1", "done\n")});
    CHECK(it.all(**bytes) == "done\n");
}
