#include "app/desktop/theme/look.h"

#include <QFontDatabase>
#include <QFontInfo>
#include <QPalette>
#include <algorithm>
#include <array>

namespace moxie::desktop {

namespace {

struct TextStyle {
    double ratio = 1.0;
    QFont::Weight weight = QFont::Normal;
};

TextStyle styleOf(TextRole role) {
    switch (role) {
        case TextRole::body:
            return {};
        case TextRole::small:
            return {0.9};
        case TextRole::code:
            return {0.95};
        case TextRole::title:
            return {1.0, QFont::DemiBold};
        case TextRole::heading1:
            return {1.45, QFont::DemiBold};
        case TextRole::heading2:
            return {1.25, QFont::DemiBold};
        case TextRole::heading3:
            return {1.1, QFont::DemiBold};
    }
    return {};
}

double basePoints() {
    const double points = QFontDatabase::systemFont(QFontDatabase::GeneralFont).pointSizeF();
    return points > 0 ? points : 10.0;
}

struct PaletteRow {
    QPalette::ColorRole target;
    Role active, disabled;
};

constexpr std::array kPalette = {
    PaletteRow{QPalette::Window, Role::window, Role::window},
    PaletteRow{QPalette::WindowText, Role::text, Role::textDisabled},
    PaletteRow{QPalette::Base, Role::surface, Role::window},
    PaletteRow{QPalette::AlternateBase, Role::card, Role::window},
    PaletteRow{QPalette::Text, Role::text, Role::textDisabled},
    PaletteRow{QPalette::PlaceholderText, Role::textMuted, Role::textDisabled},
    PaletteRow{QPalette::Button, Role::raised, Role::window},
    PaletteRow{QPalette::ButtonText, Role::text, Role::textDisabled},
    PaletteRow{QPalette::BrightText, Role::error, Role::textDisabled},
    PaletteRow{QPalette::Highlight, Role::accent, Role::border},
    PaletteRow{QPalette::HighlightedText, Role::textOnAccent, Role::text},
    PaletteRow{QPalette::Link, Role::link, Role::textDisabled},
    PaletteRow{QPalette::LinkVisited, Role::link, Role::textDisabled},
    PaletteRow{QPalette::ToolTipBase, Role::raised, Role::raised},
    PaletteRow{QPalette::ToolTipText, Role::text, Role::text},
    PaletteRow{QPalette::Light, Role::raised, Role::raised},
    PaletteRow{QPalette::Midlight, Role::raised, Role::raised},
    PaletteRow{QPalette::Mid, Role::border, Role::border},
    PaletteRow{QPalette::Dark, Role::borderStrong, Role::border},
    PaletteRow{QPalette::Shadow, Role::borderStrong, Role::border},
};

}  // namespace

Look::Look(ThemeId theme, int textPercent)
    : theme_(theme),
      textPercent_(std::clamp(textPercent, kTextPercentMin, kTextPercentMax)) {}

bool Look::isDark() const {
    return theme_ == ThemeId::dark || theme_ == ThemeId::contrastDark;
}

QFont Look::font(TextRole role) const {
    return font(role, 100);
}

QFont Look::font(TextRole role, int zoomPercent) const {
    QFont font = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    if (role == TextRole::code) {
        font.setFamilies({QStringLiteral("DejaVu Sans Mono"),
                          QStringLiteral("Noto Sans Mono CJK SC"), QStringLiteral("monospace")});
        font.setStyleHint(QFont::Monospace);
        font.setFixedPitch(true);
    } else {
        // Named, because the fallback that Qt finds by itself may be a bold face.
        // The first one resolved: "Sans Serif" is none in a list.
        font.setFamilies({QFontInfo(font).family(), QStringLiteral("Noto Sans CJK SC"),
                          QStringLiteral("Source Han Sans SC"),
                          QStringLiteral("WenQuanYi Micro Hei")});
    }
    const TextStyle style = styleOf(role);
    font.setWeight(style.weight);
    font.setPointSizeF(basePoints() * style.ratio * textPercent_ / 100.0 * zoomPercent / 100.0);
    return font;
}

QPalette Look::palette() const {
    QPalette palette;
    for (const PaletteRow& row : kPalette) {
        palette.setColor(QPalette::Active, row.target, color(row.active));
        palette.setColor(QPalette::Inactive, row.target, color(row.active));
        palette.setColor(QPalette::Disabled, row.target, color(row.disabled));
    }
    return palette;
}

}  // namespace moxie::desktop
