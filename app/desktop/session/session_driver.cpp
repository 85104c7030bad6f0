#include "app/desktop/session/session_driver.h"

#include <algorithm>
#include <utility>

namespace moxie::desktop {

namespace {

// The smaller one of two bounds, where 0 is none.
template <class Number>
Number narrower(Number one, Number other) {
    return one <= 0 ? other : other <= 0 ? one : std::min(one, other);
}

agent::Budget narrower(const agent::Budget& one, const agent::Budget& other) {
    return {.steps = narrower(one.steps, other.steps),
            .tokens = narrower(one.tokens, other.tokens),
            .wallMs = narrower(one.wallMs, other.wallMs),
            .costUsd = narrower(one.costUsd, other.costUsd)};
}

QString toQt(std::string_view utf8) {
    return QString::fromUtf8(utf8.data(), qsizetype(utf8.size()));
}

// Whether a session that was opened with `a` can go on where `b` is wished.
bool isSame(const agent::SessionOptions& a, const agent::SessionOptions& b) {
    const auto budget = [](const agent::Budget& of) {
        return std::tuple(of.steps, of.tokens, of.wallMs, of.costUsd);
    };
    return a.mode == b.mode && budget(a.budget) == budget(b.budget) && a.sandbox == b.sandbox &&
           a.network == b.network && a.verifyCommands == b.verifyCommands &&
           a.commitsAtEnd == b.commitsAtEnd && a.commitMessage == b.commitMessage &&
           a.deniedTools == b.deniedTools && a.denyRules == b.denyRules &&
           a.askRules == b.askRules && a.allowRules == b.allowRules &&
           a.chat.effort == b.chat.effort && a.chat.outputTokensMax == b.chat.outputTokensMax;
}

}  // namespace

SessionDriver::SessionDriver(LiveEnvironment environment, QObject* parent)
    : QObject(parent),
      environment_(std::move(environment)),
      thread_([this](const std::stop_token& stop) { loop(stop); }) {}

SessionDriver::~SessionDriver() {
    thread_.request_stop();
    stop(SessionModel::Stop::now);
}

void SessionDriver::run(Place place, agent::Task task) {
    push({.kind = Kind::turn, .place = std::move(place), .task = std::move(task)});
}

void SessionDriver::release() {
    push({.kind = Kind::release});
}

void SessionDriver::push(Job job) {
    {
        std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    wake_.notify_all();
}

void SessionDriver::stop(SessionModel::Stop how) {
    {
        std::lock_guard lock(mutex_);
        const auto end = [how](Job& job) {
            job.stopAfterCall.request_stop();
            // What is only being prepared has no call that could end first.
            if (how == SessionModel::Stop::now || !job.isPrepared) job.stop.request_stop();
        };
        if (running_) end(*running_);
        std::for_each(jobs_.begin(), jobs_.end(), end);
    }
    wake_.notify_all();
}

void SessionDriver::answer(const std::string& callId, agent::PermissionReply reply) {
    {
        std::lock_guard lock(mutex_);
        const auto question = questions_.find(callId);
        if (question == questions_.end()) return;
        question->second.reply = std::move(reply);
    }
    wake_.notify_all();
}

void SessionDriver::changePlan(Place place, std::string itemsJson) {
    {
        std::lock_guard lock(mutex_);
        if (session_ && running_ && running_->isPrepared)
            return session_->changePlan(std::move(itemsJson));
    }
    push({.kind = Kind::plan, .place = std::move(place), .plan = std::move(itemsJson)});
}

void SessionDriver::loop(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return !jobs_.empty(); }) && !stop.stop_requested()) {
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        running_ = job;  // the same stop sources
        lock.unlock();
        work(job);
        lock.lock();
        running_.reset();
    }
    lock.unlock();
    close();
}

void SessionDriver::work(Job& job) {
    switch (job.kind) {
        case Kind::turn: {
            const End end = runTurn(job);
            emit preparing(Step::nothing, 0);
            emit ended(end);
            return;
        }
        case Kind::plan:
            if (const base::Status written = writePlan(job); !written)
                emit failed(toQt(written.error().message()));
            emit appended();
            return;
        case Kind::release:
            return close();
    }
}

SessionDriver::End SessionDriver::runTurn(Job& job) {
    End end;
    if (const base::Status opened = open(job); !opened) {
        if (opened.error().kind() == base::Errc::cancelled || job.stop.stop_requested())
            end.status = agent::EndStatus::interrupted;
        else
            end.failure = opened.error().message();
        return end;
    }
    {
        std::lock_guard lock(mutex_);
        running_->isPrepared = true;
    }
    emit preparing(Step::nothing, 0);
    wasTurnStarted_ = false;
    const auto ran =
        session_->runTurn(job.task, job.stop.get_token(), job.stopAfterCall.get_token());
    end.wasStarted = wasTurnStarted_;
    end.lastSeq = lastSeq_;
    if (ran) {
        end.status = ran->status;
    } else {
        end.failure = ran.error().message();
        close();
    }
    return end;
}

