// How the window looks at one moment: a theme and a text size. A small value; widgets ask their
// Appearance for the current one and never keep colours of their own.
// Threads: GUI thread only (fonts).
#pragma once
#include <QColor>
#include <QFont>

#include "app/desktop/theme/color_roles.h"

class QPalette;

namespace moxie::desktop {

enum class TextRole : uint8_t { body, small, code, title, heading1, heading2, heading3 };

inline constexpr int kTextPercentMin = 80, kTextPercentMax = 200;

// Everything is placed on a grid of 4 logical pixels.
constexpr int grid(int steps) {
    return 4 * steps;
}

class Look {
public:
    Look() = default;
    // `textPercent` is clamped to 80..200.
    Look(ThemeId theme, int textPercent);

    ThemeId theme() const { return theme_; }

    int textPercent() const { return textPercent_; }

    bool isDark() const;

    QColor color(Role role) const { return QColor::fromRgb(colorOf(role, theme_)); }

    QColor color(CodeRole role) const { return QColor::fromRgb(colorOf(role, theme_)); }

    // The system's interface font, or the monospace chain (one that has Chinese), scaled.
    QFont font(TextRole role) const;
    // The same, scaled once more: for a view with a zoom of its own.
    QFont font(TextRole role, int zoomPercent) const;

    // For Fusion and every stock widget.
    QPalette palette() const;

    bool operator==(const Look&) const = default;

private:
    ThemeId theme_ = ThemeId::light;
    int textPercent_ = 100;
};

}  // namespace moxie::desktop
