// moxie-desktop [REPOSITORY]
#include <QApplication>

#include "app/desktop/main_window.h"
#include "base/paths.h"

int main(int argc, char** argv) {
    const QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("moxie-desktop"));
    QApplication::setDesktopFileName(QStringLiteral("moxie"));
    moxie::base::SystemClock clock;
    moxie::app::MainWindow window(moxie::base::dataDir() / "sessions", clock);
    const QStringList arguments = QApplication::arguments();
    if (arguments.size() > 1) window.openRepository(arguments.at(1).toStdString());
    window.show();
    return QApplication::exec();
}
