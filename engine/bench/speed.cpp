#include "engine/bench/speed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "engine/bench/drawn_tokens.h"
#include "engine/bench/elapsed.h"
#include "engine/bench/memory_read.h"
#include "engine/execute/rounded_products.h"
#include "engine/experts/memory_limit.h"
#include "engine/loaded_model.h"
#include "engine/logits.h"
#include "engine/plan/cost.h"
#include "engine/session/session.h"
#include "engine/worker_pool.h"

namespace moxie::engine {

namespace {

using base::Errc;

base::Status checkTests(const SpeedOptions& options, int64_t contextMax) {
    if (options.tests.empty()) return base::fail(Errc::invalidInput, "there is nothing to measure");
    for (const SpeedTest& test : options.tests) {
        const bool isOne = (test.promptTokens > 0) != (test.answerTokens > 0);
        const bool isSmall = test.promptTokens <= contextMax && test.answerTokens <= contextMax &&
                             test.depthTokens >= 0 && test.depthTokens <= contextMax;
        if (!isOne || !isSmall ||
            test.promptTokens + test.answerTokens + test.depthTokens > contextMax)
            return base::fail(Errc::invalidInput,
                              fmt::format("the test {} does not fit: either prompt or answer, with "
                                          "the depth at most {} tokens, the model's context",
                                          nameOf(test), contextMax));
    }
    return {};
}

class SpeedRun {
public:
    SpeedRun(const LoadedModel& model, WorkerPool& pool, const kernels::Dispatch& dispatch,
             const SpeedOptions& options, KvFormat kvFormat)
        : model_(model),
          pool_(pool),
          dispatch_(dispatch),
          options_(options),
          kvFormat_(kvFormat) {}

    base::Result<SpeedResult> run(const SpeedTest& test, const std::function<void()>& onRepeat) {
        const int64_t total = test.depthTokens + test.promptTokens + test.answerTokens;
        const std::vector<int32_t> tokens = drawTokens(total, model_.plan.vocabularySize);
        const std::span<const int32_t> all(tokens);
        SessionOptions made = {.contextTokens = total,
                               .kvFormat = kvFormat_,
                               .promptProducts = productsHere(dispatch_, options_.promptProducts),
                               .answerProducts = productsHere(dispatch_, options_.answerProducts),
                               .guard = model_.guard.get(),
                               .memoryBytesMax = options_.memoryBytesMax};
        const MemoryPlan plan =
            planMemory(model_.plan, made, options_.chunkTokens, pool_.threads());
        TRY_ASSIGN(experts_, openExpertCache(model_, plan, options_.memoryBytesMax));
        made.experts = experts_.get();
        TRY_ASSIGN(Session session, Session::make(model_.plan, pool_, dispatch_, made));
        if (test.depthTokens > 0) {
            TRY(session.evaluate(all.first(size_t(test.depthTokens)),
                                 evaluation(TokenRole::prompt)));
        }
        SpeedResult result = {.test = test};
        for (int64_t repeat = 0; repeat <= options_.repeats; ++repeat) {
            TRY_ASSIGN(Session branch, session.fork());
            TRY_ASSIGN(const double speed,
                       time(branch, all.subspan(size_t(test.depthTokens)), test.answerTokens > 0));
            if (repeat > 0) result.tokensPerSecond.push_back(speed);
            onRepeat();
        }
        return result;
    }

    ExpertCacheStats expertStats() const {
        return experts_ ? experts_->stats() : ExpertCacheStats();
    }

private:
    EvaluateOptions evaluation(TokenRole role) const {
        return {.chunkTokens = options_.chunkTokens, .stop = options_.stop, .role = role};
    }

    base::Result<double> time(Session& session, std::span<const int32_t> tokens, bool isAnswer) {
        const BenchClock::time_point began = BenchClock::now();
        if (isAnswer) {
            for (size_t i = 0; i < tokens.size(); ++i)
                TRY(session.evaluate(tokens.subspan(i, 1), evaluation(TokenRole::answer)));
        } else {
            TRY(session.evaluate(tokens, evaluation(TokenRole::prompt)));
        }
        return static_cast<double>(tokens.size()) / secondsSince(began);
    }

    const LoadedModel& model_;
    WorkerPool& pool_;
    const kernels::Dispatch& dispatch_;
    const SpeedOptions& options_;
    const KvFormat kvFormat_;
    std::unique_ptr<ExpertCache> experts_;  // of the test under way
};

}  // namespace

std::string nameOf(const SpeedTest& test) {
    const std::string name = test.promptTokens > 0 ? fmt::format("pp{}", test.promptTokens)
                                                   : fmt::format("tg{}", test.answerTokens);
    return test.depthTokens > 0 ? fmt::format("{} @ d{}", name, test.depthTokens) : name;
}

double SpeedResult::mean() const {
    if (tokensPerSecond.empty()) return 0;
    return std::accumulate(tokensPerSecond.begin(), tokensPerSecond.end(), 0.0) /
           static_cast<double>(tokensPerSecond.size());
}

double SpeedResult::deviation() const {
    if (tokensPerSecond.size() < 2) return 0;
    double squares = 0;
    for (const double speed : tokensPerSecond)
        squares += (speed - mean()) * (speed - mean());
    return std::sqrt(squares / static_cast<double>(tokensPerSecond.size() - 1));
}

base::Result<SpeedReport> measureSpeed(const std::filesystem::path& path,
                                       const SpeedOptions& options) {
    const int64_t total = std::ssize(options.tests) * (options.repeats + 1);
    int64_t done = 0;
    const auto tell = [&] {
        if (options.progress) options.progress(done, total);
    };
    tell();
    if (options.repeats < 1 || options.chunkTokens < 0)
        return base::fail(Errc::invalidInput, "repeats begin at 1, tokens at once at 0");
    TRY_ASSIGN(const kernels::Dispatch* dispatch, findDispatch(options.isa));
    TRY_ASSIGN(const KvFormat kvFormat, kvFormatFromName(options.kvFormat));
    TRY_ASSIGN(const LoadedModel model, loadModel(path));
    TRY(checkTests(options, model.plan.contextTokensMax));
    WorkerPool pool(options.threads);
    SpeedReport report;
    const double readBefore = measureMemoryRead(pool.threads(), options.stop);
    report.model = path.filename().string();
    report.family = model.plan.family;
    report.isa = toString(dispatch->isa);
    report.threads = pool.threads();
    report.activeBytes = activeBytes(model.plan);
    for (const StoredTensor& tensor : model.source->tensors()) {
        report.weightBytes += tensor.bytes;
        report.parameters += tensor.weights.rows * tensor.weights.cols;
    }
    {
        SpeedRun run(model, pool, *dispatch, options, kvFormat);
        for (const SpeedTest& test : options.tests) {
            TRY_ASSIGN(SpeedResult result, run.run(test, [&] {
                ++done;
                tell();
            }));
            report.results.push_back(std::move(result));
        }
        report.experts = run.expertStats();
    }  // its experts leave room for the blocks that are read now
    report.memoryReadBytesPerSecond =
        std::max(readBefore, measureMemoryRead(report.threads, options.stop));
    return report;
}

}  // namespace moxie::engine
