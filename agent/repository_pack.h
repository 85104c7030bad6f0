// The context pack of a session: made once for the first request, and kept true by messages that
// tell what others changed since. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "agent/event.h"
#include "base/result.h"
#include "engine/chat_model.h"
#include "indexer/index.h"
#include "indexer/pack_session.h"
#include "tools/observations.h"

namespace moxie::agent {

struct PackWish {
    std::string task = {};
    int64_t budgetTokens = 0;
};

// Text for the model, and what it believes of files from then on, for MessageAdded::packed.
struct PackNews {
    std::string text = {};
    std::vector<std::string> packed = {};
};

class RepositoryPack {
public:
    explicit RepositoryPack(const std::filesystem::path& root) : session_(root) {}

    // Fails: as Index::pack.
    static base::Result<PackNews> make(const indexer::Index& index, const PackWish& wish,
                                       const engine::ChatModel& model, const std::stop_token& stop);

    // Of each message that was logged, also when a session goes on in another process.
    void replay(const MessageAdded& added, const engine::ChatModel& model);

    // What others changed in what the model was shown; an empty text if nothing. Fails: cancelled.
    base::Result<PackNews> news(const tools::Observations& observations,
                                const engine::ChatModel& model, const std::stop_token& stop);

    // Once: what was appended costs more than a new session with a new pack would.
    bool becameOutdated(const engine::ModelLimits& limits, int64_t remainingTurns);

private:
    indexer::PackSession session_;
    int64_t baseTokens_ = 0, newsTokens_ = 0;
    bool isOutdated_ = false;
};

}  // namespace moxie::agent
