#include "engine/bench/frontiers.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <span>

#include "engine/bench/drawn_tokens.h"
#include "engine/bench/elapsed.h"
#include "engine/execute/rounded_products.h"
#include "engine/experts/memory_limit.h"
#include "engine/loaded_model.h"
#include "engine/logits.h"
#include "engine/sampler.h"
#include "engine/session/session.h"
#include "engine/worker_pool.h"

namespace moxie::engine {

namespace {

using base::Errc;

double perSecond(int64_t tokens, double seconds) {
    return seconds > 0 ? static_cast<double>(tokens) / seconds : 0;
}

double sumOf(std::span<const double> seconds) {
    return std::accumulate(seconds.begin(), seconds.end(), 0.0);
}

base::Status checkFrontiers(const std::vector<int64_t>& frontiers, int64_t answerTokens,
                            int64_t contextMax) {
    int64_t before = 0;
    for (const int64_t frontier : frontiers) {
        if (frontier <= before || frontier > contextMax || answerTokens > contextMax - frontier)
            return base::fail(
                Errc::invalidInput,
                fmt::format("a frontier of {} tokens behind {}, with an answer of {}: expected "
                            "frontiers that grow and fit with it into {} tokens, the model's "
                            "context",
                            frontier, before, answerTokens, contextMax));
        before = frontier;
    }
    if (frontiers.empty() || answerTokens < 0)
        return base::fail(Errc::invalidInput, "there is nothing to measure");
    return {};
}

// The answer goes to a branch, which ends with it.
base::Result<std::vector<double>> timeAnswer(Session& session, int64_t count,
                                             const SpeedOptions& options) {
    std::vector<double> seconds;
    TRY_ASSIGN(Session branch, session.fork());
    for (int64_t i = 0; i < count; ++i) {
        const BenchClock::time_point began = BenchClock::now();
        const int32_t token = argmax(branch.logits());
        TRY(branch.evaluate({&token, 1}, {.stop = options.stop, .role = TokenRole::answer}));
        seconds.push_back(secondsSince(began));
    }
    return seconds;
}

}  // namespace

double Frontier::promptTokensPerSecond() const {
    return perSecond(promptTokens, promptSeconds);
}

double Frontier::answerTokensPerSecond() const {
    return perSecond(std::ssize(answerSeconds), sumOf(answerSeconds));
}

double Frontier::steadyTokensPerSecond() const {
    if (answerSeconds.size() < 2) return 0;
    return perSecond(std::ssize(answerSeconds) - 1, sumOf(std::span(answerSeconds).subspan(1)));
}

base::Result<std::vector<Frontier>> measureFrontiers(const std::filesystem::path& path,
                                                     const std::vector<int64_t>& frontiers,
                                                     int64_t answerTokens,
                                                     const SpeedOptions& options) {
    if (options.chunkTokens < 0) return base::fail(Errc::invalidInput, "tokens at once begin at 0");
    TRY_ASSIGN(const kernels::Dispatch* dispatch, findDispatch(options.isa));
    TRY_ASSIGN(const KvFormat kvFormat, kvFormatFromName(options.kvFormat));
    TRY_ASSIGN(const LoadedModel model, loadModel(path));
    TRY(checkFrontiers(frontiers, answerTokens, model.plan.contextTokensMax));
    WorkerPool pool(options.threads);
    SessionOptions made = {.contextTokens = frontiers.back() + answerTokens,
                           .kvFormat = kvFormat,
                           .promptProducts = productsHere(*dispatch, options.promptProducts),
                           .answerProducts = productsHere(*dispatch, options.answerProducts),
                           .guard = model.guard.get(),
                           .memoryBytesMax = options.memoryBytesMax};
    const MemoryPlan plan = planMemory(model.plan, made, options.chunkTokens, pool.threads());
    TRY_ASSIGN(const std::unique_ptr<ExpertCache> experts,
               openExpertCache(model, plan, options.memoryBytesMax));
    made.experts = experts.get();
    TRY_ASSIGN(Session session, Session::make(model.plan, pool, *dispatch, made));
    const std::vector<int32_t> tokens = drawTokens(frontiers.back(), model.plan.vocabularySize);
    std::vector<Frontier> results;
    for (const int64_t to : frontiers) {
        if (options.progress) options.progress(std::ssize(results), std::ssize(frontiers));
        const auto held = std::ssize(session.tokens());
        Frontier frontier = {.contextTokens = to, .promptTokens = to - held};
        const BenchClock::time_point began = BenchClock::now();
        TRY(session.evaluate(
            std::span(tokens).subspan(static_cast<size_t>(held), static_cast<size_t>(to - held)),
            {.chunkTokens = options.chunkTokens, .stop = options.stop, .role = TokenRole::prompt}));
        frontier.promptSeconds = secondsSince(began);
        TRY_ASSIGN(frontier.answerSeconds, timeAnswer(session, answerTokens, options));
        frontier.kvBytes = session.timeline().layout().rowBytes(to);
        results.push_back(std::move(frontier));
    }
    return results;
}

}  // namespace moxie::engine
