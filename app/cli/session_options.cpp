#include "app/cli/session_options.h"

#include <algorithm>
#include <charconv>

#include "app/cli/command_line.h"
#include "app/cli/open_index.h"
#include "app/cli/rules.h"
#include "app/cli/run_session.h"

namespace moxie::app {

namespace {

engine::Effort effortFromName(const std::string& name) {
    return name == "none"  ? engine::Effort::none
           : name == "low" ? engine::Effort::low
           : name == "max" ? engine::Effort::max
                           : engine::Effort::high;
}

base::Result<agent::Budget> makeBudget(const SessionWishes& wishes, const Config& config,
                                       const Messages& say) {
    agent::Budget budget;
    budget.steps = wishes.budgetSteps.value_or(int32_t(config.integer("budget.steps")));
    budget.tokens = wishes.budgetTokens.value_or(config.integer("budget.tokens"));
    budget.costUsd = wishes.budgetCost.value_or(config.number("budget.usd"));
    budget.wallMs = config.integer("budget.seconds") * 1000;
    if (!wishes.budgetTime.empty()) {
        TRY_ASSIGN(budget.wallMs, parseDuration(wishes.budgetTime, say));
    }
    return budget;
}

// An eighth of the window leaves room for the work; small models get no pack at all.
int64_t defaultPackTokens(const engine::ModelLimits& limits) {
    return limits.contextTokens < 32'000 ? 0 : std::min<int64_t>(24'000, limits.contextTokens / 8);
}

void setJail(const SessionWishes& wishes, const Config& config, agent::SessionOptions& session) {
    const std::string sandbox = wishes.sandbox.empty() ? config.text("sandbox") : wishes.sandbox;
    session.sandbox = sandbox == "off" ? tools::SandboxMode::off : tools::SandboxMode::required;
    session.network = wishes.usesNetwork || config.flag("network") ? tools::NetworkAccess::allowed
                                                                   : tools::NetworkAccess::denied;
}

// A project's own commands are its code: they run in the jail only.
void setVerification(const SessionWishes& wishes, const Config& config, const Messages& say,
                     agent::SessionOptions& session, std::vector<std::string>& notes) {
    session.verifyCommands = wishes.verify;
    if (!wishes.verify.empty()) return;
    if (config.origin("verify") == Origin::project && session.sandbox == tools::SandboxMode::off)
        notes.push_back(say(Msg::projectVerifyIgnored));
    else
        session.verifyCommands = config.list("verify");
}

base::Status setRules(const Config& config, const Messages& say, agent::SessionOptions& session) {
    session.deniedTools = config.list("denied_tools");
    TRY_ASSIGN(ProjectRules rules, loadRules(session.repository, say));
    session.allowRules = std::move(rules.allow);
    session.askRules = std::move(rules.ask);
    session.denyRules = std::move(rules.deny);
    return {};
}

void setChat(const SessionWishes& wishes, const Config& config, engine::ChatOptions& chat) {
    chat.effort = effortFromName(wishes.effort.empty() ? config.text("effort") : wishes.effort);
    chat.temperature = wishes.temperature;
    chat.seed = wishes.seed;
    if (wishes.outputTokensMax) chat.outputTokensMax = *wishes.outputTokensMax;
}

}  // namespace

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

base::Result<agent::SessionOptions> makeSessionOptions(const SessionWishes& wishes,
                                                       const Config& config,
                                                       const engine::ModelLimits& limits,
                                                       const Messages& say,
                                                       std::vector<std::string>& notes) {
    agent::SessionOptions session;
    TRY_ASSIGN(session.repository, repositoryFolder(wishes.repo, say));
    session.sessionsFolder = sessionsFolder();
    session.moxieVersion = std::string(moxieVersion());
    session.mode =
        *agent::permissionModeFromString(wishes.mode.empty() ? config.text("mode") : wishes.mode);
    setJail(wishes, config, session);
    setVerification(wishes, config, say, session, notes);
    TRY(setRules(config, say, session));
    session.commitsAtEnd = wishes.commits || config.flag("commit");
    session.commitMessage = wishes.commitMessage;
    TRY_ASSIGN(session.budget, makeBudget(wishes, config, say));
    const int64_t configured = config.integer("pack_tokens");
    session.packTokens = wishes.sendsNoPack  ? 0
                         : wishes.packTokens ? *wishes.packTokens
                         : configured >= 0   ? configured
                                             : defaultPackTokens(limits);
    setChat(wishes, config, session.chat);
    return session;
}

}  // namespace moxie::app
