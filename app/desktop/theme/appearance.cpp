#include "app/desktop/theme/appearance.h"

#include <QApplication>
#include <QPalette>
#include <array>
#include <utility>

#include "app/desktop/theme/outline_style.h"

namespace moxie::desktop {

namespace {

ThemeId themeFor(ThemeChoice choice, SystemWish wish) {
    switch (choice) {
        case ThemeChoice::light:
            return ThemeId::light;
        case ThemeChoice::dark:
            return ThemeId::dark;
        case ThemeChoice::contrastLight:
            return ThemeId::contrastLight;
        case ThemeChoice::contrastDark:
            return ThemeId::contrastDark;
        case ThemeChoice::system:
            break;
    }
    if (wish.isHighContrast) return wish.isDark ? ThemeId::contrastDark : ThemeId::contrastLight;
    return wish.isDark ? ThemeId::dark : ThemeId::light;
}

}  // namespace

ThemeChoice themeChoiceFrom(const QString& word) {
    static constexpr std::array kWords = {
        std::pair{"light", ThemeChoice::light},
        std::pair{"dark", ThemeChoice::dark},
        std::pair{"contrast-light", ThemeChoice::contrastLight},
        std::pair{"contrast-dark", ThemeChoice::contrastDark},
    };
    for (const auto& [name, choice] : kWords)
        if (word == QLatin1String(name)) return choice;
    return ThemeChoice::system;
}

Appearance::Appearance(QObject* parent) : QObject(parent) {}

void Appearance::setChoice(ThemeChoice choice) {
    choice_ = choice;
    decide();
}

void Appearance::setSystemWish(SystemWish wish) {
    wish_ = wish;
    decide();
}

void Appearance::setTextPercent(int percent) {
    textPercent_ = percent;
    decide();
}

void Appearance::applyTo(QApplication& application) {
    QApplication::setStyle(new OutlineStyle);  // the application owns it
    const auto apply = [this] {
        QApplication::setPalette(look_.palette());
        QApplication::setFont(look_.font(TextRole::body));
    };
    connect(this, &Appearance::changed, &application, apply);
    apply();
}

void Appearance::decide() {
    const Look next(themeFor(choice_, wish_), textPercent_);
    if (next == look_) return;
    look_ = next;
    emit changed();
}

}  // namespace moxie::desktop
