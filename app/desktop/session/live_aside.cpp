#include "app/desktop/session/live_aside.h"

#include <algorithm>
#include <utility>

#include "agent/event_log.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kEventsMax = 10'000'000;
constexpr int64_t kFlushMs = 33;  // as often as anything that streams

QString asideText(std::string_view utf8) {
    return QString::fromUtf8(utf8.data(), qsizetype(utf8.size()));
}

}  // namespace

LiveAside::LiveAside(LiveSession& session, QObject* parent)
    : AsideModel(parent),
      session_(session) {
    connect(this, &LiveAside::came, this, &LiveAside::apply, Qt::QueuedConnection);
    connect(
        this, &LiveAside::tokensCounted, this,
        [this](qint64 tokens) {
            tokens_ += tokens;
            emit statusChanged();
        },
        Qt::QueuedConnection);
    connect(this, &LiveAside::ended, this, &LiveAside::finish, Qt::QueuedConnection);
}

LiveAside::~LiveAside() = default;

void LiveAside::ask(const QString& question) {
    if (isAsking_ || question.trimmed().isEmpty()) return;
    isAsking_ = true;
    question_ = question.toStdString();
    ++turn_;
    apply(agent::TurnStarted{.task = question_});
    emit statusChanged();
    if (!session_.mayBegin()) return finish(tr("A budget is used up."));
    Job job = {.environment = session_.environment(),
               .repository = session_.repository().toStdString(),
               .sessionId = session_.id().toStdString(),
               .models = session_.models(),
               .before = exchanges_,
               .question = question_};
    // The one before has ended: its thread is about to return.
    thread_ = std::jthread(
        [this, job = std::move(job)](const std::stop_token& stop) { work(job, stop); });
}

void LiveAside::stop() {
    thread_.request_stop();
}

void LiveAside::apply(agent::EventBody body) {
    agent::Event event;
    event.seq = ++seq_;
    event.timeMs = session_.environment().clock.wallMs();
    event.turn = turn_;
    event.body = std::move(body);
    model_.apply(event);
    emit changed(model_.takeChanges());
}

void LiveAside::finish(const QString& failure) {
    isAsking_ = false;
    const bool wasStopped = failure.isNull() && thread_.get_stop_token().stop_requested();
    apply(agent::TurnEnded{.status = !failure.isNull() ? agent::EndStatus::error
                                     : wasStopped      ? agent::EndStatus::interrupted
                                                       : agent::EndStatus::verified,
                           .reason = failure.toStdString()});
    const Turn& last = now().turns.back();
    if (last.status == agent::EndStatus::verified && last.answerItem >= 0)
        exchanges_.push_back({question_, last.items[last.answerItem].get<TextItem>().text});
    emit statusChanged();
}

// ---- on the thread of the answer

void LiveAside::work(const Job& job, const std::stop_token& stop) {
    const auto answered = answer(job, stop);
    if (answered) {
        agent::MessageAdded added;
        added.message.role = engine::Role::assistant;
        added.message.text = *answered;
        emit came(added);
    }
    const bool hasFailed = !answered && !stop.stop_requested();
    emit ended(hasFailed ? asideText(answered.error().message()) : QString());
}

base::Result<std::string> LiveAside::answer(const Job& job, const std::stop_token& stop) {
    TRY_ASSIGN(const OpenedModel opened, job.environment.openModel(job.repository, job.models));
    std::vector<agent::Event> events;
    if (!job.sessionId.empty()) {
        TRY_ASSIGN(const auto log,
                   agent::EventLog::open(job.environment.sessionsFolder, job.sessionId,
                                         agent::EventLog::Access::readOnly, job.environment.clock));
        TRY_ASSIGN(events, log->read(0, kEventsMax));
    }
    engine::ChatRequest request = agent::asideRequest(events, job.before, job.question);
    request.options.outputTokensMax = opened.model->limits().outputTokensMax;
    TRY_ASSIGN(const auto stream, opened.model->start(std::move(request), stop));
    std::string whole, fresh;
    int64_t flushedMs = 0, tokens = 0;
    const auto flush = [&] {
        if (!fresh.empty()) emit came(agent::Delta{"text", std::exchange(fresh, {})});
        flushedMs = job.environment.clock.steadyMs();
    };
    for (;;) {
        TRY_ASSIGN(const auto event, stream->next());
        if (!event) break;
        if (const auto* chosen = std::get_if<engine::ModelChosen>(&*event)) {
            emit came(agent::ModelAnswering{*chosen});
        } else if (const auto* text = std::get_if<engine::TextDelta>(&*event)) {
            whole += text->text;
            fresh += text->text;
            if (job.environment.clock.steadyMs() - flushedMs >= kFlushMs) flush();
        } else if (std::get_if<engine::AttemptDiscarded>(&*event) != nullptr) {
            whole.clear();
            fresh.clear();
        } else if (const auto* usage = std::get_if<engine::Usage>(&*event)) {
            tokens = usage->inputTokens + usage->outputTokens;
        }
    }
    flush();
    if (tokens > 0) emit tokensCounted(tokens);
    if (whole.empty())
        return base::fail(base::Errc::notFound,
                          tr("the model gave no answer in words").toStdString());
    return whole;
}

}  // namespace moxie::desktop
