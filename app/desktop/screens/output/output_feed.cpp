#include "app/desktop/screens/output/output_feed.h"

#include <QTimer>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

#include "app/desktop/text/terminal_text.h"

namespace moxie::desktop {

namespace {

using SteadyTime = std::chrono::steady_clock;

constexpr int64_t kSliceBytes = 64 << 10;
constexpr std::chrono::milliseconds kFirstPiece(10);  // something to see at once
constexpr std::chrono::milliseconds kPiece(34);       // so at most 30 a second
constexpr int kPauseMsMin = 50, kPauseMsMax = 1'000;

}  // namespace

// What the worker has of the command.
struct OutputFeed::Reading {
    CommandKey key;
    std::unique_ptr<OutputBytes> bytes;
    TerminalText text;
    int64_t doneBytes = 0;
    bool hasBegun = false;
    std::atomic<bool> isAbandoned = false;
};

struct OutputFeed::Piece {
    std::shared_ptr<Reading> reading;
    CommandPhase phase = CommandPhase::running;  // at its beginning
    std::optional<base::Error> error = {};
    TerminalSnapshot lines = {};
    int64_t firstChanged = 0, doneBytes = 0, totalBytes = 0;
    OutputLoss loss = OutputLoss::none;
    bool isAtEnd = false;   // of what there is now
    bool hasLines = false;  // something new
};

namespace {

// Reads and parses until `deadline`. True: there is no more now.
template <class Reading>
base::Result<bool> parseUntil(Reading& reading, SteadyTime::time_point deadline,
                              const std::stop_token& stop) {
    do {
        if (stop.stop_requested() || reading.isAbandoned) return true;
        TRY_ASSIGN(const std::string bytes, reading.bytes->next(kSliceBytes));
        if (bytes.empty()) return true;
        reading.text.append(bytes);
        reading.doneBytes += int64_t(bytes.size());
    } while (SteadyTime::now() < deadline);
    return false;
}

}  // namespace

OutputFeed::OutputFeed(std::shared_ptr<const OutputStore> store, QObject* parent)
    : QObject(parent),
      store_(std::move(store)),
      next_(new QTimer(this)) {
    next_->setSingleShot(true);
    connect(next_, &QTimer::timeout, this, &OutputFeed::readOn);
}

OutputFeed::~OutputFeed() {
    if (reading_) reading_->isAbandoned = true;
}

void OutputFeed::show(const CommandKey& key, CommandPhase phase) {
    clear();
    key_ = key;
    phase_ = phase;
    reading_ = std::make_shared<Reading>();
    reading_->key = key;
    setState(State::opening);
    readOn();
}

void OutputFeed::clear() {
    next_->stop();
    pauseMs_ = kPauseMsMin;
    if (reading_) reading_->isAbandoned = true;
    reading_.reset();
    isBusy_ = false;
    key_ = {};
    error_.clear();
    loss_ = OutputLoss::none;
    doneBytes_ = totalBytes_ = 0;
    setState(State::none);
}

void OutputFeed::tell(CommandPhase phase) {
    phase_ = phase;
    pauseMs_ = kPauseMsMin;
    if (isBusy_ || isPaused_ || state_ == State::none || state_ == State::done) return;
    // Not at once: events come in bursts, and a view is painted 30 times a second at most.
    if (!next_->isActive() || next_->remainingTime() > kPauseMsMin) next_->start(kPauseMsMin);
}

void OutputFeed::pause() {
    isPaused_ = true;
    next_->stop();
}

void OutputFeed::resume() {
    if (!std::exchange(isPaused_, false)) return;
    readOn();
}

void OutputFeed::readOn() {
    if (isBusy_ || isPaused_ || !reading_ || state_ == State::done) return;
    isBusy_ = true;
    auto work = [store = store_, reading = reading_,
                 phase = phase_](const std::stop_token& stop) -> Piece {
        Piece piece = {.reading = reading, .phase = phase};
        if (!reading->bytes) {
            auto opened = store->open(reading->key, phase);
            if (!opened) {
                piece.error = opened.error();
                return piece;
            }
            reading->bytes = std::move(*opened);
        }
        const auto length = std::exchange(reading->hasBegun, true) ? kPiece : kFirstPiece;
        const int64_t doneBefore = reading->doneBytes;
        auto isAtEnd = parseUntil(*reading, SteadyTime::now() + length, stop);
        if (!isAtEnd) {
            piece.error = isAtEnd.error();
            return piece;
        }
        piece.isAtEnd = *isAtEnd;
        const bool isLast = piece.isAtEnd && phase == CommandPhase::ended;
        if (isLast) reading->text.finish();
        piece.doneBytes = reading->doneBytes;
        piece.totalBytes = reading->bytes->totalBytes();
        piece.loss = reading->bytes->loss();
        piece.hasLines = isLast || reading->doneBytes != doneBefore;
        if (!piece.hasLines) return piece;
        piece.firstChanged = reading->text.takeFirstChanged();
        piece.lines = reading->text.snapshot();
        return piece;
    };
    worker_.run(*this, std::move(work), [this](Piece piece) { take(std::move(piece)); });
}

void OutputFeed::take(Piece piece) {
    if (piece.reading != reading_) return;  // of a command that is not shown any more
    isBusy_ = false;
    if (piece.error) {
        const bool isEarly =
            piece.error->kind() == base::Errc::notFound && piece.phase == CommandPhase::running;
        if (!isEarly) {
            error_ = piece.error->message();
            return setState(State::error);
        }
        piece.isAtEnd = true;
    }
    doneBytes_ = piece.doneBytes;
    totalBytes_ = piece.totalBytes;
    loss_ = piece.loss;
    if (piece.hasLines) emit advanced(piece.lines, piece.firstChanged);
    if (!piece.isAtEnd) {
        setState(State::reading);
        return readOn();
    }
    if (piece.phase == CommandPhase::ended) return setState(State::done);
    setState(State::waiting);
    if (piece.hasLines) pauseMs_ = kPauseMsMin;
    if (!isPaused_) next_->start(pauseMs_);
    pauseMs_ = std::min(pauseMs_ * 2, kPauseMsMax);
}

void OutputFeed::setState(State state) {
    const bool isSame = std::exchange(state_, state) == state;
    if (!isSame || state == State::reading) emit stateChanged();
}

}  // namespace moxie::desktop
