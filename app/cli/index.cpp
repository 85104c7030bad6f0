// moxie index [DIR] [--stats]
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/open_index.h"
#include "base/text.h"

namespace moxie::app {

namespace {

using nlohmann::json;

constexpr size_t kLeftOutShown = 20;

struct IndexCommandOptions {
    std::string directory = ".";
    bool isJson = false;
    bool hasStats = false;
};

const char* toJsonWord(indexer::Exclusion why) {
    switch (why) {
        case indexer::Exclusion::tooLarge:
            return "too_large";
        case indexer::Exclusion::binary:
            return "binary";
        case indexer::Exclusion::bulkData:
            return "bulk_data";
    }
    return "unknown";
}

Msg reasonOf(indexer::Exclusion why) {
    switch (why) {
        case indexer::Exclusion::tooLarge:
            return Msg::indexTooLarge;
        case indexer::Exclusion::binary:
            return Msg::indexBinary;
        case indexer::Exclusion::bulkData:
            return Msg::indexBulkData;
    }
    return Msg::indexBinary;
}

json toJson(const indexer::IndexStats& stats) {
    json languages = json::array(), leftOut = json::array();
    for (const auto& language : stats.languages)
        languages.push_back({{"name", language.name},
                             {"files", language.files},
                             {"lines", language.lines},
                             {"symbols", language.symbols},
                             {"files_damaged", language.filesDamaged}});
    for (const auto& file : stats.excluded)
        leftOut.push_back(
            {{"path", file.path}, {"bytes", file.bytes}, {"why", toJsonWord(file.why)}});
    return {{"files", stats.files},
            {"lines", stats.lines},
            {"bytes", stats.bytes},
            {"symbols", stats.symbols},
            {"references", stats.references},
            {"files_parsed", stats.filesParsed},
            {"files_skipped", stats.filesSkipped},
            {"files_by_tier",
             {{"lexical", stats.filesLexical},
              {"outline", stats.filesOutline},
              {"syntax", stats.filesSyntax}}},
            {"files_pending", stats.filesPending},
            {"seconds", stats.seconds},
            {"index_bytes", stats.indexBytes},
            {"languages", languages},
            {"files_left_out", stats.filesExcluded},
            {"left_out", leftOut}};
}

void showLanguages(const indexer::IndexStats& stats, Context& context) {
    std::vector<std::string> heads;
    const std::string all = context.say(Msg::indexLanguages);
    for (size_t at = 0; at <= all.size();) {
        const size_t end = std::min(all.find('|', at), all.size());
        heads.push_back(all.substr(at, end - at));
        at = end + 1;
    }
    heads.resize(5);
    // Not padded by bytes: Chinese heads are wider than they are long.
    context.out.line(
        fmt::format("  {} · {} · {} · {} · {}", heads[0], heads[1], heads[2], heads[3], heads[4]));
    for (const auto& language : stats.languages)
        context.out.line(fmt::format("  {:<24} {:>8} {:>10} {:>9} {:>7}", printable(language.name),
                                     language.files, language.lines, language.symbols,
                                     language.filesDamaged));
}

void showLeftOut(const indexer::IndexStats& stats, Context& context) {
    if (stats.filesExcluded == 0) return;
    context.out.line(context.say(Msg::indexLeftOut, stats.filesExcluded));
    const size_t shown = std::min(kLeftOutShown, stats.excluded.size());
    for (size_t i = 0; i < shown; i++) {
        const auto& file = stats.excluded[i];
        context.out.line(fmt::format("  {:>10}  {}: {}", base::humanBytes(file.bytes),
                                     printable(file.path), context.say(reasonOf(file.why))));
    }
    if (const int64_t more = stats.filesExcluded - int64_t(shown); more > 0)
        context.out.line(context.say(Msg::indexMoreLeftOut, more));
}

void show(const indexer::IndexStats& stats, const IndexCommandOptions& options, Context& context) {
    const Messages& say = context.say;
    context.out.line(
        say(Msg::indexSummary, stats.files, stats.lines, stats.symbols, stats.references));
    context.out.line(say(Msg::indexEffort, stats.filesParsed, fmt::format("{:.2f}", stats.seconds),
                         base::humanBytes(stats.indexBytes)));
    if (stats.filesPending > 0) context.out.line(say(Msg::indexPending, stats.filesPending));
    if (!options.hasStats) {
        if (stats.filesSkipped > 0) context.out.line(say(Msg::indexSkipped, stats.filesSkipped));
        for (const auto& language : stats.languages)
            context.out.line(fmt::format("  {:<16} {:>8}  {:>10}", printable(language.name),
                                         language.files, language.lines));
        return;
    }
    context.out.line(
        say(Msg::indexTiers, stats.filesSyntax, stats.filesOutline, stats.filesLexical));
    showLanguages(stats, context);
    showLeftOut(stats, context);
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
    if (!stats) {
        if (stats.error().kind() == base::Errc::cancelled)
            context.warn(context.say(Msg::indexPaused));
        return context.fail(stats.error());
    }
    if (options.isJson)
        context.out.line(toJson(*stats).dump(2));
    else if (stats->files == 0)
        context.out.line(context.say(Msg::indexEmpty));
    else
        show(*stats, options, context);
    return kExitDone;
}

}  // namespace

void addIndex(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<IndexCommandOptions>();
    Command command =
        addCommand(line, line.root, "index", Msg::helpIndex, Msg::exampleIndex, options, run);
    command.option("DIR", &options->directory, say(Msg::optIndexDir));
    command.flag("--stats", options->hasStats, say(Msg::optIndexStats));
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
