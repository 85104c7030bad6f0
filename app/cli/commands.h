// The commands, one file each. Every add function declares its options on the command line and
// leaves in `line.action` what is to be done when that command is the chosen one.
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "app/cli/context.h"
#include "app/cli/models.h"

namespace moxie::app {

struct CommandLine {
    CLI::App& root;
    Context& context;
    std::function<int()> action = {};
};

// A command below `parent`, with help text, example and the action that `act` returns.
template <class Options>
CLI::App& addCommand(CommandLine& line, CLI::App& parent, const std::string& name, Msg help,
                     Msg example, const std::shared_ptr<Options>& options,
                     int (*act)(const Options&, Context&)) {
    const Messages& say = line.context.say;
    CLI::App& command = *parent.add_subcommand(name, say(help));
    command.footer(say(Msg::labelExample) + ":\n  " + say(example));
    command.callback([&line, options, act] {
        line.action = [&line, options, act] { return act(*options, line.context); };
    });
    return command;
}

// Accepts only `choices`; the sentence of a wrong value names them and the nearest.
CLI::Validator oneOf(std::vector<std::string> choices, const Messages& say);
// A whole number or a number of at least `min`.
CLI::Validator atLeast(double min, const Messages& say);

void addModelFlags(CLI::App& command, ModelFlags& flags, const Messages& say);
void addRepo(CLI::App& command, std::string& repo, const Messages& say);
void addJson(CLI::App& command, bool& isJson, const Messages& say);
void addLimit(CLI::App& command, int64_t& limit, const Messages& say);

void addRun(CommandLine& line);
void addIndex(CommandLine& line);
void addSearch(CommandLine& line);
void addSymbols(CommandLine& line);
void addRefs(CommandLine& line);
void addPack(CommandLine& line);
void addGenerate(CommandLine& line);
void addLogits(CommandLine& line);
void addSessions(CommandLine& line);
void addUndo(CommandLine& line);
void addConfig(CommandLine& line);
void addDoctor(CommandLine& line);
void addDemo(CommandLine& line);
void addCompletions(CommandLine& line);

}  // namespace moxie::app
