#include "engine/local/local_engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"

namespace moxie::engine {

namespace {

// What the model card of SmolLM2 samples with; small instruct models ramble above it.
constexpr SamplerOptions kSmallModelSampler = {.temperature = 0.2, .topP = 0.9};

base::Result<kernels::Isa> isaFromName(std::string_view name) {
    const kernels::Isa best = kernels::detectIsa();
    if (name.empty()) return best;
    for (const auto isa : {kernels::Isa::scalar, kernels::Isa::avx2, kernels::Isa::avx512,
                           kernels::Isa::avx512vnni}) {
        if (name != kernels::toString(isa)) continue;
        if (isa > best)
            return base::fail(
                base::Errc::unsupported,
                fmt::format("this CPU has no {}; its best is {}", name, kernels::toString(best)));
        return isa;
    }
    return base::fail(base::Errc::unsupported,
                      fmt::format("no kernels for \"{}\"; there are scalar, avx2, avx512 and "
                                  "avx512vnni",
                                  name));
}

int64_t commonPrefix(std::span<const int32_t> a, std::span<const int32_t> b) {
    const auto [end, unused] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return end - a.begin();
}

// The turn of one generation at the engine.
class Turn {
public:
    Turn(std::mutex& mutex, std::condition_variable_any& free, bool& isBusy)
        : mutex_(mutex),
          free_(free),
          isBusy_(isBusy) {}

    ~Turn() {
        {
            std::lock_guard lock(mutex_);
            if (!isMine_) return;
            isBusy_ = false;
        }
        free_.notify_one();
    }

    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    // Does not wait.
    bool tryTake() {
        std::lock_guard lock(mutex_);
        if (isBusy_) return false;
        return isBusy_ = isMine_ = true;
    }

    // False: stop was requested first.
    bool take(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        if (!free_.wait(lock, stop, [this] { return !isBusy_; })) return false;
        return isBusy_ = isMine_ = true;
    }

private:
    std::mutex& mutex_;
    std::condition_variable_any& free_;
    bool& isBusy_;
    bool isMine_ = false;
};

}  // namespace

base::Status checkVocabulary(const Tokenizer& tokenizer, const LlamaModel& model) {
    const int64_t tokens = tokenizer.vocabulary().size();
    if (tokens == model.shape().vocabularySize) return {};
    return base::fail(base::Errc::corrupt,
                      fmt::format("the tokenizer has {} tokens, the weights have {}", tokens,
                                  model.shape().vocabularySize));
}

base::Result<std::shared_ptr<LocalEngine>> LocalEngine::open(const LocalModelOptions& options) {
    TRY_ASSIGN(const auto isa, isaFromName(options.isa));
    TRY_ASSIGN(auto file, GgufFile::open(options.file));
    TRY_ASSIGN(auto model, LlamaModel::load(file));
    TRY_ASSIGN(auto tokenizer, Tokenizer::fromGguf(file));
    TRY(checkVocabulary(*tokenizer, model));
    if (options.threads < 0 || options.threads > 1024)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("{} threads, expected 0 to 1024", options.threads));
    std::shared_ptr<LocalEngine> engine(
        new LocalEngine(std::move(file), std::move(model), std::move(tokenizer), options));
    const int64_t context =
        std::min(options.contextTokens, engine->model_.shape().contextTokensMax);
    TRY_ASSIGN(engine->session_, LlamaSession::make(engine->model_, engine->pool_,
                                                    kernels::dispatchFor(isa), context));
    return engine;
}

LocalEngine::LocalEngine(GgufFile file, LlamaModel model,
                         std::unique_ptr<const Tokenizer> tokenizer,
                         const LocalModelOptions& options)
    : name_(options.file.filename().string()),
      file_(std::move(file)),
      model_(std::move(model)),
      tokenizer_(std::move(tokenizer)),
      format_(ChatFormat::make(file_.string("tokenizer.chat_template").value_or(""),
                               tokenizer_->vocabulary())),
      defaultSampler_(kSmallModelSampler),
      pool_(options.threads) {
    readSamplerDefaults();
}

