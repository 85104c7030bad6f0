// For measuring: with MOXIE_DESKTOP_TIMES=MS (the wall clock when the program was started, in
// milliseconds) the program says on standard error when the window was painted first, when it could
// be used, and at its end the longest stall. Without it nothing happens. Threads: GUI thread only.
#pragma once
#include <QObject>

class QWidget;

namespace moxie::desktop {

class StallMonitor;

class StartTimes final : public QObject {
    Q_OBJECT

public:
    // Both outlive it.
    StartTimes(QWidget& window, const StallMonitor& stalls);
    ~StartTimes() override;

    void noteReady();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void say(const char* what) const;

    const StallMonitor& stalls_;
    qint64 startedMs_ = 0;  // 0: nobody measures
    bool isReady_ = false;
};

}  // namespace moxie::desktop
