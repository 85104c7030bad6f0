// One model file opened for generation: tokenizer, weights and one session that goes from
// conversation to conversation. What was read of any of them stays in the prompt cache, so that a
// prompt evaluates only what follows its longest known prefix.
// Not here: messages and streams (LocalModel).
// Threads: open() and the const calls from any thread; generate() calls wait for each other.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/adapters/adapter_set.h"
#include "engine/engine_stats.h"
#include "engine/experts/expert_cache.h"
#include "engine/grammar/constrained_sampler.h"
#include "engine/loaded_model.h"
#include "engine/local/answer_memory.h"
#include "engine/local/chat_format.h"
#include "engine/local/draft_gate.h"
#include "engine/local/prompt_lookup.h"
#include "engine/open_model.h"
#include "engine/session/prompt_cache.h"
#include "engine/session/session.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/worker_pool.h"

namespace moxie::engine {

enum class GenerationEnd {
    endToken,      // the model ended its turn
    tokensMax,     // as many tokens as were asked for
    windowFull,    // the context window has no room for another token
    promptTooBig,  // nothing was evaluated
    byCaller,      // onToken said so
};

struct GenerationCalls {
    // Once, if another generation is under way and must end first.
    std::function<void()> onQueued = {};
    // After each chunk of the prompt: tokens read of those that were not in the cache.
    std::function<void(int64_t done, int64_t total)> onPrompt = {};
    // Each token with its bytes; false ends the generation.
    std::function<bool(int32_t token, std::string_view bytes)> onToken = {};
    // What the time of steps is read from, in seconds; empty: the system's clock. For tests.
    std::function<double()> seconds = {};
};

struct Generation {
    GenerationEnd end = GenerationEnd::endToken;
    std::vector<int32_t> tokens;  // without the end token
    int64_t promptTokens = 0;
    int64_t cachedTokens = 0;     // of the prompt, taken from the KV cache
    int64_t diskTokens = 0;       // of these, from disk
    int64_t evaluatedTokens = 0;  // of the prompt; fewer than the rest if it was cancelled
    int64_t promptMs = 0;
    int64_t decodeMs = 0;  // from the first token to the last
};

struct GenerationOptions {
    int64_t tokensMax = 512;  // at least one
    SamplerOptions sampler = {};
    TokenConstraint* constraint = nullptr;  // null: any token may come
};

// The tokenizer of a model: in its GGUF file, or in the folder it was published as.
// Fails: what Tokenizer fails with.
base::Result<std::unique_ptr<const Tokenizer>> openTokenizer(const TensorSource& source,
                                                             const std::filesystem::path& path);
// Whether the tokens are those the weights are for. Fails: corrupt.
base::Status checkVocabulary(const Tokenizer& tokenizer, const ModelPlan& plan);

class LocalEngine {
public:
    // Fails: what loadModel, Tokenizer, AdapterSet, openExpertCache and Session fail with;
    // unsupported (an `isa` that is unknown or beyond this CPU; drafts of a block that the model
    // does not have); invalidInput (other options).
    static base::Result<std::shared_ptr<LocalEngine>> open(const LocalModelOptions& options);

    ~LocalEngine();
    LocalEngine(const LocalEngine&) = delete;
    LocalEngine& operator=(const LocalEngine&) = delete;

    const std::string& name() const { return name_; }  // of the file

    const Tokenizer& tokenizer() const { return *tokenizer_; }

    // How to write a conversation for it; the error if we cannot.
    const base::Result<ChatFormat>& format() const { return format_; }

    int64_t contextTokens() const { return session_->contextTokens(); }

    int32_t threads() const { return pool_.threads(); }

    // What the model's file asks for, else what suits a small instruct model.
    const SamplerOptions& defaultSampler() const { return defaultSampler_; }

    // `makePrompt` gives the prompt's tokens; it is called when this generation's turn has come.
    // Fails: cancelled (within one layer of one chunk), invalidInput (no token).
    base::Result<Generation> generate(const std::function<std::vector<int32_t>()>& makePrompt,
                                      const GenerationOptions& options,
                                      const GenerationCalls& calls, const std::stop_token& stop);

    AnswerMemory& answers() { return answers_; }

    // As of the last generation that ended.
    EngineStats stats() const;

private:
    LocalEngine(LoadedModel model, std::unique_ptr<const Tokenizer> tokenizer,
                const LocalModelOptions& options);
    void readSamplerDefaults();
    base::Status openCache(kernels::Isa isa, const LocalModelOptions& options);
    base::Status answer(std::span<const int32_t> prompt, const GenerationOptions& options,
                        const GenerationCalls& calls, const std::stop_token& stop,
                        Generation& generation);
    void count(const Generation& generation);
    std::vector<int64_t> callEnds(std::span<const int32_t> prompt,
                                  const PromptCache::Prefix& prefix) const;
    base::Result<std::span<const float>> readPrompt(std::span<const int32_t> prompt,
                                                    const GenerationCalls& calls,
                                                    const std::stop_token& stop,
                                                    Generation& generation);
    std::optional<GenerationEnd> give(int32_t token, const GenerationOptions& options,
                                      const GenerationCalls& calls, Generation& generation) const;

    struct Draft {
        DraftSource source = DraftSource::none;
        std::vector<int32_t> tokens = {};
        bool isForced = false;  // by a grammar
        double catchUpSeconds = 0;
    };

    base::Result<std::vector<int32_t>> propose(DraftSource source, int32_t token, int64_t most);
    base::Result<Draft> draftAfter(int32_t token, int64_t most,
                                   const std::function<double()>& seconds);
    Draft forcedDraft(std::span<const int32_t> forced, int64_t most) const;
    base::Result<std::vector<int32_t>> check(int32_t token, const Draft& draft,
                                             ConstrainedSampler& sampler,
                                             const std::stop_token& stop);
    base::Result<std::vector<int32_t>> takeStep(int32_t token, int64_t most,
                                                const GenerationCalls& calls,
                                                ConstrainedSampler& sampler,
                                                const std::stop_token& stop);
    void countDraft(const Draft& draft, int64_t given);
    base::Status decode(std::span<const float> logits, const GenerationOptions& options,
                        const GenerationCalls& calls, const std::stop_token& stop,
                        Generation& generation);

    std::string name_;
    LoadedModel model_;
    std::unique_ptr<const Tokenizer> tokenizer_;
    base::Result<ChatFormat> format_;
    SamplerOptions defaultSampler_;
    std::optional<AdapterSet> adapters_;    // of the model; set by open()
    std::unique_ptr<ExpertCache> experts_;  // nullptr: all of the model is mapped
    WorkerPool pool_;
    std::optional<Session> session_;  // set by open(), after its model has its place
    base::SystemClock clock_;
    std::optional<PromptCache> cache_;  // of session_
    std::vector<DraftSource> draftSources_;
    PromptLookup lookup_;
    DraftGate gate_;
    AnswerMemory answers_;
    mutable std::mutex statsMutex_;  // guards stats_
    EngineStats stats_;
    std::mutex turnMutex_;  // guards isBusy_
    std::condition_variable_any turnFree_;
    bool isBusy_ = false;
};

}  // namespace moxie::engine
