#include "app/desktop/screens/conversation/turn_spans.h"

#include "app/desktop/screens/conversation/answer_text.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kHeadLength = 40;  // of a folded card

bool isOpenByDensity(const ToolCard& card, Density density) {
    if (card.state == CardState::asking || density == Density::verbose) return true;
    if (density == Density::summary) return false;
    if (card.state == CardState::failed || card.state == CardState::denied) return true;
    return !card.details.hunk.empty() ||
           (card.details.kind == CallKind::execute && card.state == CardState::running);
}

bool isOpenByDensity(const CheckItem& check, Density density) {
    const bool hasFailed = !check.isRunning && !check.hasPassed;
    return density == Density::verbose || (density == Density::normal && hasFailed);
}

bool isOpenByDensity(const ReasoningItem& /*reasoning*/, Density density) {
    return density == Density::verbose;
}

int64_t lengthOf(const ToolCard& card, Fold fold) {
    if (fold == Fold::folded) return kHeadLength;
    return kHeadLength +
           int64_t(card.outputTail.size() + card.errorText.size() + 80 * card.details.hunk.size());
}

// Puts the spans of one turn together.
class SpanList {
public:
    SpanList(const Turn& turn, const TurnWish& wish, const PieceCount& count)
        : turn_(turn),
          wish_(wish),
          count_(count),
          lastTool_(lastToolOf(turn)) {}

    std::vector<TurnSpan> make() {
        if (!turn_.task.empty())
            add(PartKind::message, -1, int32_t(cutPlainText(turn_.task).size()),
                int64_t(turn_.task.size()));
        if (turn_.pictures) add(PartKind::pictures, -1, 1, kHeadLength);
        if (turn_.summary.nSteps > 0) add(PartKind::summary, -1, 1, kHeadLength);
        for (int64_t i = 0; i < turn_.items.size(); ++i)
            turn_.items[i].visit([&](const auto& item) { addItem(item, int32_t(i)); });
        if (turn_.isRunning || turn_.status || !turn_.task.empty())
            add(PartKind::end, -1, 1, kHeadLength);
        spans_.shrink_to_fit();  // there may be 50,000 turns
        return std::move(spans_);
    }

private:
    void add(PartKind kind, int32_t item, int32_t count, int64_t length) {
        if (count > 0) spans_.push_back({kind, item, countOf(spans_), count, length});
    }

    void addItem(const ReasoningItem& reasoning, int32_t item) {
        if (!areStepsOpen(wish_)) return;
        const bool isFolded = foldOf(turn_.items[item], item, wish_) == Fold::folded;
        const auto length = int64_t(reasoning.text.size());
        if (isFolded)
            add(PartKind::reasoning, item, 1, kHeadLength);
        else
            add(PartKind::reasoning, item, int32_t(cutPlainText(reasoning.text).size()), length);
    }

    void addItem(const TextItem& text, int32_t item) {
        if (item < lastTool_ && !areStepsOpen(wish_)) return;
        add(PartKind::text, item, count_(item, text), int64_t(text.text.size()));
    }

    void addItem(const ToolCard& card, int32_t item) {
        if (!areStepsOpen(wish_) && card.state != CardState::asking) return;
        add(PartKind::tool, item, 1, lengthOf(card, foldOf(turn_.items[item], item, wish_)));
    }

    void addItem(const CheckItem& check, int32_t item) {
        const bool isFolded = foldOf(turn_.items[item], item, wish_) == Fold::folded;
        const auto length = int64_t(check.outputTail.size());
        add(PartKind::check, item, 1, kHeadLength + (isFolded ? 0 : length));
    }

    void addItem(const CommitItem& commit, int32_t item) {
        add(PartKind::commit, item, 1, int64_t(commit.message.size()));
    }

    void addItem(const NoticeItem& notice, int32_t item) {
        if (notice.level == "info" && !areStepsOpen(wish_)) return;
        add(PartKind::notice, item, 1, int64_t(notice.text.size()));
    }

    const Turn& turn_;
    const TurnWish& wish_;
    const PieceCount& count_;
    const int32_t lastTool_;
    std::vector<TurnSpan> spans_;
};

}  // namespace

std::vector<TurnSpan> spansOf(const Turn& turn, const TurnWish& wish, const PieceCount& count) {
    return SpanList(turn, wish, count).make();
}

bool areStepsOpen(const TurnWish& wish) {
    if (wish.folds != nullptr && wish.folds->steps != Fold::none)
        return wish.folds->steps == Fold::open;
    return wish.density != Density::summary;
}

Fold foldOf(const Item& item, int32_t index, const TurnWish& wish) {
    if (wish.folds != nullptr)
        if (const auto own = wish.folds->items.find(index); own != wish.folds->items.end())
            return own->second;
    const auto byDensity = [&](const auto& each) {
        return isOpenByDensity(each, wish.density) ? Fold::open : Fold::folded;
    };
    if (const auto* card = item.as<ToolCard>()) return byDensity(*card);
    if (const auto* check = item.as<CheckItem>()) return byDensity(*check);
    if (const auto* reasoning = item.as<ReasoningItem>()) return byDensity(*reasoning);
    return Fold::none;
}

int32_t lastToolOf(const Turn& turn) {
    for (int64_t i = turn.items.size() - 1; i >= 0; --i)
        if (turn.items[i].as<ToolCard>() != nullptr) return int32_t(i);
    return -1;
}

int32_t runningItemOf(const Turn& turn) {
    if (!turn.isRunning) return -1;
    for (int64_t i = turn.items.size() - 1; i >= 0; --i) {
        const Item& item = turn.items[i];
        const auto* card = item.as<ToolCard>();
        const auto* check = item.as<CheckItem>();
        const auto* reasoning = item.as<ReasoningItem>();
        if ((card != nullptr && card->state == CardState::running) ||
            (check != nullptr && check->isRunning) ||
            (reasoning != nullptr && reasoning->isStreaming))
            return int32_t(i);
    }
    return -1;
}

int32_t answerOf(const Turn& turn) {
    if (turn.answerItem >= 0) return int32_t(turn.answerItem);
    const int32_t lastTool = lastToolOf(turn);
    for (int64_t i = turn.items.size() - 1; i > lastTool; --i)
        if (turn.items[i].as<TextItem>() != nullptr) return int32_t(i);
    return -1;
}

}  // namespace moxie::desktop
