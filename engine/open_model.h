// Makes ChatModels from what a user configured: a local file, a remote API, or a chain of them.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/adapters/adapter_file.h"
#include "engine/chat_model.h"

namespace moxie::engine {

struct LocalModelOptions {
    std::filesystem::path file;  // GGUF
    int32_t threads = 0;         // 0: one per physical core
    int64_t contextTokens = 0;   // 0: the model's own limit
    std::string isa = {};        // "scalar", "avx2", "avx512", "avx512vnni"; empty: the best
    // Prefixes of conversations that were read: in memory, and in a folder to outlive the process.
    int64_t kvMemoryBytes = 0;                // 0: an eighth of the machine's memory
    std::filesystem::path kvDirectory = {};   // empty: none
    int64_t kvDiskBytesMax = 20'000'000'000;  // of all models in the folder
    std::string kvFormat = "f32";  // how its rows are kept: "f32", "f16", "native" (the makers')
    // Caches and indexers are rounded as the makers' own code rounds them.
    bool simulatesRounding = false;
    // Prompts may be read with activations rounded to 8 bits, answers computed with activations
    // rounded to 16, where that is faster here. Without effect where rounding is simulated.
    bool roundsPrompts = true;
    bool roundsAnswers = true;
    // Who guesses tokens ahead, for the model to check several at once; the text stays the same:
    // "auto", "off", "lookup" (what stood in the conversation), "mtp" (the model's drafter).
    std::string draft = "auto";
    std::filesystem::path draftFile =
        {};  // the model's drafter, where it has a GGUF file of its own
    std::vector<AdapterFile> adapters = {};  // applied together
    // For everything that is resident; routed experts beyond it are read from disk as they are
    // needed. 0: what the machine has available.
    int64_t memoryBytesMax = 0;
};

base::Result<std::unique_ptr<ChatModel>> openLocalModel(const LocalModelOptions& options);

enum class RemoteApi { openai, anthropic };

struct RemoteModelOptions {
    RemoteApi api = RemoteApi::openai;
    std::string baseUrl;  // with or without /v1
    std::string model;
    std::string apiKey = {};  // never logged; bound to baseUrl's origin, redirects are not followed
    int64_t contextTokens = 0;  // 0: known for the model's name, else 128k
    int64_t outputTokensMax = 0;
    std::optional<bool> takesImages = {};          // empty: known for the model's name
    std::optional<ModelLimits::Price> price = {};  // empty: known for the model's name
    int32_t attemptsMax = 6;
    int64_t idleTimeoutMs = 300'000;  // without a byte, SSE comments count as bytes
    int64_t retryBudgetMs = 300'000;  // total waiting time
};

base::Result<std::unique_ptr<ChatModel>> openRemoteModel(const RemoteModelOptions& options,
                                                         base::Clock& clock);

// Tries the models in order: the next one is taken when one cannot answer at all (no key, no
// network, refused before the first token); never in the middle of an answer. Says which answered
// and why in ModelChosen::reason. The model that answered stays the first one asked; one that could
// not is left out until all have failed. Requires: at least one model.
std::unique_ptr<ChatModel> makeChain(std::vector<std::unique_ptr<ChatModel>> models);

// What is known of the models of a family by their names, for people to look at: a model whose name
// begins so has this window, this price and takes pictures or not.
struct KnownModelFacts {
    std::string name = {};  // "deepseek-flash"; a vendor before a slash does not matter
    int64_t contextTokens = 0, outputTokensMax = 0;
    bool takesImages = false;
    std::optional<ModelLimits::Price> price = {};  // empty: not known; what counts at this time
};

// `model` as configured; `name` is it. Careful guesses where nothing is known of it.
KnownModelFacts factsOfModel(std::string_view model, int64_t wallMs);

std::vector<KnownModelFacts> knownModels(int64_t wallMs);

// When the prices that are known by a model's name were read from the providers' pages:
// "2026-11-15".
std::string_view knownPricesDate();

// The sample model if set-up or the user put it where we look (dataDir()/models, cacheDir()/deps).
// Fails: notFound.
base::Result<std::filesystem::path> findSampleModel();

}  // namespace moxie::engine
