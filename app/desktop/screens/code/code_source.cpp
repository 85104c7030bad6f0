#include "app/desktop/screens/code/code_source.h"

#include <QDateTime>
#include <QLocale>
#include <algorithm>

#include "app/desktop/canvas/code_runs.h"

namespace moxie::desktop {

namespace {

constexpr int kAuthorColumns = 12, kDateColumns = 10;

bool isNameChar(QChar c) {
    return c.isLetterOrNumber() || c == QLatin1Char('_') || c == QLatin1Char('$');
}

QString shortened(const QString& name) {
    return name.size() <= kAuthorColumns ? name : name.left(kAuthorColumns - 1) + QChar(0x2026);
}

}  // namespace

void CodeSource::setSource(SourceTextSnapshot source) {
    const bool isSameFile = source_ && source && source_->path == source->path;
    source_ = std::move(source);
    colours_.reset();
    blame_.reset();
    hidden_.clear();
    if (!isSameFile) folded_.clear();
    markedFirst_ = markedLast_ = 0;
    emit reset();
}

void CodeSource::setColours(HighlightSnapshot colours) {
    colours_ = std::move(colours);
    if (!folded_.empty()) return setFolded(folded_);
    emit changed(0, rowCount());
}

void CodeSource::setBlame(BlameSnapshot blame) {
    blame_ = std::move(blame);
    emit reset();
}

void CodeSource::setMarked(int lineFirst, int lineLast) {
    const int before = markedFirst_, beforeLast = markedLast_;
    markedFirst_ = lineFirst;
    markedLast_ = std::max(lineFirst, lineLast);
    const auto tell = [this](int first, int last) {
        if (first > 0) emit changed(rowOf(first), rowOf(last) - rowOf(first) + 1);
    };
    tell(before, beforeLast);
    tell(markedFirst_, markedLast_);
}

// ---- lines and rows

int64_t CodeSource::lineCount() const {
    return source_ ? int64_t(source_->lineStarts.size()) - 1 : 0;
}

int64_t CodeSource::rowCount() const {
    if (hidden_.empty()) return lineCount();
    const HiddenLines& last = hidden_.back();
    return lineCount() - last.nBefore - (last.last - last.first + 1);
}

int CodeSource::lineOf(int64_t row) const {
    const auto behind = std::upper_bound(
        hidden_.begin(), hidden_.end(), row,
        [](int64_t r, const HiddenLines& hidden) { return r < hidden.first - hidden.nBefore; });
    if (behind == hidden_.begin()) return int(row) + 1;
    const HiddenLines& before = *(behind - 1);
    return int(row + before.nBefore + before.last - before.first + 1) + 1;
}

int CodeSource::lineBehind(int64_t row) const {
    return row + 1 < rowCount() ? lineOf(row + 1) : int(lineCount()) + 1;
}

int64_t CodeSource::rowOf(int line) const {
    const int64_t wanted = std::clamp<int64_t>(line - 1, 0, std::max<int64_t>(0, lineCount() - 1));
    const auto behind =
        std::upper_bound(hidden_.begin(), hidden_.end(), wanted,
                         [](int64_t at, const HiddenLines& hidden) { return at < hidden.first; });
    if (behind == hidden_.begin()) return wanted;
    const HiddenLines& before = *(behind - 1);
    if (wanted <= before.last) return before.first - 1 - before.nBefore;
    return wanted - before.nBefore - (before.last - before.first + 1);
}

std::string_view CodeSource::bytes(int64_t line) const {
    std::string_view found = lines(line + 1, line + 1);
    if (found.ends_with('\n')) found.remove_suffix(1);
    if (found.ends_with('\r')) found.remove_suffix(1);
    return found;
}

std::string_view CodeSource::lines(int64_t lineFirst, int64_t lineLast) const {
    const int64_t first = std::clamp<int64_t>(lineFirst - 1, 0, lineCount());
    const int64_t end = std::clamp<int64_t>(lineLast, first, lineCount());
    if (first == end) return {};
    const uint32_t begin = source_->lineStarts[size_t(first)];
    return std::string_view(source_->text).substr(begin, source_->lineStarts[size_t(end)] - begin);
}

const tools::BlamedLines* CodeSource::blameOf(int line) const {
    if (!blame_) return nullptr;
    const auto behind = std::upper_bound(
        blame_->lines.begin(), blame_->lines.end(), int64_t(line) - 1,
        [](int64_t at, const tools::BlamedLines& lines) { return at < lines.first; });
    return behind == blame_->lines.begin() ? nullptr : &*(behind - 1);
}

// ---- blocks

const std::vector<indexer::FoldableBlock>& CodeSource::blocks() const {
    static const std::vector<indexer::FoldableBlock> kNone;
    return colours_ ? colours_->blocks : kNone;
}

const indexer::FoldableBlock* CodeSource::blockAt(int64_t line) const {
    const auto at = std::lower_bound(
        blocks().begin(), blocks().end(), line,
        [](const indexer::FoldableBlock& block, int64_t wanted) { return block.head < wanted; });
    return at == blocks().end() || at->head != line ? nullptr : &*at;
}

const indexer::FoldableBlock* CodeSource::blockAround(int line) const {
    const indexer::FoldableBlock* innermost = nullptr;
    for (const indexer::FoldableBlock& block : blocks()) {
        if (block.head > line - 1) break;
        if (block.last >= line - 1) innermost = &block;
    }
    return innermost;
}

void CodeSource::toggleFold(const indexer::FoldableBlock& block) {
    std::set<int32_t> folded = folded_;
    if (folded.erase(block.head) == 0) folded.insert(block.head);
    setFolded(std::move(folded));
}

void CodeSource::foldAll() {
    using Kind = indexer::FoldableBlock::Kind;
    const bool hasFunctions = std::any_of(blocks().begin(), blocks().end(), [](const auto& block) {
        return block.kind == Kind::function;
    });
    std::set<int32_t> folded;
    for (const indexer::FoldableBlock& block : blocks())
        if (!hasFunctions || block.kind == Kind::function) folded.insert(block.head);
    setFolded(std::move(folded));
}

void CodeSource::unfoldAll() {
    if (!folded_.empty()) setFolded({});
}

void CodeSource::reveal(int line) {
    std::set<int32_t> folded = folded_;
    for (const indexer::FoldableBlock& block : blocks())
        if (block.head < line - 1 && block.last >= line - 1) folded.erase(block.head);
    if (folded != folded_) setFolded(std::move(folded));
}

void CodeSource::setFolded(std::set<int32_t> folded) {
    folded_ = std::move(folded);
    hide();
    emit reset();
}

// What is folded inside a folded block is hidden with it.
void CodeSource::hide() {
    hidden_.clear();
    std::erase_if(folded_, [this](int32_t head) { return blockAt(head) == nullptr; });
    int64_t nBefore = 0, shownFrom = 0;
    for (const int32_t head : folded_) {
        if (head < shownFrom) continue;
        const int64_t last = std::min<int64_t>(blockAt(head)->last, lineCount() - 1);
        if (last <= head) continue;
        hidden_.push_back({head + 1, last, nBefore});
        nBefore += last - head;
        shownFrom = last + 1;
    }
}

// ---- rows

QString CodeSource::text(int64_t row) const {
    const std::string_view line = bytes(lineOf(row) - 1);
    return QString::fromUtf8(line.data(), qsizetype(line.size()));
}

QString CodeSource::textBehind(int64_t row) const {
    const int first = lineOf(row) + 1, behind = lineBehind(row);
    if (first >= behind) return {};
    const std::string_view hidden = lines(first, behind - 1);
    QString text = QLatin1Char('\n') + QString::fromUtf8(hidden.data(), qsizetype(hidden.size()));
    if (text.endsWith(QLatin1Char('\n'))) text.chop(1);
    return text;
}

QString CodeSource::gutterOf(int64_t line) const {
    const QString number = QString::number(line + 1);
    const tools::BlamedLines* blamed = blameOf(int(line) + 1);
    // Once for lines that came together.
    if (blamed == nullptr || blamed->first != line) return number;
    const int numberColumns = int(QString::number(lineCount()).size());
    const QString who =
        blamed->commit.empty()
            ? tr("not committed", "in the margin, instead of an author")
            : shortened(QString::fromStdString(blamed->author)) + QLatin1Char(' ') +
                  QDateTime::fromMSecsSinceEpoch(blamed->timeMs).date().toString(Qt::ISODate);
    return who + QStringLiteral("  ") + number.rightJustified(numberColumns);
}

LineRow CodeSource::row(int64_t row) const {
    const int64_t line = lineOf(row) - 1;
    LineRow made;
    made.text = text(row);
    made.gutter = gutterOf(line);
    if (line + 1 >= markedFirst_ && line + 1 <= markedLast_) made.tone = RowTone::current;
    if (!colours_) return made;
    const int64_t begin = source_->lineStarts[size_t(line)];
    made.runs = codeRuns(colours_->text, begin, begin + int64_t(bytes(line).size()));
    if (blockAt(line) == nullptr) return made;
    const int nHidden = lineBehind(row) - int(line) - 2;
    made.sign = QChar(nHidden > 0 ? 0x25B8 : 0x25BE);
    if (nHidden == 0) return made;
    const QString folded = QStringLiteral("  \u22EF ") + tr("%n lines", "folded away", nHidden);
    made.runs.push_back({int(made.text.size()), int(folded.size()), CodeRole::comment});
    made.text += folded;
    return made;
}

QString CodeSource::nameAt(TextPlace place) const {
    const QString line = text(place.item);
    qsizetype first = std::min<qsizetype>(place.offset, line.size()), end = first;
    while (first > 0 && isNameChar(line[first - 1]))
        --first;
    while (end < line.size() && isNameChar(line[end]))
        ++end;
    const QString name = line.mid(first, end - first);
    return name.isEmpty() || name.front().isDigit() ? QString() : name;
}

QString CodeSource::spokenName(int64_t row) const {
    const int line = lineOf(row);
    const int nHidden = lineBehind(row) - line - 1;
    if (nHidden > 0)
        return tr("line %1: %2, folded, lines hidden: %3").arg(line).arg(text(row)).arg(nHidden);
    return tr("line %1: %2").arg(line).arg(text(row));
}

int CodeSource::gutterColumns() const {
    const int numbers = int(QString::number(lineCount()).size());
    return blame_ ? kAuthorColumns + 1 + kDateColumns + 2 + numbers : numbers;
}

int64_t CodeSource::columnsMax() const {
    return source_ ? source_->columnsMax : 0;
}

}  // namespace moxie::desktop
