// Speaks one scripted answer over a connection.
// Threads: one thread at a time.
#pragma once
#include <string>

#include "tests/fakes/scripted_server/connection.h"
#include "tests/fakes/scripted_server/script.h"

namespace moxie::tests {

struct AnswerFacts {
    bool isAnthropic = false;
    std::string model;
    int64_t number = 1;       // of the request, for {{n}}
    int64_t inputTokens = 0;  // for usage that the script does not give
    int64_t cachedInputTokens = 0;
};

// False: the connection is of no further use.
bool speakAnswer(Connection& connection, const Json& answer, const AnswerFacts& facts);

bool speakJson(Connection& connection, int64_t status, const Json& body);

}  // namespace moxie::tests
