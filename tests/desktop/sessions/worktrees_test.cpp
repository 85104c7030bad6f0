// Worktrees over real repositories, with the git command as judge.
#include "app/desktop/session/worktrees.h"

#include <QSignalSpy>
#include <filesystem>

#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/tools/repository.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;
using moxie::tests::Repository;
using moxie::tests::TempFolder;

namespace {

struct Desk {
    Desk() {
        repository.folder.put("a.txt", "a\n");
        repository.git("add -A && git commit -q -m first");
        QObject::connect(&worktrees, &Worktrees::added, &worktrees,
                         [this](const QString&, const QString& folder, const QString& branch) {
                             owner.folder = folder;
                             branches.push_back(branch.toStdString());
                         });
        QObject::connect(&worktrees, &Worktrees::failed, &worktrees,
                         [this](const QString&, const QString& sentence) {
                             failures.push_back(sentence.toStdString());
                         });
    }

    void add() {
        const size_t before = branches.size();
        worktrees.add(QString::fromStdString(repository.folder.path().string()));
        REQUIRE(waitUntil([&] { return branches.size() > before; }));
    }

    void put(const std::string& name, const std::string& text) const {
        repository.sh("printf '" + text + "' > " + owner.folder.toStdString() + "/" + name);
    }

    QApplication& app = application();
    Repository repository;
    TempFolder place;
    Worktrees worktrees{place.path() / "worktrees"};
    WorktreeOwner owner = {{}, QStringLiteral("s1"), QStringLiteral("Count faster")};
    std::vector<std::string> branches, failures;
};

}  // namespace

TEST_CASE("each new worktree gets the next free name", "[desktop][sessions]") {
    Desk desk;
    desk.repository.git("branch moxie/session-2");
    desk.add();
    const QString first = desk.owner.folder;
    desk.add();
    CHECK(desk.branches == std::vector<std::string>{"moxie/session-1", "moxie/session-3"});
    CHECK(first != desk.owner.folder);
    CHECK(desk.repository.git("status --porcelain --branch") == "## main\n");
}

TEST_CASE("a folder without a repository gets no worktree and says why", "[desktop][sessions]") {
    Desk desk;
    desk.worktrees.add(QString::fromStdString(desk.place.path().string()));
    REQUIRE(waitUntil([&] { return !desk.failures.empty(); }));
    CHECK(desk.failures.front().find("no git repository") != std::string::npos);
}

TEST_CASE("uncommitted work holds a worktree until somebody says what becomes of it",
          "[desktop][sessions]") {
    Desk desk;
    desk.add();
    desk.put("a.txt", "b\\n");
    desk.put("new.txt", "n\\n");
    QSignalSpy held(&desk.worktrees, &Worktrees::held),
        removed(&desk.worktrees, &Worktrees::removed);
    desk.worktrees.remove(desk.owner, Worktrees::Leftover::refuse);
    REQUIRE(waitUntil([&] { return held.size() == 1; }));
    CHECK(held[0][1].toInt() == 2);
    CHECK(std::filesystem::exists(desk.owner.folder.toStdString()));

    SECTION("it is committed to the branch") {
        desk.worktrees.remove(desk.owner, Worktrees::Leftover::commit);
        REQUIRE(waitUntil([&] { return removed.size() == 1; }));
        CHECK(desk.repository.git("show --format=%s --name-only moxie/session-1") ==
              "Count faster\n\na.txt\nnew.txt\n");
    }
    SECTION("it is discarded, and a checkpoint has it") {
        desk.worktrees.remove(desk.owner, Worktrees::Leftover::discard);
        REQUIRE(waitUntil([&] { return removed.size() == 1; }));
        CHECK(desk.repository.git("log --format=%s moxie/session-1") == "first\n");
        CHECK(desk.repository.git("show refs/moxie/s1/1:new.txt") == "n\n");
    }
    CHECK_FALSE(std::filesystem::exists(desk.owner.folder.toStdString()));
    CHECK(desk.failures.empty());
}
