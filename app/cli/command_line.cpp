#include "app/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/cli/commands.h"
#include "base/text.h"
#include "moxie_version.h"

namespace moxie::app {

namespace {

// CLI11's formatter with our labels; group names are set where groups are made.
std::shared_ptr<CLI::Formatter> makeFormatter(const Messages& say) {
    auto formatter = std::make_shared<CLI::Formatter>();
    formatter->label("Usage", say(Msg::labelUsage));
    formatter->label("OPTIONS", say(Msg::labelOptionsPlace));
    formatter->label("SUBCOMMAND", say(Msg::labelCommandPlace));
    formatter->label("Positionals", say(Msg::labelArguments));
    formatter->label("REQUIRED", say(Msg::labelRequired));
    formatter->column_width(32);
    return formatter;
}

std::vector<std::string> commandNames(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

std::vector<std::string> optionNames(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* level = &app; level != nullptr; level = level->get_parent())
        for (const CLI::Option* option : level->get_options())
            for (const std::string& name : option->get_lnames())
                names.push_back("--" + name);
    return names;
}

// The command that was chosen as far as parsing came.
const CLI::App& deepest(const CLI::App& root) {
    const CLI::App* app = &root;
    while (!app->get_subcommands().empty())
        app = app->get_subcommands().back();
    return *app;
}

std::string commandPath(const CLI::App& app) {
    const CLI::App* parent = app.get_parent();
    return parent == nullptr ? app.get_name() : commandPath(*parent) + " " + app.get_name();
}

// A word where a command has to stand that is none; nullopt if all is well as far as this goes.
std::optional<std::string> unknownCommand(const CLI::App& root,
                                          const std::vector<std::string>& arguments,
                                          const Messages& say) {
    const CLI::App* app = &root;
    for (size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (word == "--") return std::nullopt;
        if (word == "--color") ++i;
        if (word.size() > 1 && word[0] == '-') continue;
        const std::vector<std::string> names = commandNames(*app);
        if (names.empty()) return std::nullopt;
        if (std::find(names.begin(), names.end(), word) == names.end()) {
            const std::string nearest = nearestName(word, names);
            return nearest.empty()
                       ? say(Msg::usageUnknownCommand, word, commandPath(*app))
                       : say(Msg::usageUnknownCommandNearest, word, commandPath(*app), nearest);
        }
        app = app->get_subcommand(word);
    }
    return std::nullopt;
}

std::string firstMissing(const CLI::App& app) {
    for (const CLI::Option* option : app.get_options())
        if (option->get_required() && option->count() == 0) return option->get_name();
    return {};
}

std::string usageSentence(const CLI::ParseError& error, const CLI::App& root, const Messages& say) {
    const CLI::App& app = deepest(root);
    for (const std::string& word : root.remaining(true)) {
        if (word.size() < 2 || word[0] != '-') continue;
        const std::string name = word.substr(0, word.find('='));
        const std::string nearest = nearestName(name, optionNames(app));
        return nearest.empty()
                   ? say(Msg::usageUnknownOption, name, commandPath(app))
                   : say(Msg::usageUnknownOptionNearest, name, commandPath(app), nearest);
    }
    if (const auto left = root.remaining(true); !left.empty())
        return say(Msg::usageTooMany, left.front(), commandPath(app));
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
        const std::string missing = firstMissing(app);
        return missing.empty() ? say(Msg::usageCommandMissing, commandPath(app))
                               : say(Msg::usageMissing, missing, commandPath(app));
    }
    if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr)
        return say(Msg::usageNotConverted, error.what());
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
        return say(Msg::usageValueMissing, error.what());
    return error.what();
}

int reportParseError(const CLI::ParseError& error, const CLI::App& root, const Context& context) {
    if (dynamic_cast<const CLI::CallForHelp*>(&error) != nullptr) {
        context.out.write(root.help());
        return kExitDone;
    }
    if (dynamic_cast<const CLI::CallForVersion*>(&error) != nullptr) {
        context.out.line("moxie " + std::string(moxieVersion()));
        return kExitDone;
    }
    const int code = context.failUsage(usageSentence(error, root, context.say));
    context.error.line(context.say(Msg::usageHelpHint, commandPath(deepest(root))));
    return code;
}

// CLI11 takes the words in reverse order. --commit=MESSAGE is two options to it.
std::vector<std::string> reversedForParser(const std::vector<std::string>& arguments) {
    constexpr std::string_view kCommit = "--commit=";
    std::vector<std::string> words;
    bool areOptionsOver = false;
    for (const std::string& word : arguments) {
        areOptionsOver = areOptionsOver || word == "--";
        if (!areOptionsOver && word.substr(0, kCommit.size()) == kCommit) {
            words.emplace_back("--commit");
            words.push_back("--commit-message=" + word.substr(kCommit.size()));
        } else {
            words.push_back(word);
        }
    }
    std::reverse(words.begin(), words.end());
    return words;
}

// CLI11 makes a command's help flag before its defaults are known.
void groupHelpFlags(CLI::App& app, const std::string& group) {
    app.get_help_ptr()->group(group);
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; }))
        groupHelpFlags(*command, group);
}

void addAllCommands(CommandLine& line) {
    addRun(line);
    addIndex(line);
    addSearch(line);
    addSymbols(line);
    addRefs(line);
    addPack(line);
    addGenerate(line);
    addLogits(line);
    addBench(line);
    addPerplexity(line);
    addModel(line);
    addTokens(line);
    addServe(line);
    addSessions(line);
    addUndo(line);
    addConfig(line);
    addDoctor(line);
    addDemo(line);
    addOpen(line);
    addCompletions(line);
}

}  // namespace

