#include "indexer/existence/import_text.h"

#include <algorithm>
#include <array>

namespace moxie::indexer {
namespace {

constexpr int kStatementLinesMax = 60;

size_t lineBegin(std::string_view text, size_t at) {
    const size_t end = at == 0 ? text.npos : text.rfind('\n', at - 1);
    return end == text.npos ? 0 : end + 1;
}

bool beginsImport(std::string_view line) {
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t'))
        line.remove_prefix(1);
    static constexpr std::array<std::string_view, 12> kWords = {
        "import", "from", "export", "const",   "let",    "var",
        "use",    "pub",  "using",  "require", "extern", "#include"};
    return std::any_of(kWords.begin(), kWords.end(),
                       [&](std::string_view word) { return line.starts_with(word); });
}

bool hasOpenBracket(std::string_view text) {
    int depth = 0;
    for (const char c : text)
        depth += (c == '(' || c == '{') - (c == ')' || c == '}');
    return depth > 0;
}

// The statement around `at`; empty if none imports there.
std::string_view statementAround(std::string_view text, size_t at) {
    size_t begin = lineBegin(text, at);
    for (int i = 0; !beginsImport(text.substr(begin)); i++) {
        if (begin == 0 || i == kStatementLinesMax) return {};
        begin = lineBegin(text, begin - 1);
    }
    size_t end = std::min(text.find('\n', begin), text.size());
    for (int i = 0; i < kStatementLinesMax && end < text.size(); i++) {
        if (!hasOpenBracket(text.substr(begin, end - begin)) && text[end - 1] != '\\') break;
        end = std::min(text.find('\n', end + 1), text.size());
    }
    return at < end ? text.substr(begin, end - begin) : std::string_view();
}

}  // namespace

bool isNameByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (c & 0x80);
}

NameSet identifiersOf(std::string_view text) {
    NameSet out;
    for (size_t i = 0; i < text.size();) {
        if (!isNameByte(text[i])) {
            i++;
            continue;
        }
        const size_t begin = i;
        while (i < text.size() && isNameByte(text[i]))
            i++;
        out.insert(text.substr(begin, i - begin));
    }
    return out;
}

void addImportedNames(std::string_view text, std::string_view target, NameSet& out) {
    if (target.empty()) return;
    for (size_t at = 0; (at = text.find(target, at)) != text.npos; at += target.size()) {
        const size_t end = at + target.size();
        if ((at > 0 && isNameByte(text[at - 1])) || (end < text.size() && isNameByte(text[end])))
            continue;
        out.merge(identifiersOf(statementAround(text, at)));
    }
}

}  // namespace moxie::indexer
