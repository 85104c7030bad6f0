// A line of a running command's output as a view draws it: UTF-8 and runs of one style each.
// Threads: values.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace moxie::desktop {

struct TerminalColor {
    enum class Kind : uint8_t {
        standard,  // the theme's own
        palette,   // index: 0 to 15 the theme's terminal colours, 16 to 255 the usual cube
        rgb
    };
    Kind kind = Kind::standard;
    uint8_t red = 0, green = 0, blue = 0;  // of rgb; red holds the index of a palette colour
    bool operator==(const TerminalColor&) const = default;
};

struct TerminalStyle {
    TerminalColor foreground = {}, background = {};
    bool isBold = false, isDim = false, isItalic = false, isUnderlined = false, isInverse = false,
         isStruck = false;
    bool operator==(const TerminalStyle&) const = default;
};

struct TerminalRun {
    int32_t begin = 0, end = 0;  // bytes of the text
    TerminalStyle style = {};
    bool operator==(const TerminalRun&) const = default;
};

struct TerminalLine {
    std::string text = {};
    std::vector<TerminalRun> runs = {};  // without a gap; empty if all of it has the plain style
    bool operator==(const TerminalLine&) const = default;
};

}  // namespace moxie::desktop
