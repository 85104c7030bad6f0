// moxie run TASK
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/open_index.h"
#include "app/cli/run_session.h"
#include "app/cli/session_options.h"
#include "base/file.h"
#include "base/text.h"

namespace moxie::app {

namespace {

constexpr size_t kTaskBytesMax = 4 << 20;  // of a task read from standard input

struct RunOptions {
    std::string task = {}, output = "text";
    SessionWishes wishes = {};
    ModelFlags model = {};
    bool isQuiet = false, isVerbose = false;
    std::string resume = {}, fork = {}, junit = {}, sarif = {};
};

base::Result<std::string> readTask(const std::string& task, const Messages& say) {
    std::string text = task;
    if (task == "-") {
        text.clear();
        std::array<char, 65536> buffer = {};
        for (;;) {
            const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0 || text.size() > kTaskBytesMax) break;
            text.append(buffer.data(), size_t(count));
        }
    }
    text = base::toValidUtf8(base::trim(text));
    if (text.empty()) return base::fail(base::Errc::invalidInput, say(Msg::usageTaskEmpty));
    return text;
}

base::Status placeInHistory(const RunOptions& options, SessionJob& job, const Messages& say) {
    if (!options.resume.empty() && !options.fork.empty())
        return base::fail(base::Errc::invalidInput, say(Msg::usageResumeAndFork));
    const std::filesystem::path& repository = job.options.repository;
    if (!options.resume.empty()) {
        TRY_ASSIGN(job.resumeId, findSession(options.resume, repository, say));
    }
    if (!options.fork.empty()) {
        const size_t at = options.fork.find('@');
        if (at != std::string::npos) {
            const char* first = options.fork.data() + at + 1;
            const char* last = options.fork.data() + options.fork.size();
            const auto [end, failed] = std::from_chars(first, last, job.forkSeq);
            if (failed != std::errc() || end != last || job.forkSeq < 1)
                return base::fail(base::Errc::invalidInput, say(Msg::usageBadFork, options.fork));
        }
        TRY_ASSIGN(job.forkId, findSession(options.fork.substr(0, at), repository, say));
    }
    return {};
}

void warnAll(const std::vector<std::string>& notes, const Context& context) {
    for (const std::string& note : notes)
        context.warn(printable(note));
}

void writeReport(const std::string& file, const std::string& content, const Context& context) {
    if (file.empty()) return;
    const base::Status written = base::writeFileAtomically(file, content);
    if (!written) context.warn(context.say(Msg::reportNotWritten, written.error().message()));
}

int run(const RunOptions& options, Context& context) {
    const Messages& say = context.say;
    SessionJob job;
    const auto task = readTask(options.task, say);
    if (!task) return context.fail(task.error());
    job.task = *task;
    const auto folder = repositoryFolder(options.wishes.repo, say);
    if (!folder) return context.fail(folder.error());

    const Config config = context.loadConfig(*folder);
    const auto plan = planModels(options.model, config, say);
    if (!plan) return context.fail(plan.error());
    std::vector<std::string> notes;
    const auto model = openModels(*plan, context.clock, say, notes);
    warnAll(notes, context);
    if (!model) return context.fail(model.error());
    if (plan->isOnlySample) context.warn(say(Msg::modelOnlySample));

    notes.clear();
    auto sessionOptions =
        makeSessionOptions(options.wishes, config, (*model)->limits(), say, notes);
    warnAll(notes, context);
    if (!sessionOptions) return context.fail(sessionOptions.error());
    job.options = *std::move(sessionOptions);
    if (const base::Status placed = placeInHistory(options, job, say); !placed)
        return context.fail(placed.error());
    if (job.options.sandbox == tools::SandboxMode::off && !options.isQuiet)
        context.warn(say(Msg::sandboxOffNote));
    job.output = options.output == "json"          ? RunOutput::jsonObject
                 : options.output == "stream-json" ? RunOutput::streamJson
                                                   : RunOutput::text;
    job.verbosity = options.isQuiet     ? Verbosity::quiet
                    : options.isVerbose ? Verbosity::verbose
                                        : Verbosity::normal;
    const SessionOutcome outcome = runSession(job, **model, context);
    writeReport(options.junit, junitXml(outcome.summary), context);
    writeReport(options.sarif, sarifJson(outcome.summary, moxieVersion()), context);
    if (outcome.exitCode == int(agent::EndStatus::sandboxUnavailable)) {
        const auto sandbox =
            tools::Sandbox::open(job.options.repository, tools::SandboxMode::required);
        if (sandbox.level() == "none") context.warn(say(Msg::sandboxHint, sandbox.reason()));
    }
    return outcome.exitCode;
}

void addBudget(Command command, RunOptions& options, const Messages& say) {
    const std::string group = say(Msg::labelBudgetOptions);
    command.option("--budget-steps", &options.wishes.budgetSteps, say(Msg::optBudgetSteps))
        .valueName("N")
        .atLeast(0)
        .group(group);
    command.option("--budget-tokens", &options.wishes.budgetTokens, say(Msg::optBudgetTokens))
        .valueName("N")
        .atLeast(0)
        .group(group);
    command.option("--budget-time", &options.wishes.budgetTime, say(Msg::optBudgetTime))
        .valueName("TIME")
        .group(group);
    command.option("--budget-cost", &options.wishes.budgetCost, say(Msg::optBudgetCost))
        .valueName("USD")
        .atLeast(0)
        .group(group);
}

void addChat(Command command, RunOptions& options, const Messages& say) {
    const std::string group = say(Msg::labelModelOptions);
    command.option("--effort", &options.wishes.effort, say(Msg::optEffort))
        .valueName("EFFORT")
        .oneOf({"none", "low", "high", "max"})
        .group(group);
    command.option("--temperature", &options.wishes.temperature, say(Msg::optTemperature))
        .valueName("T")
        .atLeast(0)
        .group(group);
    command.option("--seed", &options.wishes.seed, say(Msg::optSeed))
        .valueName("N")
        .atLeast(0)
        .group(group);
    command
        .option("--max-output-tokens", &options.wishes.outputTokensMax,
                say(Msg::optMaxOutputTokens))
        .valueName("N")
        .atLeast(1)
        .group(group);
}

void addWork(Command command, RunOptions& options, const Messages& say) {
    command.option("--output", &options.output, say(Msg::optOutput))
        .valueName("FORMAT")
        .oneOf({"text", "json", "stream-json"});
    command.option("--mode", &options.wishes.mode, say(Msg::optMode))
        .valueName("MODE")
        .oneOf({"plan", "ask", "auto-edit", "auto"});
    // --commit=MESSAGE comes in as these two: a value after a space would swallow the task.
    command.flag("--commit", options.wishes.commits, say(Msg::optCommit), "[=MESSAGE]");
    command.option("--commit-message", &options.wishes.commitMessage, "").group("");
    command.list("--verify", options.wishes.verify, say(Msg::optVerify)).valueName("COMMAND");
    command.flag("--no-pack", options.wishes.sendsNoPack, say(Msg::optNoPack));
    command.option("--pack-tokens", &options.wishes.packTokens, say(Msg::optPackTokens))
        .valueName("N")
        .atLeast(0);
    command.option("--sandbox", &options.wishes.sandbox, say(Msg::optSandbox))
        .valueName("WHEN")
        .oneOf({"required", "off"});
    command.flag("--network", options.wishes.usesNetwork, say(Msg::optNetwork));
    command.option("--resume", &options.resume, say(Msg::optResume)).valueName("SESSION");
    command.option("--fork", &options.fork, say(Msg::optFork)).valueName("SESSION[@SEQ]");
    command.flag("-q,--quiet", options.isQuiet, say(Msg::optQuiet));
    command.flag("-v,--verbose", options.isVerbose, say(Msg::optVerbose));
    command.option("--junit", &options.junit, say(Msg::optJunit)).valueName("FILE");
    command.option("--sarif", &options.sarif, say(Msg::optSarif)).valueName("FILE");
}

}  // namespace

void addRun(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<RunOptions>();
    Command command =
        addCommand(line, line.root, "run", Msg::helpRun, Msg::exampleRun, options, run);
    command.option("TASK", &options->task, say(Msg::optTask)).required();
    addRepo(command, options->wishes.repo, say);
    addWork(command, *options, say);
    addModelFlags(command, options->model, say);
    addChat(command, *options, say);
    addBudget(command, *options, say);
}

}  // namespace moxie::app
