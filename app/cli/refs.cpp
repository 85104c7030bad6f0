// moxie refs NAME
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/json_text.h"
#include "app/cli/open_index.h"

namespace moxie::app {

namespace {

using nlohmann::json;

constexpr int64_t kDefinitionsMax = 20;

struct RefsOptions {
    std::string name = {}, repo = ".";
    int64_t limit = 100;
    bool usesIndexAsItIs = false, isJson = false;
    bool asksCallers = false, asksCallees = false;
};

json toJson(const indexer::LinkTarget& target) {
    return {{"name", target.name},
            {"parent", target.parent},
            {"path", target.path},
            {"kind", toString(target.kind)},
            {"line_first", target.lineFirst},
            {"line_last", target.lineLast},
            {"confidence", target.confidence}};
}

json toJson(const indexer::Link& link) {
    json targets = json::array();
    for (const indexer::LinkTarget& target : link.targets)
        targets.push_back(toJson(target));
    return {
        {"verdict", toString(link.verdict)}, {"rule", toString(link.rule)}, {"targets", targets}};
}

json toJson(const std::vector<indexer::Reference>& references) {
    json all = json::array();
    for (const indexer::Reference& reference : references)
        all.push_back({{"path", reference.path},
                       {"line", reference.line},
                       {"count", reference.count},
                       {"role", reference.role},
                       {"enclosing", reference.enclosing},
                       {"text", reference.text},
                       {"link", toJson(reference.link)}});
    return all;
}

json toJson(const std::vector<indexer::CallEdge>& edges) {
    json all = json::array();
    for (const indexer::CallEdge& edge : edges)
        all.push_back({{"other", toJson(edge.other)},
                       {"rule", toString(edge.rule)},
                       {"path", edge.path},
                       {"line", edge.line},
                       {"count", edge.count}});
    return all;
}

std::string percent(double share) {
    return fmt::format("{:.0f} %", 100 * share);
}

// "src/a.c:3 (imported, 95 %)"
std::string linkText(const indexer::Link& link, Context& context) {
    switch (link.verdict) {
        case indexer::LinkVerdict::definition: {
            const indexer::LinkTarget& target = link.targets.front();
            return fmt::format("-> {}:{} ({}, {})", printable(target.path), target.lineFirst,
                               toString(link.rule), percent(target.confidence));
        }
        case indexer::LinkVerdict::ambiguous:
            return context.say(Msg::refsAmbiguous, link.targets.size());
        case indexer::LinkVerdict::local:
            return context.say(Msg::refsLocal);
        case indexer::LinkVerdict::outside:
            break;
    }
    return context.say(Msg::refsOutside);
}

void writeUses(const std::vector<indexer::Reference>& references, Context& context) {
    std::string text;
    for (const indexer::Reference& reference : references) {
        const std::string place = fmt::format("{}:{}", reference.path, reference.line);
        const std::string times =
            reference.count > 1 ? fmt::format(" x{}", reference.count) : std::string();
        text += fmt::format("{}  {}{}  {}  {}\n    {}\n",
                            context.out.styled(Style::bold, printable(place)),
                            context.out.styled(Style::cyan, printable(reference.role)), times,
                            printable(reference.enclosing), oneLine(reference.text, 120),
                            context.out.styled(Style::dim, linkText(reference.link, context)));
    }
    context.out.write(text);
}

int showUses(const indexer::Index& index, const RefsOptions& options, Context& context) {
    const auto references = index.references(options.name, options.limit);
    if (!references) return context.fail(references.error());
    if (options.isJson)
        context.out.line(dumped(toJson(*references), 2));
    else if (references->empty())
        context.out.line(context.say(Msg::refsEmpty, options.name));
    else
        writeUses(*references, context);
    return kExitDone;
}

// Who calls each definition of the name, or what it calls.
int showCalls(const indexer::Index& index, const RefsOptions& options, Context& context) {
    auto definitions = index.symbols(options.name, "", kDefinitionsMax);
    if (!definitions) return context.fail(definitions.error());
    std::erase_if(*definitions, [&](const auto& symbol) { return symbol.name != options.name; });
    json all = json::array();
    std::string text;
    for (const indexer::Symbol& symbol : *definitions) {
        const indexer::DefinitionPlace place = {symbol.path, symbol.name, symbol.lineFirst};
        const auto edges = options.asksCallers ? index.callers(place, options.limit)
                                               : index.callees(place, options.limit);
        if (!edges) return context.fail(edges.error());
        all.push_back({{"path", symbol.path},
                       {"line", symbol.lineFirst},
                       {"kind", toString(symbol.kind)},
                       {options.asksCallers ? "callers" : "callees", toJson(*edges)}});
        if (edges->empty()) continue;
        text += fmt::format(
            "{}  {}\n",
            context.out.styled(Style::bold,
                               printable(fmt::format("{}:{}", symbol.path, symbol.lineFirst))),
            printable(symbol.signature));
        for (const indexer::CallEdge& edge : *edges)
            text += fmt::format(
                "    {}:{}  {}  {}\n", printable(edge.path), edge.line, printable(edge.other.name),
                context.out.styled(
                    Style::dim,
                    printable(fmt::format("{}:{} ({}, {})", edge.other.path, edge.other.lineFirst,
                                          toString(edge.rule), percent(edge.other.confidence)))));
    }
    if (options.isJson)
        context.out.line(dumped(all, 2));
    else if (text.empty())
        context.out.line(context.say(Msg::refsNoCalls, options.name));
    else
        context.out.write(text);
    return kExitDone;
}

int run(const RefsOptions& options, Context& context) {
    const IndexState state = options.usesIndexAsItIs ? IndexState::asItIs : IndexState::updated;
    const auto index = openIndexFor(options.repo, state, context);
    if (!index) return context.fail(index.error());
    if (options.asksCallers || options.asksCallees) return showCalls(**index, options, context);
    return showUses(**index, options, context);
}

}  // namespace

void addRefs(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<RefsOptions>();
    Command command =
        addCommand(line, line.root, "refs", Msg::helpRefs, Msg::exampleRefs, options, run);
    command.option("NAME", &options->name, say(Msg::optName)).required();
    command.flag("--callers", options->asksCallers, say(Msg::optCallers));
    command.flag("--callees", options->asksCallees, say(Msg::optCallees));
    addLimit(command, options->limit, say);
    addRepo(command, options->repo, say);
    command.flag("--no-update", options->usesIndexAsItIs, say(Msg::optNoUpdate));
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
