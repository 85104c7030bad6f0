#include "app/desktop/screens/changes/diff_rows.h"

#include <algorithm>

namespace moxie::desktop {

namespace {

constexpr int64_t kContextLines = 3;

std::string withoutSpaces(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        for (const char c : line)
            if (c != ' ' && c != '\t' && c != '\r' && c != '\n') text.push_back(c);
    return text;
}

}  // namespace

bool isWhitespaceOnly(const Hunk& hunk) {
    return withoutSpaces(hunk.removed) == withoutSpaces(hunk.added);
}

int64_t DiffRows::lengthOf(const HunkRows& hunk) {
    const int64_t nChanged = hunk.nPairs > 0 ? hunk.nPairs : hunk.nRemoved + hunk.nAdded;
    return 1 + (hunk.isStale ? 1 : 0) + hunk.nContextBefore + nChanged + hunk.nComments +
           hunk.nContextAfter;
}

// Lines between two hunks are shown once: behind the first up to the limit, the others before the
// second.
void DiffRows::append(const ReviewedFile& file, const DiffOptions& options, bool isFolded,
                      const CommentCounts& comments) {
    FileRows rows;
    const int64_t begin = rowCount();
    rows.headRow = begin + (files_.empty() ? 0 : 1);
    rows.nNotes = isFolded ? 0 : int64_t(file.notes.size());
    int64_t next = 1 + rows.nNotes;
    const std::vector<Hunk>& hunks = file.review.hunks;
    const bool isAll = options.context == ContextLines::all;
    int64_t shown = 0;  // lines of the file up to here
    for (size_t i = 0; i < hunks.size() && !isFolded; ++i) {
        const Hunk& hunk = hunks[i];
        const int64_t gapEnd = i + 1 < hunks.size() ? hunks[i + 1].after.begin : file.lines();
        const bool isQuiet =
            options.whitespace == WhitespaceChanges::folded && isWhitespaceOnly(hunk);
        HunkRows made;
        made.first = next;
        made.isStale = hunk.state == HunkState::stale;
        made.nComments = comments.empty() ? 0 : comments[i];
        made.nContextBefore = std::max<int64_t>(0, hunk.after.begin - shown);
        if (!isAll) made.nContextBefore = std::min(made.nContextBefore, kContextLines);
        if (isQuiet && !isAll) made.nContextBefore = 0;
        rows.contextBegins.push_back(hunk.after.begin - made.nContextBefore);
        if (!isQuiet) {
            made.nRemoved = int64_t(hunk.removed.size());
            made.nAdded = int64_t(hunk.added.size());
            if (options.layout == DiffLayout::sideBySide)
                made.nPairs = std::max(made.nRemoved, made.nAdded);
            made.nContextAfter = std::max<int64_t>(0, gapEnd - hunk.after.end);
            if (!isAll) made.nContextAfter = std::min(made.nContextAfter, kContextLines);
            if (isAll && i + 1 < hunks.size()) made.nContextAfter = 0;
        }
        shown = hunk.after.end + made.nContextAfter;
        next += lengthOf(made);
        rows.hunks.push_back(made);
    }
    rows.end = rows.headRow + next;
    files_.push_back(std::move(rows));
}

int64_t DiffRows::rowCount() const {
    return files_.empty() ? 0 : files_.back().end;
}

int64_t DiffRows::hunkRow(int64_t file, int64_t hunk) const {
    const FileRows& rows = files_[size_t(file)];
    if (hunk < 0 || hunk >= int64_t(rows.hunks.size())) return rows.headRow;
    return rows.headRow + rows.hunks[size_t(hunk)].first;
}

int64_t DiffRows::hunkEnd(int64_t file, int64_t hunk) const {
    const FileRows& rows = files_[size_t(file)];
    if (hunk < 0 || hunk >= int64_t(rows.hunks.size())) return rows.headRow + 1;
    return hunkRow(file, hunk) + lengthOf(rows.hunks[size_t(hunk)]);
}

DiffRow DiffRows::inHunk(const FileRows& rows, int64_t hunk, int64_t offset, DiffRow row) {
    const HunkRows& part = rows.hunks[size_t(hunk)];
    const int64_t contextBegin = rows.contextBegins[size_t(hunk)];
    row.hunk = hunk;
    const auto is = [&](DiffRow::Kind kind, int64_t count, int64_t base) {
        if (offset < count) {
            row.kind = kind;
            row.line = base + offset;
            return true;
        }
        offset -= count;
        return false;
    };
    using enum DiffRow::Kind;
    const bool isFound =
        is(DiffRow::Kind::hunk, 1, 0) || is(stale, part.isStale ? 1 : 0, 0) ||
        is(context, part.nContextBefore, contextBegin) || is(pair, part.nPairs, 0) ||
        is(removed, part.nPairs > 0 ? 0 : part.nRemoved, 0) ||
        is(added, part.nPairs > 0 ? 0 : part.nAdded, 0) || is(comment, part.nComments, 0);
    if (!isFound) is(context, part.nContextAfter, contextBegin + part.nContextBefore + part.nAdded);
    return row;
}

DiffRow DiffRows::at(int64_t row) const {
    const auto file = std::upper_bound(files_.begin(), files_.end(), row,
                                       [](int64_t r, const FileRows& f) { return r < f.end; });
    DiffRow found;
    found.file = file - files_.begin();
    const int64_t offset = row - file->headRow;
    if (offset < 0) return found;
    if (offset <= file->nNotes) {
        found.kind = offset == 0 ? DiffRow::Kind::file : DiffRow::Kind::note;
        found.line = offset - 1;
        return found;
    }
    const auto next = std::upper_bound(file->hunks.begin(), file->hunks.end(), offset,
                                       [](int64_t o, const HunkRows& h) { return o < h.first; });
    const int64_t hunk = next - file->hunks.begin() - 1;
    return inHunk(*file, hunk, offset - file->hunks[size_t(hunk)].first, found);
}

}  // namespace moxie::desktop
