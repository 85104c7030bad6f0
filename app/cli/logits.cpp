// moxie logits -m MODEL --tokens FILE -o OUT.npy
#include "engine/logits.h"

#include "app/cli/commands.h"
#include "base/file.h"

namespace moxie::app {

namespace {

constexpr int64_t kTokensFileBytesMax = 64 << 20;

struct LogitsCommandOptions {
    std::string model = {}, tokens = {}, out = {}, simulation = "off";
    std::vector<std::string> adapters = {};
    bool isDraft = false;
    std::string draftFile = {};
    EvaluationFlags flags = {};
};

int run(const LogitsCommandOptions& options, Context& context) {
    const auto text = base::readFile(options.tokens, kTokensFileBytesMax);
    if (!text) return context.fail(text.error());
    const auto tokens = engine::parseTokenIds(*text);
    if (!tokens) return context.fail(tokens.error());
    Progress progress(context.error, context.clock);
    engine::LogitsOptions logits;
    if (options.flags.chunkTokens > 0) logits.chunkTokens = options.flags.chunkTokens;
    logits.threads = options.flags.threads;
    logits.isa = options.flags.backend;
    if (options.simulation == "on") logits.simulation = engine::QuantSimulation::on;
    if (options.isDraft) logits.part = engine::LogitsPart::draft;
    logits.draftFile = options.draftFile;
    logits.kvFormat = options.flags.kvFormat;
    logits.products = productsFromName(options.flags.prompts);
    logits.adapters = adapterFiles(options.adapters);
    logits.stop = context.signals.token();
    logits.progress = [&](int64_t done, int64_t total) {
        progress.show(context.say(Msg::logitsProgress, done, total));
    };
    const base::Status written = engine::writeLogits(options.model, *tokens, options.out, logits);
    progress.erase();
    if (!written) return context.fail(written.error());
    context.error.line(
        context.say(Msg::logitsWritten, tokens->size() - (options.isDraft ? 1 : 0), options.out));
    return kExitDone;
}

}  // namespace

void addLogits(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<LogitsCommandOptions>();
    Command command =
        addCommand(line, line.root, "logits", Msg::helpLogits, Msg::exampleLogits, options, run);
    command.option("-m,--model", &options->model, say(Msg::optModelFile))
        .valueName("FILE")
        .required();
    command.option("--tokens", &options->tokens, say(Msg::optTokensFile))
        .valueName("FILE")
        .required();
    command.option("-o,--out", &options->out, say(Msg::optOutFile)).valueName("FILE").required();
    addEvaluationFlags(command, options->flags, say);
    command.option("--sim", &options->simulation, say(Msg::optSimulation)).oneOf({"on", "off"});
    addAdapters(command, options->adapters, say);
    command.flag("--mtp", options->isDraft, say(Msg::optDraftLogits));
    command.option("--draft-file", &options->draftFile, say(Msg::optDraftFile)).valueName("FILE");
}

}  // namespace moxie::app
