// The live review over real repositories, driven through the doors of the window.
#include "app/desktop/screens/changes/live_review.h"

#include <fmt/format.h>

#include <QSignalSpy>
#include <QWidget>
#include <random>

#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/fakes/fake_session.h"
#include "tests/tools/repository.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;
using moxie::tests::Repository;

namespace {

std::string lines(int n) {
    std::string text;
    for (int i = 1; i <= n; ++i)
        text += fmt::format("line {}\n", i);
    return text;
}

struct Desk {
    Desk() {
        application();
        repository.folder.put("a.txt", lines(30));
        repository.git("add -A && git commit -q -m first");
        session.repository_ = QString::fromStdString(repository.folder.path().string());
        session.id_ = QStringLiteral("s-1");
        QObject::connect(&review, &ReviewModel::refused, &review,
                         [this](const Refusal& refusal) { refusals.push_back(refusal); });
    }

    // As the agent does before its first write of a turn.
    std::string beginTurn(int turn) {
        auto git = tools::Git::open(repository.folder.path()).value();
        tools::Checkpoints checkpoints(git, "s-1");
        const std::string reason = fmt::format("before turn {}", turn);
        const std::string commit = checkpoints.take(reason).value().commit;
        session.apply({agent::TurnStarted{"task"}, agent::CheckpointTaken{commit, reason}}, turn);
        return commit;
    }

    void agentWrites(const std::string& path, const std::string& text, int turn = 1) {
        repository.folder.put(path, text);
        const std::string call = fmt::format("call-{}", ++nCalls);
        agent::ToolCallEnded ended;
        ended.callId = call;
        ended.tool = "write";
        ended.changedPaths = {path};
        session.apply(
            {agent::ToolCallStarted{call, "write", "{}", "write " + path, "write"}, ended}, turn);
    }

    bool settle() {
        return waitUntil([this] {
            return !review.isWorking() && review.state() != ReviewModel::State::loading;
        });
    }

    // Waits for the short pause after the agent's writes, too.
    bool settleAfterAgent() {
        QSignalSpy changed(&review, &ReviewModel::changed);
        return waitUntil([&] { return !changed.isEmpty(); }) && settle();
    }

    HunkRef hunk(size_t file, int64_t index) {
        REQUIRE(file < review.now().files.size());
        const FileReview& seen = review.now().files[file]->review;
        return {seen.path, seen.version, index};
    }

    size_t nHunks() {
        size_t n = 0;
        for (const auto& file : review.now().files)
            n += file->review.hunks.size();
        return n;
    }

    Repository repository;
    FakeSession session;
    LiveReview review;
    std::vector<Refusal> refusals;
    int nCalls = 0;
};

}  // namespace

TEST_CASE("a session's changes arrive as the agent makes them", "[desktop][changes]") {
    Desk desk;
    desk.review.follow(desk.session);
    REQUIRE(desk.settle());
    CHECK(desk.review.state() == ReviewModel::State::empty);
    CHECK(desk.review.whyEmpty() == ReviewModel::Emptiness::noTurn);
    desk.beginTurn(1);
    std::string text = lines(30);
    text.replace(text.find("line 10\n"), 8, "ten\n");
    desk.agentWrites("a.txt", text);
    REQUIRE(desk.settleAfterAgent());
    REQUIRE(desk.review.now().files.size() == 1);
    CHECK(desk.review.now().files[0]->review.hunks.size() == 1);
    CHECK(desk.review.now().files[0]->line(9) == "ten");

    // A line from an editor outside is not the agent's.
    text.replace(text.find("line 25\n"), 8, "mine\n");
    desk.repository.folder.put("a.txt", text);
    desk.review.refresh();
    REQUIRE(desk.settle());
    REQUIRE(desk.nHunks() == 2);
    CHECK(desk.review.now().files[0]->review.hunks[0].author == HunkAuthor::agent);
    CHECK(desk.review.now().files[0]->review.hunks[1].author == HunkAuthor::other);
    QSignalSpy rejected(&desk.review, &ReviewModel::rejectedAll);
    desk.review.rejectAll({});
    REQUIRE(desk.settle());
    REQUIRE(rejected.size() == 1);
    CHECK(rejected[0][0].toInt() == 1);
    std::string mine = lines(30);
    mine.replace(mine.find("line 25\n"), 8, "mine\n");
    CHECK(desk.repository.folder.get("a.txt") == mine);
    desk.review.undo();
    REQUIRE(desk.settle());
    CHECK(desk.repository.folder.get("a.txt") == text);
    CHECK(desk.review.now().canRedo);
}

