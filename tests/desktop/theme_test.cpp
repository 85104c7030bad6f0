#include <QDBusVariant>
#include <QFontInfo>
#include <QFontMetrics>
#include <QPalette>
#include <QSignalSpy>

#include "app/desktop/theme/appearance.h"
#include "app/desktop/theme/system_wish.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"

using namespace moxie::desktop;
using moxie::desktop::testing::application;

namespace {

constexpr ThemeId kThemes[] = {ThemeId::light, ThemeId::dark, ThemeId::contrastLight,
                               ThemeId::contrastDark};

}  // namespace

TEST_CASE("contrast is the ratio of WCAG", "[desktop][theme]") {
    CHECK(contrast(0xFF000000, 0xFFFFFFFF) == Approx(21.0));
    CHECK(contrast(0xFF777777, 0xFF777777) == Approx(1.0));
    CHECK(contrast(0xFF767676, 0xFFFFFFFF) == Approx(4.54).margin(0.01));  // the standard's grey
}

TEST_CASE("every ink has its contrast on every ground it stands on, in every theme",
          "[desktop][theme]") {
    for (const ThemeId theme : kThemes)
        for (const InkOnGround& pair : inksOnGrounds()) {
            CAPTURE(int(theme), int(pair.ink), int(pair.ground));
            CHECK(contrast(colorOf(pair.ink, theme), colorOf(pair.ground, theme)) >=
                  pair.contrastMin);
        }
}

TEST_CASE("body text has 7:1 on the grounds of reading", "[desktop][theme]") {
    for (const ThemeId theme : kThemes)
        for (const Role ground : {Role::surface, Role::userMessage, Role::card, Role::window})
            CHECK(contrast(colorOf(Role::text, theme), colorOf(ground, theme)) >= 7.0);
}

TEST_CASE("every colour of code and of terminals is readable on its grounds", "[desktop][theme]") {
    for (const ThemeId theme : kThemes) {
        for (const Role ground : codeGrounds())
            for (int role = 0; role < kCodeRoleCount; ++role) {
                CAPTURE(int(theme), int(ground), role);
                CHECK(contrast(colorOf(CodeRole(role), theme), colorOf(ground, theme)) >= 4.5);
            }
        for (int index = 0; index < 16; ++index)
            for (const Role ground : {Role::surface, Role::sunken, Role::card}) {
                CAPTURE(int(theme), int(ground), index);
                CHECK(contrast(terminalColor(index, theme), colorOf(ground, theme)) >= 4.5);
            }
    }
}

TEST_CASE("the palette of stock widgets is readable too", "[desktop][theme]") {
    application();
    for (const ThemeId theme : kThemes) {
        const QPalette palette = Look(theme, 100).palette();
        const auto ratio = [&](QPalette::ColorRole ink, QPalette::ColorRole ground) {
            return contrast(palette.color(ink).rgb(), palette.color(ground).rgb());
        };
        CHECK(ratio(QPalette::WindowText, QPalette::Window) >= 4.5);
        CHECK(ratio(QPalette::Text, QPalette::Base) >= 4.5);
        CHECK(ratio(QPalette::ButtonText, QPalette::Button) >= 4.5);
        CHECK(ratio(QPalette::HighlightedText, QPalette::Highlight) >= 4.5);
        CHECK(ratio(QPalette::PlaceholderText, QPalette::Base) >= 4.5);
        CHECK(ratio(QPalette::ToolTipText, QPalette::ToolTipBase) >= 4.5);
    }
}

TEST_CASE("text grows in proportion and only within 80 to 200 percent", "[desktop][theme]") {
    application();
    const double normal = Look(ThemeId::light, 100).font(TextRole::body).pointSizeF();
    CHECK(Look(ThemeId::light, 200).font(TextRole::body).pointSizeF() == Approx(2 * normal));
    CHECK(Look(ThemeId::light, 9'000).textPercent() == 200);
    CHECK(Look(ThemeId::light, -5).textPercent() == 80);
    CHECK(Look(ThemeId::light, 100).font(TextRole::heading1).pointSizeF() > normal);
}

TEST_CASE("code has one width for every letter", "[desktop][theme]") {
    application();
    const QFontMetrics metrics(Look().font(TextRole::code));
    CHECK(metrics.horizontalAdvance(QStringLiteral("iiii")) ==
          metrics.horizontalAdvance(QStringLiteral("MMMM")));
}

TEST_CASE("the theme follows the system only when the user wants that", "[desktop][theme]") {
    application();
    Appearance appearance;
    QSignalSpy changes(&appearance, &Appearance::changed);
    appearance.setSystemWish({.isDark = true});
    CHECK(appearance.look().theme() == ThemeId::dark);
    appearance.setSystemWish({.isDark = true, .isHighContrast = true});
    CHECK(appearance.look().theme() == ThemeId::contrastDark);
    appearance.setChoice(ThemeChoice::light);
    CHECK(appearance.look().theme() == ThemeId::light);
    appearance.setSystemWish({});
    CHECK(appearance.look().theme() == ThemeId::light);
    CHECK(changes.count() == 3);  // the last changed nothing that one sees
    CHECK(themeChoiceFrom(QStringLiteral("contrast-dark")) == ThemeChoice::contrastDark);
    CHECK(themeChoiceFrom(QStringLiteral("purple")) == ThemeChoice::system);
}

TEST_CASE("the portal's answer is opened however deep it is wrapped", "[desktop][theme]") {
    const auto key = QStringLiteral("color-scheme");
    const auto wrapped = [](const QVariant& value) {
        return QVariant::fromValue(QDBusVariant(value));
    };
    CHECK(wishWith({}, key, QVariant(1u)).isDark);
    CHECK(wishWith({}, key, wrapped(wrapped(1u))).isDark);
    CHECK_FALSE(wishWith({.isDark = true}, key, wrapped(2u)).isDark);
    CHECK(wishWith({.isDark = true}, key, wrapped(0u)).isDark);  // no wish changes nothing
    CHECK(wishWith({.isDark = true}, key, QVariant(QStringLiteral("dark?"))).isDark);
    CHECK(wishWith({}, QStringLiteral("contrast"), wrapped(1u)).isHighContrast);
    CHECK(wishWith({}, QStringLiteral("accent-color"), wrapped(1u)) == SystemWish{});
}

TEST_CASE("without a portal the palette tells whether it is dark", "[desktop][theme]") {
    application();
    CHECK(wishFromPalette(Look(ThemeId::dark, 100).palette()).isDark);
    CHECK_FALSE(wishFromPalette(Look(ThemeId::light, 100).palette()).isDark);
}
