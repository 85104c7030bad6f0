// Perplexity of a model over a text, as llama.cpp counts it: the text in windows of equal length,
// each read afresh; only tokens in the second half of a window count, which have enough before
// them. Threads: any thread; blocks, and uses a worker pool of its own.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/execute/pass.h"

namespace moxie::engine {

struct PerplexityOptions {
    int64_t windowTokens = 512;
    int64_t windowsMax = 0;  // 0: all that the text fills
    int64_t chunkTokens = 512;
    int32_t threads = 0;
    Products promptProducts = Products::exact;
    std::string isa = {};
    std::string kvFormat = "f32";
    std::stop_token stop = {};
    // After each window: its number from 1, how many there are, the perplexity so far.
    std::function<void(int64_t window, int64_t windows, double soFar)> progress = {};
};

struct Perplexity {
    double value = 0;
    double standardError = 0;  // of the value, by the spread of the tokens' losses
    int64_t windows = 0, tokensCounted = 0, tokensRead = 0;
};

// Where a model wants a token for the beginning of a text, it takes the place of each window's
// first. Fails: what opening, tokenizing and evaluating fail with; invalidInput (a window of less
// than 4 tokens or longer than the context, a text shorter than one window).
base::Result<Perplexity> measurePerplexity(const std::filesystem::path& model,
                                           std::string_view text, const PerplexityOptions& options);

// -log of the softmax of `logits` at `token`, in nats. Requires: 0 <= token < logits.size().
double lossOf(std::span<const float> logits, int32_t token);

}  // namespace moxie::engine
