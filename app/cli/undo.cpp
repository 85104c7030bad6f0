// moxie undo [SESSION]
#include <nlohmann/json.hpp>
#include <system_error>

#include "agent/session.h"
#include "app/cli/commands.h"
#include "app/cli/json_text.h"
#include "app/cli/run_session.h"

namespace moxie::app {

namespace {

struct UndoOptions {
    std::string session = "last", repo = ".";
    bool isJson = false;
};

int undo(const UndoOptions& options, Context& context) {
    std::error_code failed;
    const auto here = std::filesystem::canonical(options.repo, failed);
    const auto id = findSession(options.session, here, context.say);
    if (!id) return context.fail(id.error());
    const auto paths = agent::undoLastTurn(sessionsFolder(), *id, context.clock);
    if (!paths) return context.fail(paths.error());
    if (options.isJson) {
        const nlohmann::json result = {{"session_id", *id}, {"changed_paths", *paths}};
        context.out.line(dumped(result, -1));
        return kExitDone;
    }
    context.out.line(paths->empty() ? context.say(Msg::undoNothing, *id)
                                    : context.say(Msg::undoDone, *id, paths->size()));
    for (const std::string& path : *paths)
        context.out.line("  " + printable(path));
    return kExitDone;
}

}  // namespace

void addUndo(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<UndoOptions>();
    Command command =
        addCommand(line, line.root, "undo", Msg::helpUndo, Msg::exampleUndo, options, undo);
    command.option("SESSION", &options->session, say(Msg::optSession));
    addRepo(command, options->repo, say);
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
