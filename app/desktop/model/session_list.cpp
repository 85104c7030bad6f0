#include "app/desktop/model/session_list.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kTitleBytesMax = 120;

std::string titleOf(std::string_view task) {
    task = base::trim(task);
    task = task.substr(0, task.find_first_of("\r\n"));
    return std::string(base::cutUtf8(task, kTitleBytesMax));
}

std::string lowered(std::string_view text) {
    std::string low(text);
    for (char& c : low)
        if (c >= 'A' && c <= 'Z') c = char(c + 32);
    return low;
}

bool hasAllWords(const std::string& text, std::string_view words) {
    while (!words.empty()) {
        const size_t end = std::min(words.find(' '), words.size());
        if (text.find(words.substr(0, end)) == std::string::npos) return false;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return true;
}

bool endsWithQuestion(std::string_view answer) {
    answer = base::trim(answer);
    return answer.ends_with('?') || answer.ends_with("？");
}

SessionState stateOf(const std::string& status, bool isUnseen, bool isQuestion) {
    if (status == "budget") return SessionState::paused;
    if (status == "verified" || status == "unverified" || status == "interrupted" ||
        status == "terminated" || status.empty()) {
        if (isQuestion && isUnseen) return SessionState::asks;
        return isUnseen && !status.empty() ? SessionState::finishedUnseen : SessionState::idle;
    }
    return isUnseen ? SessionState::failed : SessionState::idle;
}

}  // namespace

bool needsUser(const SessionRow& row) {
    return row.state == SessionState::needsPermission ||
           (row.isUnseen && (row.state == SessionState::asks || row.state == SessionState::paused));
}

void SessionList::setSessions(const std::vector<agent::SessionInfo>& sessions) {
    std::map<std::string, Session, std::less<>> now;
    for (const agent::SessionInfo& info : sessions) {
        const auto before = sessions_.find(info.id);
        Session session = before == sessions_.end() ? Session() : before->second;
        session.row.id = info.id;
        session.row.repository = info.repository;
        session.row.changedMs = std::max(session.row.changedMs, info.changedMs);
        session.row.nTurns = std::max(session.row.nTurns, info.turns);
        if (!info.firstTask.empty()) session.firstTask = info.firstTask;
        // Only a living process works or waits; a killed one left "running" behind.
        if (!info.isLeased) {
            session.isWorking = false;
            session.nAsking = 0;
            session.status = info.lastStatus == "running" ? "interrupted" : info.lastStatus;
            session.endedMs = std::max(session.endedMs, info.changedMs);
        } else if (session.liveSeq == 0) {
            session.isWorking = info.lastStatus == "running";
            if (!session.isWorking) session.status = info.lastStatus;
            session.endedMs = session.isWorking ? 0 : info.changedMs;
        }
        now.emplace(info.id, std::move(session));
    }
    sessions_ = std::move(now);
}

bool SessionList::apply(std::string_view id, const agent::Event& event) {
    auto found = sessions_.find(id);
    if (found == sessions_.end()) {
        found = sessions_.emplace(id, Session()).first;
        found->second.row.id = id;
    }
    Session& session = found->second;
    if (event.seq != 0 && event.seq <= session.liveSeq) return false;
    const SessionRow before = rowOf(session);
    session.liveSeq = event.seq;
    session.row.changedMs = std::max(session.row.changedMs, event.timeMs);
    session.row.nTurns = std::max(session.row.nTurns, event.turn);
    if (const auto* started = std::get_if<agent::SessionStarted>(&event.body))
        session.row.repository = started->repository;
    if (const auto* turn = std::get_if<agent::TurnStarted>(&event.body)) {
        if (session.firstTask.empty()) session.firstTask = turn->task;
        session.isWorking = true;
        session.nAsking = 0;
        session.answer.clear();
    }
    if (std::holds_alternative<agent::PermissionAsked>(event.body)) ++session.nAsking;
    if (std::holds_alternative<agent::PermissionAnswered>(event.body))
        session.nAsking = std::max(0, session.nAsking - 1);
    if (const auto* added = std::get_if<agent::MessageAdded>(&event.body);
        added != nullptr && added->message.role == engine::Role::assistant) {
        const std::string& text = added->message.text;
        session.answer = text.substr(text.size() - std::min<size_t>(text.size(), 40));
    }
    if (const auto* ended = std::get_if<agent::TurnEnded>(&event.body)) {
        session.isWorking = false;
        session.nAsking = 0;
        session.status = agent::toString(ended->status);
        session.endedMs = event.timeMs;
    }
    return !(rowOf(session) == before);
}

