#include "app/desktop/model/line_texts.h"

#include <algorithm>

#include "tools/git.h"

namespace moxie::desktop {

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
    std::string result;
    result.reserve(text.size());
    const std::vector<std::string_view> old = linesWithEnds(text);
    const auto add = [&](std::string_view line) {
        // A line that was the last one without an end is not the last one any more.
        if (!result.empty() && result.back() != '\n') result.push_back('\n');
        result += line;
    };
    size_t next = 0;
    for (const LineEdit& edit : edits) {
        while (next < size_t(edit.begin))
            add(old[next++]);
        for (const std::string_view line : edit.lines)
            add(line);
        next = size_t(edit.end);
    }
    while (next < old.size())
        add(old[next++]);
    return result;
}

base::Result<std::optional<FileText>> mergeTexts(const FileText& ancestor, const FileText& ours,
                                                 const FileText& theirs) {
    if (isSame(ancestor, ours) || isSame(ours, theirs)) return theirs;
    if (isSame(ancestor, theirs)) return ours;
    if (ancestor == nullptr || ours == nullptr || theirs == nullptr) return std::nullopt;
    TRY_ASSIGN(const auto ourChanges, tools::Git::changedLines(*ancestor, *ours));
    TRY_ASSIGN(const auto theirChanges, tools::Git::changedLines(*ancestor, *theirs));
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
