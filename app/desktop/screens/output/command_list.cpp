#include "app/desktop/screens/output/command_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace moxie::desktop {

namespace {

std::pair<int64_t, int64_t> placeOf(const CommandRow& row) {
    return {row.turn, row.item};
}

CommandRow rowOfCard(const ToolCard& card) {
    return {.callId = card.callId,
            .tool = card.tool,
            .command = card.details.targets.empty() ? card.title : card.details.targets.front(),
            .directory = card.details.directory,
            .state = card.state,
            .exitCode = card.exitCode,
            .startedMs = card.startedMs,
            .durationMs = card.durationMs,
            .outputLines = card.outputLines};
}

CommandRow rowOfCheck(const CheckItem& check) {
    return {.callId = fmt::format("verify-{}-{}", check.round, check.number),
            .tool = "verify",
            .command = check.command,
            .state = check.isRunning         ? CardState::running
                     : check.command.empty() ? CardState::interrupted
                     : check.hasPassed       ? CardState::done
                                             : CardState::failed,
            .isCheck = true,
            .exitCode = check.exitCode,
            .durationMs = check.durationMs};
}

// Nothing says which check it is that has not ended: the one after the last one that has.
std::string nameOfOpenCheck(const SharedList<Item>& items, int64_t item) {
    while (--item >= 0) {
        const auto* before = items[item].as<CheckItem>();
        if (before == nullptr) continue;
        const bool isNextRound = !before->hasPassed || before->number >= before->total;
        return isNextRound ? fmt::format("verify-{}-1", before->round + 1)
                           : fmt::format("verify-{}-{}", before->round, before->number + 1);
    }
    return "verify-1-1";
}

// False: the item is no command. `job` looks after commands that have rows of their own.
bool readRow(const Item& item, CommandRow& row) {
    if (const auto* card = item.as<ToolCard>()) {
        if (card->details.kind != CallKind::execute || card->tool == "job") return false;
        row = rowOfCard(*card);
        return true;
    }
    if (const auto* check = item.as<CheckItem>()) {
        row = rowOfCheck(*check);
        return true;
    }
    return false;
}

}  // namespace

void CommandList::rebuild(const Conversation& now) {
    rows_.clear();
    changed_.clear();
    Effect unused = Effect::nothing;
    for (int64_t turn = 0; turn < now.turns.size(); ++turn)
        for (int64_t item = 0; item < now.turns[turn].items.size(); ++item)
            readItem(now, turn, item, unused);
    sort();
}

CommandList::Effect CommandList::apply(const Conversation& now,
                                       const std::vector<ConversationChange>& changes) {
    using Kind = ConversationChange::Kind;
    changed_.clear();
    Effect effect = Effect::nothing;
    for (const ConversationChange& change : changes) {
        if (change.kind == Kind::itemsCut) {
            const std::pair first = {change.turn, change.item};
            const size_t nBefore = rows_.size();
            while (!rows_.empty() && placeOf(rows_.back()) >= first)
                rows_.pop_back();
            if (rows_.size() != nBefore) effect = Effect::all;
        }
        if (change.kind == Kind::itemAdded || change.kind == Kind::itemChanged)
            readItem(now, change.turn, change.item, effect);
    }
    if (effect == Effect::all) {
        changed_.clear();
        sort();
    }
    return effect;
}

void CommandList::readItem(const Conversation& now, int64_t turn, int64_t item, Effect& effect) {
    if (turn >= now.turns.size() || item >= now.turns[turn].items.size()) return;  // cut since
    CommandRow row;
    if (!readRow(now.turns[turn].items[item], row)) return;
    row.turn = turn;
    row.item = item;
    if (row.isCheck && row.command.empty())
        row.callId = nameOfOpenCheck(now.turns[turn].items, item);
    row.turnNumber = now.turns[turn].number;
    const auto at = std::lower_bound(
        rows_.begin(), rows_.end(), row,
        [](const CommandRow& a, const CommandRow& b) { return placeOf(a) < placeOf(b); });
    if (at == rows_.end() || placeOf(*at) != placeOf(row)) {
        rows_.insert(at, std::move(row));
        effect = Effect::all;
        return;
    }
    if (*at == row) return;
    const bool isMoved = at->isRunning() != row.isRunning();
    *at = std::move(row);
    if (isMoved) effect = Effect::all;
    if (effect == Effect::all) return;
    effect = Effect::rowsChanged;
    changed_.push_back(at - rows_.begin());
}

void CommandList::sort() {
    order_.resize(rows_.size());
    std::iota(order_.rbegin(), order_.rend(), 0);
    std::stable_partition(order_.begin(), order_.end(),
                          [this](int64_t index) { return rows_[size_t(index)].isRunning(); });
}

int64_t CommandList::find(const std::string& callId, int32_t turnNumber) const {
    const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const CommandRow& row) {
        return row.callId == callId && row.turnNumber == turnNumber;
    });
    return found == rows_.end() ? -1 : found - rows_.begin();
}

}  // namespace moxie::desktop
