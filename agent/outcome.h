// How a turn ends, computed from the events of the turn and nothing else: not from what the model
// says. Threads: any thread; a pure function.
#pragma once
#include <string>
#include <vector>

#include "agent/event.h"

namespace moxie::agent {

struct Outcome {
    EndStatus status = EndStatus::unverified;
    std::string reason;  // one sentence
};

// For a turn that the model ended by itself.
//   permission          the last attempt to change or run something was denied
//   verified            every command of the last verification round ran after the last effect and
//                       passed
//   verificationFailed  one of them failed
//   unverified          anything else: nothing to run, nothing run, or run before the last effect
Outcome computeOutcome(const std::vector<Event>& turnEvents);

}  // namespace moxie::agent
