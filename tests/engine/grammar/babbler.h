// A family's vocabulary in small, and a model that says anything its grammar allows.
// Threads: one thread at a time.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/grammar/token_masks.h"

namespace moxie::engine::grammar_test {

struct Babbler {
    explicit Babbler(const ChatFamily& its);

    bool ends(int32_t token) const;
    std::shared_ptr<TokenMasks> masks(const ChatRequest& request) const;
    // An answer of at most `most` tokens from random logits; empty: it was longer.
    std::string say(const std::shared_ptr<TokenMasks>& masks, uint64_t seed, int most) const;

    const ChatFamily& family;
    std::unique_ptr<const Tokenizer> tokenizer;
    MarkerNames names;
    std::shared_ptr<const TokenTable> table;

private:
    void favourEnd(const std::string& answer, std::vector<float>& logits) const;
};

// Whether each token is allowed where a walk over its symbols says so, and nothing else.
bool masksAreWalks(TokenMasks& masks, Automaton::State state);

}  // namespace moxie::engine::grammar_test
