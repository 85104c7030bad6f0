#include "app/desktop/shell/fuzzy_match.h"

#include <algorithm>
#include <limits>

namespace moxie::desktop {

namespace {

constexpr qsizetype kTextMax = 1'000, kPatternMax = 100;
constexpr int kNone = std::numeric_limits<int>::min() / 2;
constexpr int kHit = 10, kWordStart = 12, kTogether = 9, kFirst = 6, kPerSkipped = -1;

bool beginsWord(QStringView text, qsizetype at) {
    if (at == 0) return true;
    const QChar before = text[at - 1], here = text[at];
    return !before.isLetterOrNumber() || (here.isUpper() && before.isLower());
}

// best: the greatest score with pattern[row] matched at text[column]; from: where pattern[row - 1]
// was matched then. Two rows would do for the score, the whole table gives the positions.
struct Table {
    size_t columns = 0;
    std::vector<int> best, from;

    int& bestAt(size_t row, size_t column) { return best[row * columns + column]; }

    int& fromAt(size_t row, size_t column) { return from[row * columns + column]; }
};

int hitScore(QStringView text, size_t column) {
    return kHit + (beginsWord(text, qsizetype(column)) ? kWordStart : 0);
}

bool isHit(QStringView text, size_t column, QChar wanted) {
    return text[qsizetype(column)].toCaseFolded() == wanted;
}

void fillFirstRow(Table& table, QStringView text, QChar wanted) {
    for (size_t j = 0; j < table.columns; ++j)
        if (isHit(text, j, wanted))
            table.bestAt(0, j) = hitScore(text, j) + (j == 0 ? kFirst : std::max(-kFirst, -int(j)));
}

void fillRow(Table& table, size_t row, QStringView text, QChar wanted) {
    int apart = kNone,
        apartAt = -1;  // the best of the row before, left of column - 1, gaps counted
    for (size_t j = row; j < table.columns; ++j) {
        if (j >= 2) {
            const int candidate = table.bestAt(row - 1, j - 2);
            if (candidate > apart) apartAt = int(j) - 2;
            apart = std::max({apart, candidate, kNone - kPerSkipped}) + kPerSkipped;
        }
        if (!isHit(text, j, wanted)) continue;
        const int together = table.bestAt(row - 1, j - 1) + kTogether;
        const int before = std::max(together, apart);
        if (before <= kNone / 2) continue;
        table.bestAt(row, j) = hitScore(text, j) + before;
        table.fromAt(row, j) = together >= apart ? int(j) - 1 : apartAt;
    }
}

}  // namespace

std::optional<FuzzyMatch> fuzzyMatch(QStringView pattern, QStringView text) {
    text = text.left(kTextMax);
    QString typed;
    for (const QChar c : pattern.left(kPatternMax))
        if (!c.isSpace()) typed += c.toCaseFolded();
    if (typed.isEmpty()) return FuzzyMatch{};
    const auto rows = size_t(typed.size()), columns = size_t(text.size());
    if (rows > columns) return std::nullopt;
    Table table{.columns = columns,
                .best = std::vector<int>(rows * columns, kNone),
                .from = std::vector<int>(rows * columns, -1)};
    fillFirstRow(table, text, typed[0]);
    for (size_t row = 1; row < rows; ++row)
        fillRow(table, row, text, typed[qsizetype(row)]);
    const auto last = table.best.begin() + std::ptrdiff_t((rows - 1) * columns);
    const auto top = std::max_element(last, table.best.end());
    if (*top <= kNone / 2) return std::nullopt;
    FuzzyMatch match{.score = *top, .positions = std::vector<int>(rows)};
    int at = int(top - last);
    for (size_t row = rows; row-- > 0;) {
        match.positions[row] = at;
        at = table.fromAt(row, size_t(at));
    }
    return match;
}

}  // namespace moxie::desktop
