#include "app/desktop/model/review.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "tests/catch.h"
#include "tests/tools/repository.h"

namespace moxie::desktop {

using namespace moxie::tests;

namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

// A repository whose base is a checkpoint, and a review against it.
struct Desk {
    explicit Desk(const Files& files) {
        for (const auto& [path, text] : files)
            repository.folder.put(path, text);
        repository.git("add -A && git commit -q --allow-empty -m first");
        git.emplace(tools::Git::open(repository.folder.path()).value());
        checkpoints.emplace(*git, "s");
        review.emplace(*git, *checkpoints, checkpoints->take("before turn 1").value().commit);
    }

    void look(const std::vector<std::string>& paths) { REQUIRE(review->refresh(paths)); }

    FileReview file(const std::string& path) const {
        for (const FileReview& file : review->files())
            if (file.path == path) return file;
        return {};
    }

    HunkRef hunk(const std::string& path, int64_t index) const {
        return {path, file(path).version, index};
    }

    std::string get(const std::string& path) const { return repository.folder.get(path); }

    Repository repository;
    std::optional<tools::Git> git;
    std::optional<tools::Checkpoints> checkpoints;
    std::optional<Review> review;
};

constexpr const char* kOld = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
constexpr const char* kNew = "1\nTWO\n3\n4\n5\nfive\n6\n7\n9\n";

}  // namespace

TEST_CASE("each hunk is accepted, rejected or edited for itself, and undone", "[desktop][review]") {
    Desk desk(Files{{"a.txt", kOld}});
    desk.repository.folder.put("a.txt", kNew);
    desk.look({"a.txt"});
    REQUIRE(desk.file("a.txt").hunks.size() == 3);
    CHECK(desk.file("a.txt").hunks[0].removed == std::vector<std::string>{"2\n"});
    CHECK(desk.file("a.txt").hunks[1].added == std::vector<std::string>{"five\n"});
    CHECK(desk.file("a.txt").hunks[2].before == LineRange{7, 8});

    REQUIRE(desk.review->reject(desk.hunk("a.txt", 1)));
    CHECK(desk.get("a.txt") == "1\nTWO\n3\n4\n5\n6\n7\n9\n");
    REQUIRE(desk.review->accept(desk.hunk("a.txt", 0)));
    REQUIRE(desk.review->edit(desk.hunk("a.txt", 0), "8\neight\n"));
    CHECK(desk.get("a.txt") == "1\nTWO\n3\n4\n5\n6\n7\n8\neight\n9\n");
    CHECK(desk.review->files().empty());
    CHECK(desk.review->decisions().size() == 3);
    CHECK(desk.review->decisions()[2].state == HunkState::edited);

    REQUIRE(desk.review->undo());
    REQUIRE(desk.review->undo());
    REQUIRE(desk.review->undo());
    CHECK_FALSE(desk.review->canUndo());
    CHECK(desk.get("a.txt") == kNew);
    CHECK(desk.file("a.txt").hunks.size() == 3);
    REQUIRE(desk.review->redo());
    REQUIRE(desk.review->redo());
    REQUIRE(desk.review->redo());
    CHECK(desk.get("a.txt") == "1\nTWO\n3\n4\n5\n6\n7\n8\neight\n9\n");
    CHECK(desk.review->files().empty());
}

TEST_CASE("a part of a hunk is decided and the rest stays open", "[desktop][review]") {
    Desk desk(Files{{"a.txt", "1\n2\n3\n"}});
    desk.repository.folder.put("a.txt", "1\nx\ny\nz\n3\n");
    desk.look({"a.txt"});
    HunkRef part = desk.hunk("a.txt", 0);
    part.added = LineRange{1, 2};
    part.removed = LineRange{0, 0};
    REQUIRE(desk.review->reject(part));
    CHECK(desk.get("a.txt") == "1\nx\nz\n3\n");
    part = desk.hunk("a.txt", 0);
    part.added = LineRange{0, 1};
    part.removed = LineRange{0, 1};
    REQUIRE(desk.review->accept(part));
    REQUIRE(desk.file("a.txt").hunks.size() == 1);
    CHECK(desk.file("a.txt").hunks[0].added == std::vector<std::string>{"z\n"});
    CHECK(desk.file("a.txt").hunks[0].removed.empty());
    part = desk.hunk("a.txt", 0);
    part.added = LineRange{0, 5};
    CHECK(desk.review->accept(part).error().kind() == base::Errc::invalidInput);
    part.added = {};
    part.hunk = 3;
    CHECK(desk.review->accept(part).error().kind() == base::Errc::invalidInput);
    part.version = 1;
    CHECK(desk.review->accept(part).error().kind() == base::Errc::busy);
}

