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

}  // namespace

// best[i][j]: the best score with pattern[i] matched at text[j]; a table of two rows would do for
// the score, the whole one gives the positions.
std::optional<FuzzyMatch> fuzzyMatch(QStringView pattern, QStringView text) {
    text = text.left(kTextMax);
    QString typed;
    for (const QChar c : pattern.left(kPatternMax))
        if (!c.isSpace()) typed += c.toCaseFolded();
    if (typed.isEmpty()) return FuzzyMatch{};
    const auto rows = size_t(typed.size()), columns = size_t(text.size());
    if (rows > columns) return std::nullopt;
    std::vector<int> best(rows * columns, kNone);
    std::vector<int> from(rows * columns, -1);
    for (size_t i = 0; i < rows; ++i) {
        int bestBefore = kNone, bestBeforeAt = -1;  // of row i-1, left of j-1, gap counted
        for (size_t j = i; j < columns; ++j) {
            if (i > 0 && j >= 2 && bestBefore > kNone / 2) bestBefore += kPerSkipped;
            if (i > 0 && j >= 2 && best[(i - 1) * columns + j - 2] + kPerSkipped > bestBefore) {
                bestBefore = best[(i - 1) * columns + j - 2] + kPerSkipped;
                bestBeforeAt = int(j) - 2;
            }
            if (text[qsizetype(j)].toCaseFolded() != typed[qsizetype(i)]) continue;
            int score = kHit + (beginsWord(text, qsizetype(j)) ? kWordStart : 0);
            if (i == 0) {
                best[j] = score + (j == 0 ? kFirst : std::max(-kFirst, -int(j)));
                continue;
            }
            const int together = best[(i - 1) * columns + j - 1] > kNone / 2
                                     ? best[(i - 1) * columns + j - 1] + kTogether
                                     : kNone;
            if (together <= kNone / 2 && bestBefore <= kNone / 2) continue;
            best[i * columns + j] = score + std::max(together, bestBefore);
            from[i * columns + j] = together >= bestBefore ? int(j) - 1 : bestBeforeAt;
        }
    }
    const auto last = best.begin() + std::ptrdiff_t((rows - 1) * columns);
    const auto top = std::max_element(last, best.end());
    if (*top <= kNone / 2) return std::nullopt;
    FuzzyMatch match{.score = *top, .positions = std::vector<int>(rows)};
    int at = int(top - last);
    for (size_t i = rows; i-- > 0;) {
        match.positions[i] = at;
        at = from[i * columns + size_t(at)];
    }
    return match;
}

}  // namespace moxie::desktop
