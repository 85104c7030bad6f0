#include "app/desktop/session/stored_sessions.h"

#include <algorithm>
#include <utility>

#include "agent/session.h"
#include "app/desktop/model/conversation_model.h"
#include "app/desktop/session/live_environment.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kEndEvents = 200;
constexpr int64_t kReadEvents = 4000;
constexpr size_t kCheckoutsMax = 500;  // folders looked at; the newest sessions come first

// Large events that say nothing about the state are not handed to the GUI.
bool tellsState(const agent::Event& event) {
    return std::holds_alternative<agent::SessionStarted>(event.body) ||
           std::holds_alternative<agent::TurnStarted>(event.body) ||
           std::holds_alternative<agent::PermissionAsked>(event.body) ||
           std::holds_alternative<agent::PermissionAnswered>(event.body) ||
           std::holds_alternative<agent::MessageAdded>(event.body) ||
           std::holds_alternative<agent::TurnEnded>(event.body);
}

}  // namespace

StoredSessions::StoredSessions(Places places, base::Clock& clock)
    : places_(std::move(places)),
      clock_(clock),
      bin_(places_.sessionsFolder, places_.binFolder) {}

base::Result<SessionCatalog*> StoredSessions::catalog() {
    if (!catalog_) {
        TRY_ASSIGN(catalog_,
                   SessionCatalog::open(places_.catalogFile, places_.sessionsFolder, clock_));
    }
    return catalog_.get();
}

std::vector<agent::Event> StoredSessions::newEvents(const std::string& id) {
    const auto log = agent::EventLog::open(places_.sessionsFolder, id,
                                           agent::EventLog::Access::readOnly, clock_);
    if (!log) return {};  // the list shows it as corrupt
    auto [seen, isFirst] = seen_.try_emplace(id, 0);
    if (isFirst) seen->second = std::max<int64_t>(0, (*log)->lastSeq() - kEndEvents);
    auto events = (*log)->read(seen->second, kReadEvents);
    if (!events || events->empty()) return {};
    seen->second = events->back().seq;
    std::erase_if(*events, [](const agent::Event& event) { return !tellsState(event); });
    return *std::move(events);
}

std::map<std::string, tools::Checkout> StoredSessions::checkouts(
    const std::vector<agent::SessionInfo>& infos) {
    std::map<std::string, tools::Checkout> checkouts;
    for (const agent::SessionInfo& info : infos)
        if (!info.repository.empty() && !checkouts.contains(info.repository) &&
            checkouts.size() < kCheckoutsMax)
            checkouts[info.repository] = tools::checkoutOf(info.repository);
    return checkouts;
}

base::Result<Conversation> StoredSessions::conversation(const std::string& id) const {
    TRY_ASSIGN(const auto log, agent::EventLog::open(places_.sessionsFolder, id,
                                                     agent::EventLog::Access::readOnly, clock_));
    ConversationModel model;
    for (int64_t seq = 0;;) {
        TRY_ASSIGN(const std::vector<agent::Event> events, log->read(seq, kReadEvents));
        for (const agent::Event& event : events) {
            model.apply(event);
            seq = event.seq;
        }
        model.takeChanges();
        if (int64_t(events.size()) < kReadEvents) return model.now();
    }
}

base::Result<int64_t> StoredSessions::lastSeqOf(const agent::EventLog& log,
                                                int32_t lastTurn) const {
    int64_t last = 0;
    for (;;) {
        TRY_ASSIGN(const std::vector<agent::Event> events, log.read(last, kReadEvents));
        for (const agent::Event& event : events) {
            if (event.turn > lastTurn) return last;
            last = event.seq;
        }
        if (int64_t(events.size()) < kReadEvents) return last;
    }
}

base::Result<std::string> StoredSessions::fork(const std::string& id, int32_t lastTurn) const {
    int64_t seq = 0;  // all
    agent::SessionOptions options;
    options.sessionsFolder = places_.sessionsFolder;
    {
        TRY_ASSIGN(const auto log,
                   agent::EventLog::open(places_.sessionsFolder, id,
                                         agent::EventLog::Access::readOnly, clock_));
        if (lastTurn != SessionStoreModel::kAllTurns) {
            TRY_ASSIGN(seq, lastSeqOf(*log, lastTurn));
        }
        TRY_ASSIGN(const std::vector<agent::Event> first, log->read(0, 1));
        const auto* started =
            first.empty() ? nullptr : std::get_if<agent::SessionStarted>(&first.front().body);
        const auto mode = started ? agent::permissionModeFromString(started->mode) : std::nullopt;
        options.mode = mode.value_or(agent::PermissionMode::ask);
        if (started) options.moxieVersion = started->version;
    }
    const auto silent = makeSilentModel();
    TRY_ASSIGN(const auto session, agent::Session::fork(id, seq, std::move(options),
                                                        {.model = *silent, .clock = clock_}));
    return session->id();
}

}  // namespace moxie::desktop
