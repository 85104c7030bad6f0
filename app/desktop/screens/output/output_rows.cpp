#include "app/desktop/screens/output/output_rows.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "app/desktop/text/place_links.h"

namespace moxie::desktop {

namespace {

constexpr double kContrastMin = 4.5;
constexpr double kDimContrastMin = 3.0;
constexpr int kCubeFirst = 16, kGreyFirst = 232;

QRgb mixed(QRgb one, QRgb other, double shareOfOther) {
    const auto part = [&](int a, int b) { return int(std::lround(a + (b - a) * shareOfOther)); };
    return qRgb(part(qRed(one), qRed(other)), part(qGreen(one), qGreen(other)),
                part(qBlue(one), qBlue(other)));
}

// Source: the palette that xterm uses for 256 colours.
QRgb paletteColor(int index, ThemeId theme) {
    if (index < kCubeFirst) return terminalColor(index, theme);
    if (index >= kGreyFirst) {
        const int grey = 8 + (index - kGreyFirst) * 10;
        return qRgb(grey, grey, grey);
    }
    const auto level = [](int step) { return step == 0 ? 0 : 55 + step * 40; };
    const int cube = index - kCubeFirst;
    return qRgb(level(cube / 36), level(cube / 6 % 6), level(cube % 6));
}

QRgb colorOf(const TerminalColor& color, QRgb standard, ThemeId theme) {
    switch (color.kind) {
        case TerminalColor::Kind::standard:
            return standard;
        case TerminalColor::Kind::palette:
            return paletteColor(color.red, theme);
        case TerminalColor::Kind::rgb:
            return qRgb(color.red, color.green, color.blue);
    }
    return standard;
}

// Moved towards black or white, whichever is farther from `ground`, until it can be read.
QRgb readable(QRgb ink, QRgb ground, double contrastMin) {
    const QRgb black = qRgb(0, 0, 0), white = qRgb(255, 255, 255);
    const QRgb farther = contrast(black, ground) > contrast(white, ground) ? black : white;
    for (int step = 0; step <= 10; ++step) {
        const QRgb tried = mixed(ink, farther, step / 10.0);
        if (contrast(tried, ground) >= contrastMin) return tried;
    }
    return farther;
}

LineRun runOf(const TerminalRun& run, const std::vector<int>& units, ThemeId theme) {
    const QRgb text = colorOf(CodeRole::text, theme), surface = colorOf(Role::surface, theme);
    const TerminalStyle& style = run.style;
    QRgb ink = colorOf(style.foreground, text, theme);
    QRgb ground = colorOf(style.background, surface, theme);
    if (style.isInverse) std::swap(ink, ground);
    if (style.isDim) ink = mixed(ink, ground, 0.4);
    ink = readable(ink, ground, style.isDim ? kDimContrastMin : kContrastMin);
    LineRun made;
    made.begin = units[size_t(run.begin)];
    made.length = units[size_t(run.end)] - made.begin;
    made.foreground = ink;
    if (ground != surface) made.background = ground;
    made.isBold = style.isBold;
    made.isItalic = style.isItalic;
    made.isUnderlined = style.isUnderlined;
    return made;
}

// For each byte of `text` and its end, how many UTF-16 units stand before it.
std::vector<int> utf16Units(const std::string& text) {
    std::vector<int> units(text.size() + 1);
    int count = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        units[i] = count;
        const auto byte = uint8_t(text[i]);
        if ((byte & 0xC0) != 0x80) count += byte >= 0xF0 ? 2 : 1;
    }
    units[text.size()] = count;
    return units;
}

}  // namespace

LineRow rowOf(const TerminalLine& line, ThemeId theme) {
    LineRow row;
    row.text = QString::fromUtf8(line.text.data(), qsizetype(line.text.size()));
    const std::vector<PlaceFound> places = findPlaces(line.text);
    if (line.runs.empty() && places.empty()) return row;
    const std::vector<int> units = utf16Units(line.text);
    for (const TerminalRun& run : line.runs)
        if (run.style != TerminalStyle()) row.runs.push_back(runOf(run, units, theme));
    for (const PlaceFound& place : places) {
        const int begin = units[size_t(place.begin)];
        const int length = units[size_t(place.end)] - begin;
        row.links.push_back({begin, length,
                             QStringLiteral("place:%1:%2:%3")
                                 .arg(place.line)
                                 .arg(place.column)
                                 .arg(QString::fromStdString(place.path))});
        row.runs.push_back({.begin = begin,
                            .length = length,
                            .foreground = colorOf(Role::link, theme),
                            .isUnderlined = true});
    }
    return row;
}

bool placeFromHref(const QString& href, OutputPlace& place) {
    if (!href.startsWith(QLatin1String("place:"))) return false;
    place.line = href.section(QLatin1Char(':'), 1, 1).toInt();
    place.column = href.section(QLatin1Char(':'), 2, 2).toInt();
    place.path = href.section(QLatin1Char(':'), 3);
    return !place.path.isEmpty();
}

}  // namespace moxie::desktop
