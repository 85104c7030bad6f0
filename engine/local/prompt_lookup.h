// Speculation without a second model: where the last tokens stood before in the conversation, what
// followed there is likely to follow again (edits repeat text). Proposes; whether a token is right
// is decided by the model's own logits, so that the text never changes. Threads: one thread at a
// time. Source: Saxena, Prompt Lookup Decoding (2023).
#pragma once
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace moxie::engine {

class PromptLookup {
public:
    // Tokens that may follow `history`, at most `most`; empty: nothing like its end stood before.
    // `history` grows from call to call, or is another one: what was noted and no longer stands
    // there is passed over.
    std::vector<int32_t> propose(std::span<const int32_t> history, int64_t most);

private:
    static constexpr int64_t kMatchTokens = 3;

    static uint64_t keyOf(std::span<const int32_t> tokens);

    std::unordered_map<uint64_t, int64_t> followers_;  // where each run of tokens last ended
    int64_t noted_ = 0;
};

}  // namespace moxie::engine
