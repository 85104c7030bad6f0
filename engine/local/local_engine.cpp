#include "engine/local/local_engine.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "engine/execute/rounded_products.h"
#include "engine/experts/memory_limit.h"
#include "engine/kv/fingerprint.h"
#include "engine/local/chat_source.h"
#include "engine/weights/open_source.h"

namespace moxie::engine {

namespace {

// What the model card of SmolLM2 samples with; small instruct models ramble above it.
constexpr SamplerOptions kSmallModelSampler = {.temperature = 0.2, .topP = 0.9};

// Calls of evaluate() that one prompt is read in, and the tokens of those that end at a message.
constexpr size_t kCallsMax = 6;
constexpr int64_t kCallTokensMin = 64;
constexpr int64_t kStoredAnswersBytesMax = 16 << 20;  // read when the engine is opened

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

base::Result<std::vector<DraftSource>> draftSourcesFor(std::string_view mode,
                                                       const ModelPlan& plan) {
    using Sources = std::vector<DraftSource>;
    if (mode == "off") return Sources();
    if (mode == "lookup") return Sources{DraftSource::lookup};
    if (mode == "mtp" && !plan.canDraft())
        return base::fail(base::Errc::unsupported,
                          "drafts by \"mtp\": the model has no block for multi-token prediction");
    if (mode == "mtp") return Sources{DraftSource::block};
    if (mode == "auto" && plan.canDraft()) return Sources{DraftSource::lookup, DraftSource::block};
    if (mode == "auto") return Sources{DraftSource::lookup};
    return base::fail(
        base::Errc::invalidInput,
        fmt::format("drafts by \"{}\", expected auto, off, lookup or mtp", mode.substr(0, 40)));
}

int64_t defaultKvMemoryBytes() {
    constexpr int64_t kShare = 8;
    return int64_t{sysconf(_SC_PHYS_PAGES)} / kShare * sysconf(_SC_PAGE_SIZE);
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

Products promptProducts(const kernels::Dispatch& dispatch, const LocalModelOptions& options) {
    const bool mayRound = options.roundsPrompts && !options.simulatesRounding;
    return productsHere(dispatch, mayRound ? Products::rounded : Products::exact);
}

Products answerProducts(const kernels::Dispatch& dispatch, const LocalModelOptions& options) {
    const bool mayRound = options.roundsAnswers && !options.simulatesRounding;
    return productsHere(dispatch, mayRound ? Products::fine : Products::exact);
}

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
    TRY_ASSIGN(auto model, loadModel(options.file, options.draftFile));
    TRY_ASSIGN(auto tokenizer, openTokenizer(*model.source, options.file));
    TRY(checkVocabulary(*tokenizer, model.plan));
    if (options.threads < 0 || options.threads > 1024)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("{} threads, expected 0 to 1024", options.threads));
    std::shared_ptr<LocalEngine> engine(
        new LocalEngine(std::move(model), std::move(tokenizer), options));
    const ModelPlan& plan = engine->model_.plan;
    TRY_ASSIGN(engine->draftSources_, draftSourcesFor(options.draft, plan));
    if (plan.blockDrafter) engine->gate_ = DraftGate(plan.blockDrafter->blockTokens);
    TRY_ASSIGN(const KvFormat kvFormat, kvFormatFromName(options.kvFormat));
    TRY_ASSIGN(engine->adapters_, AdapterSet::open(options.adapters, engine->model_));
    SessionOptions session = {
        .contextTokens = std::min(options.contextTokens, plan.contextTokensMax),
        .kvFormat = kvFormat,
        .simulation = options.simulatesRounding ? QuantSimulation::on : QuantSimulation::off,
        .promptProducts = promptProducts(kernels::dispatchFor(isa), options),
        .answerProducts = answerProducts(kernels::dispatchFor(isa), options),
        .keepsDraft = std::ranges::count(engine->draftSources_, DraftSource::block) > 0,
        .adapters = engine->adapters_->factors(),
        .guard = engine->model_.guard.get(),
        .memoryBytesMax = options.memoryBytesMax};
    TRY_ASSIGN(engine->experts_,
               openExpertCache(engine->model_,
                               planMemory(plan, session, EvaluateOptions{}.chunkTokens,
                                          engine->pool_.threads()),
                               options.memoryBytesMax));
    session.experts = engine->experts_.get();
    TRY_ASSIGN(engine->session_,
               Session::make(plan, engine->pool_, kernels::dispatchFor(isa), session));
    TRY(engine->openCache(isa, options));
    return engine;
}

// A store that cannot be opened is told in the log; the engine runs without it.
base::Status LocalEngine::openCache(kernels::Isa isa, const LocalModelOptions& options) {
    if (options.kvMemoryBytes < 0 || options.kvDiskBytesMax < 0)
        return base::fail(base::Errc::invalidInput, "a negative size of the KV cache");
    const int64_t memoryBytes =
        options.kvMemoryBytes > 0 ? options.kvMemoryBytes : defaultKvMemoryBytes();
    cache_.emplace(*session_, memoryBytes);
    stats_.weightBytes = model_.plan.weightBytes;
    if (options.kvDirectory.empty() || options.kvDiskBytesMax == 0) return {};
    const SessionOptions& kept = session_->options();
    const StateSettings settings = {.isa = isa,
                                    .kvFormat = kept.kvFormat,
                                    .simulation = kept.simulation,
                                    .promptProducts = kept.promptProducts,
                                    .answerProducts = kept.answerProducts,
                                    .keepsDraft = kept.keepsDraft,
                                    .adapters = kept.adapters};
    base::Hash128 fingerprint = stateFingerprint(*model_.source, model_.plan, settings);
    if (model_.draftSource)
        fingerprint = base::hash128(
            fingerprint, stateFingerprint(*model_.draftSource, model_.plan, settings).hex());
    auto store = KvStore::open(
        StateCodec(model_.plan, session_->timeline().layout(), kept.kvFormat), fingerprint,
        {.directory = options.kvDirectory, .bytesMax = options.kvDiskBytesMax}, clock_);
    if (!store) {
        base::log(base::LogLevel::warn, "engine",
                  fmt::format("no KV cache on disk: {}", store.error().message()));
        return {};
    }
    for (StoredAnswer& known : (*store)->answers(kStoredAnswersBytesMax))
        answers_.restore(std::move(known));
    cache_->setStore(*std::move(store));
    return {};
}

// The last answer was remembered behind its generation.
LocalEngine::~LocalEngine() {
    if (cache_) cache_->keepAnswers(answers_.takeNew());
}

LocalEngine::LocalEngine(LoadedModel model, std::unique_ptr<const Tokenizer> tokenizer,
                         const LocalModelOptions& options)
    : name_(options.file.filename().string()),
      model_(std::move(model)),
      tokenizer_(std::move(tokenizer)),
      format_(
          ChatFormat::make(readChatSource(*model_.source, options.file), tokenizer_->vocabulary())),
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
        if (!engineTurn.take(stop))
            return base::fail(base::Errc::cancelled, "stopped while waiting");
    }
    const std::vector<int32_t> prompt = makePrompt();
    Generation generation;
    generation.promptTokens = int64_t(prompt.size());
    if (prompt.empty()) return base::fail(base::Errc::invalidInput, "the prompt has no token");
    if (generation.promptTokens >= contextTokens()) {
        generation.end = GenerationEnd::promptTooBig;
        return generation;
    }
    const auto status = answer(prompt, options, calls, stop, generation);
    // Also what a cancelled prompt has read.
    cache_->keep();
    cache_->keepAnswers(answers_.takeNew());
    count(generation);
    TRY(status);
    return generation;
}

