// Reads the body of POST /v1/responses. Threads: any thread.
#pragma once
#include "app/serve/answer.h"
#include "app/serve/json_node.h"

namespace moxie::serve {

// Nothing is stored between requests, so what refers to stored answers is refused. Hosted tools
// (web search and the like) are left out: the model is not told of them.
// Fails: invalidInput, unsupported.
base::Result<Question> readResponsesRequest(const Json& body, const engine::ModelLimits& limits);

}  // namespace moxie::serve
