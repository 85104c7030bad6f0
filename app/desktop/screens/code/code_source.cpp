#include "app/desktop/screens/code/code_source.h"

#include <algorithm>
#include <array>

#include "app/desktop/canvas/line_canvas.h"

namespace moxie::desktop {

namespace {

// The canvas shows no more of a row than kRowCharsMax characters of at most four bytes.
constexpr int64_t kColouredBytesMax = 4 * LineCanvas::kRowCharsMax;

// UTF-16 units of valid UTF-8.
int unitsOf(std::string_view text) {
    int units = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
    }
    return units;
}

bool isNameChar(QChar c) {
    return c.isLetterOrNumber() || c == QLatin1Char('_') || c == QLatin1Char('$');
}

}  // namespace

CodeRole codeRoleOf(indexer::TokenKind kind) {
    static constexpr std::array<CodeRole, indexer::kTokenKindCount> kRoles = {
        CodeRole::text,     CodeRole::keyword,     CodeRole::type,     CodeRole::function,
        CodeRole::variable, CodeRole::property,    CodeRole::constant, CodeRole::number,
        CodeRole::string,   CodeRole::escape,      CodeRole::comment,  CodeRole::preprocessor,
        CodeRole::op,       CodeRole::punctuation, CodeRole::tag,      CodeRole::attribute,
        CodeRole::label};
    return kRoles[size_t(kind)];
}

void CodeSource::setSource(SourceTextSnapshot source) {
    source_ = std::move(source);
    colours_.reset();
    markedFirst_ = markedLast_ = 0;
    emit reset();
}

void CodeSource::setColours(HighlightSnapshot colours) {
    colours_ = std::move(colours);
    emit changed(0, rowCount());
}

void CodeSource::setMarked(int lineFirst, int lineLast) {
    const int before = markedFirst_, beforeLast = markedLast_;
    markedFirst_ = lineFirst;
    markedLast_ = std::max(lineFirst, lineLast);
    if (before > 0) emit changed(before - 1, beforeLast - before + 1);
    if (lineFirst > 0) emit changed(lineFirst - 1, markedLast_ - lineFirst + 1);
}

int64_t CodeSource::rowCount() const {
    return source_ ? int64_t(source_->lineStarts.size()) - 1 : 0;
}

std::string_view CodeSource::bytes(int64_t row) const {
    std::string_view line = lines(row + 1, row + 1);
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string_view CodeSource::lines(int64_t lineFirst, int64_t lineLast) const {
    const int64_t first = std::clamp<int64_t>(lineFirst - 1, 0, rowCount());
    const int64_t end = std::clamp<int64_t>(lineLast, first, rowCount());
    if (first == end) return {};
    const uint32_t begin = source_->lineStarts[size_t(first)];
    return std::string_view(source_->text).substr(begin, source_->lineStarts[size_t(end)] - begin);
}

QString CodeSource::text(int64_t row) const {
    const std::string_view line = bytes(row);
    return QString::fromUtf8(line.data(), qsizetype(line.size()));
}

LineRow CodeSource::row(int64_t row) const {
    LineRow made;
    made.text = text(row);
    made.gutter = QString::number(row + 1);
    if (row + 1 >= markedFirst_ && row + 1 <= markedLast_) made.tone = RowTone::current;
    if (!colours_) return made;
    const std::string_view line = bytes(row);
    const int64_t begin = source_->lineStarts[size_t(row)];
    const int64_t end = begin + std::min<int64_t>(int64_t(line.size()), kColouredBytesMax);
    int64_t at = begin;
    int column = 0;
    const auto columnOf = [&](int64_t byte) {
        column += unitsOf(std::string_view(source_->text).substr(size_t(at), size_t(byte - at)));
        at = byte;
        return column;
    };
    for (const indexer::TokenSpan& span : colours_->spans(begin, end)) {
        const int first = columnOf(span.begin);
        made.runs.push_back({first, columnOf(span.end) - first, codeRoleOf(span.kind)});
    }
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
    return tr("line %1: %2").arg(row + 1).arg(text(row));
}

int CodeSource::gutterColumns() const {
    return int(QString::number(rowCount()).size());
}

int64_t CodeSource::columnsMax() const {
    return source_ ? source_->columnsMax : 0;
}

}  // namespace moxie::desktop
