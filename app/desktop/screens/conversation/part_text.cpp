#include "app/desktop/screens/conversation/part_text.h"

#include <QStringList>

#include "app/desktop/screens/conversation/hrefs.h"
#include "app/desktop/screens/conversation/turn_spans.h"
#include "app/desktop/screens/conversation/words.h"

namespace moxie::desktop {

namespace {

constexpr int kGapBetweenTurns = 6;

struct EndSign {
    QChar sign;
    Role ink = Role::textMuted;
};

EndSign endSignOf(const Turn& turn) {
    using agent::EndStatus;
    if (!turn.status) return {QChar(0x25A0), Role::warning};
    switch (*turn.status) {
        case EndStatus::verified:
            return {QChar(0x2713), Role::success};
        case EndStatus::unverified:
            return {QChar(0x2013), Role::textMuted};
        case EndStatus::interrupted:
        case EndStatus::terminated:
            return {QChar(0x25A0), Role::textMuted};
        case EndStatus::permission:
        case EndStatus::budget:
        case EndStatus::stuck:
            return {QLatin1Char('!'), Role::warning};
        default:
            return {QChar(0x2717), Role::error};
    }
}

// A press on what is said already takes it back.
void addRating(RichText& text, Rating rating) {
    const auto add = [&](Rating as, const QString& words, const QString& chosen) {
        const bool isChosen = rating == as;
        text.addControl(isChosen ? QChar(0x2713) + QStringLiteral(" ") + chosen : words,
                        moxieHref("rate", {{"as", QString::number(isChosen ? 0 : int(as))}}));
    };
    add(Rating::good, ConversationTexts::tr("Helpful"), ConversationTexts::tr("Rated helpful"));
    add(Rating::bad, ConversationTexts::tr("Unhelpful"), ConversationTexts::tr("Rated unhelpful"));
}

void addTurnControls(RichText& text, const Turn& turn, Rating rating) {
    if (answerOf(turn) >= 0) {
        text.addControl(ConversationTexts::tr("Copy"),
                        moxieHref("copy", {{"what", QStringLiteral("answer")}}));
        text.addControl(ConversationTexts::tr("Quote"), moxieHref("quote"));
    }
    if (!turn.task.empty())
        text.addControl(ConversationTexts::tr("Edit and resend"), moxieHref("resend"));
    if (!turn.checkpoint.empty())
        text.addControl(ConversationTexts::tr("Restore to here"), moxieHref("restore"));
    text.addControl(ConversationTexts::tr("As Markdown"), moxieHref("markdown"));
    if (answerOf(turn) >= 0) addRating(text, rating);
}

PartText activityPart(const Turn& turn, Fold steps, int64_t nowMs) {
    PartText part;
    part.head.gapAbove = 2;
    part.head.spoken = ConversationTexts::tr("Working");
    RichParagraph& line = part.text.add(QString(QChar(0x25CB)) + QLatin1Char(' '),
                                        {.ink = turn.nAsking > 0 ? Role::warning : Role::accent});
    const bool hasLine = steps == Fold::open && turn.nAsking == 0 && runningItemOf(turn) >= 0;
    line.spans.push_back({hasLine ? ConversationTexts::tr("Working") : activityText(turn), {}});
    line.spans.push_back(
        {QStringLiteral("   ") + ConversationTexts::tr("%1 in all, Esc stops", "time")
                                     .arg(elapsedText(nowMs - turn.startedMs)),
         quietStyle()});
    return part;
}

}  // namespace

PartText messagePart(std::string_view piece, int32_t number) {
    PartText part;
    part.head.frame = BlockFrame::user;
    part.head.spoken = ConversationTexts::tr("You");
    part.head.gapAbove = number == 0 ? kGapBetweenTurns : 0;
    QString text = fromUtf8(piece);
    while (text.endsWith(QLatin1Char('\n')))
        text.chop(1);
    part.text.addLines(text, {});
    return part;
}

PartText picturesPart(const std::vector<RichPicture>& pictures) {
    PartText part;
    part.head.frame = BlockFrame::user;
    part.head.spoken = ConversationTexts::tr("Your pictures");
    part.head.gapAbove = 0;
    const auto n = int(pictures.size());
    part.text.add(n == 1 ? ConversationTexts::tr("1 picture")
                         : ConversationTexts::tr("%n pictures", nullptr, n),
                  quietStyle());
    part.text.pictures = pictures;
    for (int i = 0; i < n; ++i)
        part.text.addControl(n == 1 ? ConversationTexts::tr("Open the picture")
                                    : ConversationTexts::tr("Open picture %1").arg(i + 1),
                             moxieHref("picture", {{"n", QString::number(i)}}));
    return part;
}

PartText summaryPart(const Turn& turn, Fold fold) {
    PartText part;
    part.head.title = summaryText(turn.summary);
    part.head.spoken = ConversationTexts::tr("Steps");
    part.head.frame = BlockFrame::quiet;
    part.head.fold = fold;
    part.head.gapAbove = 2;
    return part;
}

PartText reasoningPart(const ReasoningItem& reasoning, std::string_view piece, int32_t number,
                       int64_t nowMs) {
    PartText part;
    part.head.frame = BlockFrame::quiet;
    part.head.gapAbove = 0;
    part.head.indent = 1;
    part.text.addLines(fromUtf8(piece), {.ink = Role::textMuted});
    if (number > 0) return part;
    part.head.title =
        QString(signOf(reasoning.isStreaming ? CardState::running : CardState::done)) +
        QStringLiteral("  ") + titleOf(reasoning);
    if (reasoning.isStreaming)
        part.head.detail = elapsedText(nowMs - reasoning.startedMs);
    else if (reasoning.tokens > 0)
        part.head.detail = ConversationTexts::tr("%n tokens", nullptr, int(reasoning.tokens));
    part.head.spoken = ConversationTexts::tr("Reasoning");
    return part;
}

PartText endPart(const Turn& turn, const EndWish& wish) {
    if (turn.isRunning) return activityPart(turn, wish.steps, wish.nowMs);
    PartText part;
    part.head.spoken = ConversationTexts::tr("End of the turn");
    part.head.gapAbove = 2;
    const EndSign sign = endSignOf(turn);
    SpanStyle style = quietStyle();
    style.ink = sign.ink;
    RichParagraph& line = part.text.add(QString(sign.sign) + QLatin1Char(' '), style);
    style.ink = sign.ink == Role::success ? Role::textMuted : sign.ink;
    line.spans.push_back({endText(turn), style});
    const bool isPlain = turn.status == agent::EndStatus::verified;
    if (!turn.reason.empty() && !isPlain) part.text.add(fromUtf8(turn.reason), quietStyle());
    addTurnControls(part.text, turn, wish.rating);
    return part;
}

PartText asideEndPart(const Turn& turn, int64_t nowMs) {
    if (turn.isRunning) return activityPart(turn, Fold::folded, nowMs);
    PartText part;
    part.head.gapAbove = 1;
    const bool hasFailed = turn.status == agent::EndStatus::error;
    const QString time = elapsedText(turn.endedMs - turn.startedMs);
    const QString who = fromUtf8(turn.model);
    part.text.add(hasFailed ? ConversationTexts::tr("No answer: %1").arg(fromUtf8(turn.reason))
                  : who.isEmpty() ? time
                                  : ConversationTexts::tr("%1, %2", "model, time").arg(who, time),
                  quietStyle());
    if (answerOf(turn) < 0) return part;
    part.text.addControl(ConversationTexts::tr("Copy"),
                         moxieHref("copy", {{"what", QStringLiteral("answer")}}));
    part.text.addControl(ConversationTexts::tr("Quote"), moxieHref("quote"));
    return part;
}

PartText commitPart(const CommitItem& commit) {
    PartText part;
    part.head.spoken = ConversationTexts::tr("Commit");
    part.head.gapAbove = 2;
    const QString id = fromUtf8(commit.commit);
    const QString subject = fromUtf8(commit.message).section(QLatin1Char('\n'), 0, 0);
    RichParagraph& line =
        part.text.add(QString(QChar(0x25CF)) + QLatin1Char(' '), {.ink = Role::success});
    line.spans.push_back({ConversationTexts::tr("Committed") + QLatin1Char(' '), {}});
    line.spans.push_back(
        {id.left(8), {.font = TextRole::code, .href = moxieHref("commit", {{"id", id}})}});
    line.spans.push_back({QLatin1Char(' ') + subject, {}});
    const auto nFiles = int(commit.paths.size());
    if (nFiles > 0)
        line.spans.push_back(
            {QStringLiteral("   ") + (nFiles == 1
                                          ? ConversationTexts::tr("1 file")
                                          : ConversationTexts::tr("%n files", nullptr, nFiles)),
             quietStyle()});
    return part;
}

PartText noticePart(const NoticeItem& notice) {
    PartText part;
    part.head.gapAbove = 2;
    const bool isError = notice.level == "error", isWarning = notice.level == "warning";
    part.head.frame = isError ? BlockFrame::failure : BlockFrame::plain;
    part.head.spoken = isError     ? ConversationTexts::tr("Error")
                       : isWarning ? ConversationTexts::tr("Warning")
                                   : ConversationTexts::tr("Note");
    const Role ink = isError ? Role::error : isWarning ? Role::warning : Role::textMuted;
    const QChar sign = isError ? QChar(0x2717) : isWarning ? QLatin1Char('!') : QLatin1Char('i');
    RichParagraph& line =
        part.text.add(QString(sign) + QStringLiteral("  "), {.ink = ink, .flags = kBold});
    line.spans.push_back({fromUtf8(notice.text).trimmed(),
                          {.ink = isError || isWarning ? Role::text : Role::textMuted}});
    return part;
}

}  // namespace moxie::desktop
