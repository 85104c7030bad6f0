#include "app/desktop/shell/stall_monitor.h"

#include <QMetaEnum>
#include <utility>

namespace moxie::desktop {

void StallMonitor::begin() {
    if (depth_++ == 0) beganMs_ = clock_.steadyMs();
}

void StallMonitor::keep(Stall stall) {
    if (stall.durationMs > longest_.durationMs) longest_ = stall;
    if (stall.durationMs <= kStallMs) return;
    stalls_.push_back(std::move(stall));
    if (stalls_.size() > kKept) stalls_.pop_front();
}

DesktopApplication::DesktopApplication(int& argc, char** argv, StallMonitor& stalls)
    : QApplication(argc, argv),
      stalls_(stalls) {}

bool DesktopApplication::notify(QObject* receiver, QEvent* event) {
    // Taken before: the event may destroy both.
    const char* className = receiver->metaObject()->className();
    const QEvent::Type type = event->type();
    stalls_.begin();
    const bool isHandled = QApplication::notify(receiver, event);
    stalls_.end([&] {
        const char* kind = QMetaEnum::fromType<QEvent::Type>().valueToKey(type);
        return QStringLiteral("%1 %2").arg(QLatin1String(className),
                                           QLatin1String(kind ? kind : "event"));
    });
    return isHandled;
}

}  // namespace moxie::desktop
