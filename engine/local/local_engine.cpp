#include "engine/local/local_engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "engine/weights/open_source.h"

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

std::string chatTemplate(const TensorSource& source) {
    if (const GgufFile* file = asGguf(source))
        return std::string(file->string("tokenizer.chat_template").value_or(""));
    const auto config = ModelConfig::parse(asSafetensors(source)->config().tokenizerConfigText());
    return config ? std::string(config->string("chat_template").value_or("")) : "";
}

// The turn of one generation at the engine.
class EngineTurn {
public:
    EngineTurn(std::mutex& mutex, std::condition_variable_any& free, bool& isBusy)
        : mutex_(mutex),
          free_(free),
          isBusy_(isBusy) {}

    ~EngineTurn() {
        {
            std::lock_guard lock(mutex_);
            if (!isMine_) return;
            isBusy_ = false;
        }
        free_.notify_one();
    }

    EngineTurn(const EngineTurn&) = delete;
    EngineTurn& operator=(const EngineTurn&) = delete;

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

base::Result<std::unique_ptr<const Tokenizer>> openTokenizer(const TensorSource& source,
                                                             const std::filesystem::path& path) {
    if (const GgufFile* file = asGguf(source)) return Tokenizer::fromGguf(*file);
    return Tokenizer::fromFolder(std::filesystem::is_directory(path) ? path : path.parent_path());
}

base::Status checkVocabulary(const Tokenizer& tokenizer, const ModelPlan& plan) {
    const int64_t tokens = tokenizer.vocabulary().size();
    if (tokens <= plan.vocabularySize) return {};  // embeddings may be padded
    return base::fail(base::Errc::corrupt,
                      fmt::format("the tokenizer has {} tokens, the weights only {}", tokens,
                                  plan.vocabularySize));
}

base::Result<std::shared_ptr<LocalEngine>> LocalEngine::open(const LocalModelOptions& options) {
    TRY_ASSIGN(const auto isa, isaFromName(options.isa));
    TRY_ASSIGN(auto model, loadModel(options.file));
    TRY_ASSIGN(auto tokenizer, openTokenizer(*model.source, options.file));
    TRY(checkVocabulary(*tokenizer, model.plan));
    if (options.threads < 0 || options.threads > 1024)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("{} threads, expected 0 to 1024", options.threads));
    std::shared_ptr<LocalEngine> engine(
        new LocalEngine(std::move(model), std::move(tokenizer), options));
    const int64_t context = std::min(options.contextTokens, engine->model_.plan.contextTokensMax);
    TRY_ASSIGN(engine->session_,
               Session::make(engine->model_.plan, engine->pool_, kernels::dispatchFor(isa),
                             {.contextTokens = context}));
    return engine;
}

LocalEngine::LocalEngine(LoadedModel model, std::unique_ptr<const Tokenizer> tokenizer,
                         const LocalModelOptions& options)
    : name_(options.file.filename().string()),
      model_(std::move(model)),
      tokenizer_(std::move(tokenizer)),
      format_(ChatFormat::make(chatTemplate(*model_.source), tokenizer_->vocabulary())),
      defaultSampler_(kSmallModelSampler),
      pool_(options.threads) {
    readSamplerDefaults();
}

void LocalEngine::readSamplerDefaults() {
    const GgufFile* file = asGguf(*model_.source);
    if (file == nullptr) return;
    if (const auto value = file->number("general.sampling.temp"); value && *value >= 0)
        defaultSampler_.temperature = *value;
    if (const auto value = file->number("general.sampling.top_p");
        value && *value > 0 && *value <= 1)
        defaultSampler_.topP = *value;
    if (const auto value = file->integer("general.sampling.top_k");
        value && *value >= 0 && *value <= INT32_MAX)
        defaultSampler_.topK = int32_t(*value);
    if (const auto value = file->number("general.sampling.min_p");
        value && *value >= 0 && *value < 1)
        defaultSampler_.minP = *value;
}

base::Result<Generation> LocalEngine::generate(
    const std::function<std::vector<int32_t>()>& makePrompt, const GenerationOptions& options,
    const GenerationCalls& calls, const std::stop_token& stop) {
    EngineTurn engineTurn(turnMutex_, turnFree_, isBusy_);
    if (!engineTurn.tryTake()) {
        if (calls.onQueued) calls.onQueued();
        if (!engineTurn.take(stop)) return base::fail(base::Errc::cancelled, "stopped while waiting");
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
    TRY(session_->rewind(cached, stop));
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
    const auto known = size_t(vocabulary.size());
    while (true) {
        const int32_t token = sampler.sample(logits.first(known), session_->tokens());
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