TEST_CASE("code of an answer becomes a change, also where the agent wrote nothing yet",
          "[desktop][changes]") {
    Desk desk;
    desk.review.follow(desk.session);
    REQUIRE(desk.settle());
    REQUIRE(desk.review.state() == ReviewModel::State::empty);
    std::optional<ApplyPreview> preview;
    QObject::connect(&desk.review, &ReviewModel::previewed,
                     [&](const ApplyPreview& made) { preview = made; });
    desk.review.preview({"line 9\nten\nline 11\n", "", {"none.txt", "a.txt"}}, {}, {});
    REQUIRE(waitUntil([&] { return preview.has_value(); }));
    CHECK(preview->path == "a.txt");
    CHECK(preview->way == ApplyWay::fitting);
    REQUIRE(preview->file);
    REQUIRE(preview->file->review.hunks.size() == 1);
    CHECK(preview->file->review.hunks[0].added == std::vector<std::string>{"ten\n"});
    QSignalSpy applied(&desk.review, &ReviewModel::applied);
    desk.review.apply(*preview);
    REQUIRE(desk.settle());
    REQUIRE(applied.size() == 1);
    std::string text = lines(30);
    text.replace(text.find("line 10\n"), 8, "ten\n");
    CHECK(desk.repository.folder.get("a.txt") == text);
    REQUIRE(desk.nHunks() == 1);
    CHECK(desk.review.now().canUndo);
    desk.review.undo();
    REQUIRE(desk.settle());
    CHECK(desk.repository.folder.get("a.txt") == lines(30));
    // Outside the repository nothing is read, nor written.
    preview.reset();
    desk.review.preview({"x\n", "", {}}, "../outside.txt", {});
    REQUIRE(waitUntil([&] { return preview.has_value(); }));
    CHECK_FALSE(preview->problem.isEmpty());
    CHECK(preview->file == nullptr);
}

TEST_CASE("scopes compare with the last turn, the session, HEAD and the branch",
          "[desktop][changes]") {
    Desk desk;
    desk.repository.git("switch -q -c feature");
    desk.repository.folder.put("committed.txt", "c\n");
    desk.repository.git("add -A && git commit -q -m second");
    desk.repository.folder.put("before.txt", "mine\n");
    desk.beginTurn(1);
    desk.agentWrites("one.txt", "1\n");
    desk.beginTurn(2);
    desk.agentWrites("two.txt", "2\n", 2);
    const auto paths = [&] {
        std::string all;
        for (const auto& file : desk.review.now().files)
            all += file->review.path + " ";
        return all;
    };
    desk.review.follow(desk.session);
    REQUIRE(desk.settle());
    CHECK(paths() == "one.txt two.txt ");
    desk.review.setScope(ReviewScope::lastTurn);
    REQUIRE(desk.settle());
    CHECK(paths() == "two.txt ");
    desk.review.setScope(ReviewScope::uncommitted);
    REQUIRE(desk.settle());
    CHECK(paths() == "before.txt one.txt two.txt ");
    CHECK(desk.review.now().files[0]->review.hunks[0].author == HunkAuthor::other);
    CHECK(desk.review.now().files[1]->review.hunks[0].author == HunkAuthor::agent);
    desk.review.setScope(ReviewScope::branch);
    REQUIRE(desk.settle());
    CHECK(paths() == "before.txt committed.txt one.txt two.txt ");
}