TEST_CASE("created, deleted, empty and binary files are decided as files", "[desktop][review]") {
    Desk desk(Files{{"gone.txt", "a\nb\n"}, {"image.bin", std::string("a\0b", 3)}});
    desk.repository.sh(
        "rm gone.txt; printf 'x\\0y' > image.bin; mkdir d; printf n > d/new.txt; "
        "touch empty.txt");
    const auto changed = desk.review->findChangedPaths();
    REQUIRE(changed);
    CHECK(*changed == std::vector<std::string>{"d/new.txt", "empty.txt", "gone.txt", "image.bin"});
    desk.look(*changed);
    CHECK(desk.file("gone.txt").isDeleted);
    CHECK(desk.file("d/new.txt").isCreated);
    CHECK(desk.file("image.bin").kind == FileReview::Kind::binary);
    REQUIRE(desk.review->rejectAll(""));
    CHECK(desk.get("gone.txt") == "a\nb\n");
    CHECK(desk.get("image.bin") == std::string("a\0b", 3));
    CHECK_FALSE(desk.repository.folder.has("d/new.txt"));
    CHECK_FALSE(desk.repository.folder.has("empty.txt"));
    CHECK(desk.review->files().empty());
    REQUIRE(desk.review->undo());
    CHECK_FALSE(desk.repository.folder.has("gone.txt"));
    CHECK(desk.get("d/new.txt") == "n");
    CHECK(desk.repository.folder.has("empty.txt"));
    CHECK(desk.review->edit(desk.hunk("image.bin", 0), "x").error().kind() ==
          base::Errc::invalidInput);
    REQUIRE(desk.review->accept(desk.hunk("gone.txt", 0)));
    REQUIRE(desk.review->acceptAll(""));
    CHECK(desk.review->files().empty());
    CHECK(desk.get("image.bin") == std::string("x\0y", 3));
}

TEST_CASE("a file that moved on is merged, or the hunk is stale and nothing is written",
          "[desktop][review]") {
    Desk desk(Files{{"a.txt", kOld}});
    desk.repository.folder.put("a.txt", kNew);
    desk.look({"a.txt"});
    desk.repository.folder.put("a.txt", std::string(kNew) + "10\n");  // behind the user's back
    REQUIRE(desk.review->reject(desk.hunk("a.txt", 0)));
    CHECK(desk.get("a.txt") == "1\n2\n3\n4\n5\nfive\n6\n7\n9\n10\n");

    const HunkRef five = desk.hunk("a.txt", 0);
    desk.repository.folder.put("a.txt", "1\n2\n3\n4\n5\nfive!\n6\n7\n9\n10\n");
    CHECK(desk.review->reject(five).error().kind() == base::Errc::busy);
    CHECK(desk.get("a.txt") == "1\n2\n3\n4\n5\nfive!\n6\n7\n9\n10\n");
    REQUIRE(desk.file("a.txt").hunks.size() == 3);
    CHECK(desk.file("a.txt").hunks[0].state == HunkState::stale);
    CHECK(desk.file("a.txt").hunks[1].state == HunkState::proposed);
    REQUIRE(desk.review->undo());  // of the first rejection: its place did not move on
    CHECK(desk.get("a.txt") == "1\nTWO\n3\n4\n5\nfive!\n6\n7\n9\n10\n");
}

TEST_CASE("reject all takes back the agent's hunks and leaves all others", "[desktop][review]") {
    Desk desk(Files{{"a.txt", kOld}});
    desk.repository.folder.put("a.txt", "1\nTWO\n3\n4\n5\n6\n7\n8\n9\n");
    REQUIRE(desk.review->noteAgentWrote({"a.txt"}));
    desk.repository.folder.put("a.txt", "1\nTWO\n3\n4\nmine\n6\n7\n8\n9\n");
    desk.look({});
    REQUIRE(desk.file("a.txt").hunks.size() == 2);
    CHECK(desk.file("a.txt").hunks[0].author == HunkAuthor::agent);
    CHECK(desk.file("a.txt").hunks[1].author == HunkAuthor::other);
    REQUIRE(desk.review->rejectAll(""));
    CHECK(desk.get("a.txt") == "1\n2\n3\n4\nmine\n6\n7\n8\n9\n");
    REQUIRE(desk.review->undo());
    CHECK(desk.file("a.txt").hunks[0].author == HunkAuthor::agent);
    CHECK(desk.file("a.txt").hunks[1].author == HunkAuthor::other);
    desk.repository.sh("rm a.txt");  // from outside
    desk.look({});
    REQUIRE(desk.review->rejectAll(""));
    CHECK_FALSE(desk.repository.folder.has("a.txt"));
}

