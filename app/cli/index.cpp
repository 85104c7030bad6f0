// moxie index [DIR]
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/open_index.h"
#include "base/text.h"

namespace moxie::app {

namespace {

using nlohmann::json;

struct IndexCommandOptions {
    std::string directory = ".";
    bool isJson = false;
};

json toJson(const indexer::IndexStats& stats) {
    json languages = json::array();
    for (const auto& language : stats.languages)
        languages.push_back(
            {{"name", language.name}, {"files", language.files}, {"lines", language.lines}});
    return {{"files", stats.files},
            {"lines", stats.lines},
            {"bytes", stats.bytes},
            {"symbols", stats.symbols},
            {"references", stats.references},
            {"files_parsed", stats.filesParsed},
            {"files_skipped", stats.filesSkipped},
            {"seconds", stats.seconds},
            {"index_bytes", stats.indexBytes},
            {"languages", languages}};
}

int run(const IndexCommandOptions& options, Context& context) {
    const auto index = openIndexFor(options.directory, IndexState::asItIs, context);
    if (!index) return context.fail(index.error());
    const auto stats = [&] {
        Progress progress(context.error, context.clock);
        return (*index)->update(
            [&](indexer::Progress at) {
                progress.show(context.say(Msg::indexProgress, at.filesDone, at.filesTotal));
            },
            context.signals.token());
    }();
    if (!stats) return context.fail(stats.error());
    if (options.isJson) {
        context.out.line(toJson(*stats).dump(2));
        return kExitDone;
    }
    const Messages& say = context.say;
    if (stats->files == 0) {
        context.out.line(say(Msg::indexEmpty));
        return kExitDone;
    }
    context.out.line(
        say(Msg::indexSummary, stats->files, stats->lines, stats->symbols, stats->references));
    context.out.line(say(Msg::indexEffort, stats->filesParsed,
                         fmt::format("{:.2f}", stats->seconds),
                         base::humanBytes(stats->indexBytes)));
    if (stats->filesSkipped > 0) context.out.line(say(Msg::indexSkipped, stats->filesSkipped));
    for (const auto& language : stats->languages)
        context.out.line(fmt::format("  {:<16} {:>8}  {:>10}", printable(language.name),
                                     language.files, language.lines));
    return kExitDone;
}

}  // namespace

void addIndex(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<IndexCommandOptions>();
    Command command =
        addCommand(line, line.root, "index", Msg::helpIndex, Msg::exampleIndex, options, run);
    command.option("DIR", &options->directory, say(Msg::optIndexDir));
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
