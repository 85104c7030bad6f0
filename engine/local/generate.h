// `moxie generate`: one prompt in, text out as it comes, and how fast it was. Not for agents: they
// talk through ChatModel. Threads: any thread; blocks.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/engine_stats.h"
#include "engine/open_model.h"

namespace moxie::engine {

enum class PromptForm {
    chat,  // a user's message, written with the model's chat template
    raw,   // the tokens of the text as it stands; names of special tokens are taken as such
};

struct GenerateRequest {
    LocalModelOptions model = {};
    std::string prompt = {};
    PromptForm form = PromptForm::chat;
    int64_t maxTokens = 256;
    std::optional<double> temperature = {};  // nullopt: the model's own; 0: greedy
    std::optional<double> topP = {};
    std::optional<int32_t> topK = {};
    std::optional<uint64_t> seed = {};  // nullopt: a random one, told in the stats
};

struct GenerateStats {
    std::string model;
    int64_t loadMs = 0;
    int64_t promptTokens = 0;
    int64_t cachedTokens = 0;  // of these, taken from what is on disk
    int64_t promptMs = 0;
    int64_t outputTokens = 0;
    int64_t decodeMs = 0;       // from the first token on
    bool endedByModel = false;  // else by maxTokens or a full window
    uint64_t seed = 0;
    int32_t threads = 0;
    DraftStats lookupDrafts = {}, mtpDrafts = {};

    double promptTokensPerSecond() const;
    double outputTokensPerSecond() const;
};

// `onText` gets complete UTF-8 characters. Fails: notFound, corrupt, unsupported (the model file),
// invalidInput (an empty prompt, one that does not fit, a count out of range), cancelled.
base::Result<GenerateStats> generate(const GenerateRequest& request,
                                     const std::function<void(std::string_view)>& onText,
                                     const std::stop_token& stop);

}  // namespace moxie::engine