base::Status LocalEngine::answer(std::span<const int32_t> prompt, const GenerationOptions& options,
                                 const GenerationCalls& calls, const std::stop_token& stop,
                                 Generation& generation) {
    TRY_ASSIGN(const auto logits, readPrompt(prompt, calls, stop, generation));
    return decode(logits, options, calls, stop, generation);
}

void LocalEngine::count(const Generation& generation) {
    std::lock_guard lock(statsMutex_);
    ++stats_.generations;
    stats_.promptTokens += generation.promptTokens;
    stats_.cachedTokens += generation.cachedTokens;
    stats_.diskTokens += generation.diskTokens;
    stats_.evaluatedTokens += generation.evaluatedTokens;
    stats_.generatedTokens += int64_t(generation.tokens.size());
    stats_.promptMs += generation.promptMs;
    stats_.decodeMs += generation.decodeMs;
    stats_.sessionBytes = session_->allocatedBytes();
    stats_.memory = cache_->treeStats();
    stats_.disk = cache_->storeStats();
    if (experts_) stats_.experts = experts_->stats();
}

EngineStats LocalEngine::stats() const {
    std::lock_guard lock(statsMutex_);
    return stats_;
}

// The prompt is read in several calls where other conversations may branch off, for the end of a
// call can be gone on from: where one is known to, and in a prompt without a past where its first
// messages begin.
std::vector<int64_t> LocalEngine::callEnds(std::span<const int32_t> prompt,
                                           const PromptCache::Prefix& prefix) const {
    std::vector<int64_t> ends = {prefix.branchTokens, int64_t(prompt.size())};
    if (prefix.tokens > 0 || !session_->timeline().layout().needsResumePoint()) return ends;
    int64_t last = 0;
    for (int64_t i = 0; i < int64_t(prompt.size()) && ends.size() < kCallsMax; ++i) {
        const int32_t token = prompt[size_t(i)];
        const bool isControl = token >= 0 && token < tokenizer_->vocabulary().size() &&
                               tokenizer_->vocabulary().kind(token) == TokenKind::control;
        if (!isControl || i - last < kCallTokensMin) continue;
        ends.push_back(last = i);
    }
    std::ranges::sort(ends);
    return ends;
}

