// moxie search [QUERY] [--explain]
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/json_text.h"
#include "app/cli/open_index.h"
#include "app/cli/search_explained.h"
#include "base/text.h"

namespace moxie::app {

namespace {

using nlohmann::json;

struct SearchOptions {
    std::string query = {}, repo = ".";
    int64_t limit = 10;
    bool explains = false, usesIndexAsItIs = false, isJson = false;
};

json toJson(const std::vector<indexer::SearchHit>& hits, const SearchOptions& options) {
    json all = json::array();
    for (const indexer::SearchHit& hit : hits) {
        json made = {{"path", hit.path},          {"line_first", hit.lineFirst},
                     {"line_last", hit.lineLast}, {"score", hit.score},
                     {"symbol", hit.symbol},      {"why", indexer::toText(hit.reason)},
                     {"snippet", hit.snippet}};
        made["companions"] = companionsToJson(hit.companions);
        if (options.explains) made["explain"] = explanationToJson(hit.explain);
        all.push_back(std::move(made));
    }
    return all;
}

json toJson(const indexer::OrientationMap& map) {
    json files = json::array();
    for (const indexer::MapEntry& entry : map.entries)
        files.push_back({{"path", entry.path}, {"weight", entry.weight}, {"names", entry.names}});
    return {{"files", files}, {"files_left_out", map.filesLeftOut}, {"text", map.text}};
}

void show(const indexer::SearchHit& hit, const SearchOptions& options, const Context& context,
          std::string& text) {
    const Output& out = context.out;
    const std::string place =
        hit.lineFirst > 0 ? fmt::format("{}:{}", hit.path, hit.lineFirst) : hit.path;
    text += out.styled(Style::bold, printable(place));
    if (!hit.symbol.empty()) text += "  " + out.styled(Style::cyan, printable(hit.symbol));
    if (options.explains)
        text += "  " + out.styled(Style::dim, fmt::format("{:.2f}", hit.score));
    else if (!hit.reason.isEmpty())
        text += "  " + out.styled(Style::dim, reasonText(hit.reason, context.say));
    text += '\n';
    if (options.explains) {
        text += explained(hit, context.say);
        return;
    }
    for (const std::string_view snippetLine : base::splitLines(hit.snippet))
        text += "    " + printable(snippetLine) + "\n";
}

// Nothing asked yet: what stands out here.
int showMap(const indexer::Index& index, const SearchOptions& options, Context& context) {
    const auto map = index.map({}, context.signals.token());
    if (!map) return context.fail(map.error());
    if (options.isJson) {
        context.out.line(dumped(toJson(*map), 2));
        return kExitDone;
    }
    if (map->entries.empty()) {
        context.out.line(context.say(Msg::indexEmpty));
        return kExitDone;
    }
    context.out.write(printable(map->text));
    if (map->filesLeftOut > 0)
        context.out.line(
            context.out.styled(Style::dim, context.say(Msg::searchMapLeftOut, map->filesLeftOut)));
    return kExitDone;
}

int run(const SearchOptions& options, Context& context) {
    const IndexState state = options.usesIndexAsItIs ? IndexState::asItIs : IndexState::updated;
    const auto index = openIndexFor(options.repo, state, context);
    if (!index) return context.fail(index.error());
    if (base::trim(options.query).empty()) return showMap(**index, options, context);
    const auto hits = (*index)->search(options.query, options.limit);
    if (!hits) return context.fail(hits.error());
    if (options.isJson) {
        context.out.line(dumped(toJson(*hits, options), 2));
        return kExitDone;
    }
    if (hits->empty()) {
        context.out.line(context.say(Msg::searchEmpty, options.query));
        return kExitDone;
    }
    std::string text;
    for (const indexer::SearchHit& hit : *hits)
        show(hit, options, context, text);
    context.out.write(text);
    return kExitDone;
}

}  // namespace

void addSearch(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<SearchOptions>();
    Command command =
        addCommand(line, line.root, "search", Msg::helpSearch, Msg::exampleSearch, options, run);
    command.option("QUERY", &options->query, say(Msg::optSearchQuery));
    addLimit(command, options->limit, say);
    command.flag("--explain", options->explains, say(Msg::optSearchExplain));
    addRepo(command, options->repo, say);
    command.flag("--no-update", options->usesIndexAsItIs, say(Msg::optNoUpdate));
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
