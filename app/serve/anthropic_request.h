// Reads the body of POST /v1/messages and of /v1/messages/count_tokens. Threads: any thread.
#pragma once
#include "app/serve/answer.h"
#include "app/serve/json_node.h"

namespace moxie::serve {

enum class AnthropicUse { answer, countTokens };  // counting needs no max_tokens

// Fails: invalidInput, unsupported.
base::Result<Question> readAnthropicRequest(const Json& body, const engine::ModelLimits& limits,
                                            AnthropicUse use);

}  // namespace moxie::serve
