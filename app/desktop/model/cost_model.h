// The cost panel: tokens and money per turn, session and day, from the events of requests, models
// and usage ("request", "model", "usage"; others are passed over). Money is
// kept in whole nano-dollars as differences of the session's running total, so the rows of a table
// always add up to its last line. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/event.h"

namespace moxie::desktop {

struct Cost {
    int64_t freshTokens = 0;   // input that was not in a cache
    int64_t cachedTokens = 0;  // input that was
    int64_t outputTokens = 0;  // reasoning included
    int64_t reasoningTokens = 0;
    int64_t nanoDollars = 0;
    int64_t nRequests = 0;
    int64_t nUnpriced = 0;  // of these, with an unknown price: the money is a lower bound then
    int64_t nLocal = 0;     // of these, answered by a model on this machine
    // Of the local ones: from the request to its end, so the reading of the prompt is in it.
    int64_t localMs = 0, localOutputTokens = 0;

    Cost& operator+=(const Cost& other);
    bool operator==(const Cost&) const = default;
};

struct TurnCost {
    int32_t turn = 0;
    Cost cost = {};
    bool operator==(const TurnCost&) const = default;
};

struct DayCost {
    int64_t day = 0;  // days since 1970-01-01 in local time
    Cost cost = {};
    bool operator==(const DayCost&) const = default;
};

enum class BudgetState { none, fine, near, reached };  // near: from 80 % on

// `limit` 0: no budget.
BudgetState budgetState(int64_t spent, int64_t limit);

class CostModel {
public:
    // `utcOffsetMs`: local time less UTC, for the borders of days.
    explicit CostModel(int64_t utcOffsetMs = 0) : utcOffsetMs_(utcOffsetMs) {}

    // The events of each session in their order; sessions in any order. True: something changed.
    bool apply(std::string_view sessionId, const agent::Event& event);

    std::vector<TurnCost> turns(std::string_view sessionId) const;  // oldest first
    Cost session(std::string_view sessionId) const;
    std::vector<DayCost> days() const;  // of all sessions, oldest first
    Cost total() const;

private:
    struct Session {
        std::vector<TurnCost> turns;
        int64_t nanoDollars = 0;  // the running total that the session said last
        int64_t lastSeq = 0;      // an event that comes again is not counted again
        int64_t requestMs = 0;    // when the last request was sent; 0: not known
        bool isLocal = false;     // the model that answers
    };

    int64_t utcOffsetMs_ = 0;
    std::map<std::string, Session, std::less<>> sessions_;
    std::map<int64_t, Cost> days_;
};

}  // namespace moxie::desktop
