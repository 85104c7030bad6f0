// The ledger of all sessions' costs, brought up to date on a worker when it is asked to be.
// Threads: GUI thread only.
#pragma once
#include <QObject>
#include <filesystem>
#include <string>

#include "app/desktop/core/worker.h"
#include "app/desktop/screens/cost/cost_ledger.h"

namespace moxie::desktop {

class CostHistory final : public QObject {
    Q_OBJECT

public:
    enum class State : uint8_t { loading, ready, error };

    // `ledgerFile` is ours (cacheDir()/costs.json); `clock` outlives it.
    CostHistory(std::filesystem::path sessionsFolder, std::filesystem::path ledgerFile,
                base::Clock& clock, QObject* parent = nullptr);

    // Reads what changed since the last time; calls while one reads are done as one.
    void refresh();

    State state() const { return state_; }

    const std::string& errorText() const { return error_; }

    const CostLedger& now() const { return ledger_; }

    int64_t today() const;
    int64_t firstDayOfMonth() const;

signals:
    void changed();

private:
    const std::filesystem::path sessionsFolder_, ledgerFile_;
    base::Clock& clock_;
    CostLedger ledger_;
    State state_ = State::loading;
    std::string error_;
    bool hasFile_ = false;  // the ledger's file was read
    bool isBusy_ = false, isAskedAgain_ = false;
    Worker worker_;  // last: its thread ends before the rest goes
};

}  // namespace moxie::desktop