void LocalEngine::readSamplerDefaults() {
    if (const auto value = file_.number("general.sampling.temp"); value && *value >= 0)
        defaultSampler_.temperature = *value;
    if (const auto value = file_.number("general.sampling.top_p");
        value && *value > 0 && *value <= 1)
        defaultSampler_.topP = *value;
    if (const auto value = file_.integer("general.sampling.top_k");
        value && *value >= 0 && *value <= INT32_MAX)
        defaultSampler_.topK = int32_t(*value);
    if (const auto value = file_.number("general.sampling.min_p");
        value && *value >= 0 && *value < 1)
        defaultSampler_.minP = *value;
}

base::Result<Generation> LocalEngine::generate(
    const std::function<std::vector<int32_t>()>& makePrompt, const GenerationOptions& options,
    const GenerationCalls& calls, const std::stop_token& stop) {
    Turn turn(turnMutex_, turnFree_, isBusy_);
    if (!turn.tryTake()) {
        if (calls.onQueued) calls.onQueued();
        if (!turn.take(stop)) return base::fail(base::Errc::cancelled, "stopped while waiting");
    }
    const std::vector<int32_t> prompt = makePrompt();
    Generation generation;
    generation.promptTokens = int64_t(prompt.size());
    if (prompt.empty()) return base::fail(base::Errc::invalidInput, "the prompt has no token");
    if (generation.promptTokens >= contextTokens()) {
        generation.end = GenerationEnd::promptTooBig;
        return generation;
    }
    TRY_ASSIGN(const auto logits, readPrompt(prompt, calls, stop, generation));
    TRY(decode(logits, options, calls, stop, generation));
    return generation;
}

// Brings the session to the end of the prompt, from the longest prefix it shares with what the
// session holds. The last token is always evaluated: its logits are not kept.
base::Result<std::span<const float>> LocalEngine::readPrompt(std::span<const int32_t> prompt,
                                                             const GenerationCalls& calls,
                                                             const std::stop_token& stop,
                                                             Generation& generation) {
    const base::SystemClock clock;
    const int64_t began = clock.steadyMs();
    const int64_t cached =
        std::min(commonPrefix(session_->tokens(), prompt), generation.promptTokens - 1);
    session_->truncate(cached);
    generation.cachedTokens = cached;
    auto logits = session_->evaluate(prompt.subspan(size_t(cached)),
                                     {.stop = stop, .progress = calls.onPrompt});
    generation.promptMs = clock.steadyMs() - began;
    return logits;
}

base::Status LocalEngine::decode(std::span<const float> logits, const GenerationOptions& options,
                                 const GenerationCalls& calls, const std::stop_token& stop,
                                 Generation& generation) {
    const base::SystemClock clock;
    const int64_t began = clock.steadyMs();
    const Vocabulary& vocabulary = tokenizer_->vocabulary();
    Sampler sampler(options.sampler);
    while (true) {
        const int32_t token = sampler.sample(logits, session_->tokens());
        if (vocabulary.endsGeneration(token)) {
            generation.end = GenerationEnd::endToken;
            break;
        }
        generation.tokens.push_back(token);
        if (calls.onToken && !calls.onToken(vocabulary.bytes(token))) {
            generation.end = GenerationEnd::byCaller;
            break;
        }
        if (int64_t(generation.tokens.size()) >= options.tokensMax) {
            generation.end = GenerationEnd::tokensMax;
            break;
        }
        if (int64_t(session_->tokens().size()) >= contextTokens()) {
            generation.end = GenerationEnd::windowFull;
            break;
        }
        const int32_t next[] = {token};
        TRY_ASSIGN(logits, session_->evaluate(next, {.stop = stop}));
    }
    generation.decodeMs = clock.steadyMs() - began;
    return {};
}

}  // namespace moxie::engine
