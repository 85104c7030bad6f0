#include "app/desktop/session/session_store.h"

#include <QElapsedTimer>
#include <QProcess>
#include <cstdio>

#include "app/desktop/session/search_text.h"
#include "base/file.h"
#include "tests/desktop/session/rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
namespace agent = moxie::agent;
namespace base = moxie::base;

namespace {

QString utf8(const char* text) {
    return QString::fromUtf8(text);
}

struct StoreRig {
    StoreRig() { application(); }

    StorePlaces places() {
        return {.sessionsFolder = root / "data/sessions",
                .binFolder = root / "data/bin",
                .marksFile = root / "data/session_marks.json",
                .catalogFile = root / "cache/sessions.sqlite"};
    }

    std::unique_ptr<SessionStore> open() {
        auto store = std::make_unique<SessionStore>(places(), clock);
        REQUIRE(QTest::qWaitFor([&] { return store->state() != SessionStore::State::loading; },
                                30'000));
        return store;
    }

    std::unique_ptr<agent::EventLog> startLog(const std::string& repository) {
        auto log = agent::EventLog::create(places().sessionsFolder, clock);
        REQUIRE(log);
        agent::SessionStarted started;
        started.sessionId = (*log)->sessionId();
        started.repository = repository;
        started.mode = "ask";
        REQUIRE((*log)->append(0, started));
        return *std::move(log);
    }

    // A session with one turn that has ended.
    QString add(const std::string& task, const std::string& answer,
                const std::string& repository = "/work/one") {
        const auto log = startLog(repository);
        addTurn(*log, 1, task, answer);
        return QString::fromStdString(log->sessionId());
    }

    static void addTurn(agent::EventLog& log, int32_t turn, const std::string& task,
                        const std::string& answer) {
        agent::MessageAdded asked, added;
        asked.message.text = task;
        added.message.role = moxie::engine::Role::assistant;
        added.message.text = answer;
        REQUIRE(
            log.appendAll(turn, {agent::TurnStarted{task}, asked, added,
                                 agent::TurnEnded{agent::EndStatus::unverified, "done", 1, 10}}));
    }

    QTemporaryDir folder;
    std::filesystem::path root = folder.path().toStdString();
    base::SystemClock clock;
};

std::vector<SessionRow> allRows(const SessionStore& store,
                                SessionFilter filter = SessionFilter::all) {
    std::vector<SessionRow> rows;
    for (const ProjectRows& project : store.rows(filter, {}))
        rows.insert(rows.end(), project.sessions.begin(), project.sessions.end());
    return rows;
}

SessionHits hitsOf(SessionStore& store, const QString& words) {
    SessionHits hits;
    bool isDone = false;
    QObject context;
    QObject::connect(&store, &SessionStore::found, &context, [&](const SessionHits& found) {
        hits = found;
        isDone = true;
    });
    store.search(words);
    REQUIRE(waitUntil([&] { return isDone; }));
    return hits;
}

// The index is made in the background.
SessionHits hitsWhenIndexed(SessionStore& store, const QString& words) {
    SessionHits hits;
    const auto isIndexed = [&] {
        hits = hitsOf(store, words);
        return !hits.isIndexing;
    };
    REQUIRE(QTest::qWaitFor(isIndexed, 60'000));
    return hits;
}

}  // namespace

TEST_CASE("a store without a folder is empty, and sees the first session come",
          "[desktop][session]") {
    StoreRig rig;
    const auto store = rig.open();
    CHECK(store->state() == SessionStore::State::empty);
    rig.add("first", "done");
    store->refresh();
    REQUIRE(waitUntil([&] { return store->state() == SessionStore::State::ready; }));
    rig.add("second", "done");
    REQUIRE(waitUntil([&] { return allRows(*store).size() == 2; }));
}

TEST_CASE("a session that runs elsewhere shows its state as it changes", "[desktop][session]") {
    StoreRig rig;
    rig.add("old", "done");
    const auto store = rig.open();
    auto log = rig.startLog("/work/two");
    const std::string id = log->sessionId();
    REQUIRE(log->append(1, agent::TurnStarted{"work"}));
    const auto stateOf = [&] {
        for (const SessionRow& row : allRows(*store))
            if (row.id == id) return row.state;
        return SessionState::idle;
    };
    REQUIRE(waitUntil([&] { return stateOf() == SessionState::working; }));
    REQUIRE(log->append(1, agent::PermissionAsked{"c1", "bash", "bash: make", "mode ask"}));
    REQUIRE(waitUntil([&] { return stateOf() == SessionState::needsPermission; }));
    CHECK(store->nNeedMe() == 1);
    REQUIRE(log->append(1, agent::PermissionAnswered{"c1", "once", ""}));
    REQUIRE(waitUntil([&] { return stateOf() == SessionState::working; }));
    REQUIRE(log->append(1, agent::TurnEnded{agent::EndStatus::verified, "done", 1, 1}));
    REQUIRE(waitUntil([&] { return stateOf() == SessionState::finishedUnseen; }));
    log.reset();
    store->markSeen(QString::fromStdString(id));
    CHECK(stateOf() == SessionState::idle);
}

TEST_CASE("a store that opens while a session waits for a permission says so",
          "[desktop][session]") {
    StoreRig rig;
    const auto log = rig.startLog("/work/two");
    REQUIRE(log->append(1, agent::TurnStarted{"work"}));
    REQUIRE(log->append(1, agent::PermissionAsked{"c1", "bash", "bash: make", "mode ask"}));
    const auto store = rig.open();
    CHECK(store->nNeedMe() == 1);
}

TEST_CASE("a killed driver is seen without a poll", "[desktop][session]") {
    StoreRig rig;
    rig.add("old", "done");
    const auto store = rig.open();
    QProcess writer;
    writer.start(QStringLiteral(MOXIE_SESSION_WRITER),
                 {QString::fromStdString(rig.places().sessionsFolder.string())});
    const auto isWorking = [&] {
        const auto rows = allRows(*store, SessionFilter::running);
        return rows.size() == 1;
    };
    REQUIRE(waitUntil(isWorking));
    writer.kill();
    REQUIRE(waitUntil([&] { return !isWorking(); }));
    CHECK(allRows(*store).size() == 2);
    REQUIRE(waitUntil([&] { return writer.state() == QProcess::NotRunning; }));
}

TEST_CASE("titles and archived sessions are kept", "[desktop][session]") {
    StoreRig rig;
    const QString one = rig.add("one", "done"), two = rig.add("two", "done");
    {
        const auto store = rig.open();
        store->rename(one, utf8("  我的标题 "));
        store->archive(two);
        CHECK(allRows(*store).size() == 1);
        CHECK(allRows(*store)[0].title == "我的标题");
        CHECK(allRows(*store, SessionFilter::archived).size() == 1);
        REQUIRE(waitUntil([&] { return std::filesystem::exists(rig.places().marksFile); }));
        REQUIRE(waitUntil([&] {
            const auto text = base::readFile(rig.places().marksFile);
            return text && text->find("archived") != std::string::npos;
        }));
    }
    const auto store = rig.open();
    REQUIRE(allRows(*store).size() == 1);
    CHECK(allRows(*store)[0].title == "我的标题");
    store->unarchive(two);
    CHECK(allRows(*store).size() == 2);
    store->rename(one, {});
    CHECK(store->rows(SessionFilter::all, utf8("one")).size() == 1);
}

TEST_CASE("a damaged file of marks is left as it is", "[desktop][session]") {
    StoreRig rig;
    const QString id = rig.add("one", "done");
    std::ofstream(rig.places().marksFile) << "{ not yet";
    SessionStore store(rig.places(), rig.clock);
    QSignalSpy failed(&store, &SessionStore::failed);
    REQUIRE(waitUntil([&] { return store.state() == SessionStore::State::ready; }));
    CHECK(failed.count() == 1);
    store.rename(id, utf8("title"));
    CHECK(allRows(store)[0].title == "title");
    CHECK(base::readFile(rig.places().marksFile).value() == "{ not yet");
}

TEST_CASE("a removed session lies in the bin, comes back whole, and goes after 30 days",
          "[desktop][session]") {
    StoreRig rig;
    const QString id = rig.add("one", "done");
    rig.add("two", "done");
    {
        const auto store = rig.open();
        QSignalSpy removed(store.get(), &SessionStore::removed);
        QSignalSpy restored(store.get(), &SessionStore::restored);
        store->remove(id);
        REQUIRE(waitUntil([&] { return removed.count() == 1; }));
        CHECK(removed[0][1].toString() == utf8("one"));
        CHECK(allRows(*store).size() == 1);
        REQUIRE(store->bin().size() == 1);
        store->restore(id);
        REQUIRE(waitUntil([&] { return restored.count() == 1; }));
        REQUIRE(waitUntil([&] { return allRows(*store).size() == 2; }));
        CHECK(store->bin().empty());
        store->remove(id);
        REQUIRE(waitUntil([&] { return removed.count() == 2; }));
    }
    {
        const auto store = rig.open();
        REQUIRE(store->bin().size() == 1);
        CHECK(store->bin()[0].title == utf8("one"));
        CHECK(store->bin()[0].repository == utf8("/work/one"));
    }
    const auto note = rig.places().binFolder / id.toStdString() / "removed.json";
    std::ofstream(note) << R"({"removed_ms": 1000})";
    const auto store = rig.open();
    CHECK(store->bin().empty());
    CHECK_FALSE(std::filesystem::exists(note.parent_path()));
}

TEST_CASE("a session that somebody drives is not removed", "[desktop][session]") {
    StoreRig rig;
    const auto log = rig.startLog("/work/two");
    const auto store = rig.open();
    QSignalSpy failed(store.get(), &SessionStore::failed);
    store->remove(QString::fromStdString(log->sessionId()));
    REQUIRE(waitUntil([&] { return failed.count() == 1; }));
    CHECK(allRows(*store).size() == 1);
}

TEST_CASE("all conversations can be searched, also in Chinese, also while they grow",
          "[desktop][session]") {
    StoreRig rig;
    const QString one = rig.add("fix the tokenizer", "The merge table was wrong.");
    const QString two = rig.add("写一个分词器", "已经完成，检查点也保存了。");
    const auto store = rig.open();
    SessionHits hits = hitsWhenIndexed(*store, utf8("MERGE tab"));
    REQUIRE(hits.hits.size() == 1);
    CHECK(hits.hits[0].id == one);
    CHECK(hits.hits[0].turn == 1);
    CHECK(hits.hits[0].title == utf8("fix the tokenizer"));
    REQUIRE(hits.hits[0].matches.size() == 2);
    const MatchRange range = hits.hits[0].matches[0];
    CHECK(hits.hits[0].excerpt.mid(range.begin, range.length) == utf8("merge"));
    hits = hitsOf(*store, utf8("检查"));
    REQUIRE(hits.hits.size() == 1);
    CHECK(hits.hits[0].id == two);
    CHECK(hits.hits[0].excerpt == utf8("已经完成，检查点也保存了。"));
    CHECK(hitsOf(*store, utf8("检保")).hits.empty());
    CHECK(hitsOf(*store, utf8("merge nowhere")).hits.empty());
    for (const char* odd : {"", "   ", "\"", "-", "a\"b", "AND", "*", "(x", "''"})
        CHECK(hitsOf(*store, utf8(odd)).hits.size() <= 2);
    {
        auto log = agent::EventLog::open(rig.places().sessionsFolder, one.toStdString(),
                                         agent::EventLog::Access::drive, rig.clock);
        REQUIRE(log);
        StoreRig::addTurn(**log, 2, "and now a zebra", "Here it is.");
    }
    REQUIRE(waitUntil([&] { return hitsOf(*store, utf8("zebra")).hits.size() == 1; }));
    CHECK(hitsOf(*store, utf8("zebra")).hits[0].turn == 2);
    store->remove(one);
    REQUIRE(waitUntil([&] { return hitsOf(*store, utf8("zebra")).hits.empty(); }));
}

TEST_CASE("a cache that is no database is made again", "[desktop][session]") {
    StoreRig rig;
    rig.add("one", "done");
    std::filesystem::create_directories(rig.places().catalogFile.parent_path());
    std::ofstream(rig.places().catalogFile)
        << "nonsense, and long enough to be no header of SQLite";
    const auto store = rig.open();
    CHECK(allRows(*store).size() == 1);
    CHECK(hitsWhenIndexed(*store, utf8("one")).hits.size() == 1);
}

TEST_CASE("a conversation is exported as Markdown", "[desktop][session]") {
    StoreRig rig;
    const QString id = rig.add("make it\nplease", "# Made\n\nAll `done`.");
    const auto store = rig.open();
    QSignalSpy exported(store.get(), &SessionStore::exported);
    const QString file = rig.folder.filePath(utf8("out.md"));
    store->exportMarkdown(id, file);
    REQUIRE(waitUntil([&] { return exported.count() == 1; }));
    CHECK(base::readFile(file.toStdString()).value() ==
          "# make it\n\n**You**\n\n> make it\n> please\n\n**Moxie**\n\n# Made\n\nAll `done`.\n");
    QSignalSpy failed(store.get(), &SessionStore::failed);
    store->exportMarkdown(id, utf8("/proc/none/out.md"));
    REQUIRE(waitUntil([&] { return failed.count() == 1; }));
}

TEST_CASE("a fork begins with the turns up to the one it was asked for", "[desktop][session]") {
    StoreRig rig;
    const auto repository = rig.root / "repo";
    std::filesystem::create_directories(repository);
    REQUIRE(shellIn(repository,
                    "git init -q && git config user.name T && git config user.email "
                    "t@example.invalid && git commit -q --allow-empty -m first") == 0);
    std::string id;
    {
        const auto log = rig.startLog(repository.string());
        id = log->sessionId();
        for (int32_t turn = 1; turn <= 3; ++turn)
            StoreRig::addTurn(*log, turn, "task " + std::to_string(turn), "answer");
    }
    const auto store = rig.open();
    QSignalSpy forked(store.get(), &SessionStore::forked);
    const auto turnsOfFork = [&](int32_t lastTurn) {
        forked.clear();
        store->fork(QString::fromStdString(id), lastTurn);
        REQUIRE(waitUntil([&] { return forked.count() == 1; }));
        LogFollower follower(rig.places().sessionsFolder, forked[0][1].toString().toStdString(),
                             rig.clock);
        REQUIRE(waitUntil([&] { return follower.isWhole(); }));
        return follower.view().conversation.turns.size();
    };
    CHECK(turnsOfFork(2) == 2);
    CHECK(turnsOfFork(SessionStore::kAllTurns) == 3);
    CHECK(turnsOfFork(0) == 0);
    REQUIRE(waitUntil([&] { return allRows(*store).size() == 4; }));
}

TEST_CASE("words and excerpts", "[desktop][session]") {
    CHECK(matchExpression(utf8("  one two ")) == utf8("\"one\" \"two\"*"));
    CHECK(matchExpression(utf8("- \" *")).isEmpty());
    CHECK(withoutWordBreaks(withWordBreaks(utf8("中文 and latin"))) == utf8("中文 and latin"));
    const Excerpt excerpt =
        excerptOf(QString(500, QLatin1Char('x')) + utf8(" needle\nand more"), utf8("Needle"), 60);
    CHECK(excerpt.text.startsWith(QChar(0x2026)));
    REQUIRE(excerpt.matches.size() == 1);
    CHECK(excerpt.text.mid(excerpt.matches[0].begin, excerpt.matches[0].length) == utf8("needle"));
}

TEST_CASE("a thousand sessions are listed in no time", "[desktop][session][.bench]") {
    StoreRig rig;
    for (int n = 0; n < 1000; ++n)
        rig.add("task number " + std::to_string(n), "answer", "/work/" + std::to_string(n % 20));
    const auto measure = [&] {
        QElapsedTimer time;
        time.start();
        SessionStore store(rig.places(), rig.clock);
        const qint64 madeMs = time.elapsed();
        REQUIRE(
            QTest::qWaitFor([&] { return store.state() == SessionStore::State::ready; }, 60'000));
        const qint64 readyMs = time.elapsed();
        time.restart();
        CHECK(allRows(store).size() == 1000);
        std::printf("1,000 sessions: constructor %lld ms, list %lld ms, rows %lld ms",
                    static_cast<long long>(madeMs), static_cast<long long>(readyMs),
                    static_cast<long long>(time.elapsed()));
        time.restart();
        const SessionHits hits = hitsWhenIndexed(store, utf8("number"));
        std::printf(", indexed after %lld ms more\n", static_cast<long long>(time.elapsed()));
        CHECK(hits.hits.size() == 200);
        return readyMs;
    };
    measure();  // fills the cache
    CHECK(measure() < 100);
}
