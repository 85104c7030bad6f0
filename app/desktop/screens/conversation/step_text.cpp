// The cards of a turn's steps: what a tool was asked, what came of it, and where to read on.
#include <QStringList>
#include <algorithm>

#include "app/desktop/screens/conversation/hrefs.h"
#include "app/desktop/screens/conversation/part_text.h"
#include "app/desktop/screens/conversation/policy_reasons.h"
#include "app/desktop/screens/conversation/words.h"
#include "app/desktop/text/place_links.h"
#include "app/desktop/text/terminal_text.h"
#include "base/text.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kTailLinesShown = 20;

SpanStyle codeStyle(Role ink = Role::text) {
    return {.ink = ink, .font = TextRole::code};
}

// One line of output in its colours; places in it are links.
RichParagraph outputLine(const TerminalLine& line) {
    RichParagraph paragraph;
    const std::vector<PlaceFound> places = findPlaces(line.text);
    const std::string_view text = line.text;
    std::vector<TerminalRun> runs = line.runs;
    if (runs.empty()) runs.push_back({0, int32_t(text.size()), {}});
    size_t place = 0;
    for (const TerminalRun& run : runs) {
        for (int32_t begin = run.begin; begin < run.end;) {
            while (place < places.size() && places[place].end <= begin)
                ++place;
            const bool hasPlace = place < places.size() && places[place].begin < run.end;
            const bool isInside = hasPlace && places[place].begin <= begin;
            const int32_t end = isInside   ? std::min(run.end, places[place].end)
                                : hasPlace ? places[place].begin
                                           : run.end;
            SpanStyle style = codeStyle();
            style.terminal = run.style;
            if (isInside)
                style.href = placeHref(fromUtf8(places[place].path), places[place].line,
                                       places[place].column);
            paragraph.spans.push_back(
                {fromUtf8(text.substr(size_t(begin), size_t(end - begin))), std::move(style)});
            begin = end;
        }
    }
    if (paragraph.spans.empty()) paragraph.spans.push_back({QString(), codeStyle()});
    return paragraph;
}

void addOutput(RichText& text, const std::string& tail, int64_t linesInAll) {
    if (tail.empty()) return;
    TerminalText terminal;
    terminal.append(tail);
    terminal.finish();
    const int64_t first = std::max<int64_t>(0, terminal.size() - kTailLinesShown);
    const auto nBefore = int(std::clamp<int64_t>(linesInAll - (terminal.size() - first), 0,
                                                 std::numeric_limits<int>::max()));
    if (nBefore > 0)
        text.add(nBefore == 1 ? ConversationTexts::tr("… 1 line before")
                              : ConversationTexts::tr("… %n lines before", nullptr, nBefore),
                 quietStyle());
    for (int64_t i = first; i < terminal.size(); ++i)
        text.paragraphs.push_back(outputLine(terminal.line(i)));
}

void addHunk(RichText& text, const CallDetails& details) {
    for (const std::string& line : details.hunk) {
        const char sign = line.empty() ? ' ' : line[0];
        const Role ink = sign == '@' ? Role::textMuted : Role::text;
        RichParagraph& row = text.add(
            fromUtf8(line).replace(QLatin1Char('\t'), QStringLiteral("    ")), codeStyle(ink));
        if (sign == '+') row.ground = Role::addedRow;
        if (sign == '-') row.ground = Role::removedRow;
        if (sign == '@') row.ground = Role::headerRow;
    }
    const auto nMore = int(details.hunkLinesLeftOut);
    if (nMore > 0)
        text.add(nMore == 1 ? ConversationTexts::tr("… 1 more line")
                            : ConversationTexts::tr("… %n more lines", nullptr, nMore),
                 quietStyle());
}

void addTargets(RichText& text, const ToolCard& card) {
    if (card.details.kind == CallKind::execute) {
        const std::string& command =
            card.details.targets.empty() ? card.title : card.details.targets.front();
        text.addLines(QStringLiteral("$ ") + fromUtf8(command), codeStyle());
        return;
    }
    const bool arePaths =
        card.details.kind == CallKind::read || card.details.kind == CallKind::edit;
    if (arePaths && card.details.targets.size() < 2 && !card.details.hunk.empty()) return;
    for (const std::string& target : card.details.targets) {
        SpanStyle style = codeStyle();
        if (arePaths) style.href = placeHref(fromUtf8(target), 0, 0);
        text.add(fromUtf8(target), style);
    }
    if (card.details.targets.empty()) text.add(fromUtf8(card.title), codeStyle());
}

