#include "agent/aside.h"

#include "agent/conversation.h"
#include "agent/prompt.h"
#include "base/text.h"

namespace moxie::agent {

namespace {

constexpr std::string_view kIntroduction =
    "[question on the side] The user asks this while the session stands still for you. Answer from "
    "what you know by now, in words; call no tool and change nothing. Neither the question nor "
    "your answer becomes part of the session.\n\n";
constexpr std::string_view kStillRuns = "[this call still runs; its result is not known yet]";

engine::Message said(engine::Role role, std::string text) {
    engine::Message message;
    message.role = role;
    message.text = std::move(text);
    return message;
}

}  // namespace

engine::ChatRequest asideRequest(const std::vector<Event>& events,
                                 const std::vector<AsideExchange>& before,
                                 std::string_view question) {
    Conversation conversation;
    engine::ChatRequest request;
    for (const Event& event : events) {
        conversation.replay(event);
        if (const auto* started = std::get_if<SessionStarted>(&event.body))
            request.tools = schemasFromJson(started->toolsJson);
    }
    request.messages = conversation.messages();
    for (const engine::ToolCall& call : conversation.openCalls()) {
        engine::Message open = said(engine::Role::tool, std::string(kStillRuns));
        open.toolCallId = call.id;
        request.messages.push_back(std::move(open));
    }
    const auto ask = [&](std::string_view text) {
        request.messages.push_back(
            said(engine::Role::user, std::string(kIntroduction) + base::toValidUtf8(text)));
    };
    for (const AsideExchange& exchange : before) {
        ask(exchange.question);
        request.messages.push_back(said(engine::Role::assistant, exchange.answer));
    }
    ask(question);
    return request;
}

}  // namespace moxie::agent
