// The commands, one file each. Every add function declares its options on the command line and
// leaves in `line.action` what is to be done when that command is the chosen one.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "app/cli/arguments.h"
#include "app/cli/context.h"
#include "app/cli/models.h"

namespace moxie::app {

struct CommandLine {
    Command root;
    Context& context;
    std::function<int()> action = {};
};

// A command below `parent`, with help text, example and the action that `act` returns.
template <class Options>
Command addCommand(CommandLine& line, Command parent, const std::string& name, Msg help,
                   Msg example, const std::shared_ptr<Options>& options,
                   int (*act)(const Options&, Context&)) {
    Command command = parent.subcommand(name, help, example);
    command.onChosen([&line, options, act] {
        line.action = [&line, options, act] { return act(*options, line.context); };
    });
    return command;
}

void addModelFlags(Command command, ModelFlags& flags, const Messages& say);
void addLocalFlags(Command command, LocalFlags& flags, const Messages& say);
void addEvaluationFlags(Command command, EvaluationFlags& flags, const Messages& say);
void addAdapters(Command command, std::vector<std::string>& adapters, const Messages& say);
void addRepo(Command command, std::string& repo, const Messages& say);
void addJson(Command command, bool& isJson, const Messages& say);
void addLimit(Command command, int64_t& limit, const Messages& say);

void addRun(CommandLine& line);
void addIndex(CommandLine& line);
void addSearch(CommandLine& line);
void addSymbols(CommandLine& line);
void addRefs(CommandLine& line);
void addPack(CommandLine& line);
void addGenerate(CommandLine& line);
void addLogits(CommandLine& line);
void addBench(CommandLine& line);
void addPerplexity(CommandLine& line);
void addModel(CommandLine& line);
void addTokens(CommandLine& line);
void addServe(CommandLine& line);
void addSessions(CommandLine& line);
void addUndo(CommandLine& line);
void addConfig(CommandLine& line);
void addDoctor(CommandLine& line);
void addDemo(CommandLine& line);
void addOpen(CommandLine& line);
void addCompletions(CommandLine& line);

}  // namespace moxie::app
