// Reads the output of one command on a worker and gives out snapshots of its lines, at most 30 a
// second. While the command runs it goes on looking: at once when it is told of new output, else
// after a growing pause; nothing runs while it is paused or the command has ended.
// Threads: GUI thread only.
#pragma once
#include <QObject>
#include <memory>
#include <string>

#include "app/desktop/core/worker.h"
#include "app/desktop/screens/output/output_store.h"
#include "app/desktop/text/terminal_snapshot.h"

class QTimer;

namespace moxie::desktop {

class OutputFeed final : public QObject {
    Q_OBJECT

public:
    enum class State : uint8_t {
        none,     // no command
        opening,  // nothing of it is known yet
        reading,  // there is more than what was given out
        waiting,  // the command runs, all so far was given out
        done,
        error,
    };

    // `store` is used on the worker.
    explicit OutputFeed(std::shared_ptr<const OutputStore> store, QObject* parent = nullptr);
    ~OutputFeed() override;

    void show(const CommandKey& key, CommandPhase phase);
    void clear();
    // Of the command that is shown: it wrote something, or it ended.
    void tell(CommandPhase phase);
    // A paused feed reads nothing; what it has stays.
    void pause();
    void resume();

    State state() const { return state_; }

    const CommandKey& key() const { return key_; }

    const std::string& errorText() const { return error_; }

    OutputLoss loss() const { return loss_; }

    int64_t doneBytes() const { return doneBytes_; }

    int64_t totalBytes() const { return totalBytes_; }

signals:
    // `firstChanged` counts the lines that were left out, too.
    void advanced(const moxie::desktop::TerminalSnapshot& lines, qint64 firstChanged);
    void stateChanged();

private:
    struct Reading;
    struct Piece;
    void readOn();
    void take(Piece piece);
    void setState(State state);

    const std::shared_ptr<const OutputStore> store_;
    std::shared_ptr<Reading> reading_;  // used by the worker while isBusy_
    CommandKey key_;
    CommandPhase phase_ = CommandPhase::ended;
    State state_ = State::none;
    std::string error_;
    OutputLoss loss_ = OutputLoss::none;
    int64_t doneBytes_ = 0, totalBytes_ = 0;
    QTimer* next_;
    int pauseMs_ = 0;
    bool isBusy_ = false, isPaused_ = false;
    Worker worker_;  // last: its thread ends before the rest goes
};

}  // namespace moxie::desktop
