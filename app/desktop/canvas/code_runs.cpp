#include "app/desktop/canvas/code_runs.h"

#include <algorithm>
#include <array>

#include "app/desktop/canvas/line_canvas.h"

namespace moxie::desktop {

namespace {

// The canvas shows no more of a row than kRowCharsMax characters of at most four bytes.
constexpr int64_t kColouredBytesMax = 4 * LineCanvas::kRowCharsMax;

// UTF-16 units of valid UTF-8.
int unitsOf(std::string_view text) {
    int units = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
    }
    return units;
}

}  // namespace

CodeRole codeRoleOf(indexer::TokenKind kind) {
    static constexpr std::array<CodeRole, indexer::kTokenKindCount> kRoles = {
        CodeRole::text,     CodeRole::keyword,     CodeRole::type,     CodeRole::function,
        CodeRole::variable, CodeRole::property,    CodeRole::constant, CodeRole::number,
        CodeRole::string,   CodeRole::escape,      CodeRole::comment,  CodeRole::preprocessor,
        CodeRole::op,       CodeRole::punctuation, CodeRole::tag,      CodeRole::attribute,
        CodeRole::label};
    return kRoles[size_t(kind)];
}

std::vector<LineRun> codeRuns(const indexer::HighlightedText& text, int64_t begin, int64_t end) {
    const std::string_view bytes = text.text();
    int64_t at = begin;
    int column = 0;
    const auto columnOf = [&](int64_t byte) {
        column += unitsOf(bytes.substr(size_t(at), size_t(byte - at)));
        at = byte;
        return column;
    };
    std::vector<LineRun> runs;
    for (const auto& span : text.spans(begin, std::min(end, begin + kColouredBytesMax))) {
        const int first = columnOf(span.begin);
        runs.push_back({first, columnOf(span.end) - first, codeRoleOf(span.kind)});
    }
    return runs;
}

}  // namespace moxie::desktop
