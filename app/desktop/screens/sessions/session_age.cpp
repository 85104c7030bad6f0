#include "app/desktop/screens/sessions/session_age.h"

#include <QDateTime>
#include <QLocale>
#include <algorithm>

namespace moxie::desktop {

namespace {

constexpr int64_t kMinuteMs = 60'000, kHourMs = 60 * kMinuteMs, kDayMs = 24 * kHourMs;
constexpr int64_t kDaysMax = 30;  // then the date says more

QString dateOf(int64_t ms) {
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(ms).date(), QLocale::ShortFormat);
}

}  // namespace

QString SessionAge::brief() const {
    const int64_t age = std::max<int64_t>(0, nowMs_ - thenMs_);
    if (age < kMinuteMs) return tr("now");
    if (age < kHourMs) return tr("%1 min").arg(age / kMinuteMs);
    if (age < kDayMs) return tr("%1 h").arg(age / kHourMs);
    if (age < kDaysMax * kDayMs) return tr("%1 d", "days").arg(age / kDayMs);
    return dateOf(thenMs_);
}

QString SessionAge::spoken() const {
    const int64_t age = std::max<int64_t>(0, nowMs_ - thenMs_);
    const auto minutes = int(age / kMinuteMs), hours = int(age / kHourMs), days = int(age / kDayMs);
    if (age < kMinuteMs) return tr("just now");
    if (age < kHourMs) return minutes == 1 ? tr("1 minute ago") : tr("%n minutes ago", "", minutes);
    if (age < kDayMs) return hours == 1 ? tr("1 hour ago") : tr("%n hours ago", "", hours);
    if (age < kDaysMax * kDayMs) return days == 1 ? tr("1 day ago") : tr("%n days ago", "", days);
    return dateOf(thenMs_);
}

}  // namespace moxie::desktop
