// How every screen lies. Pixels depend on the fonts of the machine, so no picture is compared;
// instead the layout is held to what must hold with any font: nothing is cut, sticks out or lies
// over its neighbour, in both languages, with texts 1.4 times as long (goal G23) and at 150 %.
// Pictures of all, for people:
//   MOXIE_PICTURES=/tmp/pictures moxie_test_desktop_accessibility "[.pictures]"
#include <QDir>
#include <QPixmap>
#include <utility>

#include "app/desktop/shell/translations.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/accessibility/layout_faults.h"
#include "tests/desktop/accessibility/shown_screen.h"
#include "tests/desktop/application.h"
#include "tests/desktop/long_texts.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

void checkLayouts(int textPercent) {
    for (const ScreenMaker& maker : allScreens()) {
        const auto screen = maker.make();
        screen->appearance().setTextPercent(textPercent);
        screen->appearance().applyTo(application());
        settle();
        const std::string clipped = clippedTexts(screen->window());
        const QStringList faults = layoutFaults(screen->window());
        CAPTURE(maker.name, textPercent, clipped, faults.join(QLatin1Char('\n')).toStdString());
        CHECK(clipped.empty());
        CHECK(faults.isEmpty());
    }
}

// At twice the pixels as on a fine screen, which offscreen windows are not.
QPixmap pictureOf(QWidget& window, int scale) {
    QPixmap picture(window.size() * scale);
    picture.setDevicePixelRatio(scale);
    window.render(&picture);
    return picture;
}

QString picturesFolder() {
    return qEnvironmentVariable("MOXIE_PICTURES", QStringLiteral("pictures"));
}

void saveAll(ThemeChoice choice, const QString& suffix) {
    for (const ScreenMaker& maker : allScreens()) {
        const auto screen = maker.make();
        screen->appearance().setChoice(choice);
        screen->appearance().applyTo(application());
        settle();
        for (const int scale : {1, 2})
            CHECK(pictureOf(screen->window(), scale)
                      .save(QStringLiteral("%1/%2%3-%4x.png")
                                .arg(picturesFolder(), QLatin1String(maker.name), suffix)
                                .arg(scale)));
    }
}

}  // namespace

TEST_CASE("nothing is cut or lies over its neighbour, in both languages", "[desktop][layout]") {
    application();
    Translations translations;
    for (const char* language : {"zh", "en"}) {
        translations.use(QLatin1String(language));
        CAPTURE(language);
        checkLayouts(100);
    }
}

TEST_CASE("nothing is cut when texts are 1.4 times as long", "[desktop][layout]") {
    application();
    const LongTexts longTexts;
    checkLayouts(100);
}

TEST_CASE("nothing is cut when texts are half as large again", "[desktop][layout]") {
    application();
    checkLayouts(150);
}

TEST_CASE("pictures of every screen", "[.pictures][desktop]") {
    application();
    REQUIRE(QDir().mkpath(picturesFolder()));
    Translations translations;
    for (const char* language : {"en", "zh"}) {
        translations.use(QLatin1String(language));
        for (const auto& [choice, theme] :
             {std::pair{ThemeChoice::light, "light"}, std::pair{ThemeChoice::dark, "dark"}})
            saveAll(choice,
                    QStringLiteral("-%1-%2").arg(QLatin1String(language), QLatin1String(theme)));
    }
    translations.use(QStringLiteral("en"));
}