void SessionList::setMarks(std::string_view id, SessionMarks marks) {
    marks_.insert_or_assign(std::string(id), std::move(marks));
}

SessionMarks SessionList::marks(std::string_view id) const {
    const auto found = marks_.find(id);
    return found == marks_.end() ? SessionMarks() : found->second;
}

void SessionList::markSeen(std::string_view id, int64_t nowMs) {
    SessionMarks now = marks(id);
    now.seenMs = std::max(now.seenMs, nowMs);
    setMarks(id, std::move(now));
}

bool SessionList::setCheckout(const std::string& repository, tools::Checkout checkout) {
    tools::Checkout& known = checkouts_[repository];
    if (known == checkout) return false;
    known = std::move(checkout);
    return true;
}

std::string SessionList::projectOf(const SessionRow& row) const {
    const auto checkout = checkouts_.find(row.repository);
    return row.isInWorktree ? checkout->second.project.string() : row.repository;
}

SessionRow SessionList::rowOf(const Session& session) const {
    const SessionMarks mark = marks(session.row.id);
    SessionRow row = session.row;
    row.title = mark.title.empty() ? titleOf(session.firstTask) : mark.title;
    row.isUnseen = session.endedMs > mark.seenMs;
    if (const auto checkout = checkouts_.find(row.repository); checkout != checkouts_.end()) {
        row.branch = checkout->second.branch;
        row.isInWorktree = checkout->second.isWorktree;
    }
    if (session.nAsking > 0) {
        row.state = SessionState::needsPermission;
    } else if (session.isWorking) {
        row.state = SessionState::working;
        row.isUnseen = false;
    } else {
        row.state = stateOf(session.status, row.isUnseen, endsWithQuestion(session.answer));
    }
    return row;
}

bool SessionList::isShown(const SessionRow& row, SessionFilter filter) const {
    const bool isArchived = marks(row.id).isArchived;
    switch (filter) {
        case SessionFilter::all:
            return !isArchived;
        case SessionFilter::needsMe:
            return !isArchived && needsUser(row);
        case SessionFilter::running:
            return !isArchived && (row.state == SessionState::working ||
                                   row.state == SessionState::needsPermission);
        case SessionFilter::archived:
            return isArchived;
    }
    return false;
}

std::vector<ProjectRows> SessionList::rows(SessionFilter filter, std::string_view words) const {
    std::map<std::string, ProjectRows> projects;
    const std::string wanted = lowered(words);
    for (const auto& [id, session] : sessions_) {
        SessionRow row = rowOf(session);
        if (!isShown(row, filter)) continue;
        if (!hasAllWords(lowered(row.title + " " + row.repository + " " + row.branch), wanted))
            continue;
        const std::string folder = projectOf(row);
        ProjectRows& project = projects[folder];
        project.repository = folder;
        if (!row.isInWorktree) project.branch = row.branch;
        project.sessions.push_back(std::move(row));
    }
    std::vector<std::pair<int64_t, ProjectRows>> ordered;
    for (auto& [repository, project] : projects) {
        int64_t newest = 0;
        for (const SessionRow& row : project.sessions)
            newest = std::max(newest, row.changedMs);
        const auto rank = [](const SessionRow& row) {
            const int group = needsUser(row) ? 0 : row.state == SessionState::working ? 1 : 2;
            return std::tuple(group, -row.changedMs, std::string_view(row.id));
        };
        std::sort(project.sessions.begin(), project.sessions.end(),
                  [&](const SessionRow& a, const SessionRow& b) { return rank(a) < rank(b); });
        ordered.emplace_back(-newest, std::move(project));
    }
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<ProjectRows> result;
    for (auto& [key, project] : ordered)
        result.push_back(std::move(project));
    return result;
}

int32_t SessionList::nNeedMe() const {
    return int32_t(std::count_if(sessions_.begin(), sessions_.end(), [this](const auto& entry) {
        return !marks(entry.first).isArchived && needsUser(rowOf(entry.second));
    }));
}

}  // namespace moxie::desktop
