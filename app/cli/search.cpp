// moxie search QUERY
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/json_text.h"
#include "app/cli/open_index.h"
#include "base/text.h"

namespace moxie::app {

namespace {

using nlohmann::json;

struct SearchOptions {
    std::string query = {}, repo = ".";
    int64_t limit = 10;
    bool usesIndexAsItIs = false, isJson = false;
};

json toJson(const std::vector<indexer::SearchHit>& hits) {
    json all = json::array();
    for (const indexer::SearchHit& hit : hits)
        all.push_back({{"path", hit.path},
                       {"line_first", hit.lineFirst},
                       {"line_last", hit.lineLast},
                       {"score", hit.score},
                       {"symbol", hit.symbol},
                       {"why", hit.why},
                       {"snippet", hit.snippet}});
    return all;
}

void show(const indexer::SearchHit& hit, const Output& out, std::string& text) {
    const std::string place =
        hit.lineFirst > 0 ? fmt::format("{}:{}", hit.path, hit.lineFirst) : hit.path;
    text += out.styled(Style::bold, printable(place));
    if (!hit.symbol.empty()) text += "  " + out.styled(Style::cyan, printable(hit.symbol));
    if (!hit.why.empty()) text += "  " + out.styled(Style::dim, printable(hit.why));
    text += '\n';
    for (const std::string_view snippetLine : base::splitLines(hit.snippet))
        text += "    " + printable(snippetLine) + "\n";
}

int run(const SearchOptions& options, Context& context) {
    const IndexState state = options.usesIndexAsItIs ? IndexState::asItIs : IndexState::updated;
    const auto index = openIndexFor(options.repo, state, context);
    if (!index) return context.fail(index.error());
    const auto hits = (*index)->search(options.query, options.limit);
    if (!hits) return context.fail(hits.error());
    if (options.isJson) {
        context.out.line(dumped(toJson(*hits), 2));
        return kExitDone;
    }
    if (hits->empty()) {
        context.out.line(context.say(Msg::searchEmpty, options.query));
        return kExitDone;
    }
    std::string text;
    for (const indexer::SearchHit& hit : *hits)
        show(hit, context.out, text);
    context.out.write(text);
    return kExitDone;
}

}  // namespace

void addSearch(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<SearchOptions>();
    Command command =
        addCommand(line, line.root, "search", Msg::helpSearch, Msg::exampleSearch, options, run);
    command.option("QUERY", &options->query, say(Msg::optQuery)).required();
    addLimit(command, options->limit, say);
    addRepo(command, options->repo, say);
    command.flag("--no-update", options->usesIndexAsItIs, say(Msg::optNoUpdate));
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
