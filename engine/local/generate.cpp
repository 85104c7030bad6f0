#include "engine/local/generate.h"

#include <fmt/format.h>

#include <random>

#include "base/clock.h"
#include "engine/local/local_engine.h"
#include "engine/local/local_model.h"
#include "engine/tokenizer/stream_decoder.h"

namespace moxie::engine {

namespace {

double perSecond(int64_t tokens, int64_t ms) {
    return ms > 0 ? double(tokens) * 1000 / double(ms) : 0;
}

base::Result<std::vector<int32_t>> promptOf(const GenerateRequest& request, LocalEngine& engine) {
    const Tokenizer& tokenizer = engine.tokenizer();
    if (request.form == PromptForm::chat) {
        if (!engine.format()) return base::fail(engine.format().error());
        const Message message = {.role = Role::user, .text = request.prompt};
        return promptTokens(tokenizer, engine.answers(),
                            engine.format()->render({&message, 1}, {}));
    }
    std::vector<int32_t> tokens;
    if (tokenizer.vocabulary().addsBeginOfText())
        tokens.push_back(*tokenizer.vocabulary().beginOfText());
    tokenizer.encode(request.prompt, TextKind::markup, tokens);
    return tokens;
}

}  // namespace

// The first token comes out of reading the prompt.
double GenerateStats::outputTokensPerSecond() const {
    return perSecond(outputTokens - 1, decodeMs);
}

double GenerateStats::promptTokensPerSecond() const {
    return perSecond(promptTokens - cachedTokens, promptMs);
}

base::Result<GenerateStats> generate(const GenerateRequest& request,
                                     const std::function<void(std::string_view)>& onText,
                                     const std::stop_token& stop) {
    if (request.maxTokens <= 0)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("{} tokens were asked for", request.maxTokens));
    const base::SystemClock clock;
    const int64_t began = clock.steadyMs();
    TRY_ASSIGN(const auto engine, LocalEngine::open(request.model));
    GenerateStats stats = {.model = engine->name(),
                           .loadMs = clock.steadyMs() - began,
                           .seed = request.seed.value_or(std::random_device()()),
                           .threads = engine->threads()};
    GenerationOptions options = {.tokensMax = request.maxTokens,
                                 .sampler = engine->defaultSampler()};
    if (request.temperature) options.sampler.temperature = *request.temperature;
    if (request.topP) options.sampler.topP = *request.topP;
    if (request.topK) options.sampler.topK = *request.topK;
    options.sampler.seed = stats.seed;
    TRY_ASSIGN(const auto prompt, promptOf(request, *engine));
    StreamDecoder decoder;
    const auto writeText = [&](const std::string& text) {
        if (!text.empty()) onText(text);
    };
    const GenerationCalls calls = {.onToken = [&](int32_t, std::string_view bytes) {
        writeText(decoder.push(bytes));
        return true;
    }};
    TRY_ASSIGN(const auto generation,
               engine->generate([&] { return prompt; }, options, calls, stop));
    writeText(decoder.finish());
    if (generation.end == GenerationEnd::promptTooBig)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("the prompt has {} tokens, the window holds {}",
                                      generation.promptTokens, engine->contextTokens()));
    stats.promptTokens = generation.promptTokens;
    stats.cachedTokens = generation.cachedTokens;
    stats.promptMs = generation.promptMs;
    stats.outputTokens = int64_t(generation.tokens.size());
    stats.decodeMs = generation.decodeMs;
    const EngineStats counted = engine->stats();
    stats.lookupDrafts = counted.lookupDrafts;
    stats.mtpDrafts = counted.mtpDrafts;
    stats.endedByModel = generation.end == GenerationEnd::endToken;
    return stats;
}

}  // namespace moxie::engine
