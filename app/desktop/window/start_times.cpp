#include "app/desktop/window/start_times.h"

#include <QDateTime>
#include <QEvent>
#include <QWidget>
#include <cstdio>

#include "app/desktop/shell/stall_monitor.h"

namespace moxie::desktop {

namespace {

void print(const char* what, const Stall& stall) {
    std::fprintf(stderr, "%s %lld ms: %s\n", what, static_cast<long long>(stall.durationMs),
                 stall.action.toUtf8().constData());
}

}  // namespace

StartTimes::StartTimes(QWidget& window, const StallMonitor& stalls)
    : stalls_(stalls),
      startedMs_(qgetenv("MOXIE_DESKTOP_TIMES").toLongLong()) {
    if (startedMs_ > 0) window.installEventFilter(this);
}

StartTimes::~StartTimes() {
    if (startedMs_ <= 0) return;
    print("longest stall", stalls_.longest());
    for (const Stall& stall : stalls_.stalls())
        print("stall", stall);
}

void StartTimes::say(const char* what) const {
    std::fprintf(stderr, "%s %lld ms\n", what,
                 static_cast<long long>(QDateTime::currentMSecsSinceEpoch() - startedMs_));
}

void StartTimes::noteReady() {
    if (startedMs_ <= 0 || isReady_) return;
    isReady_ = true;
    say("ready");
}

bool StartTimes::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Paint) {
        watched->removeEventFilter(this);
        // Painted once this event is through.
        QMetaObject::invokeMethod(
            this, [this] { say("first paint"); }, Qt::QueuedConnection);
    }
    return QObject::eventFilter(watched, event);
}

}  // namespace moxie::desktop
