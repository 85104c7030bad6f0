// Draws the events of a session for people: the model's text on standard output, everything else
// (tool calls, diffs, verification, usage, the end) on standard error, so that a redirected run
// keeps the answer alone. Used live, for `sessions show` and for `replay`.
// Threads: owner thread only.
#pragma once
#include <map>
#include <set>
#include <string>

#include "agent/event.h"
#include "app/cli/context.h"
#include "app/cli/run_summary.h"

namespace moxie::app {

enum class Verbosity { quiet, normal, verbose };

struct ViewOptions {
    Verbosity verbosity = Verbosity::normal;
    bool isLive = true;  // false: from the log, where streamed pieces are followed by the whole
};

class RunView {
public:
    // `begun`: what is known already of a session that goes on.
    RunView(Context& context, ViewOptions options, RunSummary begun = {})
        : context_(context),
          options_(options),
          summary_(std::move(begun)) {}

    void show(const agent::Event& event);

    const RunSummary& summary() const { return summary_; }

private:
    void on(const agent::SessionStarted& started);
    void on(const agent::TurnStarted& started);
    void on(const agent::MessageAdded& added);
    void on(const agent::RequestSent& request);
    void on(const agent::ModelAnswering& answering);
    void on(const agent::AttemptFailed& failed);
    void on(const agent::Delta& delta);
    void on(const agent::ToolCallStarted& call);
    void on(const agent::ToolOutput& output);
    void on(const agent::ToolCallEnded& result);
    void on(const agent::PermissionAsked& question);
    void on(const agent::PermissionAnswered& answer);
    void on(const agent::CheckpointTaken& checkpoint);
    void on(const agent::PlanChanged& plan);
    void on(const agent::UsageCounted& usage);
    void on(const agent::VerificationRun& run);
    void on(const agent::Committed& commit);
    void on(const agent::Notice& notice);
    void on(const agent::HistoryPruned& pruned);
    void on(const agent::TurnEnded& ended);

    void side(Style style, std::string_view text);  // one line on standard error
    void finishStreamed();  // ends the line a stream left open, and erases the running call
    void showDiff(const agent::ToolCallStarted& call);

    Context& context_;
    ViewOptions options_;
    RunSummary summary_;
    std::map<std::string, agent::ToolCallStarted> calls_;  // not ended yet
    std::set<std::string> deniedCalls_;                    // whose results are not shown
    std::string openChannel_;  // "text", "reasoning" or "running"; empty: the cursor is at a line
    bool hasStreamedText_ = false;  // of the message that is coming
    std::string modelShown_;
};

// "Done and verified", in the user's language.
std::string statusText(agent::EndStatus status, const Messages& say);

}  // namespace moxie::app
