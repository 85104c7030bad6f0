#include "app/desktop/theme/color_roles.h"

#include <QtGlobal>
#include <algorithm>
#include <array>
#include <cmath>

namespace moxie::desktop {

namespace {

template <class RoleType>
struct Row {
    RoleType role;
    std::array<uint32_t, kThemeCount> rgb;  // light, dark, contrastLight, contrastDark
};

constexpr std::array<Row<Role>, kRoleCount> kRoles = {{
    {Role::window, {0xF3F4F6, 0x1A1C1F, 0xFFFFFF, 0x000000}},
    {Role::surface, {0xFFFFFF, 0x202327, 0xFFFFFF, 0x000000}},
    {Role::raised, {0xFAFBFC, 0x2A2E33, 0xFFFFFF, 0x101010}},
    {Role::sunken, {0xECEEF1, 0x15171A, 0xF2F2F2, 0x000000}},
    {Role::userMessage, {0xE3F1F2, 0x1E3437, 0xE6F4F4, 0x00282C}},
    {Role::card, {0xF6F8FA, 0x262A2F, 0xFFFFFF, 0x0A0A0A}},
    {Role::quiet, {0xF8F8F6, 0x1D2023, 0xF6F6F6, 0x0A0A0A}},
    {Role::text, {0x1B1F24, 0xE6E8EB, 0x000000, 0xFFFFFF}},
    {Role::textMuted, {0x535C66, 0xA9B1BA, 0x303030, 0xD8D8D8}},
    {Role::textDisabled, {0x79828C, 0x7F8892, 0x595959, 0xA6A6A6}},
    {Role::link, {0x0A57A4, 0x7DB7F5, 0x00348A, 0x9CD0FF}},
    {Role::accent, {0x0B6B72, 0x5CC8CF, 0x004A50, 0x6FE9F0}},
    {Role::accentPressed, {0x08535A, 0x86DADF, 0x00363A, 0xA8F4F8}},
    {Role::accentSoft, {0xDCEFF0, 0x1F3C3F, 0xD6F0F1, 0x003A3E}},
    {Role::textOnAccent, {0xFFFFFF, 0x06282B, 0xFFFFFF, 0x000000}},
    {Role::focusRing, {0x0B6B72, 0x5CC8CF, 0x004A50, 0x6FE9F0}},
    {Role::border, {0xD4D8DE, 0x3A3F46, 0x000000, 0xFFFFFF}},
    {Role::borderStrong, {0x7A828C, 0x7F8791, 0x000000, 0xFFFFFF}},
    {Role::caret, {0x0B6B72, 0x5CC8CF, 0x000000, 0xFFFFFF}},
    {Role::selection, {0xB7DFE2, 0x245A60, 0x004A50, 0x6FE9F0}},
    {Role::selectionInactive, {0xDCE0E5, 0x3A4047, 0xD9D9D9, 0x4A4A4A}},
    {Role::selectionText, {0x10181C, 0xF4F6F8, 0xFFFFFF, 0x000000}},
    {Role::findMatch, {0xFFE58F, 0x5F4B00, 0xFFE36E, 0x5A4600}},
    {Role::findCurrent, {0xFFB84D, 0xE0A72E, 0xFFB02E, 0xFFD24D}},
    {Role::findText, {0x1B1F24, 0x14110A, 0x000000, 0x000000}},
    {Role::success, {0x17692E, 0x6BCB84, 0x0B4A1D, 0x7DF09C}},
    {Role::successSoft, {0xE3F5E7, 0x1C3324, 0xE2F7E7, 0x04280F}},
    {Role::warning, {0x7D5100, 0xE6B450, 0x5C3B00, 0xFFD166}},
    {Role::warningSoft, {0xFFF3D6, 0x3A2F14, 0xFFF1CC, 0x302200}},
    {Role::error, {0xA8231C, 0xFF8F87, 0x7E0F0A, 0xFFA39C}},
    {Role::errorSoft, {0xFCE8E6, 0x402321, 0xFDE4E1, 0x380805}},
    {Role::info, {0x0A57A4, 0x7DB7F5, 0x00348A, 0x9CD0FF}},
    {Role::infoSoft, {0xE4EFFB, 0x1D3047, 0xE0EDFF, 0x00224A}},
    {Role::gutter, {0xF6F7F9, 0x1D2023, 0xF2F2F2, 0x0A0A0A}},
    {Role::gutterText, {0x5B646E, 0x98A1AB, 0x303030, 0xD8D8D8}},
    {Role::addedRow, {0xE6F6EA, 0x18301F, 0xE2F7E7, 0x04280F}},
    {Role::addedWord, {0xC6EBD0, 0x1B4728, 0xBFEFCB, 0x0A4A1E}},
    {Role::removedRow, {0xFDECEA, 0x3A201F, 0xFDE4E1, 0x380805}},
    {Role::removedWord, {0xF9D2CE, 0x5A2724, 0xFBCDC8, 0x5C120D}},
    {Role::changedRow, {0xFFF7E0, 0x322B18, 0xFFF1CC, 0x302200}},
    {Role::headerRow, {0xEAF0F7, 0x242B34, 0xE6E6E6, 0x1C1C1C}},
    {Role::currentRow, {0xF0F4F5, 0x272C30, 0xE6F4F4, 0x14282A}},
    {Role::scrollThumb, {0x7F8791, 0x757D87, 0x000000, 0xFFFFFF}},
}};

constexpr std::array<Row<CodeRole>, kCodeRoleCount> kCodeRoles = {{
    {CodeRole::text, {0x1B1F24, 0xE1E4E8, 0x000000, 0xFFFFFF}},
    {CodeRole::keyword, {0x8A1C7C, 0xE29BF0, 0x5E0A54, 0xF3B8FF}},
    {CodeRole::type, {0x0B5E66, 0x74D0D6, 0x003F45, 0x8FF1F6}},
    {CodeRole::function, {0x1D4F9C, 0x8FC1FF, 0x0A2F75, 0xB3D7FF}},
    {CodeRole::variable, {0x1B1F24, 0xE1E4E8, 0x000000, 0xFFFFFF}},
    {CodeRole::property, {0x34495E, 0xB9CBE0, 0x1B2C3F, 0xD3E3F5}},
    {CodeRole::constant, {0x7A3E00, 0xF0B27A, 0x552A00, 0xFFCF9E}},
    {CodeRole::number, {0x7A3E00, 0xF0B27A, 0x552A00, 0xFFCF9E}},
    {CodeRole::string, {0x1F6023, 0x9AD88A, 0x0C4310, 0xB8F5A8}},
    {CodeRole::escape, {0x7D4E00, 0xE6C06A, 0x573600, 0xFFDD8A}},
    {CodeRole::comment, {0x58616B, 0xA6AEB8, 0x3A3A3A, 0xCFCFCF}},
    {CodeRole::preprocessor, {0x6B3FA0, 0xC8A8F5, 0x46208A, 0xDCC6FF}},
    {CodeRole::op, {0x3D4650, 0xC3CAD2, 0x202020, 0xE8E8E8}},
    {CodeRole::punctuation, {0x4B545E, 0xB6BEC7, 0x2A2A2A, 0xDEDEDE}},
    {CodeRole::tag, {0x1D4F9C, 0x8FC1FF, 0x0A2F75, 0xB3D7FF}},
    {CodeRole::attribute, {0x0B5E66, 0x74D0D6, 0x003F45, 0x8FF1F6}},
    {CodeRole::label, {0x8A2A1A, 0xFFA08F, 0x66160A, 0xFFBDB1}},
    {CodeRole::heading, {0x1D4F9C, 0x8FC1FF, 0x0A2F75, 0xB3D7FF}},
    {CodeRole::emphasis, {0x1B1F24, 0xE1E4E8, 0x000000, 0xFFFFFF}},
    {CodeRole::invalid, {0x9C1F18, 0xFF9C94, 0x7E0F0A, 0xFFA39C}},
}};

constexpr std::array<std::array<uint32_t, 16>, kThemeCount> kTerminal = {{
    {0x1B1F24, 0xA8231C, 0x17692E, 0x7D5100, 0x0A57A4, 0x8A1C7C, 0x0B6068, 0x57606A,  // light
     0x57606A, 0xB3261E, 0x1A6B31, 0x7A5600, 0x1459AD, 0x93268A, 0x0B646C, 0x2C3238},
    {0x8B949E, 0xFF8F87, 0x6BCB84, 0xE6B450, 0x7DB7F5, 0xE29BF0, 0x5CC8CF, 0xD0D5DA,  // dark
     0x9AA3AD, 0xFFABA5, 0x8ADFA0, 0xF2CB78, 0xA3CEFA, 0xEDB9F7, 0x86DADF, 0xFFFFFF},
    {0x000000, 0x7E0F0A, 0x0B4A1D, 0x5C3B00, 0x00348A, 0x5E0A54, 0x003F45, 0x303030, 0x303030,
     0x8A1510, 0x0F5323, 0x5F4000, 0x0A3F99, 0x6A1560, 0x00474E, 0x101010},
    {0xA6A6A6, 0xFFA39C, 0x7DF09C, 0xFFD166, 0x9CD0FF, 0xF3B8FF, 0x6FE9F0, 0xE8E8E8, 0xBFBFBF,
     0xFFBDB8, 0xA6F7BC, 0xFFE09A, 0xBFE0FF, 0xF8D0FF, 0xA8F4F8, 0xFFFFFF},
}};

constexpr double kText = 4.5, kSign = 3.0;

constexpr auto kInks = std::to_array<InkOnGround>({
    {Role::text, Role::window, kText},
    {Role::text, Role::surface, kText},
    {Role::text, Role::raised, kText},
    {Role::text, Role::sunken, kText},
    {Role::text, Role::userMessage, kText},
    {Role::text, Role::card, kText},
    {Role::text, Role::quiet, kText},
    {Role::text, Role::accentSoft, kText},
    {Role::text, Role::successSoft, kText},
    {Role::text, Role::warningSoft, kText},
    {Role::text, Role::errorSoft, kText},
    {Role::text, Role::infoSoft, kText},
    {Role::text, Role::selectionInactive, kText},
    {Role::text, Role::headerRow, kText},
    {Role::text, Role::currentRow, kText},
    {Role::textMuted, Role::window, kText},
    {Role::textMuted, Role::surface, kText},
    {Role::textMuted, Role::raised, kText},
    {Role::textMuted, Role::sunken, kText},
    {Role::textMuted, Role::userMessage, kText},
    {Role::textMuted, Role::card, kText},
    {Role::textMuted, Role::quiet, kText},
    {Role::textMuted, Role::headerRow, kText},
    {Role::textMuted, Role::warningSoft, kText},
    {Role::textMuted, Role::errorSoft, kText},
    {Role::textDisabled, Role::window, kSign},
    {Role::textDisabled, Role::surface, kSign},
    {Role::link, Role::window, kText},
    {Role::link, Role::surface, kText},
    {Role::link, Role::userMessage, kText},
    {Role::link, Role::card, kText},
    {Role::link, Role::quiet, kText},
    {Role::link, Role::warningSoft, kText},
    {Role::link, Role::errorSoft, kText},
    {Role::textOnAccent, Role::accent, kText},
    {Role::textOnAccent, Role::accentPressed, kText},
    {Role::accent, Role::window, kSign},
    {Role::accent, Role::surface, kSign},
    {Role::accent, Role::accentSoft, kSign},
    {Role::focusRing, Role::window, kSign},
    {Role::focusRing, Role::surface, kSign},
    {Role::focusRing, Role::card, kSign},
    {Role::focusRing, Role::userMessage, kSign},
    {Role::borderStrong, Role::window, kSign},
    {Role::borderStrong, Role::surface, kSign},
    {Role::caret, Role::surface, kSign},
    {Role::caret, Role::userMessage, kSign},
    {Role::caret, Role::currentRow, kSign},
    {Role::selectionText, Role::selection, kText},
    {Role::findText, Role::findCurrent, kText},
    {Role::text, Role::findMatch, kText},
    {Role::success, Role::window, kText},
    {Role::success, Role::surface, kText},
    {Role::success, Role::card, kText},
    {Role::success, Role::successSoft, kText},
    {Role::success, Role::addedRow, kText},
    {Role::warning, Role::window, kText},
    {Role::warning, Role::surface, kText},
    {Role::warning, Role::card, kText},
    {Role::warning, Role::warningSoft, kText},
    {Role::warning, Role::changedRow, kText},
    {Role::error, Role::window, kText},
    {Role::error, Role::surface, kText},
    {Role::error, Role::card, kText},
    {Role::error, Role::errorSoft, kText},
    {Role::error, Role::removedRow, kText},
    {Role::info, Role::window, kText},
    {Role::info, Role::surface, kText},
    {Role::info, Role::card, kText},
    {Role::info, Role::infoSoft, kText},
    {Role::gutterText, Role::gutter, kText},
    {Role::gutterText, Role::addedRow, kText},
    {Role::gutterText, Role::removedRow, kText},
    {Role::gutterText, Role::changedRow, kText},
    {Role::gutterText, Role::headerRow, kText},
    {Role::gutterText, Role::currentRow, kText},
    {Role::scrollThumb, Role::window, kSign},
    {Role::scrollThumb, Role::surface, kSign},
});

constexpr std::array kCodeGrounds = {
    Role::surface,    Role::sunken,      Role::card,       Role::quiet,
    Role::addedRow,   Role::addedWord,   Role::removedRow, Role::removedWord,
    Role::changedRow, Role::userMessage, Role::currentRow,
};

double linear(int channel) {
    const double c = channel / 255.0;
    return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(QRgb rgb) {
    return 0.2126 * linear(qRed(rgb)) + 0.7152 * linear(qGreen(rgb)) + 0.0722 * linear(qBlue(rgb));
}

// The tables are in the order of their enums, so that looking up is indexing.
template <class Table>
constexpr bool isInOrder(const Table& table) {
    for (size_t i = 0; i < table.size(); ++i)
        if (size_t(table[i].role) != i) return false;
    return true;
}

static_assert(isInOrder(kRoles) && isInOrder(kCodeRoles));

QRgb opaque(uint32_t rgb) {
    return 0xFF000000u | rgb;
}

}  // namespace

QRgb colorOf(Role role, ThemeId theme) {
    return opaque(kRoles[size_t(role)].rgb[size_t(theme)]);
}

QRgb colorOf(CodeRole role, ThemeId theme) {
    return opaque(kCodeRoles[size_t(role)].rgb[size_t(theme)]);
}

QRgb terminalColor(int index, ThemeId theme) {
    return opaque(kTerminal[size_t(theme)][size_t(std::clamp(index, 0, 15))]);
}

double contrast(QRgb one, QRgb other) {
    const double a = luminance(one), b = luminance(other);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

std::span<const InkOnGround> inksOnGrounds() {
    return kInks;
}

std::span<const Role> codeGrounds() {
    return kCodeGrounds;
}

}  // namespace moxie::desktop
