// The whole job through the binary: the recorded model drives real index, tools, tests and commit.
#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/app/moxie_command.h"
#include "tests/catch.h"

using namespace moxie::test;
using nlohmann::json;

TEST_CASE("the demonstration ends verified, with a commit that can be seen and undone", "[app]") {
    const MoxieCommand moxie;
    const TempFolder folder;
    const std::string repo = (folder.path() / "demo").string();
    const auto began = std::chrono::steady_clock::now();
    const CommandResult demo = moxie.run({"demo", "--dir", repo});
    const auto took = std::chrono::steady_clock::now() - began;
    CAPTURE(demo.out, demo.error);
    REQUIRE(demo.exitCode == 0);
    CHECK(took < std::chrono::seconds(20));  // 10 s is the promise; this machine may be shared
    CHECK(demo.out.find("RECORDED") != std::string::npos);

    const json sessions = json::parse(moxie.run({"sessions", "list", "--all", "--json"}).out);
    REQUIRE(sessions.size() == 1);
    CHECK(sessions[0]["status"] == "verified");
    const std::string id = sessions[0]["id"];
    CHECK(moxie.run({"sessions", "show", id}).exitCode == 0);

    const CommandResult exported = moxie.run({"sessions", "export", id});
    std::istringstream lines(exported.out);
    std::string line, last;
    int64_t seq = 0;
    bool hasCommit = false;
    while (std::getline(lines, line)) {
        const json event = json::parse(line);
        CHECK(event["seq"] == ++seq);
        hasCommit = hasCommit || event["type"] == "commit";
        last = event["type"];
    }
    CHECK(hasCommit);
    CHECK(last == "turn_ended");

    CHECK(moxie.run({"undo", id, "--repo", repo}).exitCode == 0);
    CHECK(moxie.run({"sessions", "delete", id}).exitCode == 2);  // nobody there to ask
    CHECK(moxie.run({"sessions", "delete", id, "--force"}).exitCode == 0);
    CHECK(moxie.run({"sessions", "show", id}).exitCode == 1);
}
