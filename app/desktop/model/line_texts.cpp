#include "app/desktop/model/line_texts.h"

#include <algorithm>
#include <limits>

namespace moxie::desktop {

namespace {

constexpr int64_t kNowhere = std::numeric_limits<int64_t>::max() / 4;

constexpr size_t kBlock = 4096;  // compared at once

int64_t countLines(std::string_view text) {
    int64_t n = 0;
    for (size_t at = 0; at < text.size(); ++n) {
        const size_t end = text.find('\n', at);
        at = end == std::string_view::npos ? text.size() : end + 1;
    }
    return n;
}

size_t samePrefix(std::string_view a, std::string_view b) {
    const size_t most = std::min(a.size(), b.size());
    size_t same = 0;
    while (same + kBlock <= most && a.substr(same, kBlock) == b.substr(same, kBlock))
        same += kBlock;
    while (same < most && a[same] == b[same])
        ++same;
    return same;
}

// At most `most` bytes. Requires: both have as many.
size_t sameSuffix(std::string_view a, std::string_view b, size_t most) {
    size_t same = 0;
    const auto block = [&](std::string_view text) {
        return text.substr(text.size() - same - kBlock, kBlock);
    };
    while (same + kBlock <= most && block(a) == block(b))
        same += kBlock;
    while (same < most && a[a.size() - 1 - same] == b[b.size() - 1 - same])
        ++same;
    return same;
}

// What changed from one text to another: lines [begin, end) of the old one, which are `moreLines`
// more now; all behind `end` is the same. begin = kNowhere: nothing.
struct ChangedPart {
    int64_t begin = kNowhere, end = -kNowhere;
    int64_t moreLines = 0;
};

ChangedPart changedPart(std::string_view old, std::string_view now) {
    const size_t same = samePrefix(old, now);
    if (same == old.size() && same == now.size()) return {};
    const size_t lineBegin = same == 0 ? 0 : old.rfind('\n', same - 1) + 1;  // npos + 1 is 0
    size_t suffix = sameSuffix(old, now, std::min(old.size(), now.size()) - lineBegin);
    // It must begin with a line in both.
    const auto beginsLine = [&](std::string_view text) {
        const size_t at = text.size() - suffix;
        return at == 0 || text[at - 1] == '\n';
    };
    if (suffix > 0 && !(beginsLine(old) && beginsLine(now))) {
        const size_t end = old.find('\n', old.size() - suffix);
        suffix = end == std::string_view::npos ? 0 : old.size() - end - 1;
    }
    const auto linesBetween = [&](std::string_view text) {
        return countLines(text.substr(lineBegin, text.size() - suffix - lineBegin));
    };
    ChangedPart part;
    part.begin = countLines(old.substr(0, lineBegin));
    part.end = part.begin + linesBetween(old);
    part.moreLines = linesBetween(now) - linesBetween(old);
    return part;
}

}  // namespace

std::vector<std::string> LineReader::read(int64_t begin, int64_t end) {
    std::vector<std::string> lines;
    offsetOf(begin);
    while (line_ < end && offset_ < text_.size()) {
        const size_t from = offset_;
        lines.emplace_back(text_.substr(from, offsetOf(line_ + 1) - from));
    }
    return lines;
}

size_t LineReader::offsetOf(int64_t line) {
    while (line_ < line && offset_ < text_.size()) {
        const size_t end = text_.find('\n', offset_);
        offset_ = end == std::string_view::npos ? text_.size() : end + 1;
        ++line_;
    }
    return offset_;
}

// Lines of the old texts that are compared again, as [begin, end) on each side, and where the end
// is in the new texts.
struct LineComparison::Window {
    int64_t beforeBegin = 0, beforeEnd = 0, afterBegin = 0, afterEnd = 0;
};

base::Status LineComparison::update(const FileText& before, const FileText& after) {
    const auto compared = [](const FileText& old, const FileText& now) {
        return old == now ? ChangedPart() : changedPart(bytesOf(old), bytesOf(now));
    };
    const ChangedPart left = compared(before_, before);
    const ChangedPart right = compared(after_, after);
    before_ = before;
    after_ = after;
    const auto n = int64_t(changes_.size());
    if (left.begin == kNowhere && right.begin == kNowhere) {
        keptFront_ = n;
        keptBack_ = 0;
        return {};
    }
    // Changes that neither touch nor lie behind what is different now stay, and so do those behind.
    keptFront_ = 0;
    while (keptFront_ < n && changes_[size_t(keptFront_)].oldEnd < left.begin &&
           changes_[size_t(keptFront_)].newEnd < right.begin)
        ++keptFront_;
    keptBack_ = 0;
    while (keptBack_ < n - keptFront_ && changes_[size_t(n - keptBack_ - 1)].oldBegin > left.end &&
           changes_[size_t(n - keptBack_ - 1)].newBegin > right.end)
        ++keptBack_;
    // Lines between changes lie side by side; how far apart is known from the change before.
    const auto shiftAfter = [&](int64_t count) {
        if (count == 0) return int64_t(0);
        const tools::LineChange& change = changes_[size_t(count - 1)];
        return change.newEnd - change.oldEnd;
    };
    const int64_t inner = n - keptBack_;
    Window window;
    window.beforeBegin = std::min(left.begin, right.begin - shiftAfter(keptFront_));
    window.beforeEnd = std::max(left.end, right.end - shiftAfter(inner));
    if (keptFront_ < inner) {
        window.beforeBegin = std::min(window.beforeBegin, changes_[size_t(keptFront_)].oldBegin);
        window.beforeEnd = std::max(window.beforeEnd, changes_[size_t(inner - 1)].oldEnd);
    }
    window.afterBegin = window.beforeBegin + shiftAfter(keptFront_);
    window.afterEnd = window.beforeEnd + shiftAfter(inner) + right.moreLines;
    window.beforeEnd += left.moreLines;
    const auto firstBack = changes_.end() - keptBack_;
    std::vector<tools::LineChange> back(firstBack, changes_.end());
    for (tools::LineChange& change : back) {
        change.oldBegin += left.moreLines;
        change.oldEnd += left.moreLines;
        change.newBegin += right.moreLines;
        change.newEnd += right.moreLines;
    }
    changes_.resize(size_t(keptFront_));
    if (base::Status found = compareWindow(window, bytesOf(before), bytesOf(after)); !found) {
        *this = LineComparison();
        return found;
    }
    changes_.insert(changes_.end(), back.begin(), back.end());
    return {};
}

base::Status LineComparison::compareWindow(const Window& window, std::string_view before,
                                           std::string_view after) {
    const auto cut = [](std::string_view text, int64_t begin, int64_t end) {
        LineReader reader(text);
        const size_t from = reader.offsetOf(begin);
        return text.substr(from, reader.offsetOf(end) - from);
    };
    TRY_ASSIGN(const auto found,
               tools::Git::changedLines(cut(before, window.beforeBegin, window.beforeEnd),
                                        cut(after, window.afterBegin, window.afterEnd)));
    for (const tools::LineChange& change : found)
        changes_.push_back({change.oldBegin + window.beforeBegin,
                            change.oldEnd + window.beforeBegin, change.newBegin + window.afterBegin,
                            change.newEnd + window.afterBegin});
    return {};
}

bool LineComparison::touches(int64_t begin, int64_t end) const {
    const auto first =
        std::lower_bound(changes_.begin(), changes_.end(), begin,
                         [](const tools::LineChange& c, int64_t line) { return c.newEnd < line; });
    return first != changes_.end() && first->newBegin <= end;
}

FileText makeText(std::string text) {
    return std::make_shared<const std::string>(std::move(text));
}

bool isSame(const FileText& a, const FileText& b) {
    if (a == nullptr || b == nullptr) return a == b;
    return a == b || *a == *b;
}

std::string_view bytesOf(const FileText& text) {
    return text == nullptr ? std::string_view() : std::string_view(*text);
}

std::vector<std::string_view> linesWithEnds(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const size_t end = text.find('\n');
        const size_t length = end == std::string_view::npos ? text.size() : end + 1;
        lines.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return lines;
}

std::string editLines(std::string_view text, const std::vector<LineEdit>& edits) {
    size_t bytesMax = text.size() + 1;
    for (const LineEdit& edit : edits)
        for (const std::string_view line : edit.lines)
            bytesMax += line.size();
    std::string result;
    result.reserve(bytesMax);
    const auto add = [&](std::string_view lines) {
        // A line that was the last one without an end is not the last one any more.
        if (!lines.empty() && !result.empty() && result.back() != '\n') result.push_back('\n');
        result += lines;
    };
    LineReader old(text);
    size_t kept = 0;
    for (const LineEdit& edit : edits) {
        add(text.substr(kept, old.offsetOf(edit.begin) - kept));
        for (const std::string_view line : edit.lines)
            add(line);
        kept = old.offsetOf(edit.end);
    }
    add(text.substr(kept));
    return result;
}

base::Result<std::optional<FileText>> mergeTexts(const FileText& ancestor, const FileText& ours,
                                                 const FileText& theirs) {
    if (isSame(ancestor, ours) || isSame(ours, theirs)) return theirs;
    if (isSame(ancestor, theirs)) return ours;
    if (ancestor == nullptr || ours == nullptr || theirs == nullptr) return std::nullopt;
    LineComparison ourComparison(ancestor), theirComparison(ancestor);
    TRY(ourComparison.update(ancestor, ours));
    TRY(theirComparison.update(ancestor, theirs));
    const auto& ourChanges = ourComparison.changes();
    const auto& theirChanges = theirComparison.changes();
    const std::vector<std::string_view> our = linesWithEnds(*ours), their = linesWithEnds(*theirs);
    const auto isSameChange = [&](const tools::LineChange& a, const tools::LineChange& b) {
        return a.oldBegin == b.oldBegin && a.oldEnd == b.oldEnd &&
               std::equal(our.begin() + a.newBegin, our.begin() + a.newEnd,
                          their.begin() + b.newBegin, their.begin() + b.newEnd);
    };
    std::vector<tools::LineChange> missing;  // what ours does not have yet
    for (const tools::LineChange& b : theirChanges) {
        bool isThere = false;
        for (const tools::LineChange& a : ourChanges) {
            if (isSameChange(a, b))
                isThere = true;
            else if (a.oldBegin <= b.oldEnd && b.oldBegin <= a.oldEnd)
                return std::nullopt;
        }
        if (!isThere) missing.push_back(b);
    }
    std::vector<LineEdit> edits;
    for (const tools::LineChange& change : missing) {
        int64_t shift = 0;
        for (const tools::LineChange& a : ourChanges)
            if (a.oldEnd <= change.oldBegin)
                shift += (a.newEnd - a.newBegin) - (a.oldEnd - a.oldBegin);
        edits.push_back({change.oldBegin + shift,
                         change.oldEnd + shift,
                         {their.begin() + change.newBegin, their.begin() + change.newEnd}});
    }
    return makeText(editLines(*ours, edits));
}

}  // namespace moxie::desktop
