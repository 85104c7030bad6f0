// moxie tokens [FILE] [--text TEXT] -m MODEL
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "base/file.h"
#include "engine/open_model.h"
#include "engine/tokenizer/tokenizer.h"

namespace moxie::app {

namespace {

struct TokensCommandOptions {
    std::string model = {}, file = {}, text = {};
    bool isMarkup = false, isJson = false;
};

int run(const TokensCommandOptions& options, Context& context) {
    if (options.file.empty() == options.text.empty())
        return context.failUsage(context.say(Msg::tokensTextMissing));
    std::string text = options.text;
    if (!options.file.empty()) {
        auto content = base::readFile(options.file);
        if (!content) return context.fail(content.error());
        text = std::move(*content);
    }
    const auto model = modelOrSample(options.model, context.say);
    if (!model) return context.fail(model.error());
    const auto tokenizer = engine::Tokenizer::open(*model);
    if (!tokenizer) return context.fail(tokenizer.error());
    const auto kind = options.isMarkup ? engine::TextKind::markup : engine::TextKind::plain;
    const auto ids = (*tokenizer)->encode(text, kind);
    if (options.isJson) {
        const nlohmann::json facts = {{"bytes", text.size()}, {"tokens", ids.size()}, {"ids", ids}};
        context.out.line(facts.dump());
    } else {
        context.out.line(fmt::format("{}", fmt::join(ids, " ")));
        context.error.line(context.say(Msg::tokensCounted, text.size(), ids.size()));
    }
    return kExitDone;
}

}  // namespace

void addTokens(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<TokensCommandOptions>();
    Command command =
        addCommand(line, line.root, "tokens", Msg::helpTokens, Msg::exampleTokens, options, run);
    command.option("FILE", &options->file, say(Msg::optTokensText));
    command.option("--text", &options->text, say(Msg::optTokensGiven)).valueName("TEXT");
    command.option("-m,--model", &options->model, say(Msg::optTokenizerFile)).valueName("MODEL");
    command.flag("--markup", options->isMarkup, say(Msg::optTokensMarkup));
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
