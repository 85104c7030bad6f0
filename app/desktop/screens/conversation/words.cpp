#include "app/desktop/screens/conversation/words.h"

#include <QLocale>
#include <QStringList>

#include "app/desktop/screens/conversation/turn_spans.h"

namespace moxie::desktop {

namespace {

using Texts = ConversationTexts;

constexpr int64_t kSecond = 1'000, kMinute = 60 * kSecond, kHour = 60 * kMinute;
constexpr qsizetype kTargetCharsMax = 160;  // in a title; the card shows all of it

QString minutesText(int64_t ms) {
    if (ms < kHour) return Texts::tr("%1 min %2 s").arg(ms / kMinute).arg(ms % kMinute / kSecond);
    return Texts::tr("%1 h %2 min").arg(ms / kHour).arg(ms % kHour / kMinute);
}

QString joined(const QStringList& clauses) {
    QString all;
    for (const QString& clause : clauses)
        all =
            all.isEmpty() ? clause : Texts::tr("%1, %2", "things that were done").arg(all, clause);
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
            return Texts::tr("Reading %1").arg(target);
        case CallKind::edit:
            return Texts::tr("Editing %1").arg(target);
        case CallKind::search:
            return Texts::tr("Searching for %1").arg(target);
        case CallKind::execute:
            return Texts::tr("Running %1").arg(target);
        case CallKind::fetch:
            return Texts::tr("Fetching %1").arg(target);
        case CallKind::think:
            return Texts::tr("Planning");
        case CallKind::other:
            break;
    }
    return Texts::tr("Using %1: %2", "a tool and what for").arg(fromUtf8(card.tool), target);
}

QString calledTitle(const ToolCard& card, const QString& target) {
    switch (card.details.kind) {
        case CallKind::read:
            return Texts::tr("Read %1", "past").arg(target);
        case CallKind::edit:
            return Texts::tr("Edited %1").arg(target);
        case CallKind::search:
            return Texts::tr("Searched for %1").arg(target);
        case CallKind::execute:
            return Texts::tr("Ran %1").arg(target);
        case CallKind::fetch:
            return Texts::tr("Fetched %1").arg(target);
        case CallKind::think:
            return Texts::tr("Planned");
        case CallKind::other:
            break;
    }
    return Texts::tr("Used %1: %2", "a tool and what for").arg(fromUtf8(card.tool), target);
}

// Of a call that was not carried out (yet).
QString wantedTitle(const ToolCard& card, const QString& target) {
    switch (card.details.kind) {
        case CallKind::read:
            return Texts::tr("Read %1", "wish").arg(target);
        case CallKind::edit:
            return Texts::tr("Edit %1").arg(target);
        case CallKind::search:
            return Texts::tr("Search for %1").arg(target);
        case CallKind::execute:
            return Texts::tr("Run %1").arg(target);
        case CallKind::fetch:
            return Texts::tr("Fetch %1").arg(target);
        case CallKind::think:
            return Texts::tr("Plan");
        case CallKind::other:
            break;
    }
    return Texts::tr("Use %1: %2", "a tool and what for").arg(fromUtf8(card.tool), target);
}

QString endWord(agent::EndStatus status, const QString& time) {
    using agent::EndStatus;
    switch (status) {
        case EndStatus::verified:
            return Texts::tr("Verified in %1").arg(time);
        case EndStatus::unverified:
            return Texts::tr("Done in %1, not verified").arg(time);
        case EndStatus::verificationFailed:
            return Texts::tr("The checks failed after %1").arg(time);
        case EndStatus::permission:
            return Texts::tr("Ended after %1: a permission was missing").arg(time);
        case EndStatus::budget:
            return Texts::tr("The budget was used up after %1").arg(time);
        case EndStatus::stuck:
            return Texts::tr("The agent got stuck after %1").arg(time);
        case EndStatus::sandboxUnavailable:
            return Texts::tr("Ended: commands cannot be run in a sandbox here");
        case EndStatus::refused:
            return Texts::tr("The model refused");
        case EndStatus::interrupted:
            return Texts::tr("Stopped by you after %1").arg(time);
        case EndStatus::terminated:
            return Texts::tr("Ended from outside after %1").arg(time);
        case EndStatus::error:
        case EndStatus::usage:
            break;
    }
    return Texts::tr("Failed after %1").arg(time);
}

}  // namespace

