// How long ago something was, as the sidebar shows and speaks it. Threads: GUI thread only.
#pragma once
#include <QCoreApplication>
#include <QString>
#include <cstdint>

namespace moxie::desktop {

class SessionAge {
    Q_DECLARE_TR_FUNCTIONS(moxie::desktop::SessionAge)

public:
    SessionAge(int64_t thenMs, int64_t nowMs) : thenMs_(thenMs), nowMs_(nowMs) {}

    QString brief() const;   // "now", "2 min", "3 h", "5 d", then a date
    QString spoken() const;  // "2 minutes ago"

private:
    int64_t thenMs_ = 0, nowMs_ = 0;
};

}  // namespace moxie::desktop
