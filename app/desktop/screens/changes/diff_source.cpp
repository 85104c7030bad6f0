#include "app/desktop/screens/changes/diff_source.h"

#include <algorithm>
#include <unordered_map>

#include "app/desktop/screens/changes/coloured_texts.h"
#include "app/desktop/screens/changes/moved_hunks.h"

namespace moxie::desktop {

namespace {

std::string anchorOf(const Hunk& hunk) {
    return !hunk.added.empty()    ? hunk.added.front()
           : hunk.removed.empty() ? std::string()
                                  : hunk.removed.front();
}

}  // namespace

// ---- what is shown

void DiffSource::setSnapshot(const ReviewSnapshot& snapshot) {
    std::unordered_map<std::string_view, const ReviewedFile*> known;
    for (const auto& file : snapshot_.files)
        known.emplace(file->review.path, file.get());
    // A tick or a fold holds as long as the file is what was ticked.
    for (const auto& file : snapshot.files) {
        const auto before = known.find(file->review.path);
        if (before != known.end() && !isSame(before->second->review.now, file->review.now))
            reviewed_.erase(file->review.path);
    }
    if (snapshot.files != snapshot_.files) {
        movedFrom_.clear();
        movedTo_.clear();
    }
    snapshot_ = snapshot;
    rebuild();
}

void DiffSource::setColours(const ColouredTexts& colours) {
    colours_ = &colours;
    connect(&colours, &ColouredTexts::coloured, this, [this](const FileText& text) {
        for (int64_t i = 0; i < rows_.fileCount(); ++i) {
            const FileReview& review = file(i).review;
            if (review.now == text || review.reviewed == text)
                emit changed(rows_.fileRow(i), rows_.fileEnd(i) - rows_.fileRow(i));
        }
    });
}

void DiffSource::setMoved(const std::vector<MovedHunk>& moved) {
    movedFrom_.clear();
    movedTo_.clear();
    for (const MovedHunk& each : moved) {
        const HunkPlace from = {each.fromFile, each.fromHunk}, to = {each.toFile, each.toHunk};
        if (hunkAt(from) == nullptr || hunkAt(to) == nullptr) continue;
        movedFrom_[to] = from;
        movedTo_[from] = to;
        for (const HunkPlace& place : {from, to})
            emit changed(rows_.hunkRow(place.file, place.hunk), 1);
    }
}

void DiffSource::setOptions(const DiffOptions& options) {
    if (options == options_) return;
    options_ = options;
    rebuild();
}

bool DiffSource::isFolded(int64_t index) const {
    const ReviewedFile& shown = file(index);
    const std::string& path = shown.review.path;
    if (unfolded_.contains(path)) return false;
    return folded_.contains(path) || reviewed_.contains(path) || shown.isLong;
}

void DiffSource::toggleFold(int64_t index) {
    const std::string& path = file(index).review.path;
    const bool wasFolded = isFolded(index);
    (wasFolded ? folded_ : unfolded_).erase(path);
    (wasFolded ? unfolded_ : folded_).insert(path);
    rebuild();
}

void DiffSource::setReviewed(const std::string& path, bool isReviewed) {
    if (isReviewed)
        reviewed_.insert(path);
    else
        reviewed_.erase(path);
    unfolded_.erase(path);
    folded_.erase(path);
    rebuild();
}

void DiffSource::setCurrent(HunkPlace place) {
    if (place == current_) return;
    const HunkPlace before = std::exchange(current_, place);
    for (const HunkPlace& each : {before, place})
        if (each.file >= 0 && each.file < rows_.fileCount())
            emit changed(rows_.hunkRow(each.file, each.hunk), 1);
}

void DiffSource::addComment(HunkComment comment) {
    comments_.push_back(std::move(comment));
    rebuild();
}

void DiffSource::removeComments() {
    comments_.clear();
    rebuild();
}

std::vector<size_t> DiffSource::commentsOf(const ReviewedFile& file, const Hunk& hunk) const {
    std::vector<size_t> found;
    for (size_t i = 0; i < comments_.size(); ++i)
        if (comments_[i].path == file.review.path && comments_[i].anchor == anchorOf(hunk))
            found.push_back(i);
    return found;
}

void DiffSource::rebuild() {
    rows_.clear();
    int64_t linesMax = 0;
    for (size_t i = 0; i < snapshot_.files.size(); ++i) {
        const ReviewedFile& shown = *snapshot_.files[i];
        DiffRows::CommentCounts counts;
        const bool hasComments =
            std::any_of(comments_.begin(), comments_.end(),
                        [&](const HunkComment& c) { return c.path == shown.review.path; });
        for (size_t h = 0; hasComments && h < shown.review.hunks.size(); ++h)
            counts.push_back(int64_t(commentsOf(shown, shown.review.hunks[h]).size()));
        rows_.append(shown, options_, isFolded(int64_t(i)), counts);
        linesMax = std::max(linesMax, shown.lines());
    }
    gutterColumns_ = std::max(4, int(QString::number(linesMax).size()));
    emit reset();
}

// ---- hunks and lines

const Hunk* DiffSource::hunkAt(HunkPlace place) const {
    if (place.file < 0 || place.file >= int64_t(snapshot_.files.size())) return nullptr;
    const std::vector<Hunk>& hunks = file(place.file).review.hunks;
    return place.hunk < 0 || place.hunk >= int64_t(hunks.size()) ? nullptr
                                                                 : &hunks[size_t(place.hunk)];
}

HunkRef DiffSource::refOf(HunkPlace place) const {
    const FileReview& review = file(place.file).review;
    return {review.path, review.version, place.hunk};
}

HunkRef DiffSource::refOf(HunkPlace place, int64_t firstRow, int64_t lastRow) const {
    HunkRef ref = refOf(place);
    const Hunk* hunk = hunkAt(place);
    if (hunk == nullptr) return ref;
    const auto nRemoved = int64_t(hunk->removed.size()), nAdded = int64_t(hunk->added.size());
    LineRange removed = {nRemoved, 0}, added = {nAdded, 0};
    const int64_t begin = std::max(firstRow, rows_.hunkRow(place.file, place.hunk));
    const int64_t end = std::min(lastRow + 1, rows_.hunkEnd(place.file, place.hunk));
    for (int64_t row = begin; row < end; ++row) {
        const DiffRow at = rows_.at(row);
        const bool isPair = at.kind == DiffRow::Kind::pair;
        const auto include = [&](LineRange& range, int64_t count) {
            if (at.line >= count) return;  // a pair has no line on this side
            range.begin = std::min(range.begin, at.line);
            range.end = std::max(range.end, at.line + 1);
        };
        if (isPair || at.kind == DiffRow::Kind::removed) include(removed, nRemoved);
        if (isPair || at.kind == DiffRow::Kind::added) include(added, nAdded);
    }
    const bool hasRemoved = removed.begin < removed.end, hasAdded = added.begin < added.end;
    const bool isAll = removed == LineRange{0, nRemoved} && added == LineRange{0, nAdded};
    if ((!hasRemoved && !hasAdded) || isAll) return ref;
    // Nothing of one side: what is new goes behind the old lines, what comes back before the new.
    ref.removed = hasRemoved ? removed : LineRange{nRemoved, nRemoved};
    ref.added = hasAdded ? added : LineRange{0, 0};
    return ref;
}

QString DiffSource::titleOf(HunkPlace place) const {
    const QString path = QString::fromStdString(file(place.file).review.path);
    const Hunk* hunk = hunkAt(place);
    if (hunk == nullptr || file(place.file).review.kind != FileReview::Kind::text) return path;
    const LineRange& lines = hunk->added.empty() ? hunk->before : hunk->after;
    if (lines.end - lines.begin <= 1) return tr("%1 line %2").arg(path).arg(lines.begin + 1);
    return tr("%1 lines %2 to %3").arg(path).arg(lines.begin + 1).arg(lines.end);
}

QString DiffSource::spokenHunk(HunkPlace place) const {
    const Hunk* hunk = hunkAt(place);
    if (hunk == nullptr) return titleOf(place);
    const QString title = titleOf(place).section(QLatin1Char('/'), -1);
    const QString what = hunk->author == HunkAuthor::you     ? tr("proposed, yours")
                         : hunk->author == HunkAuthor::other ? tr("proposed, by somebody else")
                                                             : tr("proposed");
    return tr("%1, %2 added, %3 removed, %4")
        .arg(title)
        .arg(hunk->added.size())
        .arg(hunk->removed.size())
        .arg(hunk->state == HunkState::stale ? tr("stale") : what);
}

QChar DiffSource::statusOf(const ReviewedFile& file) {
    const bool isRenamed = std::any_of(file.notes.begin(), file.notes.end(), [](const auto& note) {
        return note.first == FileNote::renamed;
    });
    return QLatin1Char(isRenamed                   ? 'R'
                       : file.review.isCreated     ? 'A'
                       : file.review.isDeleted     ? 'D'
                       : file.review.hunks.empty() ? 'T'
                                                   : 'M');
}

}  // namespace moxie::desktop
