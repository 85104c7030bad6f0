#include "app/desktop/screens/changes/diff_source.h"

#include <QLocale>
#include <algorithm>

#include "app/desktop/screens/changes/word_marks.h"

namespace moxie::desktop {

namespace {

QString lineText(std::string_view line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
        line.remove_suffix(1);
    return QString::fromUtf8(line.data(), qsizetype(line.size()));
}

QString pathText(const std::string& path) {
    return QString::fromUtf8(path.data(), qsizetype(path.size()));
}

LineRun wholeRun(const QString& text, CodeRole role) {
    return {.begin = 0, .length = int(text.size()), .role = role};
}

std::string anchorOf(const Hunk& hunk) {
    return !hunk.added.empty()    ? hunk.added.front()
           : hunk.removed.empty() ? std::string()
                                  : hunk.removed.front();
}

}  // namespace

// ---- what is shown

void DiffSource::setSnapshot(const ReviewSnapshot& snapshot) {
    // A tick or a fold holds as long as the file is what was ticked.
    for (const auto& file : snapshot.files) {
        const std::string& path = file->review.path;
        const auto known =
            std::find_if(snapshot_.files.begin(), snapshot_.files.end(),
                         [&](const auto& other) { return other->review.path == path; });
        if (known != snapshot_.files.end() && !isSame((*known)->review.now, file->review.now))
            reviewed_.erase(path);
    }
    snapshot_ = snapshot;
    rebuild();
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
        LineRange* range = at.kind == DiffRow::Kind::removed ? &removed
                           : at.kind == DiffRow::Kind::added ? &added
                                                             : nullptr;
        if (range == nullptr) continue;
        range->begin = std::min(range->begin, at.line);
        range->end = std::max(range->end, at.line + 1);
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
    const QString path = pathText(file(place.file).review.path);
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
    const QString what = hunk->author == HunkAuthor::you ? tr("proposed, yours") : tr("proposed");
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

// ---- rows

LineRow DiffSource::fileRow(int64_t index) const {
    const ReviewedFile& shown = file(index);
    const bool isFoldedNow = isFolded(index);
    LineRow row;
    row.tone = RowTone::header;
    row.sign = QChar(isFoldedNow ? 0x25B8 : 0x25BE);
    const QString path = pathText(shown.review.path);
    row.text = QString(statusOf(shown)) + QStringLiteral("  ") + path;
    const int nameBegin = 3 + int(path.lastIndexOf(QLatin1Char('/'))) + 1;
    row.runs = {{.begin = 0, .length = nameBegin, .role = CodeRole::comment},
                {.begin = nameBegin, .length = int(row.text.size()) - nameBegin, .isBold = true}};
    QString tail;
    if (shown.nAdded + shown.nRemoved > 0)
        tail = QStringLiteral("   +%1 \u2212%2").arg(shown.nAdded).arg(shown.nRemoved);
    if (shown.review.kind != FileReview::Kind::text)
        tail = QStringLiteral("   ") + binaryText(shown);
    if (isReviewed(shown.review.path)) tail += QStringLiteral("   \u2713 ") + tr("reviewed");
    if (isFoldedNow && shown.isLong && !isReviewed(shown.review.path))
        tail += QStringLiteral("   ") + tr("large file, folded");
    row.runs.push_back(
        {.begin = int(row.text.size()), .length = int(tail.size()), .role = CodeRole::comment});
    row.text += tail;
    return row;
}

QString DiffSource::binaryText(const ReviewedFile& shown) const {
    if (shown.review.kind != FileReview::Kind::binary) return {};
    const QLocale locale;
    const QString type = pathText(shown.review.path).section(QLatin1Char('.'), -1).toUpper();
    if (shown.review.isCreated)
        return tr("binary file (%1), %2").arg(type, locale.formattedDataSize(shown.bytesNow));
    return tr("binary file (%1), %2 before, %3 now")
        .arg(type, locale.formattedDataSize(shown.bytesBefore),
             locale.formattedDataSize(shown.bytesNow));
}

LineRow DiffSource::noteRow(const ReviewedFile& shown, int64_t number) const {
    const auto& [note, detail] = shown.notes[size_t(number)];
    LineRow row;
    row.sign = QLatin1Char('!');
    switch (note) {
        case FileNote::nowExecutable:
            row.text = tr("The file is executable now. Modes are not decided here.");
            break;
        case FileNote::notExecutable:
            row.text = tr("The file is not executable any more. Modes are not decided here.");
            break;
        case FileNote::renamed:
            row.text = tr("Renamed from %1, text unchanged. The old and the new name are decided "
                          "each for itself.")
                           .arg(pathText(detail));
            break;
        case FileNote::link:
            row.text = tr("A symbolic link. Links are shown, but not decided here.");
            break;
        case FileNote::submodule:
            row.text = tr("A submodule. Its commit is not decided here.");
            break;
        case FileNote::tooLarge:
            row.text = tr("Larger than 8 MB. The file is shown, but not decided here.");
            break;
        case FileNote::unreadable:
            row.text = tr("The file cannot be read. It is left alone.");
            break;
    }
    row.runs = {wholeRun(row.text, CodeRole::comment)};
    return row;
}

LineRow DiffSource::hunkRow(HunkPlace place) const {
    const Hunk& hunk = *hunkAt(place);
    const ReviewedFile& shown = file(place.file);
    const bool isYours = hunk.author == HunkAuthor::you;
    LineRow row;
    row.sign = QChar(isYours ? 0x25C7 : 0x25C6);
    row.tone = place == current_ ? RowTone::current : RowTone::plain;
    const QString author = isYours ? tr("you") : tr("agent");
    const LineRange& lines = hunk.added.empty() ? hunk.before : hunk.after;
    const QString where = shown.review.kind == FileReview::Kind::binary ? binaryText(shown)
                          : lines.end - lines.begin <= 1
                              ? tr("line %1").arg(lines.begin + 1)
                              : tr("lines %1 to %2").arg(lines.begin + 1).arg(lines.end);
    row.text = tr("%1 · +%2 −%3 · %4", "a hunk: where, lines added and removed, author")
                   .arg(where)
                   .arg(hunk.added.size())
                   .arg(hunk.removed.size())
                   .arg(author);
    if (hunk.state == HunkState::stale) row.text += QStringLiteral(" · ") + tr("stale");
    if (options_.whitespace == WhitespaceChanges::folded && isWhitespaceOnly(hunk))
        row.text += QStringLiteral(" · ") + tr("white space only");
    row.runs = {wholeRun(row.text, CodeRole::comment)};
    row.runs.front().isBold = place == current_;
    return row;
}

LineRow DiffSource::changedLine(const Hunk& hunk, const DiffRow& at) const {
    const bool isAdded = at.kind == DiffRow::Kind::added;
    const auto& own = isAdded ? hunk.added : hunk.removed;
    const auto& other = isAdded ? hunk.removed : hunk.added;
    LineRow row;
    row.text = lineText(own[size_t(at.line)]);
    row.tone = isAdded ? RowTone::added : RowTone::removed;
    row.sign = isAdded ? QLatin1Char('+') : QChar(0x2212);
    row.gutter = QString::number((isAdded ? hunk.after : hunk.before).begin + at.line + 1);
    // Lines of a block that changed side by side; more on one side have no partner.
    if (hunk.added.size() == hunk.removed.size() || at.line == 0) {
        if (at.line < int64_t(other.size())) {
            const QString partner = lineText(other[size_t(at.line)]);
            const WordMarks marks =
                isAdded ? markWords(partner, row.text) : markWords(row.text, partner);
            row.marks = isAdded ? marks.after : marks.before;
        }
    }
    return row;
}

LineRow DiffSource::row(int64_t number) const {
    const DiffRow at = rows_.at(number);
    const HunkPlace place = {at.file, at.hunk};
    LineRow row;
    switch (at.kind) {
        case DiffRow::Kind::gap:
            break;
        case DiffRow::Kind::file:
            return fileRow(at.file);
        case DiffRow::Kind::note:
            return noteRow(file(at.file), at.line);
        case DiffRow::Kind::hunk:
            return hunkRow(place);
        case DiffRow::Kind::stale:
            row.tone = RowTone::changed;
            row.sign = QLatin1Char('!');
            row.text =
                tr("Not written: the file changed here after you looked. Decide on the lines "
                   "as they are now.");
            break;
        case DiffRow::Kind::context:
            row.text = lineText(file(at.file).line(at.line));
            row.gutter = QString::number(at.line + 1);
            break;
        case DiffRow::Kind::removed:
        case DiffRow::Kind::added:
            return changedLine(*hunkAt(place), at);
        case DiffRow::Kind::comment: {
            const auto all = commentsOf(file(at.file), *hunkAt(place));
            row.tone = RowTone::changed;
            row.sign = QChar(0x201C);
            row.text = tr("Your comment: %1")
                           .arg(QString(comments_[all[size_t(at.line)]].text)
                                    .replace(QLatin1Char('\n'), QLatin1Char(' ')));
            break;
        }
    }
    return row;
}

QString DiffSource::spokenName(int64_t number) const {
    const DiffRow at = rows_.at(number);
    if (at.kind == DiffRow::Kind::hunk) return spokenHunk({at.file, at.hunk});
    if (at.kind != DiffRow::Kind::file) {
        const LineRow shown = row(number);
        if (shown.sign == QChar(0x2212))
            return tr("removed, line %1: %2").arg(shown.gutter, shown.text);
        return at.kind == DiffRow::Kind::note || at.kind == DiffRow::Kind::stale ? shown.text
                                                                                 : QString();
    }
    const ReviewedFile& shown = file(at.file);
    const auto nHunks = int(shown.review.hunks.size());
    const QString name = pathText(shown.review.path);
    if (isReviewed(shown.review.path))
        return tr("File %1, hunks: %2, reviewed").arg(name).arg(nHunks);
    return tr("File %1, hunks: %2").arg(name).arg(nHunks);
}

}  // namespace moxie::desktop