base::Status SessionDriver::open(const Job& job) {
    const std::filesystem::path& repository = job.place.repository;
    emit preparing(Step::model, 0);
    TRY_ASSIGN(OpenedModel opened, environment_.openModel(repository, job.place.models));
    tell(opened.notes);
    std::vector<std::string> notes;
    TRY_ASSIGN(
        agent::SessionOptions options,
        environment_.makeOptions(
            {.repository = repository, .mode = job.place.mode, .limits = opened.model->limits()},
            notes));
    tell(notes);
    options.sessionsFolder = environment_.sessionsFolder;
    options.budget = narrower(options.budget, job.place.budgetLeft);
    const bool goesOn = session_ && model_ == opened.model && isSame(*options_, options);
    if (!goesOn) close();
    TRY(updateIndex(repository, job.stop.get_token()));
    if (job.stop.stop_requested()) return base::fail(base::Errc::cancelled, "stopped");
    if (goesOn) return {};
    emit preparing(Step::session, 0);
    return openSession(job.place, std::move(options), std::move(opened.model));
}

// Without an index the agent works on, it only finds less.
base::Status SessionDriver::updateIndex(const std::filesystem::path& repository,
                                        const std::stop_token& stop) {
    if (!environment_.openIndex) return {};
    emit preparing(Step::index, 0);
    if (!index_ && !session_) {  // a session keeps the index that it began with
        auto opened = environment_.openIndex(repository);
        if (!opened) {
            tell({opened.error().message()});
            return {};
        }
        index_ = *std::move(opened);
    }
    if (!index_) return {};
    int shown = 0;
    const auto onProgress = [&](indexer::Progress at) {
        const int percent = at.filesTotal > 0 ? int(at.filesDone * 100 / at.filesTotal) : 0;
        if (percent != shown) emit preparing(Step::index, shown = percent);
    };
    auto updated = index_->update(onProgress, stop);
    if (updated && !watching_) {
        // It listens to the folders that the index knows now; what came before is looked at again.
        if (auto made = indexer::watch(*index_, {.root = repository})) watching_ = *std::move(made);
        updated = index_->update({}, stop);
    }
    if (updated) return {};
    if (updated.error().kind() == base::Errc::cancelled) return base::fail(updated.error());
    tell({updated.error().message()});
    return {};
}

base::Status SessionDriver::openSession(const Place& place, agent::SessionOptions options,
                                        std::shared_ptr<engine::ChatModel> model) {
    model_ = std::move(model);
    options_ = options;
    auto environment = environmentOf(place, *model_);
    auto opened =
        place.sessionId.empty()
            ? agent::Session::start(std::move(options), std::move(environment))
            : agent::Session::resume(place.sessionId, std::move(options), std::move(environment));
    if (!opened) return base::fail(std::move(opened).error());
    {
        std::lock_guard lock(mutex_);
        session_ = *std::move(opened);
    }
    emit this->opened(toQt(session_->id()), qint64(model_->limits().contextTokens));
    return {};
}

void SessionDriver::close() {
    std::unique_ptr<agent::Session> closing;
    {
        std::lock_guard lock(mutex_);
        closing = std::move(session_);
    }
    watching_.reset();
    if (!closing) return;
    closing.reset();
    emit released();
}

base::Status SessionDriver::writePlan(const Job& job) {
    if (!session_) {
        const auto silent = makeSilentModel();
        TRY_ASSIGN(const auto session,
                   agent::Session::resume(job.place.sessionId,
                                          {.repository = job.place.repository,
                                           .sessionsFolder = environment_.sessionsFolder,
                                           .mode = job.place.mode},
                                          environmentOf(job.place, *silent)));
        session->changePlan(job.plan);
        return {};
    }
    session_->changePlan(job.plan);
    return {};
}

agent::SessionEnvironment SessionDriver::environmentOf(const Place& place,
                                                       engine::ChatModel& model) {
    agent::SessionEnvironment environment{
        .model = model, .index = index_.get(), .clock = environment_.clock};
    environment.onEvent = [this](const agent::Event& event) {
        if (std::holds_alternative<agent::TurnStarted>(event.body)) wasTurnStarted_ = true;
        lastSeq_ = event.seq;
        emit appended();
    };
    environment.askPermission = [this, repository = place.repository](
                                    const agent::PermissionQuestion& question,
                                    const std::stop_token& stop) {
        return ask(repository, question, stop);
    };
    return environment;
}

agent::PermissionReply SessionDriver::ask(const std::filesystem::path& repository,
                                          const agent::PermissionQuestion& question,
                                          const std::stop_token& stop) {
    std::stop_token stopAfterCall;
    {
        std::lock_guard lock(mutex_);
        questions_[question.callId] = {};
        stopAfterCall = running_->stopAfterCall.get_token();
    }
    emit asked({.question = question, .askedMs = environment_.clock.wallMs()});
    agent::PermissionReply reply;
    {
        std::unique_lock lock(mutex_);
        const Question& asked = questions_[question.callId];
        wake_.wait(lock, stop, [&] { return asked.reply || stopAfterCall.stop_requested(); });
        if (asked.reply) reply = *asked.reply;
        questions_.erase(question.callId);
    }
    emit settled(question.callId);
    if (reply.answer == agent::PermissionAnswer::always && !reply.rule.empty() &&
        environment_.keepRule) {
        if (const base::Status kept = environment_.keepRule(repository, reply.rule); !kept)
            emit failed(toQt(kept.error().message()));
    }
    return reply;
}

void SessionDriver::tell(const std::vector<std::string>& notes) {
    for (const std::string& note : notes) {
        if (std::find(told_.begin(), told_.end(), note) != told_.end()) continue;
        told_.push_back(note);
        emit noticed(toQt(note));
    }
}

}  // namespace moxie::desktop
