// The log of a real session: `moxie demo` on 2026-11-22, written by `moxie sessions export`. To
// make it again, run both and adapt what is expected here.
#include <nlohmann/json.hpp>

#include "app/desktop/model/conversation_model.h"
#include "app/desktop/model/cost_model.h"
#include "app/desktop/model/session_list.h"
#include "base/file.h"
#include "base/text.h"
#include "tests/catch.h"

namespace moxie::desktop {

namespace {

std::vector<agent::Event> recordedEvents() {
    const auto text = base::readFile(std::filesystem::path(MOXIE_SOURCE_DIR) /
                                     "tests/data/desktop/demo_session.jsonl");
    REQUIRE(text);
    std::vector<agent::Event> events;
    for (const std::string_view line : base::splitLines(*text)) {
        auto event = agent::eventFromJson(nlohmann::json::parse(line, nullptr, false));
        REQUIRE(event);
        events.push_back(std::move(*event));
    }
    REQUIRE(events.size() == 53);
    return events;
}

}  // namespace

TEST_CASE("the demo's session shows four steps, an answer, a check and a commit",
          "[desktop][conversation]") {
    ConversationModel model;
    CostModel costs;
    SessionList list;
    for (const agent::Event& event : recordedEvents()) {
        model.apply(event);
        costs.apply("demo", event);
        list.apply("demo", event);
    }
    REQUIRE(model.now().turns.size() == 1);
    const Turn& turn = model.now().turns[0];
    CHECK(turn.task == "Make parse_list accept a trailing comma; its test fails.");
    CHECK(turn.model == "demo-recording");
    CHECK(turn.status == agent::EndStatus::verified);
    std::string kinds;
    for (int64_t i = 0; i < turn.items.size(); ++i)
        kinds += "rtcvgn"[turn.items[i].index()];
    CHECK(kinds == "rtctctctctvg");
    const auto& failed = std::get<ToolCard>(turn.items[2]);
    CHECK(failed.state == CardState::failed);
    CHECK(failed.exitCode == 1);
    CHECK(failed.outputTail.find("FAILED (failures=1)") != std::string::npos);
    const auto& edit = std::get<ToolCard>(turn.items[6]);
    CHECK(edit.changedPaths == std::vector<std::string>{"shopping.py"});
    CHECK(edit.details.hunk.size() >= 3);
    CHECK(std::get<TextItem>(turn.items[turn.answerItem])
              .text.starts_with("parse_list now drops the empty item"));
    CHECK(turn.summary.nSteps == 5);
    CHECK(turn.summary.nCommands == 2);
    CHECK(turn.summary.nFilesRead == 1);
    CHECK(turn.summary.nFilesEdited == 1);
    CHECK(costs.session("demo").outputTokens == 239);
    CHECK(costs.session("demo").nUnpriced == 5);
    CHECK(list.rows(SessionFilter::all).at(0).sessions.at(0).state == SessionState::finishedUnseen);
}

}  // namespace moxie::desktop
