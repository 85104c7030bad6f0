// What both scanners share: the words of a line and the symbols found so far.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"
#include "indexer/outline/outline.h"
#include "indexer/outline/scan_rules.h"

namespace moxie::indexer {

inline bool isScanWordByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

inline bool equalWords(std::string_view a, std::string_view b, bool foldsCase) {
    if (a.size() != b.size()) return false;
    if (!foldsCase) return a == b;
    const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(),
                      [&](char x, char y) { return low(x) == low(y); });
}

inline const ScanWord* findScanWord(const ScanRules& rules, std::string_view word) {
    for (const ScanWord& known : rules.words)
        if (equalWords(known.word, word, rules.foldsCase)) return &known;
    return nullptr;
}

inline bool isModifier(const ScanRules& rules, std::string_view word) {
    return std::any_of(rules.modifiers.begin(), rules.modifiers.end(), [&](std::string_view known) {
        return equalWords(known, word, rules.foldsCase);
    });
}

// One line of the text from `first`, as a signature.
inline std::string scanSignature(std::string_view text, size_t first) {
    std::string_view line = text.substr(first, text.substr(first, 400).find('\n'));
    line = line.substr(0, 200);
    while (!line.empty() && (line.back() == ' ' || line.back() == '{' || line.back() == '\r' ||
                             line.back() == '\t' || line.back() == ';'))
        line.remove_suffix(1);
    return std::string(base::cutUtf8(base::toValidUtf8(base::trim(line)), 200));
}

// Symbols by braces (the families of BlockStyle::braces) or line by line (all others).
void scanBraces(Family family, std::string_view text, const std::stop_token& stop, Outline& out);
void scanLines(Family family, std::string_view text, const std::stop_token& stop, Outline& out);

}  // namespace moxie::indexer
