// The QApplication of the desktop tests: made on first use, never on a real screen unless the
// caller says so in QT_QPA_PLATFORM, never with the user's settings.
#pragma once
#include <QApplication>
#include <QTest>
#include <functional>

namespace moxie::desktop::testing {

inline QApplication& application() {
    static int argc = 1;
    static char name[] = "moxie_test_desktop";
    static char* argv[] = {name, nullptr};
    static QApplication* const made = [] {
        if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
        qputenv("QT_ACCESSIBILITY", "0");
        auto* app = new QApplication(argc, argv);  // lives as long as the process
        QApplication::setApplicationName(QStringLiteral("moxie-desktop"));
        return app;
    }();
    return *made;
}

// Runs the event loop until `condition` holds; false after 5 s.
inline bool waitUntil(const std::function<bool()>& condition) {
    return QTest::qWaitFor(condition, 5'000);
}

// Shows a widget as the active window and lets it paint.
inline void showActive(QWidget& widget, QSize size) {
    application();
    widget.resize(size);
    widget.show();
    QApplication::setActiveWindow(&widget);
    REQUIRE(QTest::qWaitForWindowActive(&widget));
    QApplication::processEvents();
}

}  // namespace moxie::desktop::testing
