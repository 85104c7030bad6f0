// A failure as an API tells it: HTTP status, sentence, and the words that clients act upon.
// Threads: values.
#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"

namespace moxie::serve {

struct ApiError {
    int32_t status = 500;
    std::string message = {};
    std::string code = {};  // OpenAI's word for programs, may be empty
};

ApiError apiError(const base::Error& error);
// Agents shorten their conversation when they read this one.
ApiError contextFullError(const std::string& detail);

// {"error":{"message","type","param","code"}}; `param` is the place the message begins with.
std::string openAiErrorJson(const ApiError& error);
// {"type":"error","error":{"type","message"}}
std::string anthropicErrorJson(const ApiError& error);

}  // namespace moxie::serve