// Brings the session to the end of the prompt, from the longest prefix of it that is known.
base::Result<std::span<const float>> LocalEngine::readPrompt(std::span<const int32_t> prompt,
                                                             const GenerationCalls& calls,
                                                             const std::stop_token& stop,
                                                             Generation& generation) {
    const int64_t began = clock_.steadyMs();
    TRY_ASSIGN(const PromptCache::Prefix prefix, cache_->take(prompt, stop));
    generation.cachedTokens = prefix.tokens;
    generation.diskTokens = prefix.diskTokens;
    const int64_t due = generation.promptTokens - prefix.tokens;
    base::Result<std::span<const float>> logits = session_->logits();
    for (const int64_t end : callEnds(prompt, prefix)) {
        const auto begin = int64_t(session_->tokens().size());
        if (end <= begin || !logits) continue;
        const auto progress = [&](int64_t done, int64_t) {
            if (calls.onPrompt) calls.onPrompt(begin - prefix.tokens + done, due);
        };
        logits = session_->evaluate(prompt.subspan(size_t(begin), size_t(end - begin)),
                                    {.stop = stop, .progress = progress});
        generation.evaluatedTokens = int64_t(session_->tokens().size()) - prefix.tokens;
    }
    generation.promptMs = clock_.steadyMs() - began;
    return logits;
}

// Gives a token out; how it ends the answer, if it does.
std::optional<GenerationEnd> LocalEngine::give(int32_t token, const GenerationOptions& options,
                                               const GenerationCalls& calls,
                                               Generation& generation) const {
    const Vocabulary& vocabulary = tokenizer_->vocabulary();
    const bool isEnd = format_ ? format_->endsAnswer(token) : vocabulary.endsGeneration(token);
    if (isEnd) return GenerationEnd::endToken;
    generation.tokens.push_back(token);
    if (calls.onToken && !calls.onToken(token, vocabulary.bytes(token)))
        return GenerationEnd::byCaller;
    if (int64_t(generation.tokens.size()) >= options.tokensMax) return GenerationEnd::tokensMax;
    return std::nullopt;
}

}  // namespace moxie::engine
