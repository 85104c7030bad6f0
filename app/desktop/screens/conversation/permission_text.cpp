#include "app/desktop/screens/conversation/permission_text.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>

#include "app/desktop/model/call_details.h"
#include "app/desktop/screens/conversation/policy_reasons.h"
#include "app/desktop/screens/conversation/words.h"

namespace moxie::desktop {

namespace {

bool mustBeEscaped(QChar c) {
    if (c == QLatin1Char('\n') || c == QLatin1Char('\t')) return false;
    // Direction marks and invisible characters can make a command look like another one.
    return c.category() == QChar::Other_Control || c.category() == QChar::Other_Format ||
           c == QChar(QChar::LineSeparator) || c == QChar(QChar::ParagraphSeparator);
}

QString questionOf(CallKind kind, const QString& tool) {
    switch (kind) {
        case CallKind::execute:
            return ConversationTexts::tr("May the agent run this command?");
        case CallKind::edit:
            return ConversationTexts::tr("May the agent change this file?");
        case CallKind::read:
            return ConversationTexts::tr("May the agent read this?");
        case CallKind::search:
            return ConversationTexts::tr("May the agent search here?");
        case CallKind::fetch:
            return ConversationTexts::tr("May the agent fetch this from the network?");
        case CallKind::think:
        case CallKind::other:
            break;
    }
    return ConversationTexts::tr("May the agent use %1?", "a tool").arg(tool);
}

QString wantedOf(const agent::PermissionQuestion& question, const CallDetails& details) {
    const QByteArray json(question.detail.data(), qsizetype(question.detail.size()));
    const QJsonObject arguments = QJsonDocument::fromJson(json).object();
    if (const QString command = arguments.value(QLatin1String("command")).toString();
        !command.isEmpty())
        return command;
    if (details.kind == CallKind::edit && !details.targets.empty()) {
        QStringList lines;
        for (const std::string& target : details.targets)
            lines << fromUtf8(target);
        for (const std::string& line : details.hunk)
            lines << fromUtf8(line);
        const auto nMore = int(details.hunkLinesLeftOut);
        if (nMore > 0)
            lines << (nMore == 1 ? ConversationTexts::tr("… 1 more line")
                                 : ConversationTexts::tr("… %n more lines", nullptr, nMore));
        return lines.join(QLatin1Char('\n'));
    }
    if (!question.summary.empty() && question.detail.size() <= 2) return fromUtf8(question.summary);
    if (arguments.isEmpty()) return fromUtf8(question.detail);
    return QString::fromUtf8(QJsonDocument(arguments).toJson(QJsonDocument::Indented)).trimmed();
}

QString effectText(const QString& effect) {
    if (effect == QLatin1String("read")) return ConversationTexts::tr("read files");
    if (effect == QLatin1String("write")) return ConversationTexts::tr("change files");
    if (effect == QLatin1String("execute")) return ConversationTexts::tr("run programs");
    if (effect == QLatin1String("network")) return ConversationTexts::tr("use the network");
    return effect;
}

// "write, execute; in the jail, no network", "write; in the workspace", as the agent writes it.
QString touchesOf(const QString& touches) {
    if (touches.isEmpty()) return {};
    QStringList effects;
    for (const QString& effect :
         touches.section(QLatin1Char(';'), 0, 0).split(QLatin1Char(','), Qt::SkipEmptyParts))
        effects << effectText(effect.trimmed());
    QString all;
    for (const QString& effect : effects)
        all = all.isEmpty()
                  ? effect
                  : ConversationTexts::tr("%1, %2", "things that were done").arg(all, effect);
    const QString where = touches.section(QLatin1Char(';'), 1).trimmed();
    const bool isInside = where.contains(QLatin1String("in the jail"));
    if (isInside && where.contains(QLatin1String("no network")))
        return ConversationTexts::tr("It could: %1. Inside the sandbox, without network.").arg(all);
    if (isInside)
        return ConversationTexts::tr("It could: %1. Inside the sandbox, with network.").arg(all);
    if (where == QLatin1String("in the workspace"))
        return ConversationTexts::tr("It could: %1. Only inside the workspace.").arg(all);
    if (where.isEmpty()) return ConversationTexts::tr("It could: %1.").arg(all);
    return ConversationTexts::tr("It could: %1. Not inside the sandbox.").arg(all);
}

QString whyOf(const agent::PermissionQuestion& question) {
    const QString reason = policyReason(question.reason), rule = fromUtf8(question.rule);
    if (reason.isEmpty() && rule.isEmpty()) return {};
    if (rule.isEmpty()) return ConversationTexts::tr("Why it asks: %1").arg(reason);
    if (reason.isEmpty()) return ConversationTexts::tr("Why it asks: the rule \"%1\"").arg(rule);
    return ConversationTexts::tr("Why it asks: %1 (rule \"%2\")").arg(reason, rule);
}

}  // namespace

QString escapedText(const QString& text) {
    QString escaped;
    escaped.reserve(text.size());
    for (const QChar c : text) {
        if (!mustBeEscaped(c))
            escaped += c;
        else if (c.unicode() < 0x100)
            escaped += QStringLiteral("\\x%1").arg(int(c.unicode()), 2, 16, QLatin1Char('0'));
        else
            escaped += QStringLiteral("\\u%1").arg(int(c.unicode()), 4, 16, QLatin1Char('0'));
    }
    return escaped;
}

PermissionTexts textsOf(const agent::PermissionQuestion& question) {
    const CallDetails details = readCall(question.tool, question.detail, question.touches);
    PermissionTexts texts;
    texts.question = questionOf(details.kind, escapedText(fromUtf8(question.tool)));
    texts.wanted = escapedText(wantedOf(question, details));
    texts.why = escapedText(whyOf(question));
    texts.touches = escapedText(touchesOf(fromUtf8(question.touches)));
    if (!question.whyOnlyOnce.empty())
        texts.whyOnlyOnce = ConversationTexts::tr("Only once: %1")
                                .arg(escapedText(policyReason(question.whyOnlyOnce)));
    return texts;
}

}  // namespace moxie::desktop
