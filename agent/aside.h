// A question on the side: asked with all that the model of a session knows, without becoming part
// of the session. Nothing is written and no tool runs. Threads: any thread.
#pragma once
#include <string_view>
#include <vector>

#include "agent/event.h"
#include "engine/chat_model.h"

namespace moxie::agent {

// What earlier questions on the side were answered; they are not in the log.
struct AsideExchange {
    std::string question = {}, answer = {};
};

// The session's next request as its log has it (`events`: all of them, in order; none: an empty
// session), with the question behind. It begins with the session's own bytes, so that what was
// read of it already is not read again. Calls that still run count as unanswered and are told so.
engine::ChatRequest asideRequest(const std::vector<Event>& events,
                                 const std::vector<AsideExchange>& before,
                                 std::string_view question);

}  // namespace moxie::agent
