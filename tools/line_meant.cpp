#include "tools/line_meant.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "base/text.h"
#include "tools/line_index.h"

namespace moxie::tools {

namespace {

struct Words {
    std::vector<std::string> words;
    std::string rest;
};

bool isWordByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           uint8_t(c) >= 0x80;
}

Words split(std::string_view line) {
    Words out;
    bool isInWord = false;
    for (const char c : normalised(line, LineRule::folded)) {
        if (!isWordByte(c)) {
            if (c != ' ') out.rest += c;
            isInWord = false;
            continue;
        }
        if (!isInWord) {
            out.words.emplace_back();
            out.rest += 'w';
        }
        out.words.back() += c;
        isInWord = true;
    }
    return out;
}

bool hasWord(std::string_view text, std::string_view word) {
    for (size_t at = findText(text, word); at != std::string_view::npos;
         at = findText(text, word, at + 1)) {
        const bool begins = at == 0 || !isWordByte(text[at - 1]);
        const size_t end = at + word.size();
        if (begins && (end >= text.size() || !isWordByte(text[end]))) return true;
    }
    return false;
}

}  // namespace

bool isSurelyMeant(std::string_view fileText, std::string_view oldLine, std::string_view fileLine) {
    const Words a = split(oldLine), b = split(fileLine);
    if (a.rest != b.rest || a.words.size() != b.words.size()) return false;
    int64_t nDiffering = 0;
    for (size_t i = 0; i < a.words.size(); ++i) {
        const std::string &x = a.words[i], &y = b.words[i];
        if (x == y) continue;
        const auto digits = [](const std::string& word) {
            std::string out;
            std::copy_if(word.begin(), word.end(), std::back_inserter(out),
                         [](char c) { return c >= '0' && c <= '9'; });
            return out;
        };
        const int64_t limit = x.size() < 8 ? 1 : 2;
        if (++nDiffering > 1 || x.size() < 5 || digits(x) != digits(y)) return false;
        if (base::editDistance(x, y, limit) > limit || hasWord(fileText, x)) return false;
    }
    return true;
}

}  // namespace moxie::tools
