// Notices a model that goes in circles: the same call with the same result, two calls in turns, the
// same error again and again, calls that cannot be read. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace moxie::agent {

class LoopGuard {
public:
    struct Finding {
        std::string reminder;  // to be appended to the result; empty: nothing to say
        std::string stop;      // why the turn ends as stuck; empty: go on
    };

    // After each call. `arguments` is the canonical form; `result` is what the model will read.
    Finding seen(std::string_view tool, std::string_view arguments, std::string_view result,
                 bool isError);
    // A call that could not be read at all: three in a row end the turn.
    Finding malformed();

private:
    struct Step {
        base::Hash128 call, result;
        bool operator==(const Step&) const = default;
    };

    int32_t identicalInARow() const;
    int32_t pairsInARow() const;

    std::deque<Step> steps_;  // the last kStepsMax
    base::Hash128 lastError_;
    int32_t errorsInARow_ = 0, callsInErrorRow_ = 0;
    base::Hash128 lastErrorCall_;
    int32_t malformedInARow_ = 0;
};

}  // namespace moxie::agent
