// The live commit over real repositories, with the git command as judge.
#include "app/desktop/screens/commit/live_commit.h"

#include <QSignalSpy>
#include <QWidget>

#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/fakes/fake_session.h"
#include "tests/tools/repository.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;
using moxie::tests::Repository;

namespace {

struct Desk {
    Desk() {
        application();
        repository.folder.put("a.txt", "1\n");
        repository.git("add -A && git commit -q -m first");
        QObject::connect(&model, &CommitModel::refused, &model,
                         [this](const CommitRefusal& refusal) { refusals.push_back(refusal); });
        QObject::connect(&model, &CommitModel::hookOutput, &model,
                         [this](const QString& text) { output += text; });
    }

    void open() {
        model.open(QString::fromStdString(repository.folder.path().string()));
        REQUIRE(waitUntil([&] { return model.state() != CommitModel::State::loading; }));
    }

    void commit(const CommitWish& wish) {
        model.commit(wish);
        REQUIRE(waitUntil([&] { return !model.isCommitting(); }));
    }

    void hook(const std::string& name, const std::string& script) {
        repository.folder.put(".git/hooks/" + name, "#!/bin/sh\n" + script);
        repository.sh("chmod +x .git/hooks/" + name);
    }

    Repository repository;
    LiveCommit model;
    std::vector<CommitRefusal> refusals;
    QString output;
};

}  // namespace

TEST_CASE("a commit holds the ticked files and can be taken back", "[desktop][commit]") {
    Desk desk;
    desk.open();
    CHECK(desk.model.state() == CommitModel::State::empty);
    desk.repository.folder.put("a.txt", "1\n2\n");
    desk.repository.folder.put("b.txt", "b\n");
    desk.open();
    REQUIRE(desk.model.now().files.size() == 2);
    CHECK(desk.model.now().files[0].nAdded == 1);
    CHECK(desk.model.now().identity == "Tester <tester@example.org>");
    QSignalSpy committed(&desk.model, &CommitModel::committed);
    desk.commit(
        {{"a.txt"}, {}, "Second\n\nWhy", tools::CommitKind::onTop, SignOff::yes, CoAuthor::moxie});
    REQUIRE(committed.size() == 1);
    CHECK(committed[0][1].toString() == "Second");
    CHECK(desk.repository.git("log -1 --format=%B --name-only") ==
          "Second\n\nWhy\n\nCo-authored-by: Moxie <moxie@localhost>\nSigned-off-by: Tester "
          "<tester@example.org>\n\n\na.txt\n");
    CHECK(desk.repository.git("status --porcelain") == "?? b.txt\n");
    QSignalSpy back(&desk.model, &CommitModel::takenBack);
    desk.model.takeBack();
    REQUIRE(waitUntil([&] { return back.size() == 1; }));
    CHECK(back[0][0].toString() == "Second\n\nWhy");
    CHECK(desk.repository.git("log --format=%s") == "first\n");
    CHECK(desk.repository.folder.get("a.txt") == "1\n2\n");
}

TEST_CASE("a template begins the message, its lines with # stay out of the commit",
          "[desktop][commit]") {
    Desk desk;
    desk.repository.folder.put("template.txt", "Area: \n# What changed, and why?\n");
    desk.repository.git("config commit.template template.txt");
    desk.repository.folder.put("a.txt", "1\n2\n");
    desk.open();
    CHECK(desk.model.now().messageTemplate == "Area: \n# What changed, and why?\n");
    desk.commit({{"a.txt"}, {}, "Area: numbers\n# What changed, and why?\nTwo.\n"});
    CHECK(desk.repository.git("log -1 --format=%B") == "Area: numbers\nTwo.\n\n");
    desk.repository.folder.put("a.txt", "3\n");
    desk.repository.git("config commit.template nowhere.txt");
    desk.open();
    CHECK(desk.model.now().messageTemplate.empty());
    desk.commit({{"a.txt"}, {}, "Three\n\n#7 wanted it."});
    CHECK(desk.repository.git("log -1 --format=%B") == "Three\n\n#7 wanted it.\n\n");
}

