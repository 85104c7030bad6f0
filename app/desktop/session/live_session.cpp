#include "app/desktop/session/live_session.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace moxie::desktop {

namespace {

QString qtText(std::string_view utf8) {
    return QString::fromUtf8(utf8.data(), qsizetype(utf8.size()));
}

const char* planStatus(PlanState state) {
    switch (state) {
        case PlanState::active:
            return "in_progress";
        case PlanState::done:
            return "done";
        case PlanState::pending:
            break;
    }
    return "pending";
}

// Whether the agent came to its own end, so that what waits may follow.
bool endedByItself(agent::EndStatus status) {
    return status == agent::EndStatus::verified || status == agent::EndStatus::unverified ||
           status == agent::EndStatus::verificationFailed;
}

}  // namespace

LiveSession::LiveSession(LiveEnvironment environment, Place place, QObject* parent)
    : SessionModel(parent),
      environment_(std::move(environment)),
      place_(std::move(place)),
      driver_(std::make_unique<SessionDriver>(environment_)) {
    connectDriver();
    if (!place_.id.isEmpty()) follow(place_.id);
}

LiveSession::~LiveSession() = default;

// The driver speaks on its own thread.
void LiveSession::connectDriver() {
    const SessionDriver* driver = driver_.get();
    connect(
        driver, &SessionDriver::preparing, this,
        [this](SessionDriver::Step step, int percent) {
            if (step_ == step && percent_ == percent) return;
            step_ = step;
            percent_ = percent;
            emit statusChanged();
        },
        Qt::QueuedConnection);
    connect(driver, &SessionDriver::opened, this, &LiveSession::noteAnswerer, Qt::QueuedConnection);
    connect(
        driver, &SessionDriver::released, this, [this] { holdsLease_ = false; },
        Qt::QueuedConnection);
    connect(
        driver, &SessionDriver::appended, this,
        [this] {
            if (follower_) follower_->poke();
        },
        Qt::QueuedConnection);
    connect(
        driver, &SessionDriver::asked, this,
        [this](const PendingPermission& permission) {
            pending_.push_back(permission);
            emit pendingChanged();
        },
        Qt::QueuedConnection);
    connect(
        driver, &SessionDriver::settled, this,
        [this](const std::string& callId) {
            if (std::erase_if(pending_, [&](const PendingPermission& one) {
                    return one.question.callId == callId;
                }) > 0)
                emit pendingChanged();
        },
        Qt::QueuedConnection);
    connect(driver, &SessionDriver::ended, this, &LiveSession::noteEnd, Qt::QueuedConnection);
    connect(driver, &SessionDriver::noticed, this, &SessionModel::noticed, Qt::QueuedConnection);
    connect(driver, &SessionDriver::failed, this, &SessionModel::failed, Qt::QueuedConnection);
}

void LiveSession::follow(const QString& id) {
    follower_ = std::make_unique<LogFollower>(environment_.sessionsFolder, id.toStdString(),
                                              environment_.clock);
    connect(follower_.get(), &LogFollower::stateChanged, this, &SessionModel::statusChanged);
    connect(follower_.get(), &LogFollower::changed, this, &SessionModel::changed);
    connect(follower_.get(), &LogFollower::reset, this, &SessionModel::reset);
    connect(follower_.get(), &LogFollower::wasRead, this, &LiveSession::goOn);
}

void LiveSession::noteAnswerer(const QString& id, qint64 contextTokensMax) {
    holdsLease_ = true;
    if (!follower_) {
        place_.id = id;
        wasBegunHere_ = true;
        follow(id);
    }
    follower_->setContextTokensMax(contextTokensMax);
    emit statusChanged();
}

SessionModel::State LiveSession::state() const {
    if (!follower_) return State::empty;
    switch (follower_->state()) {
        case LogFollower::State::ready:
            return State::ready;
        case LogFollower::State::error:
            return State::error;
        case LogFollower::State::loading:
            break;
    }
    return wasBegunHere_ ? State::empty : State::loading;
}

QString LiveSession::errorText() const {
    return follower_ ? qtText(follower_->errorText()) : QString();
}

QString LiveSession::id() const {
    return place_.id;
}

QString LiveSession::repository() const {
    if (!place_.repository.isEmpty()) return place_.repository;
    return qtText(now().conversation.repository);
}

const SessionView& LiveSession::now() const {
    return follower_ ? follower_->view() : empty_;
}

SessionModel::Driver LiveSession::driver() const {
    if (isWorking_) return Driver::us;
    return follower_ && follower_->isLeased() && !holdsLease_ ? Driver::other : Driver::nobody;
}

QString LiveSession::preparing() const {
    switch (step_) {
        case SessionDriver::Step::model:
            return tr("Opening the model…");
        case SessionDriver::Step::index:
            return percent_ > 0 ? tr("Reading the repository, %1 %…").arg(percent_)
                                : tr("Reading the repository…");
        case SessionDriver::Step::session:
            return tr("Opening the session…");
        case SessionDriver::Step::nothing:
            break;
    }
    return {};
}

void LiveSession::setMode(agent::PermissionMode mode) {
    if (place_.mode == mode) return;
    place_.mode = mode;
    emit statusChanged();
}

