// moxie pack TASK --budget N --explain
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/json_text.h"
#include "app/cli/open_index.h"

namespace moxie::app {

namespace {

using nlohmann::json;

struct PackOptions {
    std::string task = {}, repo = ".";
    int64_t budgetTokens = 8192;
    bool explains = false, usesIndexAsItIs = false, isJson = false;
    ModelFlags model = {};
};

json toJson(const indexer::ContextPack& pack, bool withText) {
    json items = json::array();
    for (const indexer::PackItem& item : pack.items)
        items.push_back({{"path", item.path},
                         {"form", indexer::toString(item.form)},
                         {"tokens", item.tokens},
                         {"why", item.why}});
    json object = {
        {"tokens", pack.tokens}, {"files_left_out", pack.filesLeftOut}, {"items", items}};
    if (withText) object["text"] = pack.text;
    return object;
}

// The counter of the model that would read the pack, or a high estimate where none was named.
base::Result<std::function<int64_t(std::string_view)>> makeCounter(
    const PackOptions& options, Context& context, std::unique_ptr<engine::ChatModel>& model) {
    if (options.model.model.empty() && options.model.baseUrl.empty())
        // A byte-level tokenizer needs about one token for 3.5 bytes of code; 3 errs on the high
        // side.
        return [](std::string_view text) { return (int64_t(text.size()) + 2) / 3; };
    TRY_ASSIGN(const ModelPlan plan,
               planModels(options.model, context.loadConfig(options.repo), context.say));
    std::vector<std::string> notes;
    TRY_ASSIGN(model, openModels(plan, context.clock, context.say, notes));
    return [&counter = *model](std::string_view text) { return counter.countTokens(text); };
}

int run(const PackOptions& options, Context& context) {
    std::unique_ptr<engine::ChatModel> model;
    const auto counter = makeCounter(options, context, model);
    if (!counter) return context.fail(counter.error());
    const IndexState state = options.usesIndexAsItIs ? IndexState::asItIs : IndexState::updated;
    const auto index = openIndexFor(options.repo, state, context);
    if (!index) return context.fail(index.error());
    const auto pack = (*index)->pack(
        {.task = options.task, .budgetTokens = options.budgetTokens, .countTokens = *counter},
        context.signals.token());
    if (!pack) return context.fail(pack.error());
    if (options.isJson) {
        context.out.line(dumped(toJson(*pack, !options.explains), 2));
        return kExitDone;
    }
    if (!options.explains) {
        context.out.write(context.out.isTerminal() ? printable(pack->text) : pack->text);
        return kExitDone;
    }
    context.out.line(context.say(Msg::packSummary, pack->tokens, options.budgetTokens,
                                 pack->items.size(), pack->filesLeftOut));
    std::string text;
    for (const indexer::PackItem& item : pack->items)
        text +=
            fmt::format("{:>8}  {:<9} {}  {}\n", item.tokens, indexer::toString(item.form),
                        printable(item.path), context.out.styled(Style::dim, printable(item.why)));
    context.out.write(text);
    return kExitDone;
}

}  // namespace

void addPack(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<PackOptions>();
    Command command =
        addCommand(line, line.root, "pack", Msg::helpPack, Msg::examplePack, options, run);
    command.option("TASK", &options->task, say(Msg::optPackTask)).required();
    command.option("--budget", &options->budgetTokens, say(Msg::optPackBudget))
        .valueName("TOKENS")
        .atLeast(1);
    command.flag("--explain", options->explains, say(Msg::optExplain));
    addRepo(command, options->repo, say);
    command.flag("--no-update", options->usesIndexAsItIs, say(Msg::optNoUpdate));
    addJson(command, options->isJson, say);
    addModelFlags(command, options->model, say);
}

}  // namespace moxie::app