TEST_CASE("a commit with another on top is not taken back", "[desktop][commit]") {
    Desk desk;
    desk.repository.folder.put("a.txt", "2\n");
    desk.open();
    desk.commit({{"a.txt"}, {}, "Second"});
    desk.repository.git("commit -q --allow-empty -m theirs");
    desk.model.takeBack();
    REQUIRE(waitUntil([&] { return !desk.refusals.empty(); }));
    CHECK(desk.repository.git("log --format=%s") == "theirs\nSecond\nfirst\n");
}

TEST_CASE("an amend replaces an own commit and is refused for one that was pushed",
          "[desktop][commit]") {
    Desk desk;
    desk.repository.folder.put("a.txt", "2\n");
    desk.open();
    CHECK(desk.model.now().whyNoAmend.empty());
    desk.commit({{"a.txt"}, {}, "Better", tools::CommitKind::amend});
    CHECK(desk.repository.git("log --format=%s") == "Better\n");
    CHECK(desk.repository.git("show HEAD:a.txt") == "2\n");
    QSignalSpy back(&desk.model, &CommitModel::takenBack);
    desk.model.takeBack();
    REQUIRE(waitUntil([&] { return back.size() == 1; }));
    CHECK(desk.repository.git("log --format=%s") == "first\n");
    desk.repository.git("update-ref refs/remotes/origin/main HEAD");
    desk.open();
    CHECK(desk.model.now().whyNoAmend == "the last commit is on a remote already");
    desk.commit({{"a.txt"}, {}, "Worse", tools::CommitKind::amend});
    REQUIRE(desk.refusals.size() == 1);
    CHECK(desk.refusals[0].kind == base::Errc::denied);
    CHECK(desk.repository.git("log --format=%s") == "first\n");
}

TEST_CASE("hooks run as git runs them, and one that fails keeps everything", "[desktop][commit]") {
    Desk desk;
    desk.repository.folder.put("a.txt", "2\n");
    desk.repository.folder.put("b.txt", "b\n");
    desk.hook("pre-commit", "git diff --cached --name-only; exit 1\n");
    desk.open();
    CHECK(desk.model.now().hasHooks);
    desk.commit({{"a.txt"}, {}, "Second"});
    REQUIRE(desk.refusals.size() == 1);
    CHECK(desk.refusals[0].hook == "pre-commit");
    CHECK(desk.output == "a.txt\n");
    CHECK(desk.repository.git("log --format=%s") == "first\n");
    CHECK(desk.repository.git("diff --cached --name-only").empty());

    // A formatter changes the file, commit-msg the message.
    desk.hook("pre-commit", "echo formatted > a.txt; git add a.txt\n");
    desk.hook("commit-msg", "echo 'Ticket: 7' >> \"$1\"\n");
    desk.commit({{"a.txt"}, {}, "Second"});
    CHECK(desk.refusals.size() == 1);
    CHECK(desk.repository.git("log -1 --format=%B") == "Second\nTicket: 7\n\n");
    CHECK(desk.repository.git("show HEAD:a.txt") == "formatted\n");
    CHECK(desk.repository.git("status --porcelain") == "?? b.txt\n");
}

TEST_CASE("a hook that hangs is stopped", "[desktop][commit]") {
    Desk desk;
    desk.repository.folder.put("a.txt", "2\n");
    desk.hook("pre-commit", "echo begun; exec sleep 60\n");
    desk.open();
    desk.model.commit({{"a.txt"}, {}, "Second"});
    REQUIRE(waitUntil([&] { return desk.output == "begun\n"; }));
    desk.model.stopHook();
    REQUIRE(waitUntil([&] { return !desk.model.isCommitting(); }));
    REQUIRE(desk.refusals.size() == 1);
    CHECK(desk.repository.git("log --format=%s") == "first\n");
}

