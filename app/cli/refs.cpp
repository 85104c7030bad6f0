// moxie refs NAME
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/json_text.h"
#include "app/cli/open_index.h"

namespace moxie::app {

namespace {

using nlohmann::json;

struct RefsOptions {
    std::string name = {}, repo = ".";
    int64_t limit = 100;
    bool usesIndexAsItIs = false, isJson = false;
};

json toJson(const std::vector<indexer::Reference>& references) {
    json all = json::array();
    for (const indexer::Reference& reference : references)
        all.push_back({{"path", reference.path},
                       {"line", reference.line},
                       {"count", reference.count},
                       {"role", reference.role},
                       {"enclosing", reference.enclosing},
                       {"text", reference.text}});
    return all;
}

int run(const RefsOptions& options, Context& context) {
    const IndexState state = options.usesIndexAsItIs ? IndexState::asItIs : IndexState::updated;
    const auto index = openIndexFor(options.repo, state, context);
    if (!index) return context.fail(index.error());
    const auto references = (*index)->references(options.name, options.limit);
    if (!references) return context.fail(references.error());
    if (options.isJson) {
        context.out.line(dumped(toJson(*references), 2));
        return kExitDone;
    }
    if (references->empty()) {
        context.out.line(context.say(Msg::refsEmpty, options.name));
        return kExitDone;
    }
    std::string text;
    for (const indexer::Reference& reference : *references) {
        const std::string place = fmt::format("{}:{}", reference.path, reference.line);
        const std::string times =
            reference.count > 1 ? fmt::format(" x{}", reference.count) : std::string();
        text += fmt::format("{}  {}{}  {}  {}\n", context.out.styled(Style::bold, printable(place)),
                            context.out.styled(Style::cyan, printable(reference.role)), times,
                            printable(reference.enclosing),
                            context.out.styled(Style::dim, oneLine(reference.text, 120)));
    }
    context.out.write(text);
    return kExitDone;
}

}  // namespace

void addRefs(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<RefsOptions>();
    Command command =
        addCommand(line, line.root, "refs", Msg::helpRefs, Msg::exampleRefs, options, run);
    command.option("NAME", &options->name, say(Msg::optName)).required();
    addLimit(command, options->limit, say);
    addRepo(command, options->repo, say);
    command.flag("--no-update", options->usesIndexAsItIs, say(Msg::optNoUpdate));
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
