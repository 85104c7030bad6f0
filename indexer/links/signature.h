// What the one line that the index keeps of a definition says: how many arguments it takes, what it
// returns or holds, who may see it. Lines are cut at 200 bytes, so it may say nothing. Threads: any
// thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "indexer/existence/builtins.h"

namespace moxie::indexer {

struct ArgumentRange {
    int16_t least = 0, most = kAny;
    static constexpr int16_t kAny = 255;

    // A count of -1 is not known.
    bool holds(int32_t count) const {
        return count < 0 || (count >= least && (most == kAny || count <= most));
    }
};

// Of a function called `name`; of anything else, what could be any number. Python's self and cls do
// not count.
ArgumentRange argumentRange(NameWorld world, std::string_view signature, std::string_view name);

// As a receiver of outline/evidence.h: ":T" of a value or of what a function returns, or the value
// it is given. "" if the line does not say.
std::string typeOfSignature(NameWorld world, std::string_view signature, std::string_view name);

// Ruby: def self.x, def T::x, and what stands in class << self.
bool isOwnMethod(NameWorld world, std::string_view signature);
// Ruby: def x(&block).
bool takesBlock(NameWorld world, std::string_view signature);
// C's static functions and variables: other files cannot use them.
bool isFileLocal(NameWorld world, std::string_view signature, std::string_view name);

}  // namespace moxie::indexer
