#include "app/desktop/screens/cost/cost_texts.h"

#include <QCoreApplication>
#include <QLocale>

namespace moxie::desktop {

namespace {

constexpr int64_t kNanoPerUnit = 100'000;
constexpr double kUnitsPerDollar = 10'000;
const QDate kDayZero(1970, 1, 1);
constexpr int64_t kThousand = 1'000, kMillion = 1'000'000;

QString say(const char* text) {
    return QCoreApplication::translate("CostTexts", text);
}

int64_t roundedUnits(int64_t nanoDollars) {
    return (nanoDollars + kNanoPerUnit / 2) / kNanoPerUnit;
}

QString dollars(double amount, int decimals) {
    return QStringLiteral("$") + QLocale().toString(amount, 'f', decimals);
}

}  // namespace

std::vector<int64_t> shownUnits(const std::vector<int64_t>& nanoDollars) {
    std::vector<int64_t> units;
    int64_t sum = 0;
    for (const int64_t part : nanoDollars) {
        units.push_back(roundedUnits(sum + part) - roundedUnits(sum));
        sum += part;
    }
    return units;
}

QString moneyText(const Cost& cost, int64_t units, Settled settled) {
    if (cost.nanoDollars == 0 && cost.nUnpriced > 0)
        return say(QT_TRANSLATE_NOOP("CostTexts", "unknown price"));
    if (cost.nRequests > 0 && cost.nLocal == cost.nRequests)
        return say(QT_TRANSLATE_NOOP("CostTexts", "local"));
    const QString amount = dollars(double(units) / kUnitsPerDollar, 4);
    if (cost.nUnpriced > 0) return say(QT_TRANSLATE_NOOP("CostTexts", "at least %1")).arg(amount);
    return settled == Settled::no ? QLatin1Char('~') + amount : amount;
}

QString moneyText(const Cost& cost, Settled settled) {
    return moneyText(cost, roundedUnits(cost.nanoDollars), settled);
}

QString shortMoney(int64_t nanoDollars) {
    return dollars(double(nanoDollars) / 1e9, 2);
}

QDate dateOf(int64_t day) {
    return kDayZero.addDays(day);
}

int64_t dayOf(const QDate& date) {
    return kDayZero.daysTo(date);
}

QString tokensText(int64_t tokens) {
    return QLocale().toString(qlonglong(tokens));
}

QString shortTokens(int64_t tokens) {
    if (tokens < kThousand) return tokensText(tokens);
    const bool isMillions = tokens >= kMillion;
    const double count = double(tokens) / double(isMillions ? kMillion : kThousand);
    return QLocale().toString(count, 'f', count < 100 ? 1 : 0) +
           (isMillions ? QLatin1Char('M') : QLatin1Char('k'));
}

}  // namespace moxie::desktop
