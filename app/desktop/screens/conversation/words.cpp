#include "app/desktop/screens/conversation/words.h"

#include <QLocale>
#include <QStringList>

#include "app/desktop/screens/conversation/turn_spans.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kSecond = 1'000, kMinute = 60 * kSecond, kHour = 60 * kMinute;
constexpr qsizetype kTargetCharsMax = 160;  // in a title; the card shows all of it

QString minutesText(int64_t ms) {
    if (ms < kHour)
        return ConversationTexts::tr("%1 min %2 s").arg(ms / kMinute).arg(ms % kMinute / kSecond);
    return ConversationTexts::tr("%1 h %2 min").arg(ms / kHour).arg(ms % kHour / kMinute);
}

QString joined(const QStringList& clauses) {
    QString all;
    for (const QString& clause : clauses)
        all = all.isEmpty()
                  ? clause
                  : ConversationTexts::tr("%1, %2", "things that were done").arg(all, clause);
    return all;
}

// What the call is about, on one line.
QString targetOf(const ToolCard& card) {
    QString target = card.details.targets.empty() ? fromUtf8(card.title)
                                                  : fromUtf8(card.details.targets.front());
    const qsizetype lineEnd = target.indexOf(QLatin1Char('\n'));
    const bool isCut = lineEnd >= 0 || target.size() > kTargetCharsMax;
    if (isCut)
        target = target.left(std::min(lineEnd < 0 ? target.size() : lineEnd, kTargetCharsMax)) +
                 QChar(0x2026);
    return target;
}

QString runningTitle(const ToolCard& card, const QString& target) {
    switch (card.details.kind) {
        case CallKind::read:
            return ConversationTexts::tr("Reading %1").arg(target);
        case CallKind::edit:
            return ConversationTexts::tr("Editing %1").arg(target);
        case CallKind::search:
            return ConversationTexts::tr("Searching for %1").arg(target);
        case CallKind::execute:
            return ConversationTexts::tr("Running %1").arg(target);
        case CallKind::fetch:
            return ConversationTexts::tr("Fetching %1").arg(target);
        case CallKind::think:
            return ConversationTexts::tr("Planning");
        case CallKind::other:
            break;
    }
    return ConversationTexts::tr("Using %1: %2", "a tool and what for")
        .arg(fromUtf8(card.tool), target);
}

QString calledTitle(const ToolCard& card, const QString& target) {
    switch (card.details.kind) {
        case CallKind::read:
            return ConversationTexts::tr("Read %1").arg(target);
        case CallKind::edit:
            return ConversationTexts::tr("Edited %1").arg(target);
        case CallKind::search:
            return ConversationTexts::tr("Searched for %1").arg(target);
        case CallKind::execute:
            return ConversationTexts::tr("Ran %1").arg(target);
        case CallKind::fetch:
            return ConversationTexts::tr("Fetched %1").arg(target);
        case CallKind::think:
            return ConversationTexts::tr("Planned");
        case CallKind::other:
            break;
    }
    return ConversationTexts::tr("Used %1: %2", "a tool and what for")
        .arg(fromUtf8(card.tool), target);
}

// Of a call that was not carried out (yet).
QString wantedTitle(const ToolCard& card, const QString& target) {
    switch (card.details.kind) {
        case CallKind::read:
            return ConversationTexts::tr("Read %1").arg(target);
        case CallKind::edit:
            return ConversationTexts::tr("Edit %1").arg(target);
        case CallKind::search:
            return ConversationTexts::tr("Search for %1").arg(target);
        case CallKind::execute:
            return ConversationTexts::tr("Run %1").arg(target);
        case CallKind::fetch:
            return ConversationTexts::tr("Fetch %1").arg(target);
        case CallKind::think:
            return ConversationTexts::tr("Plan");
        case CallKind::other:
            break;
    }
    return ConversationTexts::tr("Use %1: %2", "a tool and what for")
        .arg(fromUtf8(card.tool), target);
}

