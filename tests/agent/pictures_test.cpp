// Pictures of a message and questions on the side: what a session carries of the one and never of
// the other.
#include "agent/aside.h"
#include "agent/event_log.h"
#include "tests/agent/rig.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;

namespace {

Task pictureTask() {
    return {.text = "what is this?", .images = {{"image/png", "cGljdHVyZQ=="}}};
}

void begin(Rig& rig) {
    auto started = Session::start(rig.options, rig.environment());
    REQUIRE(started);
    rig.session = std::move(*started);
}

std::vector<Event> logOf(Rig& rig) {
    auto log = EventLog::open(rig.options.sessionsFolder, rig.session->id(),
                              EventLog::Access::readOnly, rig.clock);
    REQUIRE(log);
    auto events = (*log)->read(0, 10'000);
    REQUIRE(events);
    return *events;
}

}  // namespace

TEST_CASE("a picture is in the log and in every later request, also after a resume",
          "[agent][pictures]") {
    Rig rig({says("a cat"), says("still a cat")});
    rig.model.modelLimits.takesImages = true;
    begin(rig);
    REQUIRE(rig.session->runTurn(pictureTask(), {}, {}));
    const std::string id = rig.session->id();
    rig.session.reset();
    auto resumed = Session::resume(id, rig.options, rig.environment());
    REQUIRE(resumed);
    rig.session = std::move(*resumed);
    rig.run("and now?");
    const auto requests = rig.model.requests();
    REQUIRE(requests.size() == 2);
    for (const std::string& request : requests)
        CHECK(request.find("cGljdHVyZQ==") != std::string::npos);
    CHECK(requests[1].starts_with(stablePrefix(requests[0])));
}

TEST_CASE("a picture that the model does not take ends the turn and leaves no trace",
          "[agent][pictures]") {
    Rig rig({says("hello")});
    begin(rig);
    const auto ended = rig.session->runTurn(pictureTask(), {}, {});
    REQUIRE(ended);
    CHECK(ended->status == EndStatus::refused);
    CHECK(ended->reason == "scripted takes no pictures, and the conversation holds some");
    CHECK(rig.model.requests().empty());
    CHECK(rig.run("without it").status == EndStatus::unverified);
}

TEST_CASE("a question on the side begins with the session's bytes and changes nothing of it",
          "[agent][aside]") {
    Rig rig({says("it is mended"), says("more")});
    rig.run("mend it");
    const std::string before = rig.session->serialiseNextRequest();
    const auto nEvents = logOf(rig).size();
    const auto request = asideRequest(logOf(rig), {{"which?", "that one"}}, "why?");
    CHECK(rig.model.serialise(request).starts_with(stablePrefix(before)));
    const auto n = request.messages.size();
    CHECK(request.messages[n - 3].text.ends_with("which?"));
    CHECK(request.messages[n - 2].text == "that one");
    CHECK(request.messages[n - 1].text.ends_with("why?"));
    CHECK(rig.session->serialiseNextRequest() == before);
    CHECK(logOf(rig).size() == nEvents);
}

TEST_CASE("in the middle of a call a question on the side says that the call still runs",
          "[agent][aside]") {
    Rig rig({calls("read", R"({"path":"a.txt"})"), says("done")});
    std::optional<engine::ChatRequest> request;
    rig.onEvent = [&](const Event& event) {
        if (std::holds_alternative<ToolCallStarted>(event.body))
            request = asideRequest(rig.events, {}, "what do you do?");
    };
    rig.run("x");
    REQUIRE(request);
    const auto n = request->messages.size();
    CHECK(request->messages[n - 2].role == engine::Role::tool);
    CHECK(request->messages[n - 2].toolCallId == request->messages[n - 3].toolCalls.at(0).id);
}
