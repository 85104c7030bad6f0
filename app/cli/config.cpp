#include "app/cli/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <system_error>

#include "app/cli/json_text.h"
#include "app/cli/rules.h"
#include "app/cli/terminal.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"

namespace moxie::app {

namespace {

using nlohmann::json;

constexpr int64_t kConfigBytesMax = 1 << 20;  // no person writes more

struct ModelMember {
    std::string_view name;
    json::value_t type;
};

constexpr std::array kModelMembers = {
    ModelMember{"name", json::value_t::string},
    ModelMember{"api", json::value_t::string},
    ModelMember{"base_url", json::value_t::string},
    ModelMember{"model", json::value_t::string},
    ModelMember{"key_env", json::value_t::string},
    ModelMember{"file", json::value_t::string},
    ModelMember{"threads", json::value_t::number_unsigned},
    ModelMember{"context_tokens", json::value_t::number_unsigned},
    ModelMember{"output_tokens_max", json::value_t::number_unsigned},
    ModelMember{"price", json::value_t::object},
};

bool isSecretName(std::string_view name) {
    return name == "key" || name == "api_key" || name == "apiKey" || name == "token" ||
           name == "password" || name == "secret";
}

std::optional<std::string> modelProblem(const json& model, const Messages& say) {
    if (!model.is_object()) return say(Msg::configModelNotObject);
    for (const auto& [key, value] : model.items()) {
        if (isSecretName(key)) return say(Msg::configNoKeys, printable(key));
        const auto member =
            std::find_if(kModelMembers.begin(), kModelMembers.end(),
                         [&](const ModelMember& known) { return known.name == key; });
        if (member == kModelMembers.end()) {
            std::vector<std::string> names;
            for (const ModelMember& known : kModelMembers)
                names.emplace_back(known.name);
            const std::string nearest = nearestName(key, names);
            return nearest.empty()
                       ? say(Msg::configUnknownKey, "models[]." + printable(key))
                       : say(Msg::configUnknownKeyNearest, "models[]." + printable(key), nearest);
        }
        if (value.type() != member->type) return say(Msg::configModelWrongType, key);
    }
    const bool isLocal = model.contains("file");
    if (!isLocal && (!model.contains("base_url") || !model.contains("model")))
        return say(Msg::configModelIncomplete);
    if (model.contains("api") && model["api"] != "openai" && model["api"] != "anthropic")
        return say(Msg::configNotAChoice, "models[].api", "openai, anthropic");
    if (model.contains("price"))
        for (const auto& [key, value] : model["price"].items())
            if ((key != "input" && key != "cached_input" && key != "output") ||
                !value.is_number() || value.get<double>() < 0)
                return say(Msg::configModelWrongType, "price");
    return std::nullopt;
}

std::string joined(const std::vector<std::string_view>& names) {
    std::string text;
    for (const std::string_view name : names) {
        if (!text.empty()) text += ", ";
        text += name;
    }
    return text;
}

int64_t rankOf(const Setting& setting, const json& value) {
    const auto text = value.get<std::string>();
    return std::find(setting.choices.begin(), setting.choices.end(), text) -
           setting.choices.begin();
}

// Whether `value` of a project's file leaves at least the strictness of `before`.
bool isRestriction(const Setting& setting, const json& before, const json& value) {
    switch (setting.projectMay) {
        case ProjectMay::nothing:
            return false;
        case ProjectMay::choosesEarlier:
            return rankOf(setting, value) <= rankOf(setting, before);
        case ProjectMay::lowers: {
            const double now = value.get<double>(), then = before.get<double>();
            return now > 0 && (then <= 0 || now <= then);
        }
        case ProjectMay::switchesOff:
            return !value.get<bool>() || before.get<bool>();
        case ProjectMay::adds:
            return true;
        case ProjectMay::fills:
            return before.empty();
    }
    return false;
}

}  // namespace

const std::vector<Setting>& allSettings() {
    using enum ProjectMay;
    static const std::vector<Setting> settings = {
        {"language", SettingType::choice, "\"auto\"", nothing, {"auto", "en", "zh"}},
        {"color", SettingType::choice, "\"auto\"", nothing, {"auto", "always", "never"}},
        {"models", SettingType::models, "[]", nothing},
        {"mode",
         SettingType::choice,
         "\"auto\"",
         choosesEarlier,
         {"plan", "ask", "auto-edit", "auto"}},
        {"sandbox", SettingType::choice, "\"required\"", choosesEarlier, {"required", "off"}},
        {"network", SettingType::flag, "false", switchesOff},
        {"commit", SettingType::flag, "false", switchesOff},
        {"effort", SettingType::choice, "\"high\"", choosesEarlier, {"none", "low", "high", "max"}},
        {"budget.steps", SettingType::integer, "100", lowers, {}, 0, 1e6},
        {"budget.tokens", SettingType::integer, "0", lowers},
        {"budget.seconds", SettingType::integer, "0", lowers, {}, 0, 1e9},
        {"budget.usd", SettingType::number, "0", lowers, {}, 0, 1e6},
        {"budget.session_usd", SettingType::number, "0", lowers, {}, 0, 1e6},
        {"budget.day_usd", SettingType::number, "0", lowers, {}, 0, 1e6},
        {"budget.project_usd", SettingType::number, "0", lowers, {}, 0, 1e6},
        {"budget.session_tokens", SettingType::integer, "0", lowers},
        {"budget.day_tokens", SettingType::integer, "0", lowers},
        {"budget.project_tokens", SettingType::integer, "0", lowers},
        {"retry.attempts", SettingType::integer, "6", nothing, {}, 1, 20},
        {"retry.wait_seconds", SettingType::integer, "300", nothing, {}, 0, 86400},
        {"retry.idle_seconds", SettingType::integer, "300", nothing, {}, 1, 86400},
        {"pack_tokens", SettingType::integer, "-1", nothing, {}, -1, 1e7},
        {"kv_disk_gb", SettingType::integer, "20", nothing, {}, 0, 1e6},
        {"verify", SettingType::textList, "[]", fills},
        {"denied_tools", SettingType::textList, "[]", adds},
        {"desktop.theme",
         SettingType::choice,
         "\"system\"",
         nothing,
         {"system", "light", "dark", "contrast-light", "contrast-dark"}},
        {"desktop.text_percent", SettingType::integer, "100", nothing, {}, 80, 200},
        {"desktop.density",
         SettingType::choice,
         "\"normal\"",
         nothing,
         {"summary", "normal", "verbose"}},
        {"desktop.enter_sends", SettingType::flag, "true", nothing},
        {"desktop.keys", SettingType::textList, "[]", nothing},
        {"desktop.editor", SettingType::text, "\"\"", nothing},
        {"desktop.notifications", SettingType::flag, "true", nothing},
        {"desktop.reduced_motion", SettingType::flag, "false", nothing},
    };
    return settings;
}

const Setting* findSetting(std::string_view path) {
    for (const Setting& setting : allSettings())
        if (setting.path == path) return &setting;
    return nullptr;
}

std::string nearestName(std::string_view wanted, const std::vector<std::string>& names) {
    std::string best;
    int64_t bestDistance = std::min<int64_t>(3, int64_t(wanted.size()) / 2 + 1);
    for (const std::string& name : names) {
        const int64_t distance = base::editDistance(wanted, name, bestDistance);
        if (distance < bestDistance || (distance == bestDistance && best.empty())) {
            best = name;
            bestDistance = distance;
        }
    }
    return best;
}

std::optional<std::string> settingProblem(const Setting& setting, const json& value,
                                          const Messages& say) {
    switch (setting.type) {
        case SettingType::choice:
            if (!value.is_string() || rankOf(setting, value) >= int64_t(setting.choices.size()))
                return say(Msg::configNotAChoice, setting.path, joined(setting.choices));
            return std::nullopt;
        case SettingType::integer:
        case SettingType::number: {
            const bool isRightType = setting.type == SettingType::integer
                                         ? value.is_number_integer()
                                         : value.is_number();
            if (!isRightType || !(value.get<double>() >= setting.min) ||
                value.get<double>() > setting.max)
                return say(Msg::configNotANumber, setting.path, setting.min, setting.max);
            return std::nullopt;
        }
        case SettingType::flag:
            if (!value.is_boolean()) return say(Msg::configNotAFlag, setting.path);
            return std::nullopt;
        case SettingType::text:
            if (!value.is_string()) return say(Msg::configNotAText, setting.path);
            return std::nullopt;
        case SettingType::textList:
            if (!value.is_array() || !std::all_of(value.begin(), value.end(), [](const json& item) {
                    return item.is_string();
                }))
                return say(Msg::configNotAList, setting.path);
            return std::nullopt;
        case SettingType::models:
            if (!value.is_array()) return say(Msg::configModelNotObject);
            for (const json& model : value)
                if (auto problem = modelProblem(model, say)) return problem;
            return std::nullopt;
    }
    return std::nullopt;
}

std::string ConfigProblem::shown() const {
    return line > 0 ? fmt::format("{}:{}: {}", file.string(), line, text)
                    : fmt::format("{}: {}", file.string(), text);
}

std::filesystem::path Config::userFile() {
    return base::configDir() / "config.json";
}

std::filesystem::path Config::projectFile(const std::filesystem::path& directory) {
    return projectOf(directory) / ".moxie" / "config.json";
}

Config Config::load(const std::filesystem::path& repository, const Messages& say) {
    Config config;
    for (const Setting& setting : allSettings())
        config.entries_[std::string(setting.path)].value = json::parse(setting.fallback);
    config.apply(userFile(), Origin::user, say);
    if (!repository.empty()) config.apply(projectFile(repository), Origin::project, say);
    return config;
}

void Config::apply(const std::filesystem::path& file, Origin origin, const Messages& say) {
    const auto text = base::readFile(file, kConfigBytesMax);
    if (!text) {
        if (text.error().kind() != base::Errc::notFound)
            problems_.push_back({file, 0, say(Msg::configUnreadable, text.error().message())});
        return;
    }
    const auto parsed = parseJsonText(*text);
    if (!parsed) {
        problems_.push_back({file, 0, say(Msg::configUnreadable, parsed.error().message())});
        return;
    }
    if (!parsed->is_object()) {
        problems_.push_back({file, 1, say(Msg::configNotObject)});
        return;
    }
    for (const KeyPlace& place : keyPlaces(*text)) {
        if (place.path == "$schema") continue;
        const std::string key = printable(place.path);
        const ConfigProblem problem = {file, place.line, {}};
        const json value =
            json::parse(text->substr(place.valueBegin, place.valueEnd - place.valueBegin), nullptr,
                        false, true);
        if (const Setting* setting = findSetting(place.path)) {
            take(*setting, value, origin, problem, say);
            continue;
        }
        const bool isGroup =
            std::any_of(allSettings().begin(), allSettings().end(), [&](const Setting& known) {
                return known.path.substr(0, place.path.size() + 1) == place.path + ".";
            });
        if (isGroup && value.is_object()) continue;
        std::vector<std::string> names;
        for (const Setting& known : allSettings())
            names.emplace_back(known.path);
        const std::string nearest = nearestName(place.path, names);
        problems_.push_back(problem);
        problems_.back().text = isSecretName(place.path) ? say(Msg::configNoKeys, key)
                                : nearest.empty()        ? say(Msg::configUnknownKey, key)
                                                  : say(Msg::configUnknownKeyNearest, key, nearest);
    }
}

void Config::take(const Setting& setting, const json& value, Origin origin, ConfigProblem problem,
                  const Messages& say) {
    Entry& entry = entries_[std::string(setting.path)];
    const auto report = [&](std::string text) {
        problem.text = std::move(text);
        problems_.push_back(std::move(problem));
    };
    if (origin == Origin::project && setting.projectMay == ProjectMay::nothing)
        return report(say(Msg::configUserOnly, setting.path));
    if (auto wrong = settingProblem(setting, value, say)) return report(std::move(*wrong));
    if (origin == Origin::project && !isRestriction(setting, entry.value, value))
        return report(say(Msg::configWidens, setting.path, entry.value.dump()));
    if (origin == Origin::project && setting.projectMay == ProjectMay::adds)
        entry.value.insert(entry.value.end(), value.begin(), value.end());
    else
        entry.value = value;
    entry.origin = origin;
}

const json& Config::value(std::string_view path) const {
    const auto entry = entries_.find(path);
    BASE_CHECK(entry != entries_.end());
    return entry->second.value;
}

Origin Config::origin(std::string_view path) const {
    const auto entry = entries_.find(path);
    BASE_CHECK(entry != entries_.end());
    return entry->second.origin;
}

std::string Config::text(std::string_view path) const {
    return value(path).get<std::string>();
}

int64_t Config::integer(std::string_view path) const {
    return value(path).get<int64_t>();
}

double Config::number(std::string_view path) const {
    return value(path).get<double>();
}

bool Config::flag(std::string_view path) const {
    return value(path).get<bool>();
}

std::vector<std::string> Config::list(std::string_view path) const {
    return value(path).get<std::vector<std::string>>();
}

}  // namespace moxie::app