QString endWord(agent::EndStatus status, const QString& time) {
    using agent::EndStatus;
    switch (status) {
        case EndStatus::verified:
            return ConversationTexts::tr("Verified in %1").arg(time);
        case EndStatus::unverified:
            return ConversationTexts::tr("Done in %1, not verified").arg(time);
        case EndStatus::verificationFailed:
            return ConversationTexts::tr("The checks failed after %1").arg(time);
        case EndStatus::permission:
            return ConversationTexts::tr("Ended after %1: a permission was missing").arg(time);
        case EndStatus::budget:
            return ConversationTexts::tr("The budget was used up after %1").arg(time);
        case EndStatus::stuck:
            return ConversationTexts::tr("The agent got stuck after %1").arg(time);
        case EndStatus::sandboxUnavailable:
            return ConversationTexts::tr("Ended: commands cannot be run in a sandbox here");
        case EndStatus::refused:
            return ConversationTexts::tr("The model refused");
        case EndStatus::interrupted:
            return ConversationTexts::tr("Stopped after %1").arg(time);
        case EndStatus::terminated:
            return ConversationTexts::tr("Ended from outside after %1").arg(time);
        case EndStatus::error:
        case EndStatus::usage:
            break;
    }
    return ConversationTexts::tr("Failed after %1").arg(time);
}

}  // namespace

