#include "app/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "app/cli/config.h"

namespace moxie::app {

namespace {

// Decimal units as disks and memory plans have them, binary ones where the "i" says so.
std::optional<int64_t> bytesIn(std::string_view text) {
    double number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, code] = std::from_chars(text.data(), last, number);
    if (code != std::errc()) return std::nullopt;
    std::string_view unit(end, size_t(last - end));
    if (unit.ends_with('B')) unit.remove_suffix(1);
    const double base = unit.ends_with('i') ? 1024 : 1000;
    if (unit.ends_with('i')) unit.remove_suffix(1);
    const std::string_view units = "KMGT";
    const size_t power = unit.empty() ? 0 : units.find(unit) + 1;
    if (unit.size() > 1 || (!unit.empty() && power == 0)) return std::nullopt;
    const double bytes = number * std::pow(base, double(power));
    if (!(bytes >= 1) || bytes > 1e15) return std::nullopt;
    return int64_t(bytes);
}

}  // namespace

Argument& Argument::valueName(const std::string& name) {
    option_.type_name(name);
    return *this;
}

Argument& Argument::group(const std::string& title) {
    option_.group(title);
    return *this;
}

Argument& Argument::required() {
    option_.required();
    return *this;
}

Argument& Argument::oneOf(std::vector<std::string> choices) {
    CLI::Validator validator("");
    validator.operation([choices = std::move(choices), &say = say_](std::string& value) {
        if (std::find(choices.begin(), choices.end(), value) != choices.end()) return std::string();
        std::string known;
        for (const std::string& choice : choices)
            known += (known.empty() ? "" : ", ") + choice;
        const std::string nearest = nearestName(value, choices);
        return nearest.empty() ? say(Msg::usageNotAChoice, value, known)
                               : say(Msg::usageNotAChoiceNearest, value, known, nearest);
    });
    option_.check(validator);
    return *this;
}

Argument& Argument::atLeast(double min) {
    CLI::Validator validator("");
    validator.operation([min, &say = say_](std::string& text) {
        double value = 0;
        const bool isNumber = CLI::detail::lexical_cast(text, value);
        return isNumber && value >= min ? std::string() : say(Msg::usageNotANumber, text, min);
    });
    option_.check(validator);
    return *this;
}

Argument& Argument::bytes() {
    CLI::Validator validator("");
    validator.operation([&say = say_](std::string& text) {
        const auto bytes = bytesIn(text);
        if (!bytes) return say(Msg::usageNotASize, text);
        text = std::to_string(*bytes);
        return std::string();
    });
    option_.transform(validator);
    return *this;
}

Command Command::subcommand(const std::string& name, Msg help, Msg example) {
    CLI::App& command = *app_.add_subcommand(name, say_(help));
    command.footer(say_(Msg::labelExample) + ":\n  " + say_(example));
    return {command, say_};
}

void Command::requireSubcommand() {
    app_.require_subcommand(1);
}

void Command::onChosen(std::function<void()> callback) {
    app_.callback(std::move(callback));
}

Argument Command::option(const std::string& name, ArgumentTarget target, const std::string& help) {
    CLI::Option* made =
        std::visit([&](auto* value) { return app_.add_option(name, *value, help); }, target);
    return {*made, say_};
}

Argument Command::list(const std::string& name, std::vector<std::string>& target,
                       const std::string& help) {
    CLI::Option* made = app_.add_option(name, target, help);
    made->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    return {*made, say_};
}

Argument Command::flag(const std::string& name, bool& target, const std::string& help) {
    return {*app_.add_flag(name, target, help), say_};
}

Argument Command::flag(const std::string& name, bool& target, const std::string& help,
                       const std::string& optionalValue) {
    CLI::Option* made = app_.add_flag(name, target, help);
    made->option_text(optionalValue);
    return {*made, say_};
}

}  // namespace moxie::app
