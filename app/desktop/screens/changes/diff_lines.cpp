// The rows of a DiffSource as one reads them: heads, notes, lines, on one side or on two.
#include <QLocale>
#include <algorithm>
#include <array>

#include "app/desktop/screens/changes/coloured_texts.h"
#include "app/desktop/screens/changes/diff_source.h"
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

QString dotted(const QStringList& parts) {
    return parts.join(QStringLiteral(" · "));
}

}  // namespace

// ---- heads

LineRow DiffSource::fileRow(int64_t index, Part part) const {
    const ReviewedFile& shown = file(index);
    const bool isFoldedNow = isFolded(index);
    LineRow row;
    row.tone = RowTone::header;
    if (part != Part::right) {
        row.sign = QChar(isFoldedNow ? 0x25B8 : 0x25BE);
        const QString path = pathText(shown.review.path);
        row.text = QString(statusOf(shown)) + QStringLiteral("  ") + path;
        const int nameBegin = 3 + int(path.lastIndexOf(QLatin1Char('/'))) + 1;
        row.runs = {
            {.begin = 0, .length = nameBegin, .role = CodeRole::comment},
            {.begin = nameBegin, .length = int(row.text.size()) - nameBegin, .isBold = true}};
    }
    if (part == Part::left) return row;
    const QString gap = QStringLiteral("   ");
    QStringList tail;
    if (shown.nAdded + shown.nRemoved > 0)
        tail << QStringLiteral("+%1 \u2212%2").arg(shown.nAdded).arg(shown.nRemoved);
    if (shown.review.kind != FileReview::Kind::text) tail << binaryText(shown);
    if (isReviewed(shown.review.path)) tail << QStringLiteral("\u2713 ") + tr("reviewed");
    if (isFoldedNow && shown.isLong && !isReviewed(shown.review.path))
        tail << tr("large file, folded");
    if (part == Part::whole) tail.prepend(QString());
    const QString text = tail.join(gap);
    row.runs.push_back(
        {.begin = int(row.text.size()), .length = int(text.size()), .role = CodeRole::comment});
    row.text += text;
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

QString DiffSource::stateOf(HunkPlace place) const {
    const Hunk& hunk = *hunkAt(place);
    QStringList parts;
    if (const QString moved = movedText(place); !moved.isEmpty()) parts << moved;
    if (hunk.state == HunkState::stale) parts << tr("stale");
    if (options_.whitespace == WhitespaceChanges::folded && isWhitespaceOnly(hunk))
        parts << tr("white space only");
    return dotted(parts);
}

QString DiffSource::movedText(HunkPlace place) const {
    const auto partner = [&](const std::map<HunkPlace, HunkPlace>& moved) {
        const auto at = moved.find(place);
        return at == moved.end() ? HunkPlace() : at->second;
    };
    const HunkPlace from = partner(movedFrom_), to = partner(movedTo_);
    const HunkPlace other = from.file >= 0 ? from : to;
    const Hunk* hunk = hunkAt(other);
    if (hunk == nullptr) return {};
    const int64_t line = (from.file >= 0 ? hunk->before : hunk->after).begin + 1;
    if (other.file == place.file)
        return from.file >= 0 ? tr("moved from line %1").arg(line)
                              : tr("moved to line %1").arg(line);
    const QString name = pathText(file(other.file).review.path).section(QLatin1Char('/'), -1);
    return from.file >= 0 ? tr("moved from %1 line %2", "file, line").arg(name).arg(line)
                          : tr("moved to %1 line %2", "file, line").arg(name).arg(line);
}

QString DiffSource::authorText(HunkAuthor author) {
    switch (author) {
        case HunkAuthor::you:
            return tr("you");
        case HunkAuthor::other:
            return tr("other", "author: neither the agent nor you in this window");
        case HunkAuthor::agent:
            break;
    }
    return tr("agent");
}

// Where it is, what it weighs and whose it is; of two sides each says a part.
QStringList DiffSource::factsOf(HunkPlace place, Part part) const {
    const Hunk& hunk = *hunkAt(place);
    const ReviewedFile& shown = file(place.file);
    const QString author = authorText(hunk.author);
    if (shown.review.kind == FileReview::Kind::binary)
        return part == Part::whole  ? QStringList{binaryText(shown), author}
               : part == Part::left ? QStringList{author}
                                    : QStringList();
    const LineRange& lines = hunk.added.empty() ? hunk.before : hunk.after;
    const QString where = lines.end - lines.begin <= 1
                              ? tr("line %1").arg(lines.begin + 1)
                              : tr("lines %1 to %2").arg(lines.begin + 1).arg(lines.end);
    const auto nAdded = hunk.added.size(), nRemoved = hunk.removed.size();
    if (part == Part::left) return {where, author};
    if (part == Part::right) return {QStringLiteral("+%1 \u2212%2").arg(nAdded).arg(nRemoved)};
    return {tr("%1 · +%2 −%3 · %4", "a hunk: where, lines added and removed, author")
                .arg(where)
                .arg(nAdded)
                .arg(nRemoved)
                .arg(author)};
}

LineRow DiffSource::hunkRow(HunkPlace place, Part part) const {
    static constexpr std::array kAuthorSigns = {u'\u25C6', u'\u25C7', u'\u25CB'};
    static constexpr std::array kAuthorInks = {CodeRole::function, CodeRole::string,
                                               CodeRole::constant};
    const auto author = size_t(hunkAt(place)->author);
    LineRow row;
    row.tone = place == current_ ? RowTone::current : RowTone::plain;
    if (part != Part::right) row.sign = QChar(kAuthorSigns[author]);
    QStringList facts = factsOf(place, part);
    const QString state = stateOf(place);
    if (part != Part::left && !state.isEmpty()) facts << state;
    row.text = dotted(facts);
    row.runs = {wholeRun(row.text, CodeRole::comment)};
    const QString name = authorText(hunkAt(place)->author);
    if (const auto at = int(row.text.lastIndexOf(name)); part != Part::right && at >= 0) {
        const int end = at + int(name.size());
        row.runs = {
            {.begin = 0, .length = at, .role = CodeRole::comment},
            {.begin = at, .length = int(name.size()), .role = kAuthorInks[author]},
            {.begin = end, .length = int(row.text.size()) - end, .role = CodeRole::comment}};
    }
    for (LineRun& run : row.runs)
        run.isBold = place == current_;
    return row;
}

LineRow DiffSource::commentRow(const DiffRow& at) const {
    const auto all = commentsOf(file(at.file), *hunkAt({at.file, at.hunk}));
    LineRow row;
    row.tone = RowTone::changed;
    row.sign = QChar(0x201C);
    row.text = tr("Your comment: %1")
                   .arg(QString(comments_[all[size_t(at.line)]].text)
                            .replace(QLatin1Char('\n'), QLatin1Char(' ')));
    return row;
}

LineRow DiffSource::headRow(const DiffRow& at, Part part) const {
    LineRow row;
    switch (at.kind) {
        case DiffRow::Kind::file:
            return fileRow(at.file, part);
        case DiffRow::Kind::hunk:
            return hunkRow({at.file, at.hunk}, part);
        case DiffRow::Kind::note:
            return part == Part::right ? row : noteRow(file(at.file), at.line);
        case DiffRow::Kind::stale:
            row.tone = RowTone::changed;
            if (part == Part::right) return row;
            row.sign = QLatin1Char('!');
            row.text =
                tr("Not written: the file changed here after you looked. Decide on the lines "
                   "as they are now.");
            return row;
        case DiffRow::Kind::comment:
            return part == Part::left ? row : commentRow(at);
        default:
            return row;
    }
}

// ---- lines

void DiffSource::colour(LineRow& row, const FileText& text, int64_t line) const {
    if (colours_ == nullptr) return;
    if (const ColouredText* known = colours_->of(text)) row.runs = known->runs(line);
}

// The number on the left is the one the line had.
LineRow DiffSource::contextLine(const DiffRow& at, Part part) const {
    const Hunk& hunk = *hunkAt({at.file, at.hunk});
    const ReviewedFile& shown = file(at.file);
    const int64_t shift = at.line < hunk.after.begin ? hunk.before.begin - hunk.after.begin
                                                     : hunk.before.end - hunk.after.end;
    LineRow row;
    row.text = lineText(shown.line(at.line));
    row.gutter = QString::number(at.line + (part == Part::left ? shift : 0) + 1);
    colour(row, shown.review.now, at.line);
    return row;
}

LineRow DiffSource::changedLine(const DiffRow& at) const {
    const Hunk& hunk = *hunkAt({at.file, at.hunk});
    const FileReview& review = file(at.file).review;
    const bool isAdded = at.kind == DiffRow::Kind::added;
    const auto& own = isAdded ? hunk.added : hunk.removed;
    const auto& other = isAdded ? hunk.removed : hunk.added;
    const int64_t line = (isAdded ? hunk.after : hunk.before).begin + at.line;
    LineRow row;
    row.text = lineText(own[size_t(at.line)]);
    row.tone = isAdded ? RowTone::added : RowTone::removed;
    row.sign = isAdded ? QLatin1Char('+') : QChar(0x2212);
    row.gutter = QString::number(line + 1);
    colour(row, isAdded ? review.now : review.reviewed, line);
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

// A pair's line of one side, or the place of one that is only on the other.
LineRow DiffSource::sideLine(const DiffRow& at, Part part) const {
    const Hunk& hunk = *hunkAt({at.file, at.hunk});
    const auto count = int64_t((part == Part::left ? hunk.removed : hunk.added).size());
    LineRow absent;
    absent.tone = RowTone::absent;
    if (at.line >= count) return absent;
    DiffRow one = at;
    one.kind = part == Part::left ? DiffRow::Kind::removed : DiffRow::Kind::added;
    return changedLine(one);
}

LineRow DiffSource::row(int64_t number) const {
    const DiffRow at = rows_.at(number);
    const bool isSided = options_.layout == DiffLayout::sideBySide;
    const Part part = isSided ? Part::right : Part::whole;
    switch (at.kind) {
        case DiffRow::Kind::context:
            return contextLine(at, part);
        case DiffRow::Kind::removed:
        case DiffRow::Kind::added:
            return changedLine(at);
        case DiffRow::Kind::pair:
            return sideLine(at, part);
        default:
            return headRow(at, part);
    }
}

LineRow DiffSource::rowBefore(int64_t number) const {
    const DiffRow at = rows_.at(number);
    if (at.kind == DiffRow::Kind::context) return contextLine(at, Part::left);
    if (at.kind == DiffRow::Kind::pair) return sideLine(at, Part::left);
    return headRow(at, Part::left);
}

// ---- spoken

QString DiffSource::spokenName(int64_t number) const {
    const DiffRow at = rows_.at(number);
    if (at.kind == DiffRow::Kind::hunk) return spokenHunk({at.file, at.hunk});
    if (at.kind != DiffRow::Kind::file) {
        const LineRow shown = row(number);
        if (shown.tone == RowTone::absent) return tr("no line here");
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

// ---- the left side

BeforeSource::BeforeSource(const DiffSource& source, QObject* parent)
    : LineSource(parent),
      source_(source) {
    connect(&source, &LineSource::changed, this, &LineSource::changed);
    connect(&source, &LineSource::reset, this, &LineSource::reset);
}

QString BeforeSource::spokenName(int64_t number) const {
    const DiffRow at = source_.rows().at(number);
    if (at.kind == DiffRow::Kind::file || at.kind == DiffRow::Kind::hunk)
        return source_.spokenName(number);
    const LineRow shown = row(number);
    if (shown.tone == RowTone::absent) return tr("no line here");
    if (shown.tone == RowTone::removed)
        return tr("removed, line %1: %2").arg(shown.gutter, shown.text);
    return QString();
}

}  // namespace moxie::desktop
