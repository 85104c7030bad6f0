#include "tools/line_merge.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace moxie::tools {

namespace {

constexpr size_t kTableCellsMax = 4'000'000;

// How added lines are fitted to the file, learnt from the pairs of old line and file line.
class Fitting {
public:
    void learn(std::string_view oldLine, std::string_view fileLine) {
        if (isBlankLine(oldLine) || isBlankLine(fileLine)) return;
        // Folded first: fit() folds, too, and a no-break blank is indentation as well.
        const std::string plain = foldedPunctuation(oldLine);
        const std::string oldIndent(indentOf(plain)), fileIndent(indentOf(fileLine));
        const auto [known, isNew] = indents_.emplace(oldIndent, fileIndent);
        if (!isNew && known->second != fileIndent) isConsistent_ = false;
        if (oldIndent.find(' ') != std::string::npos && !fileIndent.empty() &&
            fileIndent.find_first_not_of('\t') == std::string::npos) {
            toTabs_ = true;
            blanksPerTab_ = std::max<size_t>(1, oldIndent.size() / fileIndent.size());
        }
        if (!oldIndent.empty() && oldIndent.find_first_not_of('\t') == std::string::npos &&
            fileIndent.find(' ') != std::string::npos) {
            toBlanks_ = true;
            blanksPerTab_ = std::max<size_t>(1, fileIndent.size() / oldIndent.size());
        }
        const auto hasTrailing = [](std::string_view line) {
            return withoutTrailing(line).size() < line.size();
        };
        dropsTrailing_ = dropsTrailing_ || (hasTrailing(oldLine) && !hasTrailing(fileLine));
        punctuation_.learn(oldLine, fileLine);
    }

    bool isConsistent() const { return isConsistent_ && punctuation_.isClear(); }

    std::string fit(std::string_view line) const {
        std::string content(line);
        if (dropsTrailing_) content = withoutTrailing(content);
        content = punctuation_.fit(content);
        if (isBlankLine(content) || indents_.empty()) return content;
        const std::string indent(indentOf(content));
        return indentFor(indent) + content.substr(indent.size());
    }

private:
    std::string indentFor(const std::string& indent) const {
        if (const auto known = indents_.find(indent); known != indents_.end()) return known->second;
        const std::pair<const std::string, std::string>* best = nullptr;
        for (const auto& pair : indents_)  // deeper than a known one: the longest
            if (indent.starts_with(pair.first) &&
                (best == nullptr || pair.first.size() > best->first.size()))
                best = &pair;
        if (best != nullptr) return best->second + converted(indent.substr(best->first.size()));
        for (const auto& pair : indents_)  // less deep than all: the shortest
            if (pair.first.starts_with(indent) &&
                (best == nullptr || pair.first.size() < best->first.size()))
                best = &pair;
        if (best == nullptr) return converted(indent);
        const std::string surplus = converted(best->first.substr(indent.size()));
        if (!best->second.ends_with(surplus)) return {};
        return best->second.substr(0, best->second.size() - surplus.size());
    }

    std::string converted(const std::string& blanks) const {
        std::string out;
        size_t run = 0;
        for (const char c : blanks) {
            if (c == ' ' && toTabs_) {
                if (++run % blanksPerTab_ == 0) out += '\t';
            } else if (c == '\t' && toBlanks_) {
                out.append(blanksPerTab_, ' ');
            } else {
                out += c;
            }
        }
        if (toTabs_) out.append(run % blanksPerTab_, ' ');
        return out;
    }

    std::map<std::string, std::string> indents_;  // of the edit -> of the file
    bool isConsistent_ = true;
    bool toTabs_ = false, toBlanks_ = false;
    size_t blanksPerTab_ = 4;
    bool dropsTrailing_ = false;
    TypedPunctuation punctuation_;
};

// Walks old and new lines side by side and writes the merged lines.
class Merger {
public:
    Merger(const MergeRequest& request, const Fitting& fitting)
        : request_(request),
          fitting_(fitting),
          at_(request.first) {}

    std::optional<std::vector<std::string>> merge() {
        const std::vector<int64_t> kept = keptLines(request_.oldLines, request_.newLines);
        int64_t added = 0;
        bool isInRemoval = false;
        for (size_t i = 0; i < kept.size(); ++i) {
            if (kept[i] < 0) {
                if (!remove(i, isInRemoval)) return std::nullopt;
                isInRemoval = true;
                continue;
            }
            if (!add(added, kept[i], i, isInRemoval)) return std::nullopt;
            added = kept[i] + 1;
            isInRemoval = false;
            const int64_t line = request_.alignment[i];
            if (line >= 0) copyUpTo(line + 1);
        }
        if (!add(added, int64_t(request_.newLines.size()), kept.size(), isInRemoval))
            return std::nullopt;
        copyUpTo(request_.last);
        return std::move(out_);
    }

private:
    void copyUpTo(int64_t end) {
        for (; at_ < end; ++at_)
            out_.emplace_back(request_.file.line(at_));
    }

