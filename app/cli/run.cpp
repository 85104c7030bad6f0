// moxie run TASK
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/open_index.h"
#include "app/cli/run_session.h"
#include "base/file.h"
#include "base/text.h"

namespace moxie::app {

namespace {

constexpr size_t kTaskBytesMax = 4 << 20;  // of a task read from standard input

struct RunOptions {
    std::string task = {}, repo = ".";
    ModelFlags model = {};
    std::string output = "text", mode = {}, sandbox = {}, effort = {}, budgetTime = {};
    std::optional<int32_t> budgetSteps = {};
    std::optional<int64_t> budgetTokens = {}, packTokens = {}, outputTokensMax = {};
    std::optional<double> budgetCost = {}, temperature = {};
    std::optional<uint64_t> seed = {};
    std::string commitMessage = {};
    std::vector<std::string> verify = {};
    bool sendsNoPack = false, usesNetwork = false, isQuiet = false, isVerbose = false;
    bool commits = false;
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

// "90", "90s", "10m", "1.5h" in milliseconds.
base::Result<int64_t> parseDuration(const std::string& text, const Messages& say) {
    double value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string unit(end, size_t(text.data() + text.size() - end));
    const double scale = unit.empty() || unit == "s" ? 1e3
                         : unit == "m"               ? 60e3
                         : unit == "h"               ? 3600e3
                                                     : 0;
    if (failed != std::errc() || scale == 0 || !(value >= 0) || value > 1e7)
        return base::fail(base::Errc::invalidInput, say(Msg::usageNotADuration, text));
    return int64_t(value * scale);
}

engine::Effort effortFromName(const std::string& name) {
    return name == "none"  ? engine::Effort::none
           : name == "low" ? engine::Effort::low
           : name == "max" ? engine::Effort::max
                           : engine::Effort::high;
}

base::Result<agent::Budget> makeBudget(const RunOptions& options, const Config& config,
                                       const Messages& say) {
    agent::Budget budget;
    budget.steps = options.budgetSteps.value_or(int32_t(config.integer("budget.steps")));
    budget.tokens = options.budgetTokens.value_or(config.integer("budget.tokens"));
    budget.costUsd = options.budgetCost.value_or(config.number("budget.usd"));
    budget.wallMs = config.integer("budget.seconds") * 1000;
    if (!options.budgetTime.empty()) {
        TRY_ASSIGN(budget.wallMs, parseDuration(options.budgetTime, say));
    }
    return budget;
}

// An eighth of the window leaves room for the work; small models get no pack at all.
int64_t defaultPackTokens(const engine::ModelLimits& limits) {
    return limits.contextTokens < 32'000 ? 0 : std::min<int64_t>(24'000, limits.contextTokens / 8);
}

base::Result<agent::SessionOptions> makeSessionOptions(const RunOptions& options,
                                                       const Config& config,
                                                       const engine::ModelLimits& limits,
                                                       Context& context) {
    const Messages& say = context.say;
    agent::SessionOptions session;
    TRY_ASSIGN(session.repository, repositoryFolder(options.repo, say));
    session.sessionsFolder = sessionsFolder();
    session.moxieVersion = std::string(moxieVersion());
    session.mode =
        *agent::permissionModeFromString(options.mode.empty() ? config.text("mode") : options.mode);
    const std::string sandbox = options.sandbox.empty() ? config.text("sandbox") : options.sandbox;
    session.sandbox = sandbox == "off" ? tools::SandboxMode::off : tools::SandboxMode::required;
    session.network = options.usesNetwork || config.flag("network") ? tools::NetworkAccess::allowed
                                                                    : tools::NetworkAccess::denied;
    session.verifyCommands = options.verify;
    const bool isProjects = config.origin("verify") == Origin::project;
    if (options.verify.empty() && isProjects && sandbox == "off")
        context.warn(say(Msg::projectVerifyIgnored));
    else if (options.verify.empty())
        session.verifyCommands = config.list("verify");
    session.deniedTools = config.list("denied_tools");
    session.commitsAtEnd = options.commits || config.flag("commit");
    session.commitMessage = options.commitMessage;
    TRY_ASSIGN(session.budget, makeBudget(options, config, say));

    const int64_t configured = config.integer("pack_tokens");
    session.packTokens = options.sendsNoPack  ? 0
                         : options.packTokens ? *options.packTokens
                         : configured >= 0    ? configured
                                              : defaultPackTokens(limits);
    session.chat.effort =
        effortFromName(options.effort.empty() ? config.text("effort") : options.effort);
    session.chat.temperature = options.temperature;
    session.chat.seed = options.seed;
    if (options.outputTokensMax) session.chat.outputTokensMax = *options.outputTokensMax;
    return session;
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
    const auto folder = repositoryFolder(options.repo, say);
    if (!folder) return context.fail(folder.error());

    const Config config = context.loadConfig(*folder);
    const auto plan = planModels(options.model, config, say);
    if (!plan) return context.fail(plan.error());
    std::vector<std::string> notes;
    const auto model = openModels(*plan, context.clock, say, notes);
    for (const std::string& note : notes)
        context.warn(printable(note));
    if (!model) return context.fail(model.error());
    if (plan->isOnlySample) context.warn(say(Msg::modelOnlySample));

    auto sessionOptions = makeSessionOptions(options, config, (*model)->limits(), context);
    if (!sessionOptions) return context.fail(sessionOptions.error());
    job.options = *std::move(sessionOptions);
    if (const base::Status placed = placeInHistory(options, job, say); !placed)
        return context.fail(placed.error());
    if (job.options.sandbox == tools::SandboxMode::off && !options.isQuiet)
        context.warn(say(Msg::sandboxOffNote));
    job.output = options.output == "json"          ? RunOutput::json
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
    command.option("--budget-steps", &options.budgetSteps, say(Msg::optBudgetSteps))
        .valueName("N")
        .atLeast(0)
        .group(group);
    command.option("--budget-tokens", &options.budgetTokens, say(Msg::optBudgetTokens))
        .valueName("N")
        .atLeast(0)
        .group(group);
    command.option("--budget-time", &options.budgetTime, say(Msg::optBudgetTime))
        .valueName("TIME")
        .group(group);
    command.option("--budget-cost", &options.budgetCost, say(Msg::optBudgetCost))
        .valueName("USD")
        .atLeast(0)
        .group(group);
}

void addChat(Command command, RunOptions& options, const Messages& say) {
    const std::string group = say(Msg::labelModelOptions);
    command.option("--effort", &options.effort, say(Msg::optEffort))
        .valueName("EFFORT")
        .oneOf({"none", "low", "high", "max"})
        .group(group);
    command.option("--temperature", &options.temperature, say(Msg::optTemperature))
        .valueName("T")
        .atLeast(0)
        .group(group);
    command.option("--seed", &options.seed, say(Msg::optSeed))
        .valueName("N")
        .atLeast(0)
        .group(group);
    command.option("--max-output-tokens", &options.outputTokensMax, say(Msg::optMaxOutputTokens))
        .valueName("N")
        .atLeast(1)
        .group(group);
}

void addWork(Command command, RunOptions& options, const Messages& say) {
    command.option("--output", &options.output, say(Msg::optOutput))
        .valueName("FORMAT")
        .oneOf({"text", "json", "stream-json"});
    command.option("--mode", &options.mode, say(Msg::optMode))
        .valueName("MODE")
        .oneOf({"plan", "ask", "auto-edit", "auto"});
    // --commit=MESSAGE comes in as these two: a value after a space would swallow the task.
    command.flag("--commit", options.commits, say(Msg::optCommit), "[=MESSAGE]");
    command.option("--commit-message", &options.commitMessage, "").group("");
    command.list("--verify", options.verify, say(Msg::optVerify)).valueName("COMMAND");
    command.flag("--no-pack", options.sendsNoPack, say(Msg::optNoPack));
    command.option("--pack-tokens", &options.packTokens, say(Msg::optPackTokens))
        .valueName("N")
        .atLeast(0);
    command.option("--sandbox", &options.sandbox, say(Msg::optSandbox))
        .valueName("WHEN")
        .oneOf({"required", "off"});
    command.flag("--network", options.usesNetwork, say(Msg::optNetwork));
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
    addRepo(command, options->repo, say);
    addWork(command, *options, say);
    addModelFlags(command, options->model, say);
    addChat(command, *options, say);
    addBudget(command, *options, say);
}

}  // namespace moxie::app