TEST_CASE("accept, reject, edit and stage are what git sees", "[desktop][changes]") {
    Desk desk;
    desk.beginTurn(1);
    std::string text = lines(30);
    for (const int i : {5, 15, 25})
        text.replace(text.find(fmt::format("line {}\n", i)), fmt::format("line {}\n", i).size(),
                     fmt::format("changed {}\n", i));
    desk.agentWrites("a.txt", text);
    desk.review.follow(desk.session);
    REQUIRE(desk.settle());
    REQUIRE(desk.nHunks() == 3);
    desk.review.stage(desk.hunk(0, 1));
    REQUIRE(desk.settle());
    CHECK(desk.repository.git("diff --cached -U0 | grep '^[+-]' | tail -n +3") ==
          "-line 15\n+changed 15\n");
    CHECK(desk.nHunks() == 2);
    desk.review.reject(desk.hunk(0, 0));
    REQUIRE(desk.settle());
    desk.review.edit(desk.hunk(0, 0), "own 25\n");
    REQUIRE(desk.settle());
    CHECK(desk.refusals.empty());
    CHECK(desk.repository.git("diff -U0 HEAD | grep '^[+-]' | tail -n +3") ==
          "-line 15\n+changed 15\n-line 25\n+own 25\n");
    CHECK(desk.nHunks() == 0);
    CHECK(desk.review.now().nAccepted == 1);
    CHECK(desk.review.now().nRejected == 1);
    CHECK(desk.review.now().nEdited == 1);
}

TEST_CASE("a hunk whose lines moved on is stale, and nothing is written", "[desktop][changes]") {
    Desk desk;
    desk.beginTurn(1);
    std::string text = lines(30);
    text.replace(text.find("line 10\n"), 8, "ten\n");
    desk.agentWrites("a.txt", text);
    desk.review.follow(desk.session);
    REQUIRE(desk.settle());
    const HunkRef seen = desk.hunk(0, 0);
    text.replace(text.find("ten\n"), 4, "zehn\n");
    desk.repository.folder.put("a.txt", text);
    desk.review.reject(seen);
    REQUIRE(desk.settle());
    REQUIRE(desk.refusals.size() == 1);
    CHECK(desk.refusals[0].kind == base::Errc::busy);
    CHECK(desk.repository.folder.get("a.txt") == text);
    CHECK(desk.review.now().files[0]->review.hunks[0].state == HunkState::stale);
    CHECK(desk.review.now().files[0]->review.hunks[0].added == std::vector<std::string>{"zehn\n"});
}

TEST_CASE("modes, links, submodules, renames and large files are told, not decided",
          "[desktop][changes]") {
    Desk desk;
    desk.repository.folder.put("old.txt", lines(5));
    desk.repository.folder.put("run.sh", "echo\n");
    desk.repository.sh("ln -s a.txt link");
    desk.repository.git("add -A && git commit -q -m second");
    desk.beginTurn(1);
    desk.repository.sh(
        "mv old.txt new.txt; chmod +x run.sh; rm link; ln -s b.txt link; "
        "printf 'a\\0b' > image.bin; git init -q sub; "
        "git -C sub -c user.name=a -c user.email=b commit -q --allow-empty -m x; git add sub 2>&1");
    desk.repository.folder.put("big.txt", std::string(9 << 20, 'x'));
    desk.review.follow(desk.session);
    REQUIRE(desk.settle());
    std::map<std::string, const ReviewedFile*> files;
    for (const auto& file : desk.review.now().files)
        files[file->review.path] = file.get();
    REQUIRE(files.contains("run.sh"));
    CHECK(files["run.sh"]->notes[0].first == FileNote::nowExecutable);
    REQUIRE(files.contains("link"));
    CHECK(files["link"]->notes[0].first == FileNote::link);
    REQUIRE(files.contains("new.txt"));
    CHECK(files["new.txt"]->notes[0] == std::pair(FileNote::renamed, std::string("old.txt")));
    REQUIRE(files.contains("big.txt"));
    CHECK(files["big.txt"]->notes[0].first == FileNote::tooLarge);
    REQUIRE(files.contains("image.bin"));
    CHECK(files["image.bin"]->review.kind == FileReview::Kind::binary);
    CHECK(files["image.bin"]->bytesNow == 3);
    REQUIRE(files.contains("sub"));
    CHECK(files["sub"]->notes[0].first == FileNote::submodule);
}

