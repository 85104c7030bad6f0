#include "app/desktop/screens/commit/commit_part.h"

#include <fmt/format.h>

#include "app/desktop/model/line_texts.h"

namespace moxie::desktop {

namespace {

bool isSameChange(const CommitHunk& a, const CommitHunk& b) {
    return a.removed == b.removed && a.added == b.added;
}

// The lines in which a hunk ends up; those that are not to go stay before those that come.
std::vector<std::string_view> linesOf(const CommitHunk& hunk, const HunkTicks& ticks) {
    std::vector<std::string_view> lines;
    for (size_t i = 0; i < hunk.removed.size(); ++i)
        if (!ticks.removed[i]) lines.emplace_back(hunk.removed[i]);
    for (size_t i = 0; i < hunk.added.size(); ++i)
        if (ticks.added[i]) lines.emplace_back(hunk.added[i]);
    return lines;
}

}  // namespace

HunkTicks ticksOf(const CommitHunk& hunk, Tick tick) {
    return {std::vector(hunk.removed.size(), tick == Tick::on),
            std::vector(hunk.added.size(), tick == Tick::on)};
}

base::Result<std::vector<CommitHunk>> hunksBetween(std::string_view before, std::string_view now) {
    if (before.find('\0') != std::string_view::npos || now.find('\0') != std::string_view::npos)
        return base::fail(base::Errc::unsupported, "it is no text");
    TRY_ASSIGN(const auto changes, tools::Git::changedLines(before, now));
    int64_t nLines = 0;
    for (const tools::LineChange& change : changes)
        nLines += change.oldEnd - change.oldBegin + change.newEnd - change.newBegin;
    if (nLines > kHunkLinesMax)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("{} lines are changed, at most {} can be chosen from", nLines,
                                      kHunkLinesMax));
    LineReader old(before), current(now);
    std::vector<CommitHunk> hunks;
    hunks.reserve(changes.size());
    for (const tools::LineChange& change : changes)
        hunks.push_back({change, old.read(change.oldBegin, change.oldEnd),
                         current.read(change.newBegin, change.newEnd)});
    return hunks;
}

std::string textWith(std::string_view before, const CommitPart& part) {
    std::vector<LineEdit> edits;
    for (size_t i = 0; i < part.hunks.size(); ++i) {
        const tools::LineChange& at = part.hunks[i].at;
        edits.push_back({at.oldBegin, at.oldEnd, linesOf(part.hunks[i], part.ticks[i])});
    }
    return editLines(before, edits);
}

std::vector<HunkTicks> carriedTicks(const CommitPart& earlier, const std::vector<CommitHunk>& now,
                                    Tick tick) {
    std::vector<HunkTicks> ticks;
    size_t at = 0;  // hunks keep their order
    for (const CommitHunk& hunk : now) {
        size_t same = at;
        while (same < earlier.hunks.size() && !isSameChange(earlier.hunks[same], hunk))
            ++same;
        const bool isKnown = same < earlier.hunks.size();
        ticks.push_back(isKnown ? earlier.ticks[same] : ticksOf(hunk, tick));
        if (isKnown) at = same + 1;
    }
    return ticks;
}

}  // namespace moxie::desktop
