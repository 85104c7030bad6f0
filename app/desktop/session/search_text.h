// Words for the full-text index, and the line that shows where they stand. Chinese, Japanese and
// Korean are written without spaces, so the index takes each such character as a word, and a run of
// them as a phrase. Threads: any thread.
#pragma once
#include <QString>
#include <QStringList>
#include <vector>

#include "app/desktop/session/session_store_model.h"

namespace moxie::desktop {

// The text with an invisible break behind each character that is a word.
QString withWordBreaks(const QString& text);
QString withoutWordBreaks(QString text);

// In FTS5's language: all words, the last one as a beginning. "": nothing to look for.
QString matchExpression(const QString& words);

struct Excerpt {
    QString text = {};
    std::vector<MatchRange> matches = {};
};

// About `length` characters around the first of `words`, in one line.
Excerpt excerptOf(const QString& text, const QString& words, qsizetype length);

}  // namespace moxie::desktop