QString fromUtf8(std::string_view text) {
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

QString durationText(int64_t ms) {
    if (ms >= kMinute) return minutesText(ms);
    const double seconds = double(ms) / kSecond;
    return Texts::tr("%1 s").arg(QLocale().toString(seconds, 'f', ms < 10 * kSecond ? 1 : 0));
}

QString elapsedText(int64_t ms) {
    ms = std::max<int64_t>(0, ms);
    return ms >= kMinute ? minutesText(ms) : Texts::tr("%1 s").arg(ms / kSecond);
}

QString bytesText(int64_t bytes) {
    return QLocale().formattedDataSize(bytes, bytes < 1'000 ? 0 : 1, QLocale::DataSizeSIFormat);
}

QString summaryText(const StepSummary& summary) {
    QStringList done;
    const auto add = [&](int count, const QString& one, const QString& many) {
        if (count > 0) done << (count == 1 ? one : many);
    };
    add(summary.nFilesRead, Texts::tr("read 1 file"),
        Texts::tr("read %n files", nullptr, summary.nFilesRead));
    add(summary.nSearches, Texts::tr("searched once"),
        Texts::tr("searched %n times", nullptr, summary.nSearches));
    add(summary.nCommands, Texts::tr("ran 1 command"),
        Texts::tr("ran %n commands", nullptr, summary.nCommands));
    add(summary.nFilesEdited, Texts::tr("edited 1 file"),
        Texts::tr("edited %n files", nullptr, summary.nFilesEdited));
    add(summary.nOther, Texts::tr("made 1 other call"),
        Texts::tr("made %n other calls", nullptr, summary.nOther));
    add(summary.nFailed, Texts::tr("1 failed"), Texts::tr("%n failed", nullptr, summary.nFailed));
    if (summary.durationMs > 0) done << durationText(summary.durationMs);
    const QString steps =
        summary.nSteps == 1 ? Texts::tr("1 step") : Texts::tr("%n steps", nullptr, summary.nSteps);
    if (done.isEmpty()) return steps;
    return Texts::tr("%1: %2", "\"7 steps\", what was done").arg(steps, joined(done));
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
    if (check.isRunning) return Texts::tr("Checking");
    const QString command = fromUtf8(check.command);
    if (check.total <= 1) return Texts::tr("Check: %1").arg(command);
    return Texts::tr("Check %1 of %2: %3").arg(check.number).arg(check.total).arg(command);
}

QString titleOf(const ReasoningItem& reasoning) {
    if (reasoning.isStreaming) return Texts::tr("Thinking");
    const int64_t ms = reasoning.endedMs - reasoning.startedMs;
    return ms > 0 ? Texts::tr("Thought for %1").arg(durationText(ms)) : Texts::tr("Thought");
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
            return Texts::tr("running");
        case CardState::asking:
            return Texts::tr("needs your permission");
        case CardState::done:
            return Texts::tr("done");
        case CardState::failed:
            return Texts::tr("failed");
        case CardState::denied:
            return Texts::tr("denied");
        case CardState::interrupted:
            return Texts::tr("interrupted");
    }
    return {};
}

QString endText(const Turn& turn) {
    if (!turn.status) return Texts::tr("Cut off: the program ended while this turn ran");
    return endWord(*turn.status, durationText(turn.endedMs - turn.startedMs));
}

QString activityText(const Turn& turn) {
    if (turn.nAsking > 0) return Texts::tr("Waiting for your permission");
    const int32_t running = runningItemOf(turn);
    if (running >= 0) {
        const Item& item = turn.items[running];
        if (const auto* card = std::get_if<ToolCard>(&item)) return titleOf(*card);
        if (const auto* check = std::get_if<CheckItem>(&item)) return titleOf(*check);
        return Texts::tr("Thinking");
    }
    if (!turn.items.isEmpty())
        if (const auto* text = std::get_if<TextItem>(&turn.items.back()))
            if (text->isStreaming) return Texts::tr("Writing");
    return Texts::tr("Waiting for the model");
}

QString answerText(const CardPermission& permission) {
    if (permission.answer.empty()) return {};
    const QString rule = fromUtf8(permission.rule);
    if (permission.answer == "once") return Texts::tr("Allowed once");
    if (permission.answer == "turn") return Texts::tr("Allowed for the rest of this turn");
    if (permission.answer == "session" && !rule.isEmpty())
        return Texts::tr("Allowed in this session: %1").arg(rule);
    if (permission.answer == "session") return Texts::tr("Allowed in this session");
    if (permission.answer == "always" && !rule.isEmpty())
        return Texts::tr("Always allowed in this project: %1").arg(rule);
    if (permission.answer == "always") return Texts::tr("Always allowed in this project");
    if (permission.answer == "unavailable") return Texts::tr("Denied: nobody was there to answer");
    return rule.isEmpty() ? Texts::tr("Denied") : Texts::tr("Denied: %1").arg(rule);
}

}  // namespace moxie::desktop
