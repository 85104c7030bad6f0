#include "app/desktop/screens/cost/cost_history.h"

#include <QDateTime>
#include <utility>

#include "app/desktop/screens/cost/cost_texts.h"

namespace moxie::desktop {

namespace {

int64_t localOffsetMs(const base::Clock& clock) {
    return int64_t(QDateTime::fromMSecsSinceEpoch(clock.wallMs()).offsetFromUtc()) * 1000;
}

}  // namespace

CostHistory::CostHistory(std::filesystem::path sessionsFolder, std::filesystem::path ledgerFile,
                         base::Clock& clock, QObject* parent)
    : QObject(parent),
      sessionsFolder_(std::move(sessionsFolder)),
      ledgerFile_(std::move(ledgerFile)),
      clock_(clock) {
    ledger_.utcOffsetMs = localOffsetMs(clock_);
}

void CostHistory::refresh() {
    if (std::exchange(isBusy_, true)) {
        isAskedAgain_ = true;
        return;
    }
    const bool readsFile = !std::exchange(hasFile_, true);
    auto work = [folder = sessionsFolder_, file = ledgerFile_, before = ledger_, readsFile,
                 &clock = clock_](const std::stop_token& stop) -> base::Result<CostLedger> {
        const CostLedger known = readsFile ? loadLedger(file, before.utcOffsetMs) : before;
        TRY_ASSIGN(CostLedger now, readCosts(folder, known, clock, stop));
        if (now == known) return now;
        // Without its file everything is read again next time, which is slower and no harm.
        (void)saveLedger(file, now);
        return now;
    };
    worker_.run(*this, std::move(work), [this](base::Result<CostLedger> read) {
        isBusy_ = false;
        const State before = state_;
        state_ = read ? State::ready : State::error;
        error_ = read ? std::string() : read.error().message();
        const bool isDifferent = read && *read != ledger_;
        if (isDifferent) ledger_ = std::move(*read);
        if (isDifferent || before != state_) emit changed();
        if (std::exchange(isAskedAgain_, false)) refresh();
    });
}

int64_t CostHistory::today() const {
    return dayOf(clock_.wallMs(), ledger_.utcOffsetMs);
}

int64_t CostHistory::firstDayOfMonth() const {
    const QDate date = dateOf(today());
    return dayOf(QDate(date.year(), date.month(), 1));
}

}  // namespace moxie::desktop
