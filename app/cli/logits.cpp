// moxie logits -m MODEL --tokens FILE -o OUT.npy
#include "engine/llama/logits.h"

#include "app/cli/commands.h"
#include "base/file.h"

namespace moxie::app {

namespace {

constexpr int64_t kTokensFileBytesMax = 64 << 20;

struct LogitsCommandOptions {
    std::string model = {}, tokens = {}, out = {}, backend = "cpu";
    int64_t chunkTokens = 0;
    int32_t threads = 0;
};

int run(const LogitsCommandOptions& options, Context& context) {
    const auto text = base::readFile(options.tokens, kTokensFileBytesMax);
    if (!text) return context.fail(text.error());
    const auto tokens = engine::parseTokenIds(*text);
    if (!tokens) return context.fail(tokens.error());
    Progress progress(context.error, context.clock);
    engine::LogitsOptions logits;
    if (options.chunkTokens > 0) logits.chunkTokens = options.chunkTokens;
    logits.threads = options.threads;
    logits.isa = options.backend;
    logits.stop = context.signals.token();
    logits.progress = [&](int64_t done, int64_t total) {
        progress.show(context.say(Msg::logitsProgress, done, total));
    };
    const base::Status written = engine::writeLogits(options.model, *tokens, options.out, logits);
    progress.erase();
    if (!written) return context.fail(written.error());
    context.error.line(context.say(Msg::logitsWritten, tokens->size(), options.out));
    return kExitDone;
}

}  // namespace

void addLogits(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<LogitsCommandOptions>();
    CLI::App& command =
        addCommand(line, line.root, "logits", Msg::helpLogits, Msg::exampleLogits, options, run);
    command.add_option("-m,--model", options->model, say(Msg::optModelFile))
        ->type_name("FILE")
        ->required();
    command.add_option("--tokens", options->tokens, say(Msg::optTokensFile))
        ->type_name("FILE")
        ->required();
    command.add_option("-o,--out", options->out, say(Msg::optOutFile))
        ->type_name("FILE")
        ->required();
    command.add_option("--chunk", options->chunkTokens, say(Msg::optChunk))
        ->type_name("N")
        ->check(atLeast(0, say));
    command.add_option("--threads", options->threads, say(Msg::optThreads))
        ->type_name("N")
        ->check(atLeast(0, say));
    command.add_option("--backend", options->backend, say(Msg::optBackend))
        ->type_name("NAME")
        ->check(oneOf({"scalar", "cpu"}, say));
}

}  // namespace moxie::app
