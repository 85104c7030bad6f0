// Reads one session's event log into what a window shows, step by step. A long log is shown from
// its newest turns at once, while the whole is read in slices behind it.
// Threads: one thread at a time; what it gives out is for any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/event_log.h"
#include "app/desktop/session/session_model.h"
#include "base/clock.h"
#include "base/result.h"

namespace moxie::desktop {

// What a step found. Parts that did not change are absent.
struct LogNews {
    bool isReset = false;  // the view before counts no more
    bool isWhole = false;  // nothing of the log is missing; false: take another step
    bool isLeased = false;
    int64_t lastSeq = 0;
    std::vector<ConversationChange> changes = {};
    std::optional<Conversation> conversation = {};
    std::optional<Plan> plan = {};
    std::optional<std::vector<TurnCost>> turnCosts = {};
    std::string modelName = {}, backend = {};
    int64_t contextTokens = 0;
};

class LogReader {
public:
    LogReader(std::filesystem::path sessionsFolder, std::string id, base::Clock& clock);

    // Opens the log at the first call. Fails: notFound, corrupt, io; a later call tries again.
    // Cost: at most some thousand events.
    base::Result<LogNews> step(const std::stop_token& stop);

private:
    // All that is made of the events up to lastSeq.
    struct Shown {
        ConversationModel conversation;
        PlanModel plan;
        CostModel cost;
        std::string modelName = {}, backend = {};
        int64_t contextTokens = 0;
        int64_t lastSeq = 0;
        bool hasNewPlan = false, hasNewCost = false;
    };

    base::Status open();
    static base::Result<Shown> readTail(const agent::EventLog& log);
    base::Result<int64_t> readMore(Shown& shown, int64_t limit) const;
    static void apply(Shown& shown, const agent::Event& event);
    LogNews tailNews(LogNews news);
    static void take(Shown& shown, LogNews& news);

    std::filesystem::path sessionsFolder_;
    std::string id_;
    base::Clock& clock_;
    std::unique_ptr<agent::EventLog> log_;
    std::optional<Shown> tail_;  // while the whole is being read
    Shown whole_;
    bool isTailNew_ = true, wasShown_ = false;
};

}  // namespace moxie::desktop