TEST_CASE("what differed before the agent began is not the agent's", "[desktop][review]") {
    Desk desk(Files{{"a.txt", kOld}, {"b.txt", "1\n"}});
    const std::string head = desk.git->headCommit().value();
    desk.repository.folder.put("a.txt", "mine\n2\n3\n4\n5\n6\n7\n8\n9\n");
    desk.repository.folder.put("b.txt", "mine\n");
    const std::string start = desk.checkpoints->take("before turn 1").value().commit;
    desk.review.emplace(*desk.git, *desk.checkpoints, head, start);
    desk.repository.folder.put("a.txt", "mine\n2\n3\n4\n5\n6\n7\n8\nagent\n");
    desk.look({"a.txt", "b.txt"});
    REQUIRE(desk.file("a.txt").hunks.size() == 2);
    CHECK(desk.file("a.txt").hunks[0].author == HunkAuthor::other);
    CHECK(desk.file("a.txt").hunks[1].author == HunkAuthor::agent);
    CHECK(desk.file("b.txt").hunks[0].author == HunkAuthor::other);
    REQUIRE(desk.review->rejectAll(""));
    CHECK(desk.get("a.txt") == "mine\n2\n3\n4\n5\n6\n7\n8\n9\n");
    CHECK(desk.get("b.txt") == "mine\n");
}

TEST_CASE(
    "what the user writes in the window is theirs, what an editor outside writes is another's",
    "[desktop][review]") {
    Desk desk(Files{{"a.txt", kOld}, {"b.txt", "1\n"}});
    desk.repository.folder.put("a.txt", "1\nTWO\n3\n4\n5\n6\n7\n8\n9\n");
    REQUIRE(desk.review->noteAgentWrote({"a.txt"}));
    desk.repository.folder.put("a.txt", "1\nTWO\n3\n4\nhere\n6\n7\n8\n9\n");
    desk.repository.folder.put("b.txt", "here\n");
    REQUIRE(desk.review->noteUserWrote({"a.txt", "b.txt"}));
    desk.repository.folder.put("a.txt", "1\nTWO\n3\n4\nhere\n6\n7\n8\noutside\n");
    desk.look({});
    const auto authors = [&] {
        std::vector<HunkAuthor> all;
        for (const Hunk& hunk : desk.file("a.txt").hunks)
            all.push_back(hunk.author);
        return all;
    };
    using enum HunkAuthor;
    CHECK(authors() == std::vector{agent, you, other});
    CHECK(desk.file("b.txt").hunks[0].author == you);
    REQUIRE(desk.review->reject(desk.hunk("a.txt", 0)));
    CHECK(authors() == std::vector{you, other});
    REQUIRE(desk.review->undo());
    CHECK(authors() == std::vector{agent, you, other});
}

TEST_CASE("code that is applied is proposed like the agent's, and can be undone",
          "[desktop][review]") {
    Desk desk(Files{{"a.txt", kOld}});
    desk.look({"a.txt"});
    REQUIRE(desk.review->apply("a.txt", makeText(kOld), "1\nTWO\n3\n4\n5\n6\n7\n8\n9\n"));
    REQUIRE(desk.review->apply("new/b.txt", nullptr, "new\n"));
    CHECK(desk.get("a.txt") == "1\nTWO\n3\n4\n5\n6\n7\n8\n9\n");
    CHECK(desk.get("new/b.txt") == "new\n");
    REQUIRE(desk.file("a.txt").hunks.size() == 1);
    CHECK(desk.file("a.txt").hunks[0].state == HunkState::proposed);
    CHECK(desk.file("a.txt").hunks[0].author == HunkAuthor::agent);
    CHECK(desk.review->apply("a.txt", makeText(kOld), "x\n").error().kind() == base::Errc::busy);
    CHECK_FALSE(desk.review->apply("../b.txt", nullptr, "x\n"));
    CHECK_FALSE(desk.review->apply(".git/config", nullptr, "x\n"));
    REQUIRE(desk.review->undo());
    CHECK_FALSE(desk.repository.folder.has("new/b.txt"));
    REQUIRE(desk.review->undo());
    CHECK(desk.get("a.txt") == kOld);
    REQUIRE(desk.review->redo());
    CHECK(desk.get("a.txt") == "1\nTWO\n3\n4\n5\n6\n7\n8\n9\n");
}

