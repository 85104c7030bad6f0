// Finds the moments in which the window did not react. It times every event that the application
// delivers (DesktopApplication::notify), so it needs no timer and an idle window stays idle; a gap
// of more than 100 ms is kept with the name of what was done. The last ten are shown in the about
// page; tests read them. The longest gap is kept however short it was. What it does not see: many
// short events in a row.
// Threads: GUI thread only.
#pragma once
#include <QApplication>
#include <QString>
#include <algorithm>
#include <deque>

#include "base/clock.h"

namespace moxie::desktop {

struct Stall {
    QString action;  // of a Scope, else receiver and event
    int64_t durationMs = 0;
    int64_t wallMs = 0;  // when it ended
};

class StallMonitor {
public:
    static constexpr int64_t kStallMs = 100;
    static constexpr size_t kKept = 10;

    explicit StallMonitor(base::Clock& clock) : clock_(clock) {}

    void begin();

    // `nameOf` is asked only for a stall, or the longest event so far.
    template <class NameOf>
    void end(NameOf nameOf) {
        if (--depth_ > 0) return;
        const int64_t durationMs = clock_.steadyMs() - beganMs_;
        if (durationMs > std::min(longest_.durationMs, kStallMs))
            keep({action_.isEmpty() ? nameOf() : action_, durationMs, clock_.wallMs()});
        action_.clear();
    }

    // Names what the current event is about.
    void name(const QString& action) { action_ = action; }

    const std::deque<Stall>& stalls() const { return stalls_; }  // oldest first

    // Its duration is 0 if no event took a millisecond.
    const Stall& longest() const { return longest_; }

private:
    void keep(Stall stall);

    base::Clock& clock_;
    int depth_ = 0;
    int64_t beganMs_ = 0;
    QString action_;
    Stall longest_;
    std::deque<Stall> stalls_;
};

// QApplication with the monitor built in.
class DesktopApplication final : public QApplication {
    Q_OBJECT

public:
    DesktopApplication(int& argc, char** argv, StallMonitor& stalls);

    bool notify(QObject* receiver, QEvent* event) override;

private:
    StallMonitor& stalls_;
};

}  // namespace moxie::desktop
