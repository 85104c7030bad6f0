// Remembers which tokens the model's own answers were made of, so that text a model produced is
// never tokenised again: other tokens can spell the same text, and would miss the KV cache.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "engine/kv/kv_store.h"

namespace moxie::engine {

// The name of a token sequence, whatever pieces it was added in. So the answers of a long
// conversation are looked up by reading it once. Threads: one thread at a time.
class PromptName {
public:
    PromptName() = default;

    explicit PromptName(std::span<const int32_t> tokens) { append(tokens); }

    // Cost: hashes each token once.
    void append(std::span<const int32_t> tokens);
    // Cost: hashes less than a block of 256 tokens.
    base::Hash128 value() const;

    // By append(), what this is a copy of included.
    int64_t hashedTokens() const { return hashedTokens_; }

private:
    base::Hash128 chain_ = {};        // of the whole blocks
    std::vector<int32_t> rest_ = {};  // less than a block
    int64_t hashedTokens_ = 0;
};

class AnswerMemory {
public:
    // `prompt`: all tokens before the answer; `body`: answerKey() of it.
    // Full: the oldest answers are dropped.
    void remember(std::span<const int32_t> prompt, std::string_view body,
                  std::vector<int32_t> tokens);
    // nullopt if this answer was not given behind this prompt, or is forgotten.
    std::optional<std::vector<int32_t>> find(const PromptName& prompt, std::string_view body) const;

    // For a store: what was remembered since the last call, and what an earlier process had.
    std::vector<StoredAnswer> takeNew();
    void restore(StoredAnswer answer);

private:
    struct Answer {
        std::string body;  // compared on a hit: the hash alone is no proof
        std::vector<int32_t> tokens;
    };

    mutable std::mutex mutex_;  // guards all of it
    std::map<base::Hash128, Answer> answers_;
    std::deque<base::Hash128> order_;  // oldest first
    int64_t bytes_ = 0;
    std::vector<base::Hash128> new_;

    void insert(const base::Hash128& key, Answer answer);
};

}  // namespace moxie::engine
