#include "app/desktop/session/log_reader.h"

#include <algorithm>
#include <utility>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "app/desktop/session/session_lease.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kSliceEvents = 4000;
constexpr int64_t kTailEvents = 600;

// Parsing a long log leaves holes among what is kept of it.
void giveMemoryBack() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

}  // namespace

LogReader::LogReader(std::filesystem::path sessionsFolder, std::string id, base::Clock& clock)
    : sessionsFolder_(std::move(sessionsFolder)),
      id_(std::move(id)),
      clock_(clock) {}

base::Status LogReader::open() {
    if (log_) return {};
    TRY_ASSIGN(auto log, agent::EventLog::open(sessionsFolder_, id_,
                                               agent::EventLog::Access::readOnly, clock_));
    if (log->lastSeq() > kSliceEvents) {
        TRY_ASSIGN(tail_, readTail(*log));
    }
    log_ = std::move(log);
    return {};
}

base::Result<LogNews> LogReader::step(const std::stop_token& stop) {
    LogNews news;
    const bool isFirst = !log_;
    TRY(open());
    news.isLeased = isDriven(sessionsFolder_ / id_);
    if (tail_) {
        TRY(readMore(*tail_, kSliceEvents));
        // The first answer comes before anything is read behind it.
        if (isFirst) return tailNews(std::move(news));
    }
    TRY_ASSIGN(const int64_t nRead, readMore(whole_, kSliceEvents));
    if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "stopped");
    news.isWhole = nRead < kSliceEvents;
    if (tail_ && !news.isWhole) {
        whole_.conversation.takeChanges();  // once all is read the view begins anew
        return tailNews(std::move(news));
    }
    news.isReset = !wasShown_;
    wasShown_ = true;
    if (!news.isLeased && news.isWhole) whole_.conversation.noteDriverGone();
    take(whole_, news);
    if (tail_) {
        tail_.reset();
        giveMemoryBack();
    }
    return news;
}

// From the beginning of a turn on where one is near.
base::Result<LogReader::Shown> LogReader::readTail(const agent::EventLog& log) {
    Shown shown;
    TRY_ASSIGN(const std::vector<agent::Event> first, log.read(0, 1));
    TRY_ASSIGN(const std::vector<agent::Event> last,
               log.read(log.lastSeq() - kTailEvents, kTailEvents));
    for (const agent::Event& event : first)
        apply(shown, event);
    const auto turn = std::find_if(last.begin(), last.end(), [](const agent::Event& event) {
        return std::holds_alternative<agent::TurnStarted>(event.body);
    });
    for (auto event = turn == last.end() ? last.begin() : turn; event != last.end(); ++event)
        apply(shown, *event);
    return shown;
}

base::Result<int64_t> LogReader::readMore(Shown& shown, int64_t limit) const {
    TRY_ASSIGN(const std::vector<agent::Event> events, log_->read(shown.lastSeq, limit));
    for (const agent::Event& event : events)
        apply(shown, event);
    return int64_t(events.size());
}

void LogReader::apply(Shown& shown, const agent::Event& event) {
    shown.lastSeq = event.seq;
    shown.conversation.apply(event);
    shown.hasNewPlan |= shown.plan.apply(event);
    shown.hasNewCost |= shown.cost.apply("", event);
    if (const auto* model = std::get_if<agent::ModelAnswering>(&event.body)) {
        shown.modelName = model->chosen.model;
        shown.backend = model->chosen.backend;
    }
    if (const auto* counted = std::get_if<agent::UsageCounted>(&event.body))
        shown.contextTokens = counted->usage.inputTokens;
}

// Costs of a part would be wrong, so there are none yet.
LogNews LogReader::tailNews(LogNews news) {
    news.isReset = std::exchange(isTailNew_, false);
    take(*tail_, news);
    news.turnCosts.reset();
    return news;
}

void LogReader::take(Shown& shown, LogNews& news) {
    news.lastSeq = shown.lastSeq;
    news.changes = shown.conversation.takeChanges();
    if (news.isReset || !news.changes.empty()) news.conversation = shown.conversation.now();
    if (std::exchange(shown.hasNewPlan, false) || news.isReset) news.plan = shown.plan.now();
    if (std::exchange(shown.hasNewCost, false) || news.isReset)
        news.turnCosts = shown.cost.turns("");
    news.modelName = shown.modelName;
    news.backend = shown.backend;
    news.contextTokens = shown.contextTokens;
}

}  // namespace moxie::desktop
