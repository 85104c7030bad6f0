// Counts what a turn has used against its budget. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "agent/session.h"
#include "base/clock.h"
#include "engine/chat_model.h"

namespace moxie::agent {

class BudgetMeter {
public:
    BudgetMeter(const Budget& budget, base::Clock& clock);

    void countStep() { ++steps_; }

    void countUsage(const engine::Usage& usage, double costUsd);

    int32_t steps() const { return steps_; }

    int64_t elapsedMs() const { return clock_.steadyMs() - startMs_; }

    // The bound that is used up, as "100 of 100 steps"; nullopt: there is room.
    std::optional<std::string> spent() const;
    // Once per bound: the bound of which 90 % is used.
    std::optional<std::string> warning();

private:
    struct Bound {
        double used = 0, limit = 0;
        std::string text;  // "90 of 100 steps"
    };

    std::vector<Bound> bounds() const;

    Budget budget_;
    base::Clock& clock_;
    int64_t startMs_ = 0;
    int32_t steps_ = 0;
    int64_t tokens_ = 0;
    double costUsd_ = 0;
    uint32_t warned_ = 0;  // one bit per bound
};

// Price of one request in US dollars; negative where the price is not known.
double costOf(const engine::Usage& usage, const std::optional<engine::ModelLimits::Price>& price);

}  // namespace moxie::agent
