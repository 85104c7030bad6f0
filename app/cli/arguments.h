// Declares what a command takes, over CLI11, which costs seconds of compile time in every file that
// includes it and is therefore seen by arguments.cpp, command_line.cpp and completions.cpp only.
// Threads: owner thread only. Pointers and Messages must outlive the parse.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/cli/messages.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace moxie::app {

// Where a value goes; an optional stays empty if the argument is not given.
using ArgumentTarget =
    std::variant<std::string*, int32_t*, int64_t*, double*, std::optional<int32_t>*,
                 std::optional<int64_t>*, std::optional<uint64_t>*, std::optional<double>*>;

// One option or positional; a handle to copy.
class Argument {
public:
    Argument(CLI::Option& option, const Messages& say) : option_(option), say_(say) {}

    Argument& valueName(const std::string& name);  // shown in help: "--repo DIR"
    Argument& group(const std::string& title);     // of the help text; empty hides it
    Argument& required();
    // Accepts only these; the sentence about a wrong value names them and the nearest.
    Argument& oneOf(std::vector<std::string> choices);
    Argument& atLeast(double min);
    // Takes "600M", "8G" (decimal) or "512MiB" as well as a plain number of bytes.
    Argument& bytes();

private:
    CLI::Option& option_;
    const Messages& say_;
};

// A command of the tree; a handle to copy.
class Command {
public:
    Command(CLI::App& app, const Messages& say) : app_(app), say_(say) {}

    Command subcommand(const std::string& name, Msg help, Msg example);
    void requireSubcommand();
    // When this command is the chosen one.
    void onChosen(std::function<void()> callback);

    // `name`: "-C,--repo", "--json", or "TASK" for a positional.
    Argument option(const std::string& name, ArgumentTarget target, const std::string& help);
    // May be given several times, one value each.
    Argument list(const std::string& name, std::vector<std::string>& target,
                  const std::string& help);
    Argument flag(const std::string& name, bool& target, const std::string& help);
    // A flag that help shows with an optional value: "--commit[=MESSAGE]".
    Argument flag(const std::string& name, bool& target, const std::string& help,
                  const std::string& optionalValue);

    CLI::App& app() const { return app_; }

private:
    CLI::App& app_;
    const Messages& say_;
};

}  // namespace moxie::app
