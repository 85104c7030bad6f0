// Writes the body of a request for a remote API: canonical bytes, everything that never changes
// first and `messages` last, so that a longer conversation begins with the shorter one's bytes up
// to the closing brackets. Threads: any thread.
#pragma once
#include <set>
#include <string>

#include "engine/chat_model.h"
#include "engine/remote/known_models.h"

namespace moxie::engine {

struct RequestShape {
    std::string model;
    KnownModel known = {};
    int64_t outputTokensMax = 32'768;
    bool isVendorHost =
        false;  // api.openai.com or api.anthropic.com itself, not a compatible server
    // What this server has refused so far: parameters to leave out, and the other name of the
    // output limit.
    std::set<std::string> refused = {};
};

std::string openAiBody(const ChatRequest& request, const RequestShape& shape);
std::string anthropicBody(const ChatRequest& request, const RequestShape& shape);

// ---- shared by both writers

// The arguments as a JSON object: the model's own bytes if they are one, else an object that quotes
// them, because servers parse arguments and refuse the whole conversation when that fails.
std::string argumentsAsObject(const std::string& arguments);
// Names and ids of calls in the alphabet that every API takes; unchanged if they are.
std::string safeIdentifier(const std::string& text);
bool isBlank(const std::string& text);
// Texts for what an API would refuse as empty.
inline constexpr const char* kNoOutput = "(no output)";
inline constexpr const char* kNoText = "(empty)";

}  // namespace moxie::engine