TEST_CASE("a commit settles what it holds, and undo does not open it again", "[desktop][review]") {
    Desk desk(Files{{"a.txt", kOld}, {"b.txt", kOld}});
    desk.repository.folder.put("a.txt", kNew);
    desk.repository.folder.put("b.txt", kNew);
    desk.look({"a.txt", "b.txt"});
    REQUIRE(desk.review->accept(desk.hunk("a.txt", 0)));
    REQUIRE(desk.review->reject(desk.hunk("a.txt", 0)));
    const auto commit = desk.git->commit({"Some", {"a.txt"}});
    REQUIRE(commit);
    REQUIRE(desk.review->noteCommit(*commit));
    CHECK(desk.file("a.txt").hunks.empty());
    CHECK(desk.file("b.txt").hunks.size() == 3);
    // Part of b by hand, as a person stages it.
    desk.repository.folder.put("b.txt", "1\nTWO\n3\n4\n5\n6\n7\n8\n9\n");
    desk.repository.git("add b.txt && git commit -q -m part");
    desk.repository.folder.put("b.txt", kNew);
    REQUIRE(desk.review->noteCommit(desk.git->headCommit().value()));
    REQUIRE(desk.file("b.txt").hunks.size() == 2);
    CHECK(desk.file("b.txt").hunks[0].added == std::vector<std::string>{"five\n"});
    CHECK(desk.review->noteCommit(std::string(40, '1')).error().kind() == base::Errc::notFound);
    REQUIRE(desk.review->undo());  // the rejection; the acceptance is settled
    CHECK(desk.get("a.txt") == kNew);
    CHECK(desk.file("a.txt").hunks.size() == 1);
    CHECK_FALSE(desk.review->canUndo());
}

TEST_CASE("restoring a checkpoint is an action like the others", "[desktop][review]") {
    Desk desk(Files{{"a.txt", kOld}});
    const std::string base = desk.checkpoints->list().value().front().commit;
    desk.repository.folder.put("a.txt", kNew);
    desk.look({"a.txt"});
    REQUIRE(desk.review->accept(desk.hunk("a.txt", 0)));
    REQUIRE(desk.review->restore(base));
    CHECK(desk.get("a.txt") == kOld);
    CHECK(desk.review->files().empty());
    desk.repository.folder.put("other.txt", "mine");
    CHECK(desk.review->undo().error().kind() == base::Errc::busy);
    CHECK(desk.get("other.txt") == "mine");
    desk.repository.sh("rm other.txt");
    REQUIRE(desk.review->undo());
    CHECK(desk.get("a.txt") == kNew);
    CHECK(desk.file("a.txt").hunks.size() == 2);  // the first is accepted again
    REQUIRE(desk.review->redo());
    CHECK(desk.get("a.txt") == kOld);
}

TEST_CASE("what no checkpoint would hold is not written, and no path leads out",
          "[desktop][review]") {
    Desk desk(Files{{".gitignore", "*.log\n"}});
    desk.repository.folder.put("x.log", "precious");
    desk.repository.sh("ln -s /etc/passwd link");
    desk.look({"x.log", "link", "../out", ".git/config", "/etc/passwd", "a//b", ""});
    CHECK(desk.review->reject(desk.hunk("x.log", 0)).error().kind() == base::Errc::denied);
    CHECK(desk.get("x.log") == "precious");
    REQUIRE(desk.review->accept(desk.hunk("x.log", 0)));  // no file is written
    for (const char* path : {"link", "../out", ".git/config", "/etc/passwd", "a//b"}) {
        CHECK(desk.file(path).kind == FileReview::Kind::unreadable);
        CHECK(desk.file(path).hunks.empty());
    }
    Review lost(*desk.git, *desk.checkpoints, std::string(40, '0'));
    CHECK_FALSE(lost.refresh({"x.log"}));
}

TEST_CASE("a file of 100,000 lines and 3,000 hunks", "[.bench]") {
    std::string old, now;
    for (int i = 0; i < 100'000; ++i) {
        const std::string line = fmt::format("line {} of a large file\n", i);
        old += line;
        now += i % 33 == 0 ? fmt::format("changed {}\n", i) : line;
    }
    Desk desk(Files{{"a.txt", old}});
    desk.repository.folder.put("a.txt", now);
    const auto time = [](const char* what, const auto& run) {
        const auto begin = std::chrono::steady_clock::now();
        run();
        std::printf(
            "%s: %.1f ms\n", what,
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
                .count());
    };
    time("look", [&] { desk.look({"a.txt"}); });
    std::printf("%zu hunks\n", desk.file("a.txt").hunks.size());
    time("accept one", [&] { CHECK(desk.review->accept(desk.hunk("a.txt", 1500))); });
    time("reject one, checkpoint and disk",
         [&] { CHECK(desk.review->reject(desk.hunk("a.txt", 1500))); });
    time("undo it", [&] { CHECK(desk.review->undo()); });
    time("reject all", [&] { CHECK(desk.review->rejectAll("")); });
}

}  // namespace moxie::desktop
