// What the first request carries, and how a turn ends for reasons outside the conversation.
#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>

#include "agent/prompt.h"
#include "tests/agent/rig.h"
#include "tests/fakes/fake_index.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// Reads nothing, but returns only when three calls of it are running at once (or after 10 s).
class MeetingTool final : public tools::Tool {
public:
    const tools::ToolSpec& spec() const override { return spec_; }

    tools::Effects effectsOf(const nlohmann::json&) const override { return spec_.effects; }

    std::string summary(const nlohmann::json&) const override { return "meet"; }

    base::Result<tools::ToolResult> run(const nlohmann::json& arguments, tools::ToolContext&,
                                        const std::stop_token&) override {
        std::unique_lock lock(mutex_);
        ++nHere_;
        changed_.notify_all();
        const bool met =
            changed_.wait_for(lock, std::chrono::seconds(10), [&] { return nHere_ >= 3; });
        tools::ToolResult result;
        result.text = fmt::format("{} {}", arguments.value("n", 0), met ? "met" : "was alone");
        return result;
    }

private:
    tools::ToolSpec spec_{"meet", "Meets.", R"({"type":"object"})", {.reads = true}};
    std::mutex mutex_;
    std::condition_variable changed_;
    int nHere_ = 0;
};

}  // namespace

TEST_CASE("project instructions come from AGENTS.md, else from CLAUDE.md", "[agent][prompt]") {
    TempFolder folder;
    const auto root = folder.path;
    CHECK(projectInstructions(root, root).empty());
    writeText(root / "CLAUDE.md", "from claude");
    CHECK(contains(projectInstructions(root, root), "file=\"CLAUDE.md\">\nfrom claude\n"));
    writeText(root / "AGENTS.md", "from agents");
    writeText(root / "sub/deep/AGENTS.md", "from below");
    CHECK_FALSE(contains(projectInstructions(root, root), "claude"));
    const std::string both = projectInstructions(root, root / "sub/deep");
    CHECK(both.find("from agents") < both.find("from below"));
    CHECK(contains(both, "file=\"sub/deep/AGENTS.md\""));

    writeText(root / "AGENTS.md", std::string(40'000, 'x'));
    const std::string cut = projectInstructions(root, root / "sub/deep");
    CHECK(cut.size() < 33'000);
    CHECK(contains(cut, "[cut: the file is longer]"));

    writeText(root / "secret", "hidden");
    std::filesystem::remove(root / "AGENTS.md");
    std::filesystem::create_symlink(root / "secret", root / "AGENTS.md");
    CHECK_FALSE(contains(projectInstructions(root, root), "hidden"));
}

TEST_CASE("instructions and pack stand in the first request and stay as they were",
          "[agent][prompt][prefix]") {
    Rig rig({says("one"), says("two")});
    FakeIndex index;
    index.packText = "map of the repository\n";
    writeText(rig.repository / "AGENTS.md", "use tabs");
    rig.options.packTokens = 1000;
    auto environment = rig.environment();
    environment.index = &index;
    auto session = Session::start(rig.options, environment);
    REQUIRE(session);
    rig.session = std::move(*session);
    rig.run("first");
    index.packText = "another map\n";  // what changes later is never put in its place
    writeText(rig.repository / "AGENTS.md", "use spaces");
    rig.run("second");
    const auto requests = rig.model.requests();
    REQUIRE(requests.size() == 2);
    const size_t instructions = requests[0].find("use tabs");
    const size_t pack = requests[0].find("map of the repository");
    const size_t task = requests[0].find("<task>");
    CHECK(instructions < pack);
    CHECK(pack < task);
    CHECK(task != std::string::npos);
    CHECK(requests[1].starts_with(stablePrefix(requests[0])));
    CHECK_FALSE(contains(requests[1], "another map"));
    CHECK_FALSE(contains(requests[1], "use spaces"));
}

TEST_CASE("a pack is asked for with the budget, and left out without one", "[agent][prompt]") {
    for (const auto& [tokens, isThere] : {std::pair(10, false), std::pair(200, true)}) {
        Rig rig({says("one")});
        FakeIndex index;
        index.packText = std::string(400, 'p');  // 100 tokens
        rig.options.packTokens = tokens;
        auto environment = rig.environment();
        environment.index = &index;
        auto session = Session::start(rig.options, environment);
        REQUIRE(session);
        rig.session = std::move(*session);
        rig.run("x");
        CHECK(contains(rig.model.requests()[0], "pppp") == isThere);
    }
}

TEST_CASE("three reads of one answer run side by side", "[agent][loop]") {
    Rig rig({callsMany({{"c1", "meet", R"({"n":1})", true},
                        {"c2", "meet", R"({"n":2})", true},
                        {"c3", "meet", R"({"n":3})", true}}),
             says("done")});
    rig.makeTools = [] {
        std::vector<std::unique_ptr<tools::Tool>> list;
        list.push_back(std::make_unique<MeetingTool>());
        return list;
    };
    rig.run("x");
    std::vector<std::string> texts;
    for (const auto& ended : rig.all<ToolCallEnded>())
        texts.push_back(ended.text);
    CHECK(texts == std::vector<std::string>{"1 met", "2 met", "3 met"});  // in call order
}

TEST_CASE("where no jail can be had, a command ends the run with 8", "[agent][sandbox]") {
    Rig rig([](size_t n, const engine::ChatRequest&) {
        return n == 0 ? calls("bash", R"({"command":"touch made.txt"})") : says("done");
    });
    // A workspace that holds the home folder is refused by the jail.
    const std::string home = getenv("HOME") ? getenv("HOME") : "/";
    setenv("HOME", rig.repository.c_str(), 1);
    const TurnEnded ended = rig.run("x");
    CHECK(ended.status == EndStatus::sandboxUnavailable);
    CHECK_FALSE(std::filesystem::exists(rig.repository / "made.txt"));
    bool isSaid = false;
    for (const Notice& notice : rig.all<Notice>())
        isSaid = isSaid || notice.code == "no_jail";
    CHECK(isSaid);

    Rig checks({calls("write", R"({"path":"b.txt","content":"x"})"), says("done")});
    checks.options.verifyCommands = {"true"};
    setenv("HOME", checks.repository.c_str(), 1);
    CHECK(checks.run("x").status == EndStatus::sandboxUnavailable);
    setenv("HOME", home.c_str(), 1);
}

TEST_CASE("a termination signal has its own status", "[agent][stop]") {
    ScriptedTurn silent;
    silent.waitsForStop = true;
    Rig rig({silent});
    std::stop_source stop;
    rig.model.onRequest = [&](const std::string&) { stop.request_stop(); };
    auto environment = rig.environment();
    environment.stopStatus = [] { return EndStatus::terminated; };
    auto session = Session::start(rig.options, environment);
    REQUIRE(session);
    rig.session = std::move(*session);
    const TurnEnded ended = rig.run("x", stop.get_token());
    CHECK(ended.status == EndStatus::terminated);
    CHECK(int(ended.status) == 143);
}
