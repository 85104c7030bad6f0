#include "app/desktop/shell/state_keeper.h"

#include <QCoreApplication>
#include <QEvent>
#include <QTimer>
#include <QWidget>
#include <utility>

namespace moxie::desktop {

namespace {

constexpr int kSaveSoonMs = 500;

}  // namespace

StateKeeper::StateKeeper(QWidget& window, std::filesystem::path file,
                         std::function<WindowState()> stateOf)
    : QObject(&window),
      file_(std::move(file)),
      stateOf_(std::move(stateOf)),
      soon_(new QTimer(this)) {
    soon_->setSingleShot(true);
    soon_->setInterval(kSaveSoonMs);
    connect(soon_, &QTimer::timeout, this, &StateKeeper::save);
    connect(QCoreApplication::instance(), &QCoreApplication::aboutToQuit, this, &StateKeeper::save);
    window.installEventFilter(this);
}

void StateKeeper::save() const {
    soon_->stop();
    // The place of a window is not worth a question to the user if it cannot be written.
    (void)saveWindowState(file_, stateOf_());
}

bool StateKeeper::eventFilter(QObject* watched, QEvent* event) {
    switch (event->type()) {
        case QEvent::Move:
        case QEvent::Resize:
        case QEvent::WindowStateChange:
        case QEvent::WindowTitleChange:
            soon_->start();
            break;
        default:
            break;
    }
    return QObject::eventFilter(watched, event);
}

}  // namespace moxie::desktop