TEST_CASE("restoring a checkpoint is undone like the rest, and HEAD stays", "[desktop][changes]") {
    Desk desk;
    const std::string point = desk.beginTurn(1);
    desk.agentWrites("a.txt", "short\n");
    desk.review.follow(desk.session);
    REQUIRE(desk.settle());
    desk.repository.git("commit -q -a -m second");
    const std::string head = desk.repository.git("rev-parse HEAD");
    desk.review.noteCommit(QString::fromStdString(head).trimmed());
    REQUIRE(desk.settle());
    REQUIRE(desk.refusals.empty());
    CHECK(desk.nHunks() == 0);
    REQUIRE(!desk.review.now().points.empty());
    CHECK(desk.review.now().points.back().hasHeadMoved);
    QSignalSpy restored(&desk.review, &ReviewModel::restored);
    desk.review.restore(point);
    REQUIRE(desk.settle());
    CHECK(restored.size() == 1);
    CHECK(desk.repository.folder.get("a.txt") == lines(30));
    CHECK(desk.repository.git("rev-parse HEAD") == head);
    desk.review.undo();
    REQUIRE(desk.settle());
    CHECK(desk.repository.folder.get("a.txt") == "short\n");
    desk.review.makeBranch(point, "saved");
    REQUIRE(desk.settle());
    CHECK(desk.repository.git("show saved:a.txt") == lines(30));
}

TEST_CASE("a folder without git and one without commits are empty, a broken one is an error",
          "[desktop][changes]") {
    application();
    moxie::tests::TempFolder folder;
    LiveReview review;
    const auto settle = [&] {
        return waitUntil(
            [&] { return !review.isWorking() && review.state() != ReviewModel::State::loading; });
    };
    review.open(QString::fromStdString(folder.path().string()), "s");
    REQUIRE(settle());
    CHECK(review.whyEmpty() == ReviewModel::Emptiness::noRepository);
    Repository repository;
    review.setScope(ReviewScope::uncommitted);
    review.open(QString::fromStdString(repository.folder.path().string()), "s");
    REQUIRE(settle());
    CHECK(review.state() == ReviewModel::State::empty);
    CHECK(review.whyEmpty() == ReviewModel::Emptiness::noCommit);
    repository.folder.put("a.txt", "1\n");
    repository.git("add -A && git commit -q -m first");
    repository.sh("echo garbage > .git/index");
    review.refresh();
    REQUIRE(settle());
    CHECK(review.state() == ReviewModel::State::error);
    CHECK_FALSE(review.errorText().isEmpty());
}