void LiveSession::setChosenModel(const QString& name) {
    const ModelWish wish = {.name = name.toStdString()};
    if (models_ == wish) return;
    models_ = wish;
    emit statusChanged();
}

void LiveSession::queue(const UserMessage& message) {
    queued_.push_back({++lastQueuedId_, message.text, message.images});
    emit statusChanged();
}

void LiveSession::queueFirst(const UserMessage& message) {
    queued_.insert(queued_.begin(), {++lastQueuedId_, message.text, message.images});
}

void LiveSession::send(const UserMessage& message) {
    if (message.text.trimmed().isEmpty()) return;
    if (driver() == Driver::us) return queue(message);
    if (driver() == Driver::other) {
        queue(message);
        emit failed(tr("Another process works in this session. The message waits here."));
        return;
    }
    if (!mayBegin()) {
        queue(message);
        emit failed(tr("A budget is used up. The message waits here."));
        return;
    }
    run(message);
}

std::optional<UserMessage> LiveSession::takeQueued() {
    if (queued_.empty()) return std::nullopt;
    UserMessage message(std::move(queued_.front().text), std::move(queued_.front().images));
    queued_.erase(queued_.begin());
    return message;
}

void LiveSession::goOnWith(const QString& text) {
    if (driver() == Driver::other || !mayBegin()) return;
    const UserMessage first = takeQueued().value_or(text);
    if (!isWorking_) return run(first);
    if (next_) queueFirst(*next_);
    next_ = first;
    emit statusChanged();
}

void LiveSession::sendNow(const UserMessage& message) {
    if (driver() != Driver::us || message.text.trimmed().isEmpty()) return send(message);
    if (next_) queueFirst(*next_);  // two at once: the later one goes first, none is lost
    next_ = message;
    stop(Stop::now);
    emit statusChanged();
}

void LiveSession::editQueued(int64_t id, const QString& text) {
    const auto found = std::find_if(queued_.begin(), queued_.end(),
                                    [&](const QueuedMessage& one) { return one.id == id; });
    if (found == queued_.end()) return;
    if (text.trimmed().isEmpty())
        queued_.erase(found);
    else
        found->text = text;
    emit statusChanged();
}

void LiveSession::run(const UserMessage& message) {
    if (repository().isEmpty()) {
        queueFirst(message);
        emit statusChanged();
        emit failed(tr("The session does not say in which folder it works."));
        return;
    }
    isWorking_ = true;
    working_ = message;
    driver_->run(driverPlace(), {.text = message.text.toStdString(), .images = message.images});
    emit statusChanged();
}

SessionDriver::Place LiveSession::driverPlace() const {
    const agent::Budget none = {.steps = 0};
    return {.repository = repository().toStdString(),
            .sessionId = place_.id.toStdString(),
            .mode = place_.mode,
            .budgetLeft = budgetLeft_ ? budgetLeft_().value_or(none) : none,
            .models = models_};
}

void LiveSession::noteEnd(const SessionDriver::End& end) {
    end_ = end;
    if (follower_) follower_->poke();
    goOn();
}

// What a turn's end leads to. Not before the end is shown: nobody sees a turn that runs and no
// agent at work.
void LiveSession::goOn() {
    if (!end_) return;
    const bool isShown = !follower_ || follower_->state() == LogFollower::State::error ||
                         now().lastSeq >= end_->lastSeq;
    if (!isShown) return;
    const SessionDriver::End end = *std::exchange(end_, std::nullopt);
    isWorking_ = false;
    if (!end.wasStarted) queueFirst(working_);
    working_ = {};
    if (!end.failure.empty()) {
        if (next_) queueFirst(*std::exchange(next_, std::nullopt));
        emit statusChanged();
        emit failed(end.wasStarted ? tr("The turn ended early: %1").arg(qtText(end.failure))
                                   : tr("The message was not sent: %1").arg(qtText(end.failure)));
        emit rested();
        return;
    }
    if (next_ && mayBegin()) return run(*std::exchange(next_, std::nullopt));
    if (next_) queueFirst(*std::exchange(next_, std::nullopt));
    if (endedByItself(end.status) && mayBegin())
        if (const auto message = takeQueued()) return run(*message);
    emit statusChanged();
    emit rested();
}

void LiveSession::stop(Stop how) {
    if (isWorking_) driver_->stop(how);
}

void LiveSession::release() {
    driver_->release();
}

void LiveSession::answer(const std::string& callId, const agent::PermissionReply& reply) {
    driver_->answer(callId, reply);
}

void LiveSession::changePlan(const std::vector<PlanEntry>& entries) {
    if (place_.id.isEmpty() || driver() == Driver::other) {
        emit failed(tr("The plan can be changed once the agent works here."));
        return;
    }
    nlohmann::json items = nlohmann::json::array();
    for (const PlanEntry& entry : entries) {
        items.push_back({{"text", entry.text}, {"status", planStatus(entry.state)}});
        if (!entry.touches.empty()) items.back()["touches"] = entry.touches;
        if (entry.priority != PlanPriority::medium)
            items.back()["priority"] = entry.priority == PlanPriority::high ? "high" : "low";
    }
    driver_->changePlan(driverPlace(),
                        items.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace moxie::desktop
