// moxie symbols QUERY
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/json_text.h"
#include "app/cli/open_index.h"

namespace moxie::app {

namespace {

using nlohmann::json;

struct SymbolsOptions {
    std::string query = {}, path = {}, repo = ".";
    int64_t limit = 50;
    bool usesIndexAsItIs = false, isJson = false;
};

json toJson(const std::vector<indexer::Symbol>& symbols) {
    json all = json::array();
    for (const indexer::Symbol& symbol : symbols)
        all.push_back({{"name", symbol.name},
                       {"kind", indexer::toString(symbol.kind)},
                       {"path", symbol.path},
                       {"line_first", symbol.lineFirst},
                       {"line_last", symbol.lineLast},
                       {"signature", symbol.signature},
                       {"parent", symbol.parent}});
    return all;
}

int run(const SymbolsOptions& options, Context& context) {
    const IndexState state = options.usesIndexAsItIs ? IndexState::asItIs : IndexState::updated;
    const auto index = openIndexFor(options.repo, state, context);
    if (!index) return context.fail(index.error());
    const auto symbols = (*index)->symbols(options.query, options.path, options.limit);
    if (!symbols) return context.fail(symbols.error());
    if (options.isJson) {
        context.out.line(dumped(toJson(*symbols), 2));
        return kExitDone;
    }
    if (symbols->empty()) {
        context.out.line(context.say(Msg::symbolsEmpty, options.query));
        return kExitDone;
    }
    std::string text;
    for (const indexer::Symbol& symbol : *symbols) {
        const std::string name =
            symbol.parent.empty() ? symbol.name : symbol.parent + "::" + symbol.name;
        text += fmt::format(
            "{}  {}  {}\n",
            context.out.styled(Style::bold,
                               printable(fmt::format("{}:{}", symbol.path, symbol.lineFirst))),
            context.out.styled(Style::cyan, indexer::toString(symbol.kind)),
            oneLine(symbol.signature.empty() ? name : symbol.signature, 200));
    }
    context.out.write(text);
    return kExitDone;
}

}  // namespace

void addSymbols(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<SymbolsOptions>();
    Command command =
        addCommand(line, line.root, "symbols", Msg::helpSymbols, Msg::exampleSymbols, options, run);
    command.option("QUERY", &options->query, say(Msg::optQuery)).required();
    command.option("--path", &options->path, say(Msg::optPath)).valueName("PATH");
    addLimit(command, options->limit, say);
    addRepo(command, options->repo, say);
    command.flag("--no-update", options->usesIndexAsItIs, say(Msg::optNoUpdate));
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
