#include <signal.h>

#include <QElapsedTimer>
#include <QProcess>
#include <cstdio>

#include "tests/desktop/session/rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
namespace agent = moxie::agent;
namespace base = moxie::base;

namespace {

struct Store {
    QTemporaryDir folder;
    std::filesystem::path sessions = folder.path().toStdString();
    base::SystemClock clock;
};

std::unique_ptr<agent::EventLog> makeLog(Store& store) {
    auto log = agent::EventLog::create(store.sessions, store.clock);
    REQUIRE(log);
    agent::SessionStarted started;
    started.sessionId = (*log)->sessionId();
    started.repository = "/somewhere";
    REQUIRE((*log)->append(0, started));
    return *std::move(log);
}

agent::MessageAdded says(std::string text) {
    agent::MessageAdded added;
    added.message.role = moxie::engine::Role::assistant;
    added.message.text = std::move(text);
    return added;
}

constexpr int32_t kTasksAtOnce = 50;

// `nMessages`, half of them tasks and half answers; written many at once, so that 50 tasks share a
// number.
void fill(agent::EventLog& log, int32_t nMessages) {
    std::vector<agent::EventBody> bodies;
    for (int32_t task = 1; task <= nMessages / 2; ++task) {
        bodies.emplace_back(agent::TurnStarted{"task " + std::to_string(task)});
        bodies.emplace_back(
            says("The answer to task " + std::to_string(task) + ": " + std::string(120, 'x')));
        agent::UsageCounted usage;
        usage.usage.inputTokens = 10;
        bodies.emplace_back(usage);
        bodies.emplace_back(agent::TurnEnded{agent::EndStatus::unverified, "done", 1, 5});
        if (task % kTasksAtOnce != 0) continue;
        REQUIRE(log.appendAll(task / kTasksAtOnce, std::exchange(bodies, {})));
    }
}

std::string lastText(const SessionView& view) {
    if (view.conversation.turns.isEmpty() || view.conversation.turns.back().items.isEmpty())
        return {};
    const auto* item = view.conversation.turns.back().items.back().as<TextItem>();
    return item == nullptr ? std::string() : item->text;
}

}  // namespace

TEST_CASE("a log is followed while somebody appends; an idle one costs nothing",
          "[desktop][session]") {
    application();
    Store store;
    const auto log = makeLog(store);
    LogFollower follower(store.sessions, log->sessionId(), store.clock);
    REQUIRE(waitUntil([&] { return follower.state() == LogFollower::State::ready; }));
    CHECK(follower.isLeased());
    QSignalSpy changed(&follower, &LogFollower::changed);
    REQUIRE(log->append(1, agent::TurnStarted{"go"}));
    REQUIRE(log->append(1, agent::Delta{"text", "a word"}));
    REQUIRE(waitUntil([&] { return lastText(follower.view()) == "a word"; }));
    REQUIRE(waitUntil([&] { return follower.findChildren<QTimer*>().isEmpty(); }));
    const auto before = changed.count();
    CHECK_FALSE(QTest::qWaitFor([&] { return changed.count() != before; }, 300));
}