// What must be in the file follows from what was done to each of its texts; the window's way.
TEST_CASE("a thousand random decisions through the live review lose nothing", "[.slow][changes]") {
    Desk desk;
    std::mt19937 random(7);
    const auto below = [&](size_t n) { return size_t(random() % n); };
    constexpr size_t kSlots = 6;
    int counter = 0;
    std::vector<std::string> base, reviewed, now;
    const auto fresh = [&] { return fmt::format("text {}\n", ++counter); };
    const auto textOf = [&](const std::vector<std::string>& texts) {
        std::string text;
        for (size_t i = 0; i < kSlots; ++i)
            text += texts[i] + fmt::format("fixed {} a\nfixed {} b\nfixed {} c\n", i, i, i);
        return text;
    };
    for (size_t i = 0; i < kSlots; ++i)
        base.push_back(fresh());
    reviewed = now = base;
    desk.repository.folder.put("r.txt", textOf(now));
    desk.repository.git("add -A && git commit -q -m base");
    std::vector<std::pair<std::string, std::vector<std::string>>> points;
    points.emplace_back(desk.beginTurn(1), now);

    struct State {
        std::vector<std::string> reviewed, now;
    };

    std::vector<State> undo;
    desk.review.follow(desk.session);
    REQUIRE(desk.settle());
    for (int step = 0; step < 1'000; ++step) {
        CAPTURE(step);
        std::vector<size_t> open;
        for (size_t i = 0; i < kSlots; ++i)
            if (reviewed[i] != now[i]) open.push_back(i);
        const size_t act = below(10);
        if (act < 3 || open.empty()) {
            now[below(kSlots)] = fresh();
            desk.agentWrites("r.txt", textOf(now));
            REQUIRE(desk.settleAfterAgent());
            undo.clear();  // earlier actions may not merge any more; they are left alone
        } else if (act < 8) {
            const size_t index = below(open.size()), slot = open[index];
            const State before = {reviewed, now};
            const HunkRef ref = desk.hunk(0, int64_t(index));
            if (act == 7) {
                const std::string text = fresh();
                reviewed[slot] = now[slot] = text;
                desk.review.edit(ref, QString::fromStdString(text));
            } else if (act % 2 == 0) {
                reviewed[slot] = now[slot];
                desk.review.accept(ref);
            } else {
                now[slot] = reviewed[slot];
                desk.review.reject(ref);
            }
            REQUIRE(desk.settle());
            undo.push_back(before);
        } else if (act == 8 && !undo.empty()) {
            reviewed = undo.back().reviewed;
            now = undo.back().now;
            undo.pop_back();
            desk.review.undo();
            REQUIRE(desk.settle());
        } else if (below(4) == 0) {
            desk.repository.git("commit -q -a -m step --allow-empty");
            reviewed = now;
            desk.review.noteCommit(
                QString::fromStdString(desk.repository.git("rev-parse HEAD")).trimmed());
            REQUIRE(desk.settle());
            undo.clear();
        } else {
            const State before = {reviewed, now};
            reviewed = now = points.front().second;
            desk.repository.folder.put("r.txt", textOf(before.now));
            desk.review.restore(points.front().first);
            REQUIRE(desk.settle());
            // Restored lines are judged against the last commit; play the agent back to be sure.
            now = before.now;
            reviewed = before.reviewed;
            desk.review.undo();
            REQUIRE(desk.settle());
        }
        for (const Refusal& refusal : desk.refusals)
            FAIL_CHECK(refusal.message);
        REQUIRE(desk.refusals.empty());
        REQUIRE(desk.repository.folder.get("r.txt") == textOf(now));
        size_t nOpen = 0;
        for (size_t i = 0; i < kSlots; ++i)
            nOpen += reviewed[i] != now[i] ? 1 : 0;
        REQUIRE(desk.nHunks() == nOpen);
    }
}

TEST_CASE("a review against a named commit, and against one that there is not",
          "[desktop][changes]") {
    Desk desk;
    desk.repository.git("tag v1");
    desk.repository.folder.put("b.txt", "b\n");
    desk.repository.git("add -A && git commit -q -m second");
    desk.review.follow(desk.session);
    REQUIRE(desk.settle());
    desk.review.compareWith(QStringLiteral("v1"));
    REQUIRE(desk.settle());
    REQUIRE(desk.review.state() == ReviewModel::State::ready);
    CHECK(desk.review.now().baseName == QStringLiteral("v1"));
    REQUIRE(desk.review.now().files.size() == 1);
    CHECK(desk.review.now().files[0]->review.path == "b.txt");
    desk.review.compareWith(QStringLiteral("HEAD~1"));
    REQUIRE(desk.settle());
    CHECK(desk.review.now().files.size() == 1);
    desk.review.compareWith(QStringLiteral("no-such-branch"));
    REQUIRE(desk.settle());
    CHECK(desk.review.state() == ReviewModel::State::error);
    CHECK(desk.review.errorText().contains(QStringLiteral("no-such-branch")));
    desk.review.setScope(ReviewScope::uncommitted);
    REQUIRE(desk.settle());
    CHECK(desk.review.state() == ReviewModel::State::ready);
}
