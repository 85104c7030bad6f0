// moxie demo
#include <cstdlib>
#include <system_error>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/demo_project.h"
#include "app/cli/recorded_model.h"
#include "app/cli/run_session.h"
#include "tools/process.h"

namespace moxie::app {

namespace {

constexpr int64_t kPieceWaitMs = 15;  // about 60 words a second: readable, and done in seconds

struct DemoOptions {
    std::string directory = {};
    bool isDiscarded = false;
};

base::Result<std::filesystem::path> demoFolder(const std::string& wanted, const Messages& say) {
    std::error_code failed;
    if (!wanted.empty()) {
        const auto folder = std::filesystem::absolute(wanted, failed);
        if (std::filesystem::exists(folder, failed) && !std::filesystem::is_empty(folder, failed))
            return base::fail(base::Errc::invalidInput, say(Msg::demoNotEmpty, wanted));
        return folder;
    }
    std::string pattern =
        (std::filesystem::temp_directory_path(failed) / "moxie-demo-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        return base::fail(base::errnoError(errno, "make a folder like " + pattern));
    return std::filesystem::path(pattern);
}

bool runsInside(const tools::Sandbox& sandbox, const std::vector<std::string>& argv,
                const std::stop_token& stop) {
    auto request = sandbox.wrap({.argv = argv, .timeoutMs = 10'000}, tools::NetworkAccess::denied);
    if (!request) return false;
    const auto result = tools::runProcess(*request, stop);
    return result && result->exitCode == 0;
}

void sayWhatToLookAt(const std::string& folder, const std::string& session, Context& context) {
    context.out.line();
    context.out.line(context.out.styled(Style::bold, context.say(Msg::demoLook)));
    context.out.line(context.say(Msg::demoLookCommit, folder));
    context.out.line(context.say(Msg::demoLookSession, session));
    context.out.line(context.say(Msg::demoLookUndo, session));
    context.out.line(context.say(Msg::demoLookReal));
}

int run(const DemoOptions& options, Context& context) {
    const Messages& say = context.say;
    context.out.line(context.out.styled(Style::bold, say(Msg::demoIntro)));
    const auto folder = demoFolder(options.directory, say);
    if (!folder) return context.fail(folder.error());
    std::error_code failed;
    std::filesystem::create_directories(*folder, failed);

    tools::SandboxMode mode = tools::SandboxMode::required;
    auto sandbox = tools::Sandbox::open(*folder, mode);
    if (sandbox.level() == "none") {
        context.warn(say(Msg::demoNoJail, sandbox.reason()));
        mode = tools::SandboxMode::off;
        sandbox = tools::Sandbox::open(*folder, mode);
    }
    const bool hasPython =
        runsInside(sandbox, {"python3", "-c", "import unittest"}, context.signals.token());
    const DemoProject& project = hasPython ? pythonDemo() : shellDemo();
    if (const base::Status written = writeDemo(project, *folder); !written)
        return context.fail(written.error());
    context.out.line(say(Msg::demoRepo, folder->string()));
    context.out.line(say(Msg::viewTask, project.task));
    const auto model = makeRecordedModel(project.recordingJson, kPieceWaitMs, context.clock);
    if (!model) return context.fail(model.error());

    SessionJob job;
    job.task = project.task;
    job.options.repository = std::filesystem::canonical(*folder, failed);
    job.options.sessionsFolder = sessionsFolder();
    job.options.sandbox = mode;
    job.options.verifyCommands = {std::string(project.verifyCommand)};
    job.options.commitsAtEnd = true;
    job.options.commitMessage = project.commitMessage;
    job.options.packTokens = 2000;
    job.options.moxieVersion = std::string(moxieVersion());
    const SessionOutcome outcome = runSession(job, **model, context);
    if (outcome.exitCode != kExitDone && context.signals.received() == 0)
        context.warn(say(Msg::demoFailed));
    if (options.isDiscarded) {
        std::filesystem::remove_all(*folder, failed);
        context.out.line(say(Msg::demoDiscarded));
    } else if (outcome.exitCode == kExitDone) {
        sayWhatToLookAt(job.options.repository.string(), outcome.summary.sessionId, context);
    }
    return outcome.exitCode;
}

}  // namespace

void addDemo(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<DemoOptions>();
    Command command =
        addCommand(line, line.root, "demo", Msg::helpDemo, Msg::exampleDemo, options, run);
    command.option("--dir", &options->directory, say(Msg::optDemoDir)).valueName("DIR");
    command.flag("--discard", options->isDiscarded, say(Msg::optDiscard));
}

}  // namespace moxie::app
