// moxie config get|set|list|path|rules
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/json_text.h"
#include "app/cli/open_index.h"
#include "app/cli/rules.h"
#include "base/file.h"

namespace moxie::app {

namespace {

using nlohmann::json;

struct ConfigOptions {
    std::string key = {}, value = {};
    std::string kind = {}, rule = {};  // of a permission rule
    std::string repo = ".";
    bool isJson = false;
};

std::string originName(Origin origin, const Messages& say) {
    switch (origin) {
        case Origin::fallback:
            return say(Msg::originDefault);
        case Origin::user:
            return say(Msg::originUser);
        case Origin::project:
            return say(Msg::originProject);
    }
    return {};
}

std::string_view originWord(Origin origin) {
    return origin == Origin::user ? "user" : origin == Origin::project ? "project" : "default";
}

int failUnknownKey(const std::string& key, const Context& context) {
    std::vector<std::string> names;
    for (const Setting& setting : allSettings())
        names.emplace_back(setting.path);
    const std::string nearest = nearestName(key, names);
    return context.failUsage(nearest.empty()
                                 ? context.say(Msg::configUnknownKey, key)
                                 : context.say(Msg::configUnknownKeyNearest, key, nearest));
}

int get(const ConfigOptions& options, Context& context) {
    if (findSetting(options.key) == nullptr) return failUnknownKey(options.key, context);
    const json value = context.loadConfig(options.repo).value(options.key);
    context.out.line(value.is_string() && !options.isJson ? value.get<std::string>()
                                                          : value.dump());
    return kExitDone;
}

// "ask" for a choice, true, 60, or any JSON.
json parseValue(const Setting& setting, const std::string& text) {
    if (setting.type == SettingType::choice && (text.empty() || text.front() != '"')) return text;
    const json value = json::parse(text, nullptr, false);
    return value.is_discarded() ? json(text) : value;
}

int set(const ConfigOptions& options, Context& context) {
    const Setting* setting = findSetting(options.key);
    if (setting == nullptr) return failUnknownKey(options.key, context);
    const json value = parseValue(*setting, options.value);
    if (const auto problem = settingProblem(*setting, value, context.say))
        return context.failUsage(*problem);

    const std::filesystem::path file = Config::userFile();
    std::string before;
    if (auto text = base::readFile(file, 1 << 20)) {
        before = *std::move(text);
    } else if (text.error().kind() != base::Errc::notFound) {
        return context.fail(text.error());
    }
    if (!before.empty()) {
        const auto parsed = parseJsonText(before);
        if (!parsed || !parsed->is_object())
            return context.fail(
                {base::Errc::io, context.say(Msg::configRepairFirst, file.string(),
                                             parsed ? "" : parsed.error().message())});
    }
    std::error_code failed;
    std::filesystem::create_directories(file.parent_path(), failed);
    const base::Status written =
        base::writeFileAtomically(file, withValue(before, setting->path, value.dump()));
    if (!written) return context.fail(written.error());
    context.out.line(context.say(Msg::configWritten, setting->path, value.dump(), file.string()));
    return kExitDone;
}

int list(const ConfigOptions& options, Context& context) {
    const Config config = context.loadConfig(options.repo);
    json all = json::object();
    for (const Setting& setting : allSettings()) {
        const Origin origin = config.origin(setting.path);
        all[std::string(setting.path)] = {{"value", config.value(setting.path)},
                                          {"origin", originWord(origin)}};
        if (options.isJson) continue;
        context.out.line(
            fmt::format("{:<15} {:<20} {}", setting.path, config.value(setting.path).dump(),
                        context.out.styled(Style::dim, originName(origin, context.say))));
    }
    if (options.isJson) context.out.line(all.dump(2));
    return kExitDone;
}

int path(const ConfigOptions& options, Context& context) {
    const std::string user = Config::userFile().string();
    const std::string project = Config::projectFile(options.repo).string();
    if (options.isJson) {
        context.out.line(json{{"user", user}, {"project", project}}.dump());
        return kExitDone;
    }
    context.out.line(context.say(Msg::configUserFile, user));
    context.out.line(context.say(Msg::configProjectFile, project));
    return kExitDone;
}

int listRules(const ConfigOptions& options, Context& context) {
    const auto all = loadAllRules(context.say);
    if (!all) return context.fail(all.error());
    if (options.isJson) {
        json projects = json::object();
        for (const ProjectRules& rules : *all)
            projects[rules.project.string()] = {
                {"allow", rules.allow}, {"ask", rules.ask}, {"deny", rules.deny}};
        context.out.line(
            dumped(json{{"file", rulesFile().string()}, {"projects", std::move(projects)}}, 2));
        return kExitDone;
    }
    bool hasRules = false;
    for (const ProjectRules& rules : *all) {
        if (rules.allow.empty() && rules.ask.empty() && rules.deny.empty()) continue;
        hasRules = true;
        context.out.line(context.out.styled(Style::bold, printable(rules.project.string())));
        for (size_t kind = 0; kind < kRuleKindNames.size(); ++kind)
            for (const std::string& rule : rules.of(RuleKind(kind)))
                context.out.line(fmt::format("  {:<6} {}", kRuleKindNames[kind], printable(rule)));
    }
    if (!hasRules) context.out.line(context.say(Msg::rulesEmpty));
    return kExitDone;
}

using ChangeRule = base::Status (*)(const std::filesystem::path&, RuleKind, std::string_view,
                                    const Messages&);

int changeRules(const ConfigOptions& options, Context& context, ChangeRule change, Msg done) {
    const auto folder = repositoryFolder(options.repo, context.say);
    if (!folder) return context.fail(folder.error());
    const auto kind = std::find(kRuleKindNames.begin(), kRuleKindNames.end(), options.kind);
    const base::Status changed =
        change(*folder, RuleKind(kind - kRuleKindNames.begin()), options.rule, context.say);
    if (!changed) return context.fail(changed.error());
    const std::string project = projectOf(*folder).string();
    if (options.isJson)
        context.out.line(
            dumped(json{{"project", project}, {"kind", options.kind}, {"rule", options.rule}}, -1));
    else
        context.out.line(context.say(done, printable(options.rule), options.kind, project));
    return kExitDone;
}

int addRuleTo(const ConfigOptions& options, Context& context) {
    return changeRules(options, context, addRule, Msg::ruleAdded);
}

int removeRuleFrom(const ConfigOptions& options, Context& context) {
    return changeRules(options, context, removeRule, Msg::ruleRemoved);
}

void addRules(CommandLine& line, Command config, const std::shared_ptr<ConfigOptions>& options) {
    const Messages& say = line.context.say;
    Command rules = config.subcommand("rules", Msg::helpConfigRules, Msg::exampleConfigRules);
    rules.onChosen([&line, options] {  // after the command below it, if one is chosen
        if (!line.action)
            line.action = [&line, options] { return listRules(*options, line.context); };
    });
    addJson(rules, options->isJson, say);

    Command lister = addCommand(line, rules, "list", Msg::helpConfigRulesList,
                                Msg::exampleConfigRulesList, options, listRules);
    addJson(lister, options->isJson, say);
    Command adder = addCommand(line, rules, "add", Msg::helpConfigRulesAdd,
                               Msg::exampleConfigRulesAdd, options, addRuleTo);
    Command remover = addCommand(line, rules, "remove", Msg::helpConfigRulesRemove,
                                 Msg::exampleConfigRulesRemove, options, removeRuleFrom);
    for (Command command : {adder, remover}) {
        command.option("KIND", &options->kind, say(Msg::optRuleKind))
            .required()
            .oneOf({"allow", "ask", "deny"});
        command.option("RULE", &options->rule, say(Msg::optRule)).required();
        addRepo(command, options->repo, say);
        addJson(command, options->isJson, say);
    }
}

}  // namespace

void addConfig(CommandLine& line) {
    const Messages& say = line.context.say;
    Command config = line.root.subcommand("config", Msg::helpConfig, Msg::exampleConfig);
    config.requireSubcommand();
    auto options = std::make_shared<ConfigOptions>();

    Command getter =
        addCommand(line, config, "get", Msg::helpConfigGet, Msg::exampleConfigGet, options, get);
    getter.option("KEY", &options->key, say(Msg::optConfigKey)).required();
    addRepo(getter, options->repo, say);
    addJson(getter, options->isJson, say);

    Command setter =
        addCommand(line, config, "set", Msg::helpConfigSet, Msg::exampleConfigSet, options, set);
    setter.option("KEY", &options->key, say(Msg::optConfigKey)).required();
    setter.option("VALUE", &options->value, say(Msg::optConfigValue)).required();

    Command lister = addCommand(line, config, "list", Msg::helpConfigList, Msg::exampleConfigList,
                                options, list);
    addRepo(lister, options->repo, say);
    addJson(lister, options->isJson, say);

    Command pather = addCommand(line, config, "path", Msg::helpConfigPath, Msg::exampleConfigPath,
                                options, path);
    addRepo(pather, options->repo, say);
    addJson(pather, options->isJson, say);

    addRules(line, config, options);
}

}  // namespace moxie::app
