#include "tools/line_indent.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "tools/line_merge.h"

namespace moxie::tools {

namespace {

constexpr int64_t kIndentedLinesMin = 3;  // fewer show no style
constexpr int64_t kStepMax = 8;

struct FileStyle {
    char character = '\0';  // '\t' or ' '; '\0': none or both
    int64_t step = 0;       // blanks a level; 0: unknown
};

FileStyle styleOf(const LineIndex& file) {
    int64_t nTabs = 0, nBlanks = 0, above = 0;
    std::array<int64_t, kStepMax + 1> steps{};
    for (int64_t i = 0; i < file.size(); ++i) {
        const std::string_view line = file.line(i);
        if (line.starts_with('\t')) ++nTabs;
        if (line.starts_with("  ")) ++nBlanks;
        if (nTabs > 0 && nBlanks > 0) return {};
        const auto indent = int64_t(indentOf(line).size());
        if (isBlankLine(line)) continue;
        if (indent > above && indent - above <= kStepMax) ++steps[size_t(indent - above)];
        above = indent;
    }
    if (nTabs >= kIndentedLinesMin) return {'\t', 0};
    if (nBlanks < kIndentedLinesMin) return {};
    const auto commonest = std::max_element(steps.begin() + 2, steps.end());
    return {' ', *commonest > 0 ? commonest - steps.begin() : 0};
}

// Whether a line that stays gets other white space before it: then that is what is wanted.
bool changesIndentOfKept(const Lines& olds, const Lines& news) {
    Lines oldContent, newContent;
    for (const std::string_view line : olds)
        oldContent.push_back(base::trim(line));
    for (const std::string_view line : news)
        newContent.push_back(base::trim(line));
    const std::vector<int64_t> kept = keptLines(oldContent, newContent);
    for (size_t i = 1; i < olds.size(); ++i)  // the first may begin amid a line
        if (kept[i] >= 1 && !oldContent[i].empty() &&
            indentOf(olds[i]) != indentOf(news[size_t(kept[i])]))
            return true;
    return false;
}

// Depth in tabs of the first indented line of old, else of the place, else one.
int64_t tabsAt(const IndentRequest& request, const Lines& olds) {
    for (const std::string_view line : olds)
        if (line.starts_with('\t') && !isBlankLine(line)) return int64_t(indentOf(line).size());
    return std::max<int64_t>(1, int64_t(indentOf(request.file.line(request.line)).size()));
}

// Blanks that one tab of the file stands for in new; 0: it does not show.
int64_t blanksPerTab(const IndentRequest& request, const Lines& olds, const Lines& news) {
    int64_t first = 0;
    for (size_t i = 0; i < news.size(); ++i) {
        const std::string_view indent = indentOf(news[i]);
        if (isBlankLine(news[i]) || indent.empty()) continue;
        if (indent.find('\t') != std::string_view::npos) return 0;
        if (first == 0) first = int64_t(indent.size());
    }
    const int64_t tabs = tabsAt(request, olds);
    const int64_t step = first % tabs == 0 ? first / tabs : 0;
    if (step != 2 && step != 4 && step != 8) return 0;
    for (const std::string_view line : news)
        if (!isBlankLine(line) && int64_t(indentOf(line).size()) % step != 0) return 0;
    return step;
}

}  // namespace

std::optional<std::string> indentedLikeFile(const IndentRequest& request) {
    const Lines olds = linesOf(request.oldText), news = linesOf(request.newText);
    const auto hasForeign = [&](char foreign) {
        return std::any_of(news.begin(), news.end(), [&](std::string_view line) {
            return !isBlankLine(line) && indentOf(line).find(foreign) != std::string_view::npos;
        });
    };
    if (!hasForeign('\t') && !hasForeign(' ')) return std::nullopt;
    const FileStyle style = styleOf(request.file);
    if (style.character == '\0') return std::nullopt;
    const char foreign = style.character == '\t' ? ' ' : '\t';
    if (!hasForeign(foreign) || changesIndentOfKept(olds, news)) return std::nullopt;
    const int64_t step = style.character == ' ' ? style.step : blanksPerTab(request, olds, news);
    if (step == 0) return std::nullopt;
    std::string out;
    for (size_t i = 0; i < news.size(); ++i) {
        const std::string_view indent = indentOf(news[i]);
        if (foreign == '\t') {
            for (const char c : indent)
                out.append(c == '\t' ? size_t(step) : 1, ' ');
        } else {
            out.append(indent.size() / size_t(step), '\t');
        }
        out.append(news[i].substr(indent.size()));
        if (i + 1 < news.size() || request.newText.ends_with('\n')) out += '\n';
    }
    if (out == request.oldText) return std::nullopt;
    return out;
}

}  // namespace moxie::tools
