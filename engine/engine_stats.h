// What an engine has done since it was opened and what it holds. The panel, the command line and
// the tests read the same numbers.
// Threads: values.
#pragma once
#include <cstdint>

#include "engine/experts/expert_cache.h"
#include "engine/kv/kv_store.h"
#include "engine/kv/prefix_tree.h"

namespace moxie::engine {

// Of one source of drafts.
struct DraftStats {
    int64_t steps = 0;     // that checked its drafts
    int64_t drafted = 0;   // tokens it proposed
    int64_t accepted = 0;  // of these, the tokens the model chose itself
};

struct EngineStats {
    int64_t generations = 0;
    int64_t promptTokens = 0;     // as they were asked for
    int64_t cachedTokens = 0;     // of these, taken from memory or disk
    int64_t diskTokens = 0;       // of these, from disk
    int64_t evaluatedTokens = 0;  // of the prompts, evaluated
    int64_t generatedTokens = 0;
    int64_t promptMs = 0;
    int64_t decodeMs = 0;          // from the first token of each answer to its last
    int64_t weightBytes = 0;       // mapped
    int64_t sessionBytes = 0;      // KV rows and activations of the session in use
    DraftStats lookupDrafts = {};  // what stood in the conversation before
    DraftStats mtpDrafts = {};     // of the model's draft block
    PrefixTreeStats memory = {};
    KvStoreStats disk = {};         // zeros without a store
    ExpertCacheStats experts = {};  // zeros where all experts are mapped

    // 0: nothing was evaluated, or too little to be measured.
    double promptTokensPerSecond() const { return perSecond(evaluatedTokens, promptMs); }

    // The first token of an answer comes out of reading its prompt.
    double generatedTokensPerSecond() const {
        return perSecond(generatedTokens > generations ? generatedTokens - generations : 0,
                         decodeMs);
    }

private:
    static double perSecond(int64_t tokens, int64_t ms) {
        return ms > 0 ? static_cast<double>(tokens) * 1000 / static_cast<double>(ms) : 0;
    }
};

}  // namespace moxie::engine
