#include "app/desktop/screens/settings/decision_log.h"

#include <algorithm>
#include <map>
#include <string>

#include "agent/event_log.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kEventsMax = 200'000, kPageEvents = 2'000;

QString toQt(const std::string& text) {
    return QString::fromStdString(text);
}

// Pairs questions with answers while the events of one session go by.
class Pairing {
public:
    explicit Pairing(const std::string& sessionId) : sessionId_(toQt(sessionId)) {}

    void apply(const agent::Event& event, std::vector<LoggedDecision>& decisions) {
        if (const auto* asked = std::get_if<agent::PermissionAsked>(&event.body)) {
            asked_[asked->callId] = *asked;
        } else if (const auto* started = std::get_if<agent::ToolCallStarted>(&event.body)) {
            called_[started->callId] = {started->callId, started->tool, started->summary, {}};
        } else if (const auto* answer = std::get_if<agent::PermissionAnswered>(&event.body)) {
            const auto question = asked_.find(answer->callId);
            const auto call = called_.find(answer->callId);
            agent::PermissionAsked about;
            if (question != asked_.end())
                about = question->second;
            else if (call != called_.end())
                about = call->second;
            decisions.push_back({event.timeMs, sessionId_, toQt(about.tool), toQt(about.summary),
                                 toQt(answer->answer), toQt(answer->rule)});
        }
    }

private:
    QString sessionId_;
    std::map<std::string, agent::PermissionAsked> asked_, called_;
};

}  // namespace

DecisionLog readDecisions(const std::filesystem::path& sessionsFolder,
                          const std::filesystem::path& repository, base::Clock& clock,
                          const std::stop_token& stop) {
    DecisionLog log;
    const auto sessions = agent::EventLog::list(sessionsFolder);
    if (!sessions) {
        if (sessions.error().kind() != base::Errc::notFound)
            log.problem = toQt(sessions.error().message());
        return log;
    }
    int64_t nEvents = 0;
    for (const agent::SessionInfo& session : *sessions) {
        if (session.repository != repository.string()) continue;
        if (stop.stop_requested() || nEvents >= kEventsMax) {
            log.isCut = true;
            break;
        }
        const auto opened = agent::EventLog::open(sessionsFolder, session.id,
                                                  agent::EventLog::Access::readOnly, clock);
        if (!opened) {
            ++log.unreadable;
            continue;
        }
        Pairing pairing(session.id);
        for (int64_t afterSeq = 0; !stop.stop_requested();) {
            const auto events = (*opened)->read(afterSeq, kPageEvents);
            if (!events) ++log.unreadable;
            if (!events || events->empty()) break;
            for (const agent::Event& event : *events)
                pairing.apply(event, log.decisions);
            afterSeq = events->back().seq;
            nEvents += int64_t(events->size());
        }
    }
    std::stable_sort(
        log.decisions.begin(), log.decisions.end(),
        [](const LoggedDecision& a, const LoggedDecision& b) { return a.timeMs > b.timeMs; });
    return log;
}

}  // namespace moxie::desktop