std::string_view moxieVersion() {
    return MOXIE_VERSION_TEXT;
}

void addModelFlags(Command command, ModelFlags& flags, const Messages& say) {
    const std::string group = say(Msg::labelModelOptions);
    command.option("-m,--model", &flags.model, say(Msg::optModel))
        .valueName("NAME|FILE")
        .group(group);
    command.option("--base-url", &flags.baseUrl, say(Msg::optBaseUrl))
        .valueName("URL")
        .group(group);
    command.option("--api", &flags.api, say(Msg::optApi))
        .valueName("API")
        .oneOf({"openai", "anthropic"})
        .group(group);
    command.option("--threads", &flags.threads, say(Msg::optThreads))
        .valueName("N")
        .atLeast(0)
        .group(group);
    addLocalFlags(command, flags.local, say);
}

void addAdapters(Command command, std::vector<std::string>& adapters, const Messages& say) {
    command.list("--lora", adapters, say(Msg::optAdapter))
        .valueName("FILE[:SCALE]")
        .group(say(Msg::labelModelOptions));
}

void addEvaluationFlags(Command command, EvaluationFlags& flags, const Messages& say) {
    command.option("--chunk", &flags.chunkTokens, say(Msg::optChunk)).valueName("N").atLeast(0);
    command.option("--threads", &flags.threads, say(Msg::optThreads)).valueName("N").atLeast(0);
    command.option("--backend", &flags.backend, say(Msg::optBackend))
        .valueName("NAME")
        .oneOf({"scalar", "cpu"});
    command.option("--kv", &flags.kvFormat, say(Msg::optKvFormat))
        .valueName("FORMAT")
        .oneOf({"f32", "f16", "native"});
    command.option("--prompts", &flags.prompts, say(Msg::optProducts))
        .oneOf({"exact", "rounded", "fine"});
}

void addLocalFlags(Command command, LocalFlags& flags, const Messages& say) {
    const std::string group = say(Msg::labelModelOptions);
    command.option("--draft", &flags.draft, say(Msg::optDraft))
        .valueName("SOURCE")
        .oneOf({"auto", "off", "lookup", "mtp"})
        .group(group);
    command.option("--draft-file", &flags.draftFile, say(Msg::optDraftFile))
        .valueName("FILE")
        .group(group);
    command.option("--kv", &flags.kvFormat, say(Msg::optKvFormat))
        .valueName("FORMAT")
        .oneOf({"f32", "f16", "native"})
        .group(group);
    command.option("--sim", &flags.simulation, say(Msg::optSimulation))
        .oneOf({"on", "off"})
        .group(group);
    command.option("--prompts", &flags.prompts, say(Msg::optPrompts))
        .oneOf({"exact", "rounded"})
        .group(group);
    command.option("--answers", &flags.answers, say(Msg::optAnswers))
        .oneOf({"exact", "fine"})
        .group(group);
    addAdapters(command, flags.adapters, say);
    command.option("--memory-limit", &flags.memoryBytesMax, say(Msg::optMemoryLimit))
        .valueName("SIZE")
        .bytes()
        .group(group);
}

void addRepo(Command command, std::string& repo, const Messages& say) {
    command.option("-C,--repo", &repo, say(Msg::optRepo)).valueName("DIR");
}

void addJson(Command command, bool& isJson, const Messages& say) {
    command.flag("--json", isJson, say(Msg::optJson));
}

void addLimit(Command command, int64_t& limit, const Messages& say) {
    command.option("-n,--limit", &limit, say(Msg::optLimit)).valueName("N").atLeast(1);
}

int runCommandLine(const std::vector<std::string>& arguments, Context& context) {
    const Messages& say = context.say;
    CLI::App root(say(Msg::helpMoxie), "moxie");
    root.formatter(makeFormatter(say));
    root.option_defaults()->group(say(Msg::labelOptions));
    root.set_help_flag("-h,--help", say(Msg::optHelp))->group(say(Msg::labelOptions));
    root.set_version_flag("-V,--version", std::string(moxieVersion()), say(Msg::optVersion));
    std::string color = "auto";
    Command top(root, say);
    top.option("--color", &color, say(Msg::optColor))
        .valueName("WHEN")
        .oneOf({"auto", "always", "never"});
    root.group(say(Msg::labelCommands));
    root.fallthrough();
    top.requireSubcommand();

    CommandLine line{top, context};
    addAllCommands(line);
    groupHelpFlags(root, say(Msg::labelOptions));
    if (arguments.empty()) {
        context.out.write(root.help());
        return kExitDone;
    }
    if (const auto unknown = unknownCommand(root, arguments, say)) {
        const int code = context.failUsage(*unknown);
        context.error.line(say(Msg::usageHelpHint, "moxie"));
        return code;
    }
    try {  // CLI11 reports by exceptions; none leaves this function
        root.parse(reversedForParser(arguments));
    } catch (const CLI::ParseError& error) {
        return reportParseError(error, root, context);
    }
    if (color != "auto" || Config::load({}, say).text("color") != "auto") {
        if (color == "auto") color = Config::load({}, say).text("color");
        const ColorChoice choice = color == "always"  ? ColorChoice::always
                                   : color == "never" ? ColorChoice::never
                                                      : ColorChoice::automatic;
        context.out.setColor(choice);
        context.error.setColor(choice);
    }
    return line.action ? line.action() : kExitUsage;
}

}  // namespace moxie::app
