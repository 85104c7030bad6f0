#include "app/desktop/screens/code/code_query.h"

#include <QStringList>
#include <algorithm>

namespace moxie::desktop {

namespace {

constexpr int kLineMax = 100'000'000;

// Takes ":12" from the end of `text`; 0 if there is none.
int takeNumber(QString& text) {
    const qsizetype colon = text.lastIndexOf(QLatin1Char(':'));
    if (colon < 0 || (colon > 0 && text[colon - 1] == QLatin1Char(':'))) return 0;
    const QStringView digits = QStringView(text).mid(colon + 1);
    if (digits.isEmpty() || digits.size() > 9) return 0;
    const bool isNumber =
        std::all_of(digits.begin(), digits.end(), [](QChar c) { return c >= u'0' && c <= u'9'; });
    if (!isNumber) return 0;
    const int number = std::clamp(digits.toInt(), 1, kLineMax);
    text.truncate(colon);
    return number;
}

}  // namespace

CodeQuery parseCodeQuery(const QString& typed) {
    CodeQuery query;
    QStringList words;
    for (const QString& word : typed.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        if (word.startsWith(QLatin1String("in:")) && word.size() > 3)
            query.folder = word.mid(3);
        else
            words << word;
    }
    while (query.folder.endsWith(QLatin1Char('/')))
        query.folder.chop(1);
    query.text = words.join(QLatin1Char(' '));
    if (query.text.startsWith(QLatin1Char('@'))) {
        query.scope = CodeScope::symbols;
        query.text.remove(0, 1);
        return query;
    }
    const int last = takeNumber(query.text);
    const int first = last == 0 ? 0 : takeNumber(query.text);
    query.line = first != 0 ? first : last;
    query.column = first != 0 ? last : 0;
    if (query.text.endsWith(QLatin1Char(':')) && !query.text.endsWith(QLatin1String("::")))
        query.text.chop(1);  // the number is still to come
    return query;
}

}  // namespace moxie::desktop
