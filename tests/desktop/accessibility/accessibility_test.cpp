// What someone who cannot see or cannot use a mouse is told and can reach, on every screen: goal
// G21. The dumps in tests/desktop/golden are read like code; write them anew with
//   MOXIE_APPROVE=1 moxie_test_desktop_accessibility
#include <QFile>
#include <QLocale>
#include <QMenu>
#include <QTranslator>
#include <ctime>

#include "app/desktop/shell/translations.h"
#include "tests/catch.h"
#include "tests/desktop/accessibility/accessible_tree.h"
#include "tests/desktop/accessibility/shown_screen.h"
#include "tests/desktop/accessibility/tab_walk.h"
#include "tests/desktop/application.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

constexpr QChar kOpen(0x27E6), kClose(0x27E7);  // in no text of ours

// Every text in brackets: what has none was not translated.
class BracketTexts final : public QTranslator {
public:
    QString translate(const char*, const char* source, const char*, int) const override {
        return kOpen + QString::fromUtf8(source) + kClose;
    }

    bool isEmpty() const override { return false; }
};

// The same numbers and times on every machine.
class SteadyWorld {
public:
    SteadyWorld() {
        qputenv("TZ", "UTC");
        ::tzset();
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        application();
    }
};

// Names that are somebody's own words or a name of a thing.
bool isOwnWord(const AccessibleNode& node) {
    return node.role == QAccessible::Link;
}

void checkNames(QWidget& window) {
    for (const AccessibleNode& node : accessibleNodes(window)) {
        if (!isActionable(node)) continue;
        CAPTURE(describe(node).toStdString());
        CHECK_FALSE(node.name.trimmed().isEmpty());
        if (!isOwnWord(node)) CHECK(node.name.contains(kOpen));
    }
}

void checkMenus(const QWidget& window) {
    for (const QMenu* menu : window.findChildren<QMenu*>())
        for (const QAction* action : menu->actions()) {
            CAPTURE(menu->objectName().toStdString());
            CHECK((action->isSeparator() || !action->text().isEmpty()));
        }
}

QString goldenPath(const char* screen) {
    return QStringLiteral(MOXIE_SOURCE_DIR "/tests/desktop/golden/") + QLatin1String(screen) +
           QStringLiteral(".txt");
}

std::string firstDifference(const QString& expected, const QString& now) {
    const QStringList before = expected.split(QLatin1Char('\n')),
                      after = now.split(QLatin1Char('\n'));
    for (qsizetype i = 0; i < std::max(before.size(), after.size()); ++i)
        if (before.value(i) != after.value(i))
            return QStringLiteral("line %1\n  was %2\n  is  %3")
                .arg(i + 1)
                .arg(before.value(i), after.value(i))
                .toStdString();
    return {};
}

}  // namespace

TEST_CASE("everything one can act on has a translated name", "[desktop][a11y]") {
    const SteadyWorld world;
    BracketTexts brackets;
    application().installTranslator(&brackets);
    for (const ScreenMaker& maker : allScreens()) {
        const auto screen = maker.make();
        CAPTURE(maker.name);
        checkNames(screen->window());
        checkMenus(screen->window());
    }
    application().removeTranslator(&brackets);
}

TEST_CASE("everything one can act on is reached by Tab", "[desktop][a11y]") {
    const SteadyWorld world;
    for (const ScreenMaker& maker : allScreens()) {
        const auto screen = maker.make();
        const QStringList deaf = deafToTab(screen->window());
        const QStringList unreached = unreachedByTab(screen->window());
        CAPTURE(maker.name, deaf.join(QLatin1Char('\n')).toStdString(),
                unreached.join(QLatin1Char('\n')).toStdString());
        CHECK(deaf.isEmpty());
        CHECK(unreached.isEmpty());
    }
}

TEST_CASE("what a screen reader is told of every screen is what was approved", "[desktop][a11y]") {
    const SteadyWorld world;
    Translations translations;
    translations.use(QStringLiteral("en"));
    for (const ScreenMaker& maker : allScreens()) {
        if (maker.saysMachine) continue;
        const auto screen = maker.make();
        const QString now = dumpOf(accessibleNodes(screen->window()));
        QFile file(goldenPath(maker.name));
        if (qEnvironmentVariableIsSet("MOXIE_APPROVE")) {
            REQUIRE(file.open(QIODevice::WriteOnly));
            file.write(now.toUtf8());
            continue;
        }
        CAPTURE(maker.name);
        REQUIRE(file.open(QIODevice::ReadOnly));
        const std::string difference = firstDifference(QString::fromUtf8(file.readAll()), now);
        CAPTURE(difference);
        CHECK(difference.empty());
    }
}
