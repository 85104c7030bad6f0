// What a resumed or forked session knows of the files it saw before.
#include "tests/agent/rig.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;

namespace {

const std::string kEdit = R"({"path":"a.txt","old":"two","new":"2"})";

// A session that has read a.txt and b.txt side by side, and has ended.
std::unique_ptr<Rig> readBefore() {
    auto rig = std::make_unique<Rig>(
        std::vector<ScriptedTurn>{callsMany({{"c1", "read", R"({"path":"a.txt"})", true},
                                             {"c2", "read", R"({"path":"b.txt"})", true}}),
                                  says("read"), calls("edit", kEdit, "c3"), says("done")});
    writeText(rig->repository / "b.txt", "b\n");
    rig->run("look");
    return rig;
}

ToolCallEnded editAfter(Rig& rig, base::Result<std::unique_ptr<Session>> session) {
    REQUIRE(session);
    rig.session = std::move(*session);
    rig.run("edit");
    return rig.all<ToolCallEnded>().back();
}

}  // namespace

TEST_CASE("a resumed session may edit a file that it read before", "[agent][resume]") {
    const auto rig = readBefore();
    const std::string id = rig->session->id();
    rig->session.reset();
    const auto ended = editAfter(*rig, Session::resume(id, rig->options, rig->environment()));
    CAPTURE(ended.text);
    CHECK_FALSE(ended.isError);
    CHECK(readText(rig->repository / "a.txt") == "one\n2\nthree\n");
}

TEST_CASE("a forked session may edit what its parent read", "[agent][resume]") {
    const auto rig = readBefore();
    const std::string id = rig->session->id();
    const auto ended = editAfter(*rig, Session::fork(id, 0, rig->options, rig->environment()));
    CAPTURE(ended.text);
    CHECK_FALSE(ended.isError);
}

TEST_CASE("a file that changed before the resume must be read again", "[agent][resume]") {
    const auto rig = readBefore();
    const std::string id = rig->session->id();
    rig->session.reset();
    writeText(rig->repository / "a.txt", "one\ntwo\nthree\nfour\n");
    const auto ended = editAfter(*rig, Session::resume(id, rig->options, rig->environment()));
    CHECK(ended.isError);
    CHECK(ended.text.find("stale") != std::string::npos);
    CHECK(readText(rig->repository / "a.txt") == "one\ntwo\nthree\nfour\n");
}

TEST_CASE("a resumed session may not edit a file that it never read", "[agent][resume]") {
    Rig rig({says("nothing"), calls("edit", kEdit, "c3"), says("done")});
    rig.run("look");
    const std::string id = rig.session->id();
    rig.session.reset();
    const auto ended = editAfter(rig, Session::resume(id, rig.options, rig.environment()));
    CHECK(ended.isError);
}
