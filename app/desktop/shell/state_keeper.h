// Saves where a window is half a second after it was moved, resized or got another title, and when
// the application ends, so that a killed program comes back where it was. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <filesystem>
#include <functional>

#include "app/desktop/shell/window_state.h"

class QTimer;
class QWidget;

namespace moxie::desktop {

class StateKeeper final : public QObject {
    Q_OBJECT

public:
    // `stateOf` is asked at each saving; the keeper lives as a child of `window`.
    StateKeeper(QWidget& window, std::filesystem::path file, std::function<WindowState()> stateOf);

    void save() const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    const std::filesystem::path file_;
    const std::function<WindowState()> stateOf_;
    QTimer* soon_;
};

}  // namespace moxie::desktop
