// Money and tokens as the cost meter writes them. Threads: GUI thread only.
#pragma once
#include <QDate>
#include <QString>
#include <cstdint>
#include <vector>

#include "app/desktop/model/cost_model.h"

namespace moxie::desktop {

// Whether the numbers can still grow: an estimate carries a tilde until then.
enum class Settled : uint8_t { yes, no };

// In ten-thousandths of a dollar, so chosen that the parts add up to the whole as it is shown.
std::vector<int64_t> shownUnits(const std::vector<int64_t>& nanoDollars);

// "$0.0412"; "~$0.0412", "at least $0.0412", "unknown price", "local".
QString moneyText(const Cost& cost, int64_t units, Settled settled);
QString moneyText(const Cost& cost, Settled settled);
// "$0.41", for the chip and sentences.
QString shortMoney(int64_t nanoDollars);
// A day of the ledger, counted from 1970-01-01, and back.
QDate dateOf(int64_t day);
int64_t dayOf(const QDate& date);
QString tokensText(int64_t tokens);   // "12,345"
QString shortTokens(int64_t tokens);  // "12.3k", "1.2M"

}  // namespace moxie::desktop
