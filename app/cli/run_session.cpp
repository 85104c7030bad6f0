#include "app/cli/run_session.h"

#include <csignal>
#include <nlohmann/json.hpp>
#include <system_error>

#include "app/cli/json_text.h"
#include "app/cli/open_index.h"
#include "app/cli/permission_prompt.h"
#include "base/paths.h"
#include "indexer/watch.h"

namespace moxie::app {

namespace {

base::Result<std::unique_ptr<agent::Session>> openSession(const SessionJob& job,
                                                          agent::SessionEnvironment environment) {
    if (!job.resumeId.empty())
        return agent::Session::resume(job.resumeId, job.options, std::move(environment));
    if (!job.forkId.empty())
        return agent::Session::fork(job.forkId, job.forkSeq, job.options, std::move(environment));
    return agent::Session::start(job.options, std::move(environment));
}

// Where no session came to be, a machine still gets one object that says why.
SessionOutcome failedBefore(const SessionJob& job, const base::Error& error, Context& context) {
    SessionOutcome outcome;
    outcome.exitCode = context.fail(error);
    if (job.output != RunOutput::text) {
        agent::TurnEnded end;
        end.status =
            outcome.exitCode == kExitUsage ? agent::EndStatus::usage : agent::EndStatus::error;
        end.reason = error.message();
        outcome.summary.task = job.task;
        outcome.summary.end = end;
        context.out.line(dumped(outcome.summary.toJson(outcome.exitCode), -1));
    }
    return outcome;
}

}  // namespace

std::filesystem::path sessionsFolder() {
    return base::dataDir() / "sessions";
}

base::Result<std::string> findSession(const std::string& name,
                                      const std::filesystem::path& repository,
                                      const Messages& say) {
    TRY_ASSIGN(const std::vector<agent::SessionInfo> sessions,
               agent::EventLog::list(sessionsFolder()));
    std::vector<std::string> matches;
    const agent::SessionInfo* newest = nullptr;
    for (const agent::SessionInfo& session : sessions) {
        if (session.id == name) return session.id;
        if (session.id.substr(0, name.size()) == name) matches.push_back(session.id);
        const bool isHere = repository.empty() || session.repository == repository.string();
        if (isHere && (newest == nullptr || session.changedMs > newest->changedMs))
            newest = &session;
    }
    if (name == "last" && newest != nullptr) return newest->id;
    if (name.empty() || name == "last" || matches.empty())
        return base::fail(base::Errc::notFound, say(Msg::sessionUnknown, name));
    if (matches.size() > 1)
        return base::fail(base::Errc::invalidInput,
                          say(Msg::sessionAmbiguous, name, matches.size()));
    return matches.front();
}

SessionOutcome runSession(const SessionJob& job, engine::ChatModel& model, Context& context) {
    std::unique_ptr<indexer::Index> index;
    if (auto opened = openIndexFor(job.options.repository.string(), IndexState::updated, context))
        index = *std::move(opened);
    else if (opened.error().kind() == base::Errc::cancelled)
        return failedBefore(job, opened.error(), context);
    else
        context.warn(context.say(Msg::indexUnavailable, opened.error().message()));
    // What commands and the user change while the session runs. Without it the index has the
    // agent's own edits only.
    std::unique_ptr<indexer::Watch> watching;
    if (index)
        if (auto made = indexer::watch(*index, {.root = job.options.repository}))
            watching = *std::move(made);

    SessionOutcome outcome;
    if (!job.resumeId.empty()) {  // its first event will not come again
        outcome.summary.sessionId = job.resumeId;
        outcome.summary.repository = job.options.repository.string();
    }
    RunView view(context, {.verbosity = job.verbosity}, outcome.summary);
    const auto onEvent = [&](const agent::Event& event) {
        if (job.output == RunOutput::text)
            view.show(event);
        else if (job.output == RunOutput::streamJson)
            context.out.line(dumped(agent::toJson(event), -1));
        outcome.summary.add(event);
        // Nobody reads on: end the turn in order instead of working for nobody.
        if (context.out.isClosed()) context.signals.requestStop();
    };
    agent::SessionEnvironment environment{
        .model = model, .index = index.get(), .clock = context.clock, .onEvent = onEvent};
    if (job.output == RunOutput::text && canAsk(context))
        environment.askPermission = [&](const agent::PermissionQuestion& question,
                                        const std::stop_token& stop) {
            return askPermission(question, job.options.repository, context, stop);
        };
    environment.stopStatus = [&context] {
        return context.signals.received() == SIGTERM ? agent::EndStatus::terminated
                                                     : agent::EndStatus::interrupted;
    };
    const auto session = openSession(job, std::move(environment));
    if (!session) return failedBefore(job, session.error(), context);
    const auto ended = (*session)->runTurn(job.task, context.signals.token());
    if (!ended) return failedBefore(job, ended.error(), context);
    outcome.exitCode = int(ended->status);
    if (job.output == RunOutput::jsonObject)
        context.out.line(dumped(outcome.summary.toJson(outcome.exitCode), -1));
    return outcome;
}

}  // namespace moxie::app
