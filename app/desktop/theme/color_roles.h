// The named colours of the window: what a colour is for, never what it looks like. One table in
// color_roles.cpp gives each role its value in each theme; nothing else in the desktop names a
// colour. Threads: values; any thread.
#pragma once
#include <QRgb>
#include <cstdint>
#include <span>

namespace moxie::desktop {

enum class ThemeId : uint8_t { light, dark, contrastLight, contrastDark };
inline constexpr int kThemeCount = 4;

enum class Role : uint8_t {
    // grounds
    window,
    surface,
    raised,
    sunken,
    userMessage,
    card,
    quiet,
    // text
    text,
    textMuted,
    textDisabled,
    link,
    // the one accent
    accent,
    accentPressed,
    accentSoft,
    textOnAccent,
    focusRing,
    // lines
    border,
    borderStrong,
    caret,
    // selection and find
    selection,
    selectionInactive,
    selectionText,
    findMatch,
    findCurrent,
    findText,
    // states: a sign or text, and the ground it may stand on
    success,
    successSoft,
    warning,
    warningSoft,
    error,
    errorSoft,
    info,
    infoSoft,
    // rows of diffs and logs
    gutter,
    gutterText,
    addedRow,
    addedWord,
    removedRow,
    removedWord,
    changedRow,
    headerRow,
    currentRow,
    scrollThumb,
};
inline constexpr int kRoleCount = int(Role::scrollThumb) + 1;

enum class CodeRole : uint8_t {
    text,
    keyword,
    type,
    function,
    variable,
    property,
    constant,
    number,
    string,
    escape,
    comment,
    preprocessor,
    op,
    punctuation,
    tag,
    attribute,
    label,
    heading,
    emphasis,
    invalid,
};
inline constexpr int kCodeRoleCount = int(CodeRole::invalid) + 1;

QRgb colorOf(Role role, ThemeId theme);
QRgb colorOf(CodeRole role, ThemeId theme);

// The sixteen colours of terminal output, 0 black to 15 bright white, readable on Role::surface
// and Role::sunken: "black" in a dark theme is a grey.
QRgb terminalColor(int index, ThemeId theme);

// Relation of the luminances of two colours, 1 to 21. Source: WCAG 2.1, "contrast ratio".
double contrast(QRgb one, QRgb other);

// Every combination of ink and ground that the window paints, with the least contrast it must
// have: 4.5 for text, 3 for signs. The test walks it for every theme.
struct InkOnGround {
    Role ink = Role::text;
    Role ground = Role::window;
    double contrastMin = 4.5;
};

std::span<const InkOnGround> inksOnGrounds();

// The grounds on which code is painted: every CodeRole must be readable on each.
std::span<const Role> codeGrounds();

}  // namespace moxie::desktop
