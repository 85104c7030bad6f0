// moxie perplexity -m MODEL -f TEXT
#include "engine/bench/perplexity.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "base/file.h"

namespace moxie::app {

namespace {

struct PerplexityCommandOptions {
    std::string model = {}, text = {};
    int64_t windowTokens = 512, windows = 0;
    EvaluationFlags flags = {};
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
                                        .threads = options.flags.threads,
                                        .promptProducts = productsFromName(options.flags.prompts),
                                        .isa = options.flags.backend,
                                        .kvFormat = options.flags.kvFormat,
                                        .stop = context.signals.token()};
    if (options.flags.chunkTokens > 0) wanted.chunkTokens = options.flags.chunkTokens;
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
    addEvaluationFlags(command, options->flags, say);
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
