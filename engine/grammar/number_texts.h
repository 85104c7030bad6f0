// Numbers of JSON within bounds as automata over their decimal texts. They have no exponent; up to
// 15 digits ahead of the point, or as many as the bounds, and 15 behind it.
// Threads: any thread.
#pragma once
#include <string>

#include "base/result.h"
#include "engine/grammar/byte_dfa.h"

namespace moxie::engine {

// Numbers as JSON spells them; empty: no such bound.
struct NumberBounds {
    bool isInteger = false;
    std::string atLeast = {};
    std::string above = {};
    std::string atMost = {};
    std::string below = {};
    std::string multipleOf = {};
};

// Empty: there is no such number.
// Fails: unsupported (more than 30 digits; a multiple of something with more than 1,000 remainders;
// too many states), invalidInput (a bound that is no number, a multiple of nothing).
base::Result<ByteDfa> numbersWithin(const NumberBounds& bounds);

}  // namespace moxie::engine