TEST_CASE("a long log shows its newest turns first, then equals one that was read in a piece",
          "[desktop][session]") {
    application();
    Store store;
    const auto log = makeLog(store);
    fill(*log, 6'000);
    LogFollower follower(store.sessions, log->sessionId(), store.clock);
    REQUIRE(waitUntil([&] { return follower.state() == LogFollower::State::ready; }));
    CHECK(lastText(follower.view()).starts_with("The answer to task 3000:"));
    if (!follower.isWhole()) {
        CHECK(follower.view().conversation.turns.size() < 300);
        CHECK(follower.view().turnCosts.empty());
    }
    REQUIRE(waitUntil([&] { return follower.isWhole(); }));
    REQUIRE(follower.view().conversation.turns.size() == 3'000);
    CHECK(follower.view().turnCosts.size() == 3'000 / kTasksAtOnce);
    REQUIRE(log->append(61, agent::TurnStarted{"one more"}));
    REQUIRE(waitUntil([&] { return follower.view().conversation.turns.size() == 3'001; }));
}

TEST_CASE("a log that is damaged, or none, is an error with a sentence", "[desktop][session]") {
    application();
    Store store;
    std::string id;
    {
        const auto log = makeLog(store);
        id = log->sessionId();
    }
    std::ofstream(store.sessions / id / "log.sqlite") << "this is no database, it is a sentence";
    LogFollower broken(store.sessions, id, store.clock);
    REQUIRE(waitUntil([&] { return broken.state() == LogFollower::State::error; }));
    CHECK_FALSE(broken.errorText().empty());
    LogFollower none(store.sessions, "20260101-000000-abcdef", store.clock);
    REQUIRE(waitUntil([&] { return none.state() == LogFollower::State::error; }));
}

TEST_CASE("another process that streams is watched; killed, at most a second of it is lost",
          "[desktop][session]") {
    application();
    Store store;
    QProcess writer;
    writer.start(QStringLiteral(MOXIE_SESSION_WRITER),
                 {QString::fromStdString(store.sessions.string())});
    REQUIRE(waitUntil([&] { return writer.canReadLine(); }));
    const std::string id = writer.readLine().trimmed().toStdString();
    LogFollower follower(store.sessions, id, store.clock);
    REQUIRE(waitUntil([&] { return lastText(follower.view()).find("12 ") != std::string::npos; }));
    CHECK(follower.isLeased());
    const int64_t killedMs = store.clock.wallMs();
    ::kill(pid_t(writer.processId()), SIGKILL);
    // Seen without a poll: the kernel closes the lease.
    REQUIRE(waitUntil([&] { return !follower.isLeased(); }));
    REQUIRE(waitUntil([&] { return writer.state() == QProcess::NotRunning; }));

    LogFollower again(store.sessions, id, store.clock);
    REQUIRE(waitUntil([&] { return again.state() == LogFollower::State::ready; }));
    CHECK(lastText(again.view()).starts_with(lastText(follower.view())));
    const auto log =
        agent::EventLog::open(store.sessions, id, agent::EventLog::Access::readOnly, store.clock);
    REQUIRE(log);
    const auto last = (*log)->read((*log)->lastSeq() - 1, 1);
    REQUIRE(last);
    const int64_t lostMs = killedMs - last->front().timeMs;
    CHECK(lostMs < 1000);
}

TEST_CASE("a session of 100,000 messages: time to its newest turns, to the whole, and stalls",
          "[desktop][session][.bench]") {
    application();
    Store store;
    std::string id;
    {
        const auto log = makeLog(store);
        fill(*log, 100'000);
        id = log->sessionId();
    }
    QElapsedTimer time;
    qint64 longestMs = 0, firstMs = 0;
    time.start();
    auto follower = std::make_unique<LogFollower>(store.sessions, id, store.clock);
    const qint64 madeMs = time.elapsed();
    QElapsedTimer gap;
    gap.start();
    while (!follower->isWhole() && time.elapsed() < 60'000) {
        gap.restart();
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 50);
        if (firstMs == 0 && follower->state() == LogFollower::State::ready)
            firstMs = time.elapsed();
        longestMs = std::max(longestMs, gap.elapsed());
    }
    const qint64 wholeMs = time.elapsed();
    CHECK(follower->view().conversation.turns.size() == 50'000);
    QElapsedTimer closing;
    closing.start();
    follower.reset();
    std::printf(
        "100,000 messages: constructor %lld ms, newest turns %lld ms, whole %lld ms, longest turn "
        "of the loop %lld ms (waits of 50 included), closing %lld ms\n",
        static_cast<long long>(madeMs), static_cast<long long>(firstMs),
        static_cast<long long>(wholeMs), static_cast<long long>(longestMs),
        static_cast<long long>(closing.elapsed()));
    CHECK(firstMs < 200);
}
