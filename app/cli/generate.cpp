// moxie generate -m MODEL -p PROMPT
#include "engine/local/generate.h"

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/models.h"
#include "base/paths.h"
#include "base/text.h"

namespace moxie::app {

namespace {

using nlohmann::json;

struct GenerateOptions {
    std::string model = {}, prompt = {};
    bool isRaw = false, isJson = false;
    int64_t maxTokens = 256;
    int32_t threads = 0;
    std::optional<double> temperature = {};
    std::optional<uint64_t> seed = {};
    LocalFlags local = {};
};

json toJson(const engine::GenerateStats& stats, const std::string& text) {
    return {{"model", stats.model},
            {"text", text},
            {"prompt_tokens", stats.promptTokens},
            {"cached_tokens", stats.cachedTokens},
            {"prompt_ms", stats.promptMs},
            {"output_tokens", stats.outputTokens},
            {"decode_ms", stats.decodeMs},
            {"drafted_by_lookup", stats.lookupDrafts.drafted},
            {"accepted_by_lookup", stats.lookupDrafts.accepted},
            {"drafted_by_mtp", stats.mtpDrafts.drafted},
            {"accepted_by_mtp", stats.mtpDrafts.accepted},
            {"load_ms", stats.loadMs},
            {"tokens_per_second", stats.outputTokensPerSecond()},
            {"ended_by_model", stats.endedByModel},
            {"seed", stats.seed},
            {"threads", stats.threads}};
}

int run(const GenerateOptions& options, Context& context) {
    if (options.prompt.empty()) return context.failUsage(context.say(Msg::promptEmpty));
    const auto model = modelOrSample(options.model, context.say);
    if (!model) return context.fail(model.error());
    engine::GenerateRequest request;
    request.model.file = *model;
    request.model.threads = options.threads;
    request.model.kvDirectory = base::cacheDir() / "kv";
    request.model.kvDiskBytesMax = kvDiskBytes(context.loadConfig("."));
    applyLocalFlags(options.local, request.model);
    request.prompt = options.prompt;
    request.form = options.isRaw ? engine::PromptForm::raw : engine::PromptForm::chat;
    request.maxTokens = options.maxTokens;
    request.temperature = options.temperature;
    request.seed = options.seed;
    std::string text;
    const auto stats = engine::generate(
        request,
        [&](std::string_view piece) {
            if (options.isJson)
                text += piece;
            else
                context.out.write(printable(piece));
            if (context.out.isClosed()) context.signals.requestStop();
        },
        context.signals.token());
    if (!options.isJson) context.out.write("\n");
    if (!stats) return context.fail(stats.error());
    if (options.isJson)
        context.out.line(toJson(*stats, text).dump());
    else
        context.error.line(context.error.styled(
            Style::dim,
            context.say(Msg::generateStats, stats->model, stats->promptTokens,
                        fmt::format("{:.1f}", stats->promptTokensPerSecond()), stats->outputTokens,
                        fmt::format("{:.1f}", stats->outputTokensPerSecond()), stats->seed,
                        stats->cachedTokens)));
    return kExitDone;
}

}  // namespace

void addGenerate(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<GenerateOptions>();
    Command command = addCommand(line, line.root, "generate", Msg::helpGenerate,
                                 Msg::exampleGenerate, options, run);
    command.option("-m,--model", &options->model, say(Msg::optModelFile)).valueName("FILE");
    command.option("-p,--prompt", &options->prompt, say(Msg::optPromptText))
        .valueName("TEXT")
        .required();
    command.flag("--raw", options->isRaw, say(Msg::optRaw));
    command.option("--max-tokens", &options->maxTokens, say(Msg::optMaxTokens))
        .valueName("N")
        .atLeast(1);
    command.option("--temperature", &options->temperature, say(Msg::optTemperature))
        .valueName("T")
        .atLeast(0);
    command.option("--seed", &options->seed, say(Msg::optSeed)).valueName("N").atLeast(0);
    command.option("--threads", &options->threads, say(Msg::optThreads)).valueName("N").atLeast(0);
    addLocalFlags(command, options->local, say);
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