    bool remove(size_t i, bool isInRemoval) {
        const int64_t line = request_.alignment[i];
        if (line < 0) return false;                   // to be removed, but not there
        if (isInRemoval && line > at_) return false;  // lines the edit does not know amid them
        copyUpTo(line);
        at_ = line + 1;
        return true;
    }

    bool add(int64_t begin, int64_t end, size_t oldIndex, bool isInRemoval) {
        if (begin >= end) return true;
        if (!isInRemoval) {
            // A mere insertion needs its place to be certain: no unknown lines here.
            int64_t next = request_.last;
            for (size_t i = oldIndex; i < request_.alignment.size(); ++i)
                if (request_.alignment[i] >= 0) {
                    next = request_.alignment[i];
                    break;
                }
            if (next > at_) return false;
        }
        for (int64_t j = begin; j < end; ++j)
            out_.push_back(fitting_.fit(request_.newLines[size_t(j)]));
        return true;
    }

    const MergeRequest& request_;
    const Fitting& fitting_;
    int64_t at_;  // next file line
    std::vector<std::string> out_;
};

// How often each character that is folded occurs.
std::map<std::string, int64_t> fancyCharacters(std::string_view text) {
    std::map<std::string, int64_t> counts;
    for (const FoldedText::Step& step : foldedText(text).steps)
        ++counts[std::string(text.substr(size_t(step.origin), size_t(step.originLength)))];
    return counts;
}

}  // namespace

void TypedPunctuation::learn(std::string_view oldText, std::string_view fileText) {
    const std::map<std::string, int64_t> inOld = fancyCharacters(oldText);
    const std::map<std::string, int64_t> inFile = fancyCharacters(fileText);
    for (const auto& [character, count] : inOld)
        if (const auto found = inFile.find(character);
            found == inFile.end() || found->second < count)
            typed_.insert(character);
    for (const auto& [character, ignored] : inFile)
        real_.insert(character);
}

bool TypedPunctuation::isClear() const {
    return std::none_of(typed_.begin(), typed_.end(),
                        [&](const std::string& character) { return real_.contains(character); });
}

std::string TypedPunctuation::fit(std::string_view text) const {
    std::string out;
    size_t copied = 0;
    const FoldedText folded = typed_.empty() ? FoldedText() : foldedText(text);
    for (const FoldedText::Step& step : folded.steps) {
        if (!typed_.contains(text.substr(size_t(step.origin), size_t(step.originLength)))) continue;
        out.append(text.substr(copied, size_t(step.origin) - copied));
        out.append(folded.text.substr(size_t(step.at), size_t(step.length)));
        copied = size_t(step.origin + step.originLength);
    }
    return out.append(text.substr(copied));
}

Lines linesOf(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return lines;
}

std::vector<int64_t> keptLines(std::span<const std::string_view> oldLines,
                               std::span<const std::string_view> newLines) {
    std::vector<int64_t> kept(oldLines.size(), -1);
    const size_t shorter = std::min(oldLines.size(), newLines.size());
    size_t head = 0, tail = 0;
    for (; head < shorter && oldLines[head] == newLines[head]; ++head)
        kept[head] = int64_t(head);
    while (tail < shorter - head &&
           oldLines[oldLines.size() - 1 - tail] == newLines[newLines.size() - 1 - tail]) {
        kept[oldLines.size() - 1 - tail] = int64_t(newLines.size() - 1 - tail);
        ++tail;
    }
    const size_t n = oldLines.size() - head - tail, m = newLines.size() - head - tail;
    if (n == 0 || m == 0 || n * m > kTableCellsMax) return kept;
    std::vector<int32_t> table((n + 1) * (m + 1), 0);  // length of the best from (i, j) on
    const auto cell = [&](size_t i, size_t j) -> int32_t& { return table[i * (m + 1) + j]; };
    for (size_t i = n; i-- > 0;)
        for (size_t j = m; j-- > 0;)
            cell(i, j) = oldLines[head + i] == newLines[head + j]
                             ? cell(i + 1, j + 1) + 1
                             : std::max(cell(i + 1, j), cell(i, j + 1));
    for (size_t i = 0, j = 0; i < n && j < m;) {
        if (oldLines[head + i] == newLines[head + j])
            kept[head + i++] = int64_t(head + j++);
        else if (cell(i + 1, j) >= cell(i, j + 1))
            ++i;
        else
            ++j;
    }
    return kept;
}

std::optional<std::vector<std::string>> mergeLines(const MergeRequest& request) {
    Fitting fitting;
    for (size_t i = 0; i < request.oldLines.size(); ++i)
        if (request.alignment[i] >= 0)
            fitting.learn(request.oldLines[i], request.file.line(request.alignment[i]));
    if (!fitting.isConsistent()) return std::nullopt;
    return Merger(request, fitting).merge();
}

}  // namespace moxie::tools
