#include "app/desktop/session/log_follower.h"

#include <utility>

namespace moxie::desktop {

namespace {

constexpr int kShowMs = 33;
constexpr int kPollMs = 1000;

}  // namespace

LogFollower::LogFollower(std::filesystem::path sessionsFolder, std::string id, base::Clock& clock,
                         QObject* parent)
    : QObject(parent),
      folder_(sessionsFolder / id),
      reader_(std::make_shared<LogReader>(std::move(sessionsFolder), std::move(id), clock)) {
    soon_.setSingleShot(true);
    connect(&soon_, &QTimer::timeout, this, &LogFollower::read);
    connect(&watcher_, &FolderWatcher::changed, this, [this](const QString&, const QString& name) {
        if (!name.endsWith(QLatin1String("-shm"))) readSoon();
    });
    if (!watcher_.watch(folder_, FolderWatcher::What::writes)) watch_ = Watch::fails;
    read();
}

LogFollower::~LogFollower() = default;

void LogFollower::poke() {
    QMetaObject::invokeMethod(this, &LogFollower::readSoon, Qt::QueuedConnection);
}

void LogFollower::readSoon() {
    if (isReading_) {
        hasMore_ = true;
        return;
    }
    const qint64 wait = lastShown_.isValid() ? kShowMs - lastShown_.elapsed() : 0;
    if (wait <= 0) return read();
    // A poll may be waiting; this comes earlier.
    if (!soon_.isActive() || soon_.remainingTime() > kShowMs) soon_.start(int(wait));
}

void LogFollower::read() {
    if (isReading_) return;
    isReading_ = true;
    hasMore_ = false;
    soon_.stop();
    worker_.run(
        *this, [reader = reader_](const std::stop_token& stop) { return reader->step(stop); },
        [this](base::Result<LogNews> news) {
            isReading_ = false;
            take(std::move(news));
        });
}

void LogFollower::take(base::Result<LogNews> news) {
    if (!news && news.error().kind() == base::Errc::cancelled) return;
    lastShown_.start();
    const bool isPart = news && !news->isWhole;
    if (news)
        show(*std::move(news));
    else
        showError(news.error().message());
    if (isPart)
        read();
    else if (hasMore_)
        readSoon();
    else if (watch_ == Watch::fails && isLeased_)
        soon_.start(kPollMs);
    emit wasRead();
}

void LogFollower::showError(const std::string& text) {
    if (state_ == State::error && error_ == text) return;
    state_ = State::error;
    error_ = text;
    emit stateChanged();
}

void LogFollower::show(LogNews news) {
    const bool isStateNew =
        state_ != State::ready || isWhole_ != news.isWhole || isLeased_ != news.isLeased;
    state_ = State::ready;
    error_.clear();
    isWhole_ = news.isWhole;
    isLeased_ = news.isLeased;
    const bool isNew = news.lastSeq != view_.lastSeq || !news.changes.empty();
    view_.lastSeq = news.lastSeq;
    if (news.conversation) view_.conversation = *std::move(news.conversation);
    if (news.plan) view_.plan = *std::move(news.plan);
    if (news.turnCosts) {
        view_.turnCosts = *std::move(news.turnCosts);
        view_.cost = {};
        for (const TurnCost& turn : view_.turnCosts)
            view_.cost += turn.cost;
    }
    view_.modelName = std::move(news.modelName);
    view_.backend = std::move(news.backend);
    view_.contextTokens = news.contextTokens;
    if (isStateNew) emit stateChanged();
    if (news.isReset) {
        emit reset();
    } else if (isNew) {
        emit changed(news.changes);
    }
}

}  // namespace moxie::desktop
