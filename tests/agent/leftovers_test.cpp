// What killed processes left in a workspace is removed, and nothing else.
#include "agent/leftovers.h"

#include <sys/stat.h>

#include "agent/event_log.h"
#include "tests/agent/rig.h"
#include "tools/file_transaction.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;

namespace {

const std::string kStaged = ".moxie-0123456789abcdef";

std::vector<EventBody> killedSession(const std::filesystem::path& repository) {
    SessionStarted started;
    started.repository = repository.string();
    std::vector<EventBody> bodies;
    bodies.emplace_back(started);
    bodies.emplace_back(ToolCallStarted{"c1", "write", R"({"path":"ended/x"})", "", "write"});
    ToolCallEnded ended;
    ended.callId = "c1";
    bodies.emplace_back(ended);
    bodies.emplace_back(ToolCallStarted{"c2", "write", R"({"path":"open/x"})", "", "write"});
    bodies.emplace_back(ToolCallStarted{"c3", "write", R"({"path":"../out/x"})", "", "write"});
    bodies.emplace_back(ToolCallStarted{
        "c4", "apply_patch",
        R"({"patch":"*** Begin Patch\n*** Update File: patched/y\n*** End Patch"})", "", "write"});
    return bodies;
}

}  // namespace

TEST_CASE("only files of our staging are removed, where a call was open", "[agent][leftovers]") {
    Rig rig({says("hello")});
    const auto& root = rig.repository;
    for (const char* folder : {"open", "patched", "ended", "other"})
        writeText(root / folder / kStaged, "half");
    writeText(rig.folder.path / "out" / kStaged, "outside");
    const std::vector<std::string> mine = {".moxie-0123456789abcde", ".moxie-0123456789ABCDEF",
                                           ".moxie-0123456789abcdef.txt", "moxie-0123456789abcdef",
                                           "x"};
    for (const std::string& name : mine)
        writeText(root / "open" / name, "the user's");
    std::filesystem::create_symlink("x", root / "open/.moxie-1111111111111111");

    std::string id;
    {
        auto log = EventLog::create(rig.options.sessionsFolder, rig.clock);
        REQUIRE(log);
        REQUIRE((*log)->appendAll(1, killedSession(root)));
        id = (*log)->sessionId();
    }
    // An ended process has given its lease back: there is nothing to look for.
    const auto workspace = tools::Workspace::open(root);
    REQUIRE(workspace);
    CHECK(sweepAbandoned(rig.options.sessionsFolder, *workspace, rig.clock) == 0);
    writeText(rig.options.sessionsFolder / id / "lease", "1 started 1");  // as after a kill

    rig.run("x");  // a new session in the same workspace
    for (const char* folder : {"open", "patched"})
        CHECK_FALSE(std::filesystem::exists(root / folder / kStaged));
    for (const char* folder : {"ended", "other"})
        CHECK(std::filesystem::exists(root / folder / kStaged));
    CHECK(std::filesystem::exists(rig.folder.path / "out" / kStaged));
    for (const std::string& name : mine)
        CHECK(std::filesystem::exists(root / "open" / name));
    CHECK(std::filesystem::is_symlink(root / "open/.moxie-1111111111111111"));
    CHECK(rig.all<Notice>().at(0).code == "leftovers_removed");
}

TEST_CASE("staged files are never committed or taken into a checkpoint", "[agent][leftovers]") {
    Rig rig({calls("bash", "{\"command\":\"echo half > " + kStaged + "; echo x > b.txt\"}"),
             says("done")});
    rig.options.verifyCommands = {"true"};
    rig.options.commitsAtEnd = true;
    CHECK(rig.run("x").status == EndStatus::verified);
    REQUIRE(rig.all<Committed>().size() == 1);
    CHECK(rig.all<Committed>()[0].paths == std::vector<std::string>{"b.txt"});
}

TEST_CASE("staged bytes have no name before they are put in place", "[agent][leftovers]") {
    TempFolder folder;
    writeText(folder.path / "old.txt", "old");
    const auto names = [&] {
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path))
            found.push_back(entry.path().filename().string());
        std::sort(found.begin(), found.end());
        return found;
    };
    tools::FileTransaction transaction(folder.path);
    REQUIRE(transaction.create(folder.path / "new.txt", "new"));
    REQUIRE(transaction.replace(folder.path / "old.txt", "newer", "old"));
    // A file system that cannot do it (it is a matter of this machine) keeps hidden names.
    const auto staged = names();
    if (staged.size() == 1) CHECK(staged == std::vector<std::string>{"old.txt"});
    REQUIRE(transaction.commit());
    CHECK(names() == std::vector<std::string>{"new.txt", "old.txt"});
    CHECK(readText(folder.path / "old.txt") == "newer");
    CHECK(readText(folder.path / "new.txt") == "new");
}
