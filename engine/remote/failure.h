// What a failed attempt means: try again, give up, or the conversation is too long; and how long
// to wait. Threads: any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/remote/json_text.h"

namespace moxie::engine {

struct Failure {
    enum class Action {
        retry,        // may work in a moment
        giveUp,       // will not work until someone changes something
        contextFull,  // the conversation does not fit the model
        adapt,        // the server does not know `parameter`: at once again without it
    };
    Action action = Action::giveUp;
    base::Error error;
    std::optional<int64_t> retryAfterMs = {};  // the server's own word
    std::string parameter = {};                // adapt only
};

// What no other attempt would mend.
Failure giveUp(base::Errc kind, std::string message);

// Facts of a reply that is not an answer.
struct Reply {
    int64_t status = 0;
    std::string contentType = {};
    std::string location = {};
    std::string retryAfter = {};    // header of this name
    std::string retryAfterMs = {};  // header "retry-after-ms"
    std::string body = {};          // its first bytes
};

// `model` and `where` (scheme, host, path) go into the sentence. No key is ever in it.
Failure failureOfReply(const Reply& reply, const std::string& model, const std::string& where,
                       int64_t wallMs);

// An error object inside a stream or an answer with status 200.
Failure failureOfErrorObject(const Json& error, const std::string& model, const std::string& where);

// "3" or an HTTP date -> milliseconds from now, at least 0.
std::optional<int64_t> parseRetryAfter(std::string_view value, int64_t wallMs);

// How long to wait before attempt `attempt` + 1: at random between 0.5 s and a bound that doubles
// from 1 s to 30 s. `random01` in [0, 1).
int64_t backoffMs(int32_t attempt, double random01);

}  // namespace moxie::engine
