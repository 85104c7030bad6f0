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

char letterOf(const Item& item) {
    if (item.as<ReasoningItem>() != nullptr) return 'r';
    if (item.as<TextItem>() != nullptr) return 't';
    if (item.as<ToolCard>() != nullptr) return 'c';
    if (item.as<CheckItem>() != nullptr) return 'v';
    if (item.as<CommitItem>() != nullptr) return 'g';
    return 'n';
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
        kinds += letterOf(turn.items[i]);
    CHECK(kinds == "rtctctctctvg");
    const auto& failed = turn.items[2].get<ToolCard>();
    CHECK(failed.state == CardState::failed);
    CHECK(failed.exitCode == 1);
    CHECK(failed.outputTail.find("FAILED (failures=1)") != std::string::npos);
    const auto& edit = turn.items[6].get<ToolCard>();
    CHECK(edit.changedPaths == std::vector<std::string>{"shopping.py"});
    CHECK(edit.details.hunk.size() >= 3);
    CHECK(turn.items[turn.answerItem].get<TextItem>().text.starts_with(
        "parse_list now drops the empty item"));
    CHECK(turn.summary.nSteps == 5);
    CHECK(turn.summary.nCommands == 2);
    CHECK(turn.summary.nFilesRead == 1);
    CHECK(turn.summary.nFilesEdited == 1);
    CHECK(costs.session("demo").outputTokens == 239);
    CHECK(costs.session("demo").nUnpriced == 5);
    CHECK(list.rows(SessionFilter::all).at(0).sessions.at(0).state == SessionState::finishedUnseen);
}

}  // namespace moxie::desktop
