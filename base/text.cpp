#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace moxie::base {

namespace {

// Length of the well-formed UTF-8 sequence at `pos`, or 0 (Unicode 15, table 3-7: no overlong, no
// surrogates).
int sequenceLength(std::string_view text, size_t pos) {
    const auto byteAt = [&](size_t i) { return i < text.size() ? uint8_t(text[i]) : uint8_t(0); };
    const auto isTail = [&](size_t i) { return (byteAt(i) & 0xC0) == 0x80; };
    const uint8_t lead = byteAt(pos);
    if (lead < 0x80) return 1;
    if (lead < 0xC2) return 0;
    if (lead < 0xE0) return isTail(pos + 1) ? 2 : 0;
    const uint8_t second = byteAt(pos + 1);
    if (lead < 0xF0) {
        if (lead == 0xE0 && second < 0xA0) return 0;
        if (lead == 0xED && second > 0x9F) return 0;
        return isTail(pos + 1) && isTail(pos + 2) ? 3 : 0;
    }
    if (lead > 0xF4) return 0;
    if (lead == 0xF0 && second < 0x90) return 0;
    if (lead == 0xF4 && second > 0x8F) return 0;
    return isTail(pos + 1) && isTail(pos + 2) && isTail(pos + 3) ? 4 : 0;
}

// Index just after the escape sequence that starts at `pos` (ECMA-48: CSI, OSC and two-byte forms).
size_t skipEscape(std::string_view text, size_t pos) {
    size_t i = pos + 1;
    if (i >= text.size()) return i;
    if (text[i] == '[') {
        for (++i; i < text.size(); ++i)
            if (text[i] >= 0x40 && text[i] <= 0x7E) return i + 1;
        return i;
    }
    if (text[i] == ']' || text[i] == 'P' || text[i] == '_' || text[i] == '^') {
        for (++i; i < text.size(); ++i) {
            if (text[i] == '\a') return i + 1;
            if (text[i] == '\x1b' && i + 1 < text.size() && text[i + 1] == '\\') return i + 2;
        }
        return i;
    }
    return i + 1;
}

}  // namespace

int64_t validUtf8Prefix(std::string_view text) {
    size_t pos = 0;
    while (pos < text.size()) {
        const int length = sequenceLength(text, pos);
        if (length == 0) break;
        pos += size_t(length);
    }
    return int64_t(pos);
}

bool isAscii(std::string_view text) {
    uint8_t all = 0;
    for (const char c : text)
        all = uint8_t(all | uint8_t(c));
    return all < 0x80;
}

bool isValidUtf8(std::string_view text) {
    return validUtf8Prefix(text) == int64_t(text.size());
}

std::string toValidUtf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (size_t pos = 0; pos < text.size();) {
        const int length = sequenceLength(text, pos);
        if (length == 0) {
            out += "\xEF\xBF\xBD";
            ++pos;
            continue;
        }
        out.append(text.substr(pos, size_t(length)));
        pos += size_t(length);
    }
    return out;
}

std::string_view cutUtf8(std::string_view text, int64_t bytesMax) {
    if (int64_t(text.size()) <= bytesMax) return text;
    auto end = size_t(std::max<int64_t>(bytesMax, 0));
    // At most three continuation bytes can follow a lead byte.
    for (int back = 0; back < 3 && end > 0 && (uint8_t(text[end]) & 0xC0) == 0x80; ++back)
        --end;
    return text.substr(0, end);
}

std::vector<std::string_view> splitLines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        lines.push_back(line);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return lines;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n\f\v";
    const size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string stripTerminalControl(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    size_t lineStart = 0;
    for (size_t pos = 0; pos < text.size();) {
        const char c = text[pos];
        if (c == '\x1b') {
            pos = skipEscape(text, pos);
            continue;
        }
        if (c == '\r') {
            const bool endsLine = pos + 1 < text.size() && text[pos + 1] == '\n';
            const bool endsText = pos + 1 == text.size();
            if (!endsLine && !endsText) out.resize(lineStart);
            ++pos;
            continue;
        }
        if (c == '\b') {
            if (out.size() > lineStart) out.pop_back();
            ++pos;
            continue;
        }
        const bool isControl = (uint8_t(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
        if (!isControl) out.push_back(c);
        if (c == '\n') lineStart = out.size();
        ++pos;
    }
    return out;
}

std::string headAndTail(std::string_view text, int64_t headBytes, int64_t tailBytes) {
    if (int64_t(text.size()) <= headBytes + tailBytes) return std::string(text);
    const std::string_view head = cutUtf8(text, headBytes);
    size_t tailStart = text.size() - size_t(tailBytes);
    while (tailStart < text.size() && (uint8_t(text[tailStart]) & 0xC0) == 0x80)
        ++tailStart;
    const std::string_view tail = text.substr(tailStart);
    return fmt::format("{}\n[... {} bytes left out ...]\n{}", head,
                       text.size() - head.size() - tail.size(), tail);
}

std::string humanBytes(int64_t bytes) {
    constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
    auto value = double(bytes);
    int unit = 0;
    while (value >= 999.5 && unit < 4) {
        value /= 1000;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

int64_t editDistance(std::string_view a, std::string_view b, int64_t limit) {
    if (a.size() > b.size()) std::swap(a, b);
    if (int64_t(b.size() - a.size()) > limit) return limit + 1;
    std::vector<int64_t> row(a.size() + 1);
    for (size_t i = 0; i <= a.size(); ++i)
        row[i] = int64_t(i);
    for (size_t j = 1; j <= b.size(); ++j) {
        int64_t diagonal = row[0];
        int64_t best = row[0] = int64_t(j);
        for (size_t i = 1; i <= a.size(); ++i) {
            const int64_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[i];
            row[i] = std::min({replaced, row[i] + 1, row[i - 1] + 1});
            best = std::min(best, row[i]);
        }
        if (best > limit) return limit + 1;
    }
    return std::min(row[a.size()], limit + 1);
}

}  // namespace moxie::base
