#include "engine/bench/perplexity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/execute/rounded_products.h"
#include "engine/loaded_model.h"
#include "engine/local/local_engine.h"
#include "engine/logits.h"
#include "engine/session/session.h"
#include "engine/worker_pool.h"

namespace moxie::engine {

namespace {

using base::Errc;

// Sums of what counts, in windows of any number.
struct Losses {
    double sum = 0, squares = 0;
    int64_t n = 0;

    void add(double loss) {
        sum += loss;
        squares += loss * loss;
        ++n;
    }

    double perplexity() const { return n == 0 ? 0 : std::exp(sum / static_cast<double>(n)); }

    // By the first order of exp around the mean.
    double error() const {
        if (n < 2) return 0;
        const double mean = sum / static_cast<double>(n);
        const double variance = std::max(0.0, squares / static_cast<double>(n) - mean * mean) /
                                static_cast<double>(n - 1);
        return perplexity() * std::sqrt(variance);
    }
};

base::Status checkWindow(const PerplexityOptions& options, int64_t nTokens, int64_t contextMax) {
    constexpr int64_t kWindowMin = 4;
    if (options.windowTokens < kWindowMin || options.windowTokens > contextMax)
        return base::fail(
            Errc::invalidInput,
            fmt::format("a window of {} tokens, expected {} to {}, the model's context",
                        options.windowTokens, kWindowMin, contextMax));
    if (options.chunkTokens < 1) return base::fail(Errc::invalidInput, "tokens at once begin at 1");
    if (nTokens < options.windowTokens)
        return base::fail(Errc::invalidInput,
                          fmt::format("the text has {} tokens, a window wants {}", nTokens,
                                      options.windowTokens));
    return {};
}

}  // namespace

double lossOf(std::span<const float> logits, int32_t token) {
    const double most = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(static_cast<double>(logit) - most);
    return std::log(sum) + most - static_cast<double>(logits[static_cast<size_t>(token)]);
}

base::Result<Perplexity> measurePerplexity(const std::filesystem::path& path, std::string_view text,
                                           const PerplexityOptions& options) {
    TRY_ASSIGN(const kernels::Dispatch* dispatch, findDispatch(options.isa));
    TRY_ASSIGN(const KvFormat kvFormat, kvFormatFromName(options.kvFormat));
    TRY_ASSIGN(const LoadedModel model, loadModel(path));
    TRY_ASSIGN(const auto tokenizer, openTokenizer(*model.source, path));
    TRY(checkVocabulary(*tokenizer, model.plan));
    const std::vector<int32_t> tokens = tokenizer->encode(text);
    TRY(checkWindow(options, std::ssize(tokens), model.plan.contextTokensMax));
    WorkerPool pool(options.threads);
    const int64_t windowTokens = options.windowTokens;
    int64_t windows = std::ssize(tokens) / windowTokens;
    if (options.windowsMax > 0) windows = std::min(windows, options.windowsMax);
    Losses losses;
    for (int64_t window = 0; window < windows; ++window) {
        const auto first = tokens.begin() + window * windowTokens;
        std::vector<int32_t> read(first, first + windowTokens);
        const Vocabulary& vocabulary = tokenizer->vocabulary();
        if (vocabulary.addsBeginOfText()) read.front() = *vocabulary.beginOfText();
        TRY_ASSIGN(
            Session session,
            Session::make(model.plan, pool, *dispatch,
                          {.contextTokens = windowTokens,
                           .kvFormat = kvFormat,
                           .promptProducts = productsHere(*dispatch, options.promptProducts)}));
        const auto count = [&](int64_t index, std::span<const float> logits) {
            if (index >= windowTokens / 2 && index + 1 < windowTokens)
                losses.add(lossOf(logits, read[size_t(index + 1)]));
        };
        TRY(session.evaluate(
            read, {.chunkTokens = options.chunkTokens, .stop = options.stop, .eachLogits = count}));
        if (options.progress) options.progress(window + 1, windows, losses.perplexity());
    }
    return Perplexity{.value = losses.perplexity(),
                      .standardError = losses.error(),
                      .windows = windows,
                      .tokensCounted = losses.n,
                      .tokensRead = windows * windowTokens};
}

}  // namespace moxie::engine
