// moxie perplexity -m MODEL -f TEXT
#include "engine/bench/perplexity.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "base/file.h"

namespace moxie::app {

namespace {

struct PerplexityCommandOptions {
    std::string model = {}, text = {}, backend = "cpu", kvFormat = "f32";
    int64_t windowTokens = 512, windows = 0, chunkTokens = 512;
    int32_t threads = 0;
    bool isJson = false;
};

int run(const PerplexityCommandOptions& options, Context& context) {
    const auto model = modelOrSample(options.model, context.say);
    if (!model) return context.fail(model.error());
    const auto text = base::readFile(options.text);
    if (!text) return context.fail(text.error());
    Progress progress(context.error, context.clock);
    engine::PerplexityOptions wanted = {.windowTokens = options.windowTokens,
                                        .windowsMax = options.windows,
                                        .chunkTokens = options.chunkTokens,
                                        .threads = options.threads,
                                        .isa = options.backend,
                                        .kvFormat = options.kvFormat,
                                        .stop = context.signals.token()};
    wanted.progress = [&](int64_t window, int64_t windows, double soFar) {
        progress.show(
            context.say(Msg::perplexityProgress, window, windows, fmt::format("{:.4f}", soFar)));
    };
    const auto measured = engine::measurePerplexity(*model, *text, wanted);
    progress.erase();
    if (!measured) return context.fail(measured.error());
    if (options.isJson)
        context.out.line(nlohmann::json({{"perplexity", measured->value},
                                         {"standard_error", measured->standardError},
                                         {"tokens_counted", measured->tokensCounted},
                                         {"tokens_read", measured->tokensRead},
                                         {"windows", measured->windows}})
                             .dump());
    else
        context.out.line(context.say(Msg::perplexityResult, fmt::format("{:.4f}", measured->value),
                                     fmt::format("{:.5f}", measured->standardError),
                                     measured->tokensCounted, measured->windows));
    return kExitDone;
}

}  // namespace

void addPerplexity(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<PerplexityCommandOptions>();
    Command command = addCommand(line, line.root, "perplexity", Msg::helpPerplexity,
                                 Msg::examplePerplexity, options, run);
    command.option("-m,--model", &options->model, say(Msg::optModelFile)).valueName("FILE");
    command.option("-f,--file", &options->text, say(Msg::optTextFile)).valueName("FILE").required();
    command.option("-c,--window", &options->windowTokens, say(Msg::optWindow))
        .valueName("N")
        .atLeast(4);
    command.option("--windows", &options->windows, say(Msg::optWindows)).valueName("N").atLeast(0);
    command.option("--chunk", &options->chunkTokens, say(Msg::optChunk)).valueName("N").atLeast(1);
    command.option("--threads", &options->threads, say(Msg::optThreads)).valueName("N").atLeast(0);
    command.option("--backend", &options->backend, say(Msg::optBackend))
        .valueName("NAME")
        .oneOf({"scalar", "cpu"});
    command.option("--kv", &options->kvFormat, say(Msg::optKvFormat))
        .valueName("FORMAT")
        .oneOf({"f32", "f16", "native"});
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
