#include "app/desktop/session/search_text.h"

#include <algorithm>

namespace moxie::desktop {

namespace {

constexpr QChar kBreak(0x200B);  // ZERO WIDTH SPACE: no letter for FTS5's unicode61

bool isWordByItself(QChar c) {
    const char16_t code = c.unicode();
    return (code >= 0x3040 && code <= 0x30FF) ||  // kana
           (code >= 0x3400 && code <= 0x9FFF) ||  // ideographs
           (code >= 0xAC00 && code <= 0xD7AF) ||  // hangul
           (code >= 0xF900 && code <= 0xFAFF) || c.isSurrogate();
}

QStringList splitWords(const QString& words) {
    return words.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

}  // namespace

QString withWordBreaks(const QString& text) {
    QString out;
    out.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        out += c;
        if (c.isHighSurrogate() && i + 1 < text.size()) out += text[++i];
        if (isWordByItself(c)) out += kBreak;
    }
    return out;
}

QString withoutWordBreaks(QString text) {
    return text.remove(kBreak);
}

QString matchExpression(const QString& words) {
    QStringList phrases;
    for (QString word : splitWords(words)) {
        if (std::none_of(word.begin(), word.end(),
                         [](QChar c) { return c.isLetterOrNumber() || c.isSurrogate(); }))
            continue;  // signs are not in the index
        word = withWordBreaks(word.replace(QLatin1Char('"'), QLatin1Char(' ')));
        phrases << QLatin1Char('"') + word + QLatin1Char('"');
    }
    if (phrases.isEmpty()) return {};
    return phrases.join(QLatin1Char(' ')) + QLatin1Char('*');
}

Excerpt excerptOf(const QString& text, const QString& words, qsizetype length) {
    const QStringList wanted = splitWords(words);
    qsizetype first = text.size();
    for (const QString& word : wanted) {
        const qsizetype at = text.indexOf(word, 0, Qt::CaseInsensitive);
        if (at >= 0) first = std::min(first, at);
    }
    if (first == text.size()) first = 0;
    const qsizetype begin = std::max<qsizetype>(0, first - length / 3);
    Excerpt excerpt;
    excerpt.text = text.mid(begin, length).simplified();
    if (begin > 0) excerpt.text.prepend(QChar(0x2026));
    if (begin + length < text.size()) excerpt.text.append(QChar(0x2026));
    for (const QString& word : wanted)
        for (qsizetype at = excerpt.text.indexOf(word, 0, Qt::CaseInsensitive); at >= 0;
             at = excerpt.text.indexOf(word, at + word.size(), Qt::CaseInsensitive))
            excerpt.matches.push_back({at, word.size()});
    std::sort(excerpt.matches.begin(), excerpt.matches.end(),
              [](const MatchRange& a, const MatchRange& b) { return a.begin < b.begin; });
    return excerpt;
}

}  // namespace moxie::desktop
