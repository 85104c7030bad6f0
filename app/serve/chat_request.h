// Reads the body of POST /v1/chat/completions. Threads: any thread.
#pragma once
#include "app/serve/answer.h"
#include "app/serve/json_node.h"

namespace moxie::serve {

// Fails: invalidInput, unsupported.
base::Result<Question> readChatRequest(const Json& body, const engine::ModelLimits& limits);

}  // namespace moxie::serve
