// What a session holds between its turns; each turn works on it.
// Threads: one thread at a time, but for userPlans, which any thread may add to.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "agent/changes.h"
#include "agent/conversation.h"
#include "agent/event_log.h"
#include "agent/path_facts.h"
#include "agent/policy.h"
#include "agent/recorder.h"
#include "agent/repository_pack.h"
#include "agent/session.h"
#include "agent/user_plans.h"
#include "tools/jobs.h"
#include "tools/observations.h"
#include "tools/sandbox.h"
#include "tools/workspace.h"

namespace moxie::agent {

struct SessionState {
    SessionState(SessionOptions sessionOptions, SessionEnvironment sessionEnvironment,
                 tools::Workspace openedWorkspace, std::unique_ptr<EventLog> openedLog)
        : options(std::move(sessionOptions)),
          environment(std::move(sessionEnvironment)),
          workspace(std::move(openedWorkspace)),
          log(std::move(openedLog)),
          recorder(*log, conversation, environment.onEvent),
          policy(options),
          sandbox(tools::Sandbox::open(workspace.root(), options.sandbox, options.network)),
          jobs(log->folder() / "outputs"),
          changes(workspace, log->sessionId()),
          repositoryPack(workspace.root()) {}

    SessionState(const SessionState&) = delete;
    SessionState& operator=(const SessionState&) = delete;

    engine::ChatRequest request() const { return {conversation.messages(), schemas, options.chat}; }

    // The same bytes; a local model is held to paths that exist.
    engine::ChatRequest requestFor(const engine::ModelLimits& limits) {
        engine::ChatRequest made = request();
        if (limits.isLocal) pathFacts.addTo(made.tools, workspace, jobs.spillFolder());
        return made;
    }

    // `bodies` of userPlans; the last plan is what the model will be told. Fails: io; they wait
    // in userPlans again then.
    base::Status recordPlans(std::vector<EventBody> bodies) {
        std::vector<EventBody> kept = bodies;
        if (base::Status recorded = recorder.add(std::move(bodies)); !recorded) {
            userPlans.giveBack(std::move(kept));
            return recorded;
        }
        for (const EventBody& body : kept)
            if (const auto* plan = std::get_if<PlanChanged>(&body))
                if (auto note = agent::planNote(plan->itemsJson)) planNote = *std::move(note);
        return {};
    }

    SessionOptions options;
    SessionEnvironment environment;
    tools::Workspace workspace;
    std::unique_ptr<EventLog> log;
    Conversation conversation;
    Recorder recorder;
    Policy policy;
    tools::Sandbox sandbox;
    tools::Observations observations;
    tools::Jobs jobs;
    Changes changes;
    RepositoryPack repositoryPack;
    std::vector<std::unique_ptr<tools::Tool>> tools;
    std::vector<engine::ToolSchema> schemas;  // as logged: the same bytes for ever
    engine::ModelChosen lastModel;
    engine::Usage totalUsage;
    double totalCostUsd = 0;  // negative: a price was not known
    std::string undoNote;     // to be told to the model with the next task
    std::string planNote;     // to be told with the next message of the user's role
    std::string toldMode;     // the permission mode that the model knows of; empty: none yet
    UserPlans userPlans;
    PathFacts pathFacts;
    bool hasRaisedOutputLimit = false;
};

}  // namespace moxie::agent
