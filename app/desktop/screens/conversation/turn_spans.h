// Which blocks a turn of the conversation is shown as: the message, one line for its steps, the
// steps, the answer, and how it ended. Counts only, no texts, so that a session of 100,000 turns
// can be opened at once. Threads: any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "app/desktop/canvas/block_source.h"
#include "app/desktop/model/conversation.h"

namespace moxie::desktop {

enum class Density : uint8_t {
    summary,  // steps folded into one line
    normal,   // each step is a line; edits and failures are open
    verbose,  // everything is open
};

enum class PartKind : uint8_t {
    message,    // of the user
    pictures,   // of the message
    summary,    // "7 steps: ..."
    reasoning,  // and the others: items of the turn
    text,
    tool,
    check,
    commit,
    notice,
    end,  // how the turn ended, or that it is running
};

// Blocks that show the same thing: the pieces of an answer, or one.
struct TurnSpan {
    PartKind kind = PartKind::message;
    int32_t item = -1;             // of the turn; -1: none
    int32_t first = 0, count = 1;  // blocks of the turn
    int64_t length = 0;            // characters of all of them, about
    bool operator==(const TurnSpan&) const = default;
};

// What the user opened or closed himself; for the rest the density decides.
struct TurnFolds {
    Fold steps = Fold::none;  // none: as the density says
    std::map<int32_t, Fold> items = {};
};

// How a turn is to be shown. `folds` may be null.
struct TurnWish {
    Density density = Density::normal;
    const TurnFolds* folds = nullptr;
};

// The number of pieces of the Markdown text `item`.
using PieceCount = std::function<int32_t(int32_t item, const TextItem& text)>;

std::vector<TurnSpan> spansOf(const Turn& turn, const TurnWish& wish, const PieceCount& count);

inline int32_t countOf(const std::vector<TurnSpan>& spans) {
    return spans.empty() ? 0 : spans.back().first + spans.back().count;
}

bool areStepsOpen(const TurnWish& wish);

// Of a reasoning, tool or check; none for what cannot be folded.
Fold foldOf(const Item& item, int32_t index, const TurnWish& wish);

// The items after which only the answer comes. -1: none of the turn's items is a tool call.
int32_t lastToolOf(const Turn& turn);

// The step that runs now: a tool call, a check or reasoning. -1: none.
int32_t runningItemOf(const Turn& turn);

// The text that is the answer as far as one can tell, -1: none.
int32_t answerOf(const Turn& turn);

}  // namespace moxie::desktop
