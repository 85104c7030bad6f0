// Regular expressions of JSON Schemas (ECMA 262) as automata over bytes. Taken: alternation,
// groups, classes, \d \w \s and their opposites, escapes, quantifiers (lazy ones mean the same),
// ^ and $ anywhere. A pattern without them may match anywhere in the text.
// Not here: look-around, back references, \b, \p{...}, flags.
// Threads: any thread.
#pragma once
#include <string_view>

#include "base/result.h"
#include "engine/grammar/byte_dfa.h"

namespace moxie::engine {

// The texts that hold a match; empty where no text that can be written does.
// Fails: unsupported (what it is, at which character; too many states), invalidInput (no pattern).
base::Result<ByteDfa> textsWithMatch(std::string_view pattern);

// What a `format` says as a pattern of its own; empty: not known here. Dates exist in the calendar,
// their years from 1 on; times have no leap second; of addresses the common forms only.
std::string_view patternOfFormat(std::string_view format);

}  // namespace moxie::engine
