// moxie-desktop [REPOSITORY]
#include "app/desktop/main_window.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/shell/stall_monitor.h"
#include "app/desktop/shell/translations.h"
#include "app/desktop/theme/appearance.h"
#include "app/desktop/theme/system_wish.h"
#include "base/clock.h"
#include "base/paths.h"

int main(int argc, char** argv) {
    using namespace moxie::desktop;
    moxie::base::SystemClock clock;
    StallMonitor stalls(clock);
    DesktopApplication application(argc, argv, stalls);
    QApplication::setApplicationName(QStringLiteral("moxie-desktop"));
    QApplication::setDesktopFileName(QStringLiteral("moxie"));
    const QStringList arguments = QApplication::arguments();

    const Settings settings(arguments.size() > 1 ? arguments.at(1).toStdString() : std::string());
    Translations translations;
    const SystemWishWatcher system;  // reads the palette before it is ours
    Appearance appearance;
    const auto apply = [&] {
        appearance.setChoice(themeChoiceFrom(settings.text("desktop.theme")));
        appearance.setTextPercent(int(settings.integer("desktop.text_percent")));
        translations.use(settings.text("language"));
    };
    appearance.setSystemWish(system.wish());
    QObject::connect(&system, &SystemWishWatcher::changed, &appearance, &Appearance::setSystemWish);
    QObject::connect(&settings, &Settings::changed, &appearance, apply);
    apply();
    appearance.applyTo(application);

    moxie::app::MainWindow window(moxie::base::dataDir() / "sessions", clock);
    if (arguments.size() > 1) window.openRepository(arguments.at(1).toStdString());
    window.show();
    return QApplication::exec();
}
