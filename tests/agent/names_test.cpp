// What the index says of the names in an edit, and of the paths in a call, over real repositories.
#include <algorithm>

#include "agent/name_check.h"
#include "agent/path_facts.h"
#include "tests/agent/rig.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

void openIndex(Rig& rig) {
    auto opened = indexer::openIndex(
        {.root = rig.repository, .cacheFile = rig.folder.path / "index.sqlite", .threads = 0});
    REQUIRE(opened);
    rig.index = std::move(*opened);
    REQUIRE(rig.index->update([](indexer::Progress) {}, {}));
}

std::vector<std::string> codes(const Rig& rig) {
    std::vector<std::string> found;
    for (const Notice& notice : rig.all<Notice>())
        found.push_back(notice.code);
    return found;
}

int64_t count(const std::vector<std::string>& texts, const std::string& text) {
    return std::count(texts.begin(), texts.end(), text);
}

// What the model was told last that is no answer to a call.
std::string lastUserText(const Rig& rig) {
    std::string text;
    for (const auto& added : rig.all<MessageAdded>())
        if (added.message.role == engine::Role::user) text = added.message.text;
    return text;
}

ScriptedTurn writes(const std::string& path, const std::string& content) {
    return calls("write", R"({"path":")" + path + R"(","content":")" + content + R"("})");
}

}  // namespace

TEST_CASE("a name that nobody knows is told to the model once", "[agent][names]") {
    Rig rig({writes("b.py", "import os\\n\\ndef size(path):\\n    return file_sze(path)\\n"),
             says("done"), says("it is made at run time")});
    writeText(rig.repository / "a.py", "def file_size(path):\n    return 1\n");
    openIndex(rig);
    const TurnEnded ended = rig.run("add b.py");
    CHECK(ended.status == EndStatus::unverified);
    CHECK(ended.steps == 3);
    CHECK(count(codes(rig), "unknown_names") == 1);
    CHECK(contains(lastUserText(rig), "function file_sze (b.py:4)"));
    CHECK_FALSE(contains(lastUserText(rig), "import os"));
}

TEST_CASE("names that are known say nothing", "[agent][names]") {
    Rig rig({writes("b.py", "from a import file_size\\n\\nprint(file_size(1))\\n"), says("done")});
    writeText(rig.repository / "a.py", "def file_size(path):\n    return 1\n");
    openIndex(rig);
    CHECK(rig.run("add b.py").steps == 2);
    CHECK(count(codes(rig), "unknown_names") == 0);
}

TEST_CASE("a build that passes proves the names of C, not those of Python", "[agent][names]") {
    const std::string body = "void g(void) { no_such_thing(); }\\n";
    Rig built({writes("b.c", body), says("done")});
    built.options.verifyCommands = {"true"};
    openIndex(built);
    CHECK(built.run("add b.c").status == EndStatus::verified);
    CHECK(count(codes(built), "unknown_names") == 1);
    CHECK(built.model.requests().size() == 2);

    Rig interpreted({writes("b.py", "no_such_thing()\\n"), says("done"), says("really")});
    interpreted.options.verifyCommands = {"true"};
    openIndex(interpreted);
    CHECK(interpreted.run("add b.py").status == EndStatus::verified);
    CHECK(interpreted.model.requests().size() == 3);
    // What was verified and not touched again is not run twice.
    CHECK(interpreted.all<VerificationRun>().size() == 1);
}

TEST_CASE("unknown names stand beside the output of a failed check", "[agent][names]") {
    Rig rig({writes("b.c", "void g(void) { no_such_thing(); }\\n"), says("done"),
             calls("bash", R"({"command":"rm b.c"})"), says("taken out")});
    rig.options.verifyCommands = {"test ! -e b.c"};
    openIndex(rig);
    CHECK(rig.run("add b.c").status == EndStatus::verified);
    bool isTold = false;
    for (const auto& added : rig.all<MessageAdded>())
        isTold |= contains(added.message.text, "verification failed") &&
                  contains(added.message.text, "no_such_thing (b.c:1)");
    CHECK(isTold);
}

TEST_CASE("a local model is held to paths that exist, a remote one is told nothing",
          "[agent][names]") {
    for (const bool isLocal : {true, false}) {
        CAPTURE(isLocal);
        std::vector<engine::ToolSchema> tools;
        Rig rig([&](size_t number, const engine::ChatRequest& request) {
            tools = request.tools;
            return number == 0 ? writes("new/c.txt", "x") : says("done");
        });
        rig.model.modelLimits.isLocal = isLocal;
        rig.run("write");
        for (const engine::ToolSchema& tool : tools) {
            CAPTURE(tool.name);
            const bool isHeld =
                isLocal && tool.name != "write" && contains(tool.parametersJson, "\"path\"");
            REQUIRE(tool.facts.size() == (isHeld ? 1U : 0U));
            if (!isHeld) continue;
            CHECK(*tool.facts[0].allowed ==
                  std::vector<std::string>{".", "a.txt", "new", "new/c.txt"});
        }
    }
}

TEST_CASE("path facts stay the same object while the paths are the same", "[agent][names]") {
    TempFolder folder;
    makeRepository(folder.path / "repo");
    auto workspace = tools::Workspace::open(folder.path / "repo");
    REQUIRE(workspace);
    PathFacts facts;
    const auto words = [&] {
        std::vector<engine::ToolSchema> schemas = {{.name = "read"}, {.name = "bash"}};
        facts.addTo(schemas, *workspace, folder.path / "none");
        CHECK(schemas[1].facts.empty());
        REQUIRE(schemas[0].facts.size() == 1);
        return schemas[0].facts[0].allowed;
    };
    const auto first = words();
    CHECK(words() == first);
    writeText(folder.path / "repo" / "b.txt", "");
    CHECK(words() != first);
}
