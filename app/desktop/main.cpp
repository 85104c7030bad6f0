// moxie-desktop [REPOSITORY]
#include <QDir>
#include <QFileInfo>

#include "app/desktop/main_window.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/shell/single_instance.h"
#include "app/desktop/shell/stall_monitor.h"
#include "app/desktop/shell/state_keeper.h"
#include "app/desktop/shell/translations.h"
#include "app/desktop/shell/window_state.h"
#include "app/desktop/theme/appearance.h"
#include "app/desktop/theme/system_wish.h"
#include "base/clock.h"
#include "base/paths.h"

namespace {

using namespace moxie::desktop;

// The folder of the command line, absolute; empty: none.
QString folderAsked() {
    const QStringList arguments = QApplication::arguments();
    return arguments.size() > 1 ? QDir::cleanPath(QDir::current().absoluteFilePath(arguments.at(1)))
                                : QString();
}

void open(moxie::app::MainWindow& window, const QString& path) {
    if (!path.isEmpty() && QFileInfo(path).isDir()) window.openRepository(path.toStdString());
    window.show();
    window.raise();
    window.activateWindow();
}

// Follows the settings and the system in language, theme and text size.
void follow(const Settings& settings, const SystemWishWatcher& system, Appearance& appearance,
            Translations& translations) {
    const auto apply = [&] {
        appearance.setChoice(themeChoiceFrom(settings.text("desktop.theme")));
        appearance.setTextPercent(int(settings.integer("desktop.text_percent")));
        translations.use(settings.text("language"));
    };
    appearance.setSystemWish(system.wish());
    QObject::connect(&system, &SystemWishWatcher::changed, &appearance, &Appearance::setSystemWish);
    QObject::connect(&settings, &Settings::changed, &appearance, apply);
    apply();
}

WindowState stateOf(const moxie::app::MainWindow& window) {
    WindowState state;
    state.geometry = window.saveGeometry();
    state.repository = QString::fromStdString(window.repository().string());
    return state;
}

}  // namespace

int main(int argc, char** argv) {
    moxie::base::SystemClock clock;
    StallMonitor stalls(clock);
    DesktopApplication application(argc, argv, stalls);
    QApplication::setApplicationName(QStringLiteral("moxie-desktop"));
    QApplication::setDesktopFileName(QStringLiteral("moxie"));
    const QString folder = folderAsked();

    const Settings settings(folder.toStdString());
    Translations translations;
    const SystemWishWatcher system;  // reads the palette before it is ours
    Appearance appearance;
    follow(settings, system, appearance, translations);
    appearance.applyTo(application);

    moxie::app::MainWindow window(moxie::base::dataDir() / "sessions", clock);
    SingleInstance instance(defaultSocketPath());
    QObject::connect(&instance, &SingleInstance::requested, &window,
                     [&](const OpenRequest& request) { open(window, request.path); });
    QObject::connect(&instance, &SingleInstance::decided, &window, [&](auto outcome) {
        if (outcome == SingleInstance::Outcome::handedOver) return QApplication::quit();
        const WindowState state = loadWindowState(windowStateFile());
        window.restoreGeometry(state.geometry);
        new StateKeeper(window, windowStateFile(), [&] { return stateOf(window); });
        open(window, folder.isEmpty() ? state.repository : folder);
    });
    instance.start({.path = folder});
    return QApplication::exec();
}