QString fromUtf8(std::string_view text) {
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

QString durationText(int64_t ms) {
    ms = std::max<int64_t>(0, ms);  // the clock may have been set back
    if (ms >= kMinute) return minutesText(ms);
    const double seconds = double(ms) / kSecond;
    return ConversationTexts::tr("%1 s").arg(
        QLocale().toString(seconds, 'f', ms < 10 * kSecond ? 1 : 0));
}

QString elapsedText(int64_t ms) {
    ms = std::max<int64_t>(0, ms);
    return ms >= kMinute ? minutesText(ms) : ConversationTexts::tr("%1 s").arg(ms / kSecond);
}

QString bytesText(int64_t bytes) {
    return QLocale().formattedDataSize(bytes, bytes < 1'000 ? 0 : 1, QLocale::DataSizeSIFormat);
}

QString summaryText(const StepSummary& summary) {
    QStringList done;
    const auto add = [&](int count, const QString& one, const QString& many) {
        if (count > 0) done << (count == 1 ? one : many);
    };
    add(summary.nFilesRead, ConversationTexts::tr("read 1 file"),
        ConversationTexts::tr("read %n files", nullptr, summary.nFilesRead));
    add(summary.nSearches, ConversationTexts::tr("searched once"),
        ConversationTexts::tr("searched %n times", nullptr, summary.nSearches));
    add(summary.nCommands, ConversationTexts::tr("ran 1 command"),
        ConversationTexts::tr("ran %n commands", nullptr, summary.nCommands));
    add(summary.nFilesEdited, ConversationTexts::tr("edited 1 file"),
        ConversationTexts::tr("edited %n files", nullptr, summary.nFilesEdited));
    add(summary.nOther, ConversationTexts::tr("made 1 other call"),
        ConversationTexts::tr("made %n other calls", nullptr, summary.nOther));
    add(summary.nFailed, ConversationTexts::tr("1 failed"),
        ConversationTexts::tr("%n failed", nullptr, summary.nFailed));
    if (summary.durationMs > 0) done << durationText(summary.durationMs);
    const QString steps = summary.nSteps == 1
                              ? ConversationTexts::tr("1 step")
                              : ConversationTexts::tr("%n steps", nullptr, summary.nSteps);
    if (done.isEmpty()) return steps;
    return ConversationTexts::tr("%1: %2", "\"7 steps\", what was done").arg(steps, joined(done));
}

QString titleOf(const ToolCard& card) {
    const QString target = targetOf(card);
    switch (card.state) {
        case CardState::running:
            return runningTitle(card, target);
        case CardState::asking:
        case CardState::denied:
            return wantedTitle(card, target);
        case CardState::done:
        case CardState::failed:
        case CardState::interrupted:
            break;
    }
    return calledTitle(card, target);
}

QString titleOf(const CheckItem& check) {
    if (check.isRunning) return ConversationTexts::tr("Checking");
    const QString command = fromUtf8(check.command);
    if (check.total <= 1) return ConversationTexts::tr("Check: %1").arg(command);
    return ConversationTexts::tr("Check %1 of %2: %3")
        .arg(check.number)
        .arg(check.total)
        .arg(command);
}

QString titleOf(const ReasoningItem& reasoning) {
    if (reasoning.isStreaming) return ConversationTexts::tr("Thinking");
    const int64_t ms = reasoning.endedMs - reasoning.startedMs;
    return ms > 0 ? ConversationTexts::tr("Thought for %1").arg(durationText(ms))
                  : ConversationTexts::tr("Thought");
}

QChar signOf(CardState state) {
    switch (state) {
        case CardState::running:
            return QChar(0x25CB);  // circle
        case CardState::asking:
            return QLatin1Char('?');
        case CardState::done:
            return QChar(0x2713);  // check mark
        case CardState::failed:
            return QChar(0x2717);  // ballot x
        case CardState::denied:
            return QChar(0x2298);  // circled slash
        case CardState::interrupted:
            return QChar(0x25A0);  // square
    }
    return {};
}

QString stateName(CardState state) {
    switch (state) {
        case CardState::running:
            return ConversationTexts::tr("running");
        case CardState::asking:
            return ConversationTexts::tr("needs your permission");
        case CardState::done:
            return ConversationTexts::tr("done");
        case CardState::failed:
            return ConversationTexts::tr("failed");
        case CardState::denied:
            return ConversationTexts::tr("denied");
        case CardState::interrupted:
            return ConversationTexts::tr("interrupted");
    }
    return {};
}

QString endText(const Turn& turn) {
    if (!turn.status)
        return ConversationTexts::tr("Cut off: the program ended while this turn ran");
    return endWord(*turn.status, durationText(turn.endedMs - turn.startedMs));
}

QString activityText(const Turn& turn) {
    if (turn.nAsking > 0) return ConversationTexts::tr("Waiting for your permission");
    const int32_t running = runningItemOf(turn);
    if (running >= 0) {
        const Item& item = turn.items[running];
        if (const auto* card = item.as<ToolCard>()) return titleOf(*card);
        if (const auto* check = item.as<CheckItem>()) return titleOf(*check);
        return ConversationTexts::tr("Thinking");
    }
    if (!turn.items.isEmpty())
        if (const auto* text = turn.items.back().as<TextItem>())
            if (text->isStreaming) return ConversationTexts::tr("Writing");
    return ConversationTexts::tr("Waiting for the model");
}

QString answerText(const CardPermission& permission) {
    if (permission.answer.empty()) return {};
    const QString rule = fromUtf8(permission.rule);
    if (permission.answer == "once") return ConversationTexts::tr("Allowed once");
    if (permission.answer == "turn")
        return ConversationTexts::tr("Allowed for the rest of this turn");
    if (permission.answer == "session" && !rule.isEmpty())
        return ConversationTexts::tr("Allowed in this session: %1").arg(rule);
    if (permission.answer == "session") return ConversationTexts::tr("Allowed in this session");
    if (permission.answer == "always" && !rule.isEmpty())
        return ConversationTexts::tr("Always allowed in this project: %1").arg(rule);
    if (permission.answer == "always")
        return ConversationTexts::tr("Always allowed in this project");
    if (permission.answer == "unavailable")
        return ConversationTexts::tr("Denied: nobody was there to answer");
    return rule.isEmpty() ? ConversationTexts::tr("Denied")
                          : ConversationTexts::tr("Denied: %1").arg(rule);
}

}  // namespace moxie::desktop
