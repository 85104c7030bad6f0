// The buttons and links inside the conversation's blocks. Web links stay as they are; everything
// else is `moxie:VERB?name=value&...`:
//
//   moxie:file?path=P&line=L&column=C   a place in the repository; line 0: not said
//   moxie:changes?path=P                the changes of a file in the review
//   moxie:output?call=ID                the whole output of a tool call
//   moxie:commit?id=ID                  a commit
//   moxie:copy?what=code|answer         to the clipboard: this block's code, this turn's answer
//   moxie:code                          this block's code in the editor
//   moxie:apply                         this block's code into a file, shown as a change first
//   moxie:rate?as=1|0|-1                what one thinks of this turn's answer
//   moxie:picture?n=N                   a picture of this turn's message, from 0
//   moxie:quote                         this turn's answer as a quotation in the composer
//   moxie:resend                        this turn's message, to be edited and sent in a fork
//   moxie:restore                       the files as they were when this turn began
//   moxie:markdown                      this turn as a Markdown document
//
// What the model writes can never become one of them: Markdown links lead to the web or to a place
// (text/place_links.h). Threads: any thread.
#pragma once
#include <QString>
#include <QUrl>
#include <QUrlQuery>
#include <initializer_list>
#include <utility>

namespace moxie::desktop {

inline QString moxieHref(const char* verb,
                         std::initializer_list<std::pair<const char*, QString>> values = {}) {
    QString href = QStringLiteral("moxie:") + QLatin1String(verb);
    QChar separator = QLatin1Char('?');
    for (const auto& [name, value] : values) {
        href += separator + QLatin1String(name) + QLatin1Char('=') +
                QString::fromLatin1(QUrl::toPercentEncoding(value));
        separator = QLatin1Char('&');
    }
    return href;
}

inline QString placeHref(const QString& path, int line, int column) {
    return moxieHref(
        "file",
        {{"path", path}, {"line", QString::number(line)}, {"column", QString::number(column)}});
}

struct MoxieHref {
    QString verb = {};  // empty: not one of ours
    QUrlQuery query = {};

    explicit MoxieHref(const QString& href) {
        const QUrl url(href);
        if (url.scheme() != QLatin1String("moxie")) return;
        verb = url.path();
        query = QUrlQuery(url);
    }

    QString value(const char* name) const {
        return query.queryItemValue(QLatin1String(name), QUrl::FullyDecoded);
    }
};

}  // namespace moxie::desktop
