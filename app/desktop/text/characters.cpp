#include "app/desktop/text/characters.h"

#include <charconv>
#include <utility>

namespace moxie::desktop {

void appendCharacter(std::string& text, uint32_t code) {
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
    if (code < 0x80) {
        text.push_back(char(code));
    } else if (code < 0x800) {
        text.push_back(char(0xC0 | (code >> 6)));
        text.push_back(char(0x80 | (code & 0x3F)));
    } else if (code < 0x10000) {
        text.push_back(char(0xE0 | (code >> 12)));
        text.push_back(char(0x80 | ((code >> 6) & 0x3F)));
        text.push_back(char(0x80 | (code & 0x3F)));
    } else {
        text.push_back(char(0xF0 | (code >> 18)));
        text.push_back(char(0x80 | ((code >> 12) & 0x3F)));
        text.push_back(char(0x80 | ((code >> 6) & 0x3F)));
        text.push_back(char(0x80 | (code & 0x3F)));
    }
}

void appendEntity(std::string& text, std::string_view entity) {
    static constexpr std::pair<std::string_view, uint32_t> kNames[] = {
        {"&amp;", '&'},      {"&lt;", '<'},       {"&gt;", '>'},       {"&quot;", '"'},
        {"&apos;", '\''},    {"&nbsp;", 0xA0},    {"&copy;", 0xA9},    {"&middot;", 0xB7},
        {"&times;", 0xD7},   {"&ndash;", 0x2013}, {"&mdash;", 0x2014}, {"&hellip;", 0x2026},
        {"&larr;", 0x2190},  {"&rarr;", 0x2192},  {"&le;", 0x2264},    {"&ge;", 0x2265},
        {"&bull;", 0x2022},  {"&lsquo;", 0x2018}, {"&rsquo;", 0x2019}, {"&ldquo;", 0x201C},
        {"&rdquo;", 0x201D},
    };
    if (entity.starts_with("&#") && entity.size() > 3) {
        const bool isHex = entity[2] == 'x' || entity[2] == 'X';
        uint32_t code = 0;
        std::from_chars(entity.data() + (isHex ? 3 : 2), entity.data() + entity.size() - 1, code,
                        isHex ? 16 : 10);
        appendCharacter(text, code);
        return;
    }
    for (const auto& [name, code] : kNames)
        if (entity == name) return appendCharacter(text, code);
    text += entity;
}

}  // namespace moxie::desktop
