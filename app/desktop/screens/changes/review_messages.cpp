#include "app/desktop/screens/changes/review_messages.h"

#include <QCoreApplication>
#include <QStringList>

namespace moxie::desktop {

namespace {

constexpr size_t kDiffLinesMax = 40;

QString say(const char* text) {
    return QCoreApplication::translate("ReviewMessages", text);
}

QString quoted(const std::vector<std::string>& diff) {
    QStringList lines;
    for (const std::string& line : diff)
        lines << QStringLiteral("    ") + QString::fromStdString(line);
    return lines.join(QLatin1Char('\n'));
}

}  // namespace

QString refusalSentence(const Refusal& refusal) {
    const QString reason = QString::fromStdString(refusal.message);
    switch (refusal.kind) {
        case base::Errc::busy:
            return say(QT_TRANSLATE_NOOP(
                           "ReviewMessages",
                           "Nothing was written: %1. Look at the lines as they are now and decide "
                           "again."))
                .arg(reason);
        case base::Errc::denied:
            return say(QT_TRANSLATE_NOOP(
                           "ReviewMessages",
                           "Nothing was written: %1. Ignored and very large files are in no "
                           "checkpoint, so they are not overwritten."))
                .arg(reason);
        default:
            return say(QT_TRANSLATE_NOOP("ReviewMessages",
                                         "That could not be done, and nothing was changed: %1"))
                .arg(reason);
    }
}

std::vector<std::string> diffLines(const Hunk& hunk) {
    std::vector<std::string> lines;
    const auto add = [&](char sign, const std::vector<std::string>& from) {
        for (const std::string& line : from) {
            if (lines.size() >= kDiffLinesMax) return;
            lines.push_back(sign + line);
            while (lines.back().ends_with('\n') || lines.back().ends_with('\r'))
                lines.back().pop_back();
        }
    };
    add('-', hunk.removed);
    add('+', hunk.added);
    return lines;
}

QString commentsMessage(const std::vector<HunkComment>& comments) {
    QString message = say(
        QT_TRANSLATE_NOOP("ReviewMessages", "I looked at your changes and have these comments:"));
    int number = 0;
    for (const HunkComment& comment : comments) {
        const QString where = say(QT_TRANSLATE_NOOP("ReviewMessages", "%1. In %2, from line %3:"))
                                  .arg(++number)
                                  .arg(QString::fromStdString(comment.path))
                                  .arg(comment.lines.begin + 1);
        message += QStringLiteral("\n\n") + where + QStringLiteral("\n\n") + quoted(comment.diff) +
                   QStringLiteral("\n\n") + comment.text.trimmed();
    }
    return message;
}

QString whyMessage(const QString& title, const Hunk& hunk) {
    return say(QT_TRANSLATE_NOOP("ReviewMessages", "Why did you change %1?")).arg(title) +
           QStringLiteral("\n\n") + quoted(diffLines(hunk));
}

}  // namespace moxie::desktop
