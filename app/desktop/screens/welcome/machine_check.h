// How fast this computer reads its memory and its disk, and what that means for models of each
// size. Threads: any thread; measureMachine() blocks for less than three seconds.
#pragma once
#include <array>
#include <cstdint>
#include <stop_token>

#include "app/cli/machine.h"

namespace moxie::desktop {

struct MachineFacts {
    app::Machine machine = {};
    double memoryBytesPerSecond = 0;  // all processors together
    double diskBytesPerSecond = 0;    // reading, past the cache; 0: could not be measured
};

// What is not measured when `stop` is requested stays 0.
MachineFacts measureMachine(const std::stop_token& stop);

// Sizes of models as people speak of them, with weights of four to five bits.
enum class ModelClass : uint8_t { tiny, small, medium, large, huge };
inline constexpr std::array kModelClasses = {
    ModelClass::tiny, ModelClass::small, ModelClass::medium, ModelClass::large, ModelClass::huge};

enum class Fit : uint8_t {
    good,  // faster than one reads
    slow,
    tight,  // only if other programs give memory back
    no,
};

struct ModelVerdict {
    Fit fit = Fit::no;
    int64_t bytesNeeded = 0;        // weights and a context of some thousand tokens
    double tokensPerSecondMax = 0;  // every weight is read once for a token
};

ModelVerdict verdictOf(ModelClass size, const MachineFacts& facts);

// Nothing but a model for trying runs well here: a server is the way.
bool isTooSmallForWork(const MachineFacts& facts);

}  // namespace moxie::desktop
