#include "app/desktop/screens/changes/word_marks.h"

#include <algorithm>

namespace moxie::desktop {

namespace {

constexpr size_t kWordsMax = 200;  // the table has at most this squared
constexpr int kCommonPercentMin = 35;

struct Word {
    int begin = 0, length = 0;
};

// Runs of letters and digits, runs of spaces, and single other characters.
std::vector<Word> wordsOf(const QString& line) {
    std::vector<Word> words;
    const auto kindOf = [&](int i) {
        const QChar c = line.at(i);
        return c.isLetterOrNumber() || c == QLatin1Char('_') ? 1 : c.isSpace() ? 2 : 3;
    };
    for (int i = 0; i < line.size();) {
        int end = i + 1;
        if (kindOf(i) != 3)
            while (end < line.size() && kindOf(end) == kindOf(i))
                ++end;
        words.push_back({i, end - i});
        i = end;
    }
    return words;
}

void mark(std::vector<LineRun>& marks, const Word& word) {
    if (!marks.empty() && marks.back().begin + marks.back().length == word.begin)
        marks.back().length += word.length;
    else
        marks.push_back({.begin = word.begin, .length = word.length});
}

// A mark less than a space away from the next reads as one.
void joinOverSpaces(std::vector<LineRun>& marks, const QString& line) {
    for (size_t i = 1; i < marks.size();) {
        LineRun& left = marks[i - 1];
        const int gap = left.begin + left.length;
        const QString between = line.mid(gap, marks[i].begin - gap);
        if (between != QLatin1String(" ")) {
            ++i;
            continue;
        }
        left.length = marks[i].begin + marks[i].length - left.begin;
        marks.erase(marks.begin() + long(i));
    }
}

}  // namespace

// Longest common subsequence of the words, by the textbook's table.
WordMarks markWords(const QString& before, const QString& after) {
    const std::vector<Word> a = wordsOf(before), b = wordsOf(after);
    if (a.empty() || b.empty() || a.size() > kWordsMax || b.size() > kWordsMax) return {};
    const auto isSame = [&](size_t i, size_t j) {
        return QStringView(before).mid(a[i].begin, a[i].length) ==
               QStringView(after).mid(b[j].begin, b[j].length);
    };
    const size_t width = b.size() + 1;
    std::vector<uint16_t> longest((a.size() + 1) * width, 0);  // in characters
    for (size_t i = a.size(); i-- > 0;)
        for (size_t j = b.size(); j-- > 0;)
            longest[i * width + j] =
                isSame(i, j) ? uint16_t(longest[(i + 1) * width + j + 1] + a[i].length)
                             : std::max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    WordMarks marks;
    if (int(longest[0]) * 100 < kCommonPercentMin * int(std::max(before.size(), after.size())))
        return marks;
    size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        if (i < a.size() && j < b.size() && isSame(i, j)) {
            ++i, ++j;
        } else if (j == b.size() ||
                   (i < a.size() && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
            mark(marks.before, a[i++]);
        } else {
            mark(marks.after, b[j++]);
        }
    }
    joinOverSpaces(marks.before, before);
    joinOverSpaces(marks.after, after);
    return marks;
}

}  // namespace moxie::desktop