TEST_CASE("ticked lines are committed, and nothing if the file changed under them",
          "[desktop][commit]") {
    Desk desk;
    desk.repository.folder.put("a.txt", "1\n2\n3\n");
    desk.repository.git("commit -q -a -m more");
    desk.repository.folder.put("a.txt", "one\nextra\n2\nthree");
    desk.open();
    std::optional<CommitHunks> found;
    QObject::connect(&desk.model, &CommitModel::hunksFound, &desk.model,
                     [&](const CommitHunks& hunks) { found = hunks; });
    const auto look = [&] {
        found.reset();
        desk.model.lookInto("a.txt");
        REQUIRE(waitUntil([&] { return found.has_value(); }));
        REQUIRE(found->problem.empty());
        return found->part;
    };
    CommitPart part = look();
    REQUIRE(part.hunks.size() == 2);
    part.ticks[0].removed[0] = false;  // "1" stays
    part.ticks[0].added[0] = false;    // "one" does not come
    part.ticks[1] = ticksOf(part.hunks[1], Tick::off);
    desk.commit({{}, {part}, "In part"});
    REQUIRE(desk.refusals.empty());
    CHECK(desk.repository.git("show HEAD:a.txt") == "1\nextra\n2\n3\n");
    CHECK(desk.repository.folder.get("a.txt") == "one\nextra\n2\nthree");
    CHECK(desk.repository.git("diff --cached --name-only").empty());

    // Staged in part: that is what is ticked.
    desk.repository.folder.put("a.txt", "one\nextra\n2\n3\n");
    desk.repository.git("add a.txt");
    desk.repository.folder.put("a.txt", "one\nextra\n2\nthree\n");
    part = look();
    REQUIRE(part.hunks.size() == 2);
    CHECK(part.ticks[0] == ticksOf(part.hunks[0], Tick::on));
    CHECK(part.ticks[1] == ticksOf(part.hunks[1], Tick::off));
    desk.repository.folder.put("a.txt", "one\nextra\n2\nTHREE\n");
    desk.commit({{}, {part}, "Late"});
    REQUIRE(desk.refusals.size() == 1);
    CHECK(desk.refusals[0].kind == base::Errc::busy);
    CHECK(desk.repository.git("log -1 --format=%s") == "In part\n");
}

TEST_CASE("a message is suggested from the session's task, or from the files",
          "[desktop][commit]") {
    Desk desk;
    desk.repository.folder.put("a.txt", "2\n");
    desk.repository.folder.put("src/b.txt", "b\n");
    desk.open();
    QSignalSpy suggested(&desk.model, &CommitModel::suggested);
    const auto suggest = [&](const std::vector<std::string>& paths) {
        suggested.clear();
        desk.model.suggest(paths);
        REQUIRE(waitUntil([&] { return suggested.size() == 1; }));
        return suggested[0][0].toString().toStdString();
    };
    CHECK(suggest({"src/b.txt"}) == "Add b.txt");
    CHECK(suggest({"a.txt"}) == "Change a.txt");
    CHECK(suggest({"a.txt", "src/b.txt"}) ==
          "Change a.txt and 1 more file\n\na.txt +1 -1\nsrc/b.txt +1 -0");
    FakeSession session;
    session.repository_ = QString::fromStdString(desk.repository.folder.path().string());
    session.apply({agent::TurnStarted{"Count faster"}});
    desk.model.follow(session);
    CHECK(suggest({"a.txt"}) == "Count faster\n\na.txt +1 -1");
}

TEST_CASE("what keeps from committing is told", "[desktop][commit]") {
    Desk desk;
    desk.model.open("/");
    REQUIRE(waitUntil([&] { return desk.model.state() == CommitModel::State::error; }));
    CHECK(desk.model.errorKind() == base::Errc::notFound);
    desk.repository.folder.put("a.txt", "2\n");
    desk.repository.git("config user.name '' && git config user.email ''");
    desk.open();
    CHECK(desk.model.now().identity.empty());
    desk.commit({{"a.txt"}, {}, "Second"});
    CHECK(desk.refusals.size() == 1);
    desk.model.createBranch("a..b");
    REQUIRE(waitUntil([&] { return desk.refusals.size() == 2; }));
    desk.model.createBranch("topic");
    REQUIRE(waitUntil([&] { return desk.model.now().branch == "topic"; }));
    CHECK(desk.repository.git("status --porcelain") == " M a.txt\n");
}
