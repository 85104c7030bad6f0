#include "indexer/pack/documentation.h"

#include <algorithm>

#include "base/text.h"

namespace moxie::indexer {
namespace {

constexpr int32_t kDocLinesMax = 60;  // looked at
constexpr size_t kDocBytesMax = 600;  // kept

class DocText {
public:
    DocText(std::string_view text, const std::vector<uint32_t>& starts)
        : text_(text),
          starts_(starts) {}

    int32_t count() const { return int32_t(starts_.size()) - 1; }

    // With its end; `line` from 1 to count(). Of a long one more than is kept: thousands of symbols
    // may stand below it.
    std::string_view line(int32_t line) const {
        const size_t begin = starts_[size_t(line - 1)];
        return text_.substr(begin,
                            std::min<size_t>(starts_[size_t(line)] - begin, 2 * kDocBytesMax));
    }

    bool isComment(int32_t at) const {
        const std::string_view text = base::trim(line(at));
        for (const std::string_view start : {"//", "/*", "*", "#", "--", ";;", "%%", "\"\"\""})
            if (text.starts_with(start)) return !text.starts_with("#include");
        return false;
    }

private:
    std::string_view text_;
    const std::vector<uint32_t>& starts_;
};

bool isLicence(std::string_view text) {
    for (const std::string_view sign : {"Copyright", "copyright", "SPDX-License", "Licensed under",
                                        "Redistribution and use", "All rights reserved"})
        if (text.find(sign) != text.npos) return true;
    return false;
}

std::string above(const DocText& text, int32_t line) {
    int32_t first = line;
    while (first > 1 && line - first < kDocLinesMax && text.isComment(first - 1))
        first--;
    std::string out;
    for (int32_t at = first; at < line && out.size() < kDocBytesMax; at++)
        out += text.line(at);
    return out;
}

// A Python docstring begins in one of the next lines, after the signature's end.
std::string below(const DocText& text, int32_t line) {
    for (int32_t at = line + 1; at <= std::min(line + 6, text.count()); at++) {
        const std::string_view trimmed = base::trim(text.line(at));
        const std::string_view quote = trimmed.substr(0, 3);
        if (quote != "\"\"\"" && quote != "'''") {
            const std::string_view before = base::trim(text.line(at - 1));
            if (before.ends_with(':')) return {};
            continue;
        }
        std::string out;
        for (int32_t k = at; k <= text.count() && k - at < kDocLinesMax; k++) {
            out += text.line(k);
            const std::string_view rest = base::trim(text.line(k));
            const bool isEnd = k > at ? rest.find(quote) != rest.npos : rest.rfind(quote) > 0;
            if (isEnd || out.size() >= kDocBytesMax) break;
        }
        return out;
    }
    return {};
}

std::string shortened(std::string text) {
    if (text.empty() || base::trim(text).empty() || isLicence(text)) return {};
    if (text.size() > kDocBytesMax) {
        const size_t end = text.rfind('\n', kDocBytesMax);
        text.resize(end == text.npos ? base::cutUtf8(text, kDocBytesMax).size() : end);
        text += " [...]\n";
    }
    if (text.back() != '\n') text += '\n';
    const size_t begin = text.find_first_not_of(" \t\n");
    const size_t lineBegin = text.rfind('\n', begin);
    return text.substr(lineBegin == text.npos ? 0 : lineBegin + 1);
}

}  // namespace

std::string documentationOf(std::string_view text, const std::vector<uint32_t>& starts,
                            int32_t line) {
    const DocText source(text, starts);
    if (line < 1 || line > source.count()) return {};
    const std::string comment = shortened(above(source, line));
    return comment.empty() ? shortened(below(source, line)) : comment;
}

}  // namespace moxie::indexer
