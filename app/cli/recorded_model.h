// A ChatModel that plays answers written beforehand; `moxie demo` uses it and says so. Which answer
// comes next follows from the conversation alone (how often the assistant has spoken), so resume
// and replay work as with a real model. Its token counts are estimates.
// Threads: as ChatModel says.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "engine/chat_model.h"

namespace moxie::app {

// `recordingJson`: {"model": NAME, "steps": [{"reasoning", "text", "calls": [{"name",
// "arguments"}]}]}, every member of a step optional. `pieceWaitMs`: pause between two pieces of
// text, so that it can be watched. Fails: corrupt.
base::Result<std::unique_ptr<engine::ChatModel>> makeRecordedModel(std::string_view recordingJson,
                                                                   int64_t pieceWaitMs,
                                                                   base::Clock& clock);

}  // namespace moxie::app
