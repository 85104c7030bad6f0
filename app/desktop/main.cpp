// moxie-desktop [REPOSITORY]
#include <QDir>
#include <QFileInfo>

#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/shell/single_instance.h"
#include "app/desktop/shell/stall_monitor.h"
#include "app/desktop/shell/state_keeper.h"
#include "app/desktop/shell/translations.h"
#include "app/desktop/shell/window_state.h"
#include "app/desktop/theme/appearance.h"
#include "app/desktop/theme/system_wish.h"
#include "app/desktop/window/desk.h"
#include "app/desktop/window/main_window.h"
#include "app/desktop/window/start_times.h"
#include "base/clock.h"

namespace {

using namespace moxie::desktop;

// What the command line asks for; the path is absolute, "" for none.
QString pathAsked() {
    const QStringList arguments = QApplication::arguments();
    return arguments.size() > 1 ? QDir::cleanPath(QDir::current().absoluteFilePath(arguments.at(1)))
                                : QString();
}

// Follows the settings and the system in language, theme, text size and keys.
void follow(const Settings& settings, const SystemWishWatcher& system, Appearance& appearance,
            Translations& translations, ActionRegistry& registry) {
    const auto apply = [&] {
        appearance.setChoice(themeChoiceFrom(settings.text("desktop.theme")));
        appearance.setTextPercent(int(settings.integer("desktop.text_percent")));
        translations.use(settings.text("language"));
        registry.applyKeymap(settings.list("desktop.keys"));
    };
    appearance.setSystemWish(system.wish());
    QObject::connect(&system, &SystemWishWatcher::changed, &appearance, &Appearance::setSystemWish);
    QObject::connect(&settings, &Settings::changed, &appearance, apply);
    apply();
}

void bringToFront(MainWindow& window) {
    window.show();
    window.raise();
    window.activateWindow();
}

}  // namespace

int main(int argc, char** argv) {
    moxie::base::SystemClock clock;
    StallMonitor stalls(clock);
    DesktopApplication application(argc, argv, stalls);
    QApplication::setApplicationName(QStringLiteral("moxie-desktop"));
    QApplication::setDesktopFileName(QStringLiteral("moxie"));
    const QString asked = pathAsked();
    const WindowState last = loadWindowState(windowStateFile());
    const QString folder = QFileInfo(asked).isDir() ? asked : QString();

    Settings settings((folder.isEmpty() ? last.repository : folder).toStdString());
    Translations translations;
    const SystemWishWatcher system;  // reads the palette before it is ours
    Appearance appearance;
    ActionRegistry registry;
    follow(settings, system, appearance, translations, registry);
    appearance.applyTo(application);

    MainWindow window(appearance, registry);
    StartTimes times(window, stalls);
    Desk desk({.window = window,
               .appearance = appearance,
               .registry = registry,
               .settings = settings,
               .stalls = stalls,
               .clock = clock},
              makeLiveEnvironment(clock), usualStorePlaces());
    QObject::connect(&desk, &Desk::ready, &times, &StartTimes::noteReady);
    SingleInstance instance(defaultSocketPath());
    QObject::connect(&instance, &SingleInstance::requested, &window,
                     [&](const OpenRequest& request) {
                         bringToFront(window);
                         desk.open(request);
                     });
    QObject::connect(&instance, &SingleInstance::decided, &window, [&](auto outcome) {
        if (outcome == SingleInstance::Outcome::handedOver) return QApplication::quit();
        window.restore(last);
        const auto* keeper = new StateKeeper(window, windowStateFile(), [&] {
            WindowState state = window.state();
            state.repository = desk.repository();
            state.sessionId = desk.sessionId();
            return state;
        });
        QObject::connect(&desk, &Desk::shownChanged, keeper, &StateKeeper::save);
        bringToFront(window);
        if (asked.isEmpty())
            desk.begin(last.repository, last.sessionId);
        else
            desk.begin(folder, folder == last.repository ? last.sessionId : QString());
        if (folder.isEmpty() && !asked.isEmpty()) desk.open({.path = asked});
    });
    instance.start({.path = asked});
    return QApplication::exec();
}
