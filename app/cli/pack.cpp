// moxie pack TASK --budget N --explain
#include <nlohmann/json.hpp>
#include <optional>

#include "app/cli/commands.h"
#include "app/cli/json_text.h"
#include "app/cli/open_index.h"
#include "app/cli/search_explained.h"
#include "base/hash.h"
#include "engine/tokenizer/tokenizer.h"

namespace moxie::app {

namespace {

using nlohmann::json;

struct PackOptions {
    std::string task = {}, repo = ".", tokenizer = {};
    int64_t budgetTokens = 8192;
    bool explains = false, usesIndexAsItIs = false, isJson = false;
    ModelFlags model = {};
};

// Whatever counts, kept as long as the pack is made.
struct PackCounter {
    std::unique_ptr<engine::ChatModel> model;
    std::unique_ptr<const engine::Tokenizer> tokenizer;
    std::function<int64_t(std::string_view)> count;
    std::string name;  // counts are remembered under it
};

json toJson(const indexer::PackItem& item) {
    json lines = json::array();
    for (const indexer::PackedLines& range : item.lines)
        lines.push_back({range.first, range.last});
    json object = {{"path", item.path},
                   {"form", indexer::toString(item.form)},
                   {"band", indexer::toString(item.band)},
                   {"tokens", item.tokens},
                   {"why", indexer::toText(item.reason)},
                   {"lines", lines}};
    if (!item.copies.empty()) object["copies"] = item.copies;
    return object;
}

json toJson(const indexer::ContextPack& pack, const PackOptions& options) {
    json items = json::array(), leftOut = json::array();
    for (const indexer::PackItem& item : pack.items)
        items.push_back(toJson(item));
    for (const indexer::PackLeftOut& entry : pack.leftOut)
        leftOut.push_back({{"why", indexer::toString(entry.why)},
                           {"files", entry.files},
                           {"tokens", entry.tokens},
                           {"examples", entry.examples}});
    json object = {{"tokens", pack.tokens},        {"budget", options.budgetTokens},
                   {"map_tokens", pack.mapTokens}, {"hot_tokens", pack.hotTokens},
                   {"is_enough", pack.isEnough},   {"files_left_out", pack.filesLeftOut},
                   {"left_out", leftOut},          {"items", items}};
    if (!options.explains) object["text"] = pack.text;
    return object;
}

// Two tokenizers that cut a text of many kinds alike are taken for one.
std::string nameOf(const engine::Tokenizer& tokenizer) {
    constexpr std::string_view kProbe =
        "static int parse_list(const char* text, size_t n) { return n > 1024 ? -1 : 0x7f; }\n"
        "    def __init__(self, *args): raise ValueError(f'{args!r}')\t// 你好，世界 caf\u00e9\n"
        "export const useEffect = <T,>(a: Promise<T[]>) => a?.then((x) => x ?? []);\n";
    const std::vector<int32_t> ids = tokenizer.encode(kProbe);
    const std::string_view bytes(reinterpret_cast<const char*>(ids.data()),
                                 ids.size() * sizeof(int32_t));
    return fmt::format("{} {}", base::hash128(bytes).hex(), tokenizer.vocabulary().size());
}

// The given tokenizer, the counter of the model that would read the pack, or a high estimate.
base::Result<PackCounter> makeCounter(const PackOptions& options, Context& context) {
    PackCounter counter;
    if (!options.tokenizer.empty()) {
        TRY_ASSIGN(counter.tokenizer, engine::Tokenizer::open(options.tokenizer));
        counter.count = [&tokenizer = *counter.tokenizer](std::string_view text) {
            return tokenizer.count(text);
        };
        counter.name = nameOf(*counter.tokenizer);
        return counter;
    }
    if (options.model.model.empty() && options.model.baseUrl.empty()) {
        // A byte-level tokenizer needs about one token for 3.5 bytes of code; 3 errs on the high
        // side.
        counter.count = [](std::string_view text) { return (int64_t(text.size()) + 2) / 3; };
        return counter;
    }
    TRY_ASSIGN(const ModelPlan plan,
               planModels(options.model, context.loadConfig(options.repo), context.say));
    std::vector<std::string> notes;
    TRY_ASSIGN(counter.model, openModels(plan, context.clock, context.say, notes));
    counter.count = [&model = *counter.model](std::string_view text) {
        return model.countTokens(text);
    };
    return counter;
}

Msg messageOf(indexer::PackForm form) {
    switch (form) {
        case indexer::PackForm::pathOnly:
            return Msg::packFormPath;
        case indexer::PackForm::signatures:
            return Msg::packFormSignatures;
        case indexer::PackForm::skeleton:
            return Msg::packFormSkeleton;
        case indexer::PackForm::documented:
            return Msg::packFormDocumented;
        case indexer::PackForm::excerpt:
            return Msg::packFormExcerpt;
        case indexer::PackForm::full:
            return Msg::packFormFull;
    }
    return Msg::packFormPath;
}

Msg messageOf(indexer::PackBand band) {
    switch (band) {
        case indexer::PackBand::vendored:
            return Msg::packBandVendored;
        case indexer::PackBand::settled:
            return Msg::packBandSettled;
        case indexer::PackBand::active:
            return Msg::packBandActive;
    }
    return Msg::packBandSettled;
}

Msg messageOf(indexer::PackOmission why) {
    switch (why) {
        case indexer::PackOmission::noRoom:
            return Msg::packNoRoom;
        case indexer::PackOmission::littleGain:
            return Msg::packLittleGain;
        case indexer::PackOmission::copy:
            return Msg::packCopy;
        case indexer::PackOmission::nearCopy:
            return Msg::packNearCopy;
        case indexer::PackOmission::generated:
            return Msg::packGenerated;
        case indexer::PackOmission::noText:
            return Msg::packNoText;
    }
    return Msg::packNoRoom;
}

std::string joined(const std::vector<std::string>& paths) {
    std::string out;
    for (const std::string& path : paths)
        out += (out.empty() ? "" : ", ") + printable(path);
    return out;
}

void explain(const indexer::ContextPack& pack, const PackOptions& options, Context& context) {
    const Messages& say = context.say;
    context.out.line(say(Msg::packSummary, pack.tokens, options.budgetTokens, pack.items.size(),
                         pack.filesLeftOut));
    context.out.line(say(Msg::packFrame, pack.mapTokens, pack.hotTokens));
    std::string text;
    std::optional<indexer::PackBand> band;
    for (const indexer::PackItem& item : pack.items) {
        if (band != item.band) text += "\n" + say(messageOf(item.band)) + "\n";
        band = item.band;
        std::string why =
            item.reason.isEmpty() ? say(Msg::packBackground) : reasonText(item.reason, say);
        if (!item.copies.empty())
            why += say(Msg::searchReasonSeparator) + say(Msg::packCopies, joined(item.copies));
        text += fmt::format("{:>8}  {:<10} {}  {}\n", item.tokens, say(messageOf(item.form)),
                            printable(item.path), context.out.styled(Style::dim, why));
    }
    if (!pack.leftOut.empty()) text += "\n" + say(Msg::packLeftOut) + "\n";
    for (const indexer::PackLeftOut& entry : pack.leftOut) {
        text +=
            "  " + say(Msg::packLeftOutRow, entry.files, entry.tokens, say(messageOf(entry.why)));
        text += "  " + context.out.styled(Style::dim, joined(entry.examples)) + "\n";
    }
    context.out.write(text);
    if (pack.isEnough && pack.filesLeftOut > 0) context.out.line(say(Msg::packEnough));
}

int run(const PackOptions& options, Context& context) {
    const auto counter = makeCounter(options, context);
    if (!counter) return context.fail(counter.error());
    const IndexState state = options.usesIndexAsItIs ? IndexState::asItIs : IndexState::updated;
    const auto index = openIndexFor(options.repo, state, context);
    if (!index) return context.fail(index.error());
    const auto pack = (*index)->pack({.task = options.task,
                                      .budgetTokens = options.budgetTokens,
                                      .countTokens = counter->count,
                                      .counterName = counter->name},
                                     context.signals.token());
    if (!pack) return context.fail(pack.error());
    if (options.isJson)
        context.out.line(dumped(toJson(*pack, options), 2));
    else if (options.explains)
        explain(*pack, options, context);
    else
        context.out.write(context.out.isTerminal() ? printable(pack->text) : pack->text);
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
    command.option("--tokenizer", &options->tokenizer, say(Msg::optPackTokenizer))
        .valueName("FILE");
    command.flag("--explain", options->explains, say(Msg::optExplain));
    addRepo(command, options->repo, say);
    command.flag("--no-update", options->usesIndexAsItIs, say(Msg::optNoUpdate));
    addJson(command, options->isJson, say);
    addModelFlags(command, options->model, say);
}

}  // namespace moxie::app