void addReasons(RichText& text, const ToolCard& card) {
    if (card.permission) {
        if (card.state == CardState::asking && !card.permission->reason.empty())
            text.add(policyReason(card.permission->reason), {.ink = Role::textMuted});
        const QString answer = answerText(*card.permission);
        if (!answer.isEmpty()) text.add(answer, quietStyle());
    }
    const bool hasOutput = card.details.kind == CallKind::execute && !card.outputTail.empty();
    if (card.errorText.empty() || hasOutput) return;
    const QString error = fromUtf8(base::stripTerminalControl(card.errorText)).trimmed();
    text.addLines(error, codeStyle(Role::error));
}

QString detailOf(const ToolCard& card, int64_t nowMs) {
    QStringList parts;
    if (card.state == CardState::running) return elapsedText(nowMs - card.startedMs);
    const bool hasExit = card.exitCode >= 0 && card.details.kind == CallKind::execute;
    if (card.state != CardState::done && !hasExit) parts << stateName(card.state);
    if (hasExit) parts << ConversationTexts::tr("exit code %1").arg(card.exitCode);
    if (card.state == CardState::done && card.permission)
        if (const QString answer = answerText(*card.permission); !answer.isEmpty()) parts << answer;
    const bool isRead = card.details.kind != CallKind::edit && card.details.kind != CallKind::think;
    if (card.resultBytes > 0 && card.state == CardState::done && isRead)
        parts << bytesText(card.resultBytes);
    if (card.durationMs > 0) parts << durationText(card.durationMs);
    return parts.join(QStringLiteral("  "));
}

BlockFrame frameOf(CardState state, Fold fold) {
    if (state == CardState::asking) return BlockFrame::attention;
    if (fold == Fold::folded) return BlockFrame::quiet;
    return BlockFrame::card;
}

void addCardControls(RichText& text, const ToolCard& card) {
    if (card.details.kind == CallKind::execute && card.state != CardState::asking)
        text.addControl(ConversationTexts::tr("Whole output"),
                        moxieHref("output", {{"call", fromUtf8(card.callId)}}));
    if (card.details.kind != CallKind::edit || card.state == CardState::denied) return;
    const std::vector<std::string>& paths =
        card.changedPaths.empty() ? card.details.targets : card.changedPaths;
    if (paths.empty()) return;
    text.addControl(ConversationTexts::tr("Review changes"),
                    moxieHref("changes", {{"path", fromUtf8(paths.front())}}));
    text.addControl(ConversationTexts::tr("Open file"), placeHref(fromUtf8(paths.front()), 0, 0));
}

}  // namespace

PartText toolPart(const ToolCard& card, Fold fold, int64_t nowMs) {
    PartText part;
    part.head.title = QString(signOf(card.state)) + QStringLiteral("  ") + titleOf(card);
    part.head.detail = detailOf(card, nowMs);
    part.head.spoken = stateName(card.state);
    part.head.fold = fold;
    part.head.frame = frameOf(card.state, fold);
    part.head.gapAbove = fold == Fold::open ? 1 : 0;
    part.head.indent = 1;
    addTargets(part.text, card);
    addHunk(part.text, card.details);
    addOutput(part.text, card.outputTail, card.outputLines);
    addReasons(part.text, card);
    addCardControls(part.text, card);
    return part;
}

PartText checkPart(const CheckItem& check, Fold fold) {
    PartText part;
    const QChar sign = check.isRunning   ? QChar(0x25CB)
                       : check.hasPassed ? QChar(0x2713)
                                         : QChar(0x2717);
    part.head.title = QString(sign) + QStringLiteral("  ") + titleOf(check);
    part.head.spoken = check.isRunning   ? ConversationTexts::tr("running")
                       : check.hasPassed ? ConversationTexts::tr("passed")
                                         : ConversationTexts::tr("failed");
    if (!check.isRunning) {
        const QString time = durationText(check.durationMs);
        part.head.detail =
            check.hasPassed
                ? ConversationTexts::tr("passed in %1").arg(time)
                : ConversationTexts::tr("exit code %1 after %2").arg(check.exitCode).arg(time);
    }
    part.head.fold = fold;
    part.head.gapAbove = 1;
    const bool hasFailed = !check.isRunning && !check.hasPassed;
    part.head.frame = fold == Fold::folded ? BlockFrame::quiet
                      : hasFailed          ? BlockFrame::failure
                                           : BlockFrame::card;
    addOutput(part.text, check.outputTail, 0);
    if (part.text.paragraphs.empty())
        part.text.add(ConversationTexts::tr("No output"), quietStyle());
    return part;
}

}  // namespace moxie::desktop
