// The gate against made-up machines: what a step with k drafts costs, and how often they are right.
#include "engine/local/draft_gate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tests/catch.h"

namespace moxie::engine {

namespace {

struct Machine {
    double costPerDraft = 0;    // of a plain step
    double lookupChance = 0;    // that the conversation has something to propose
    double lookupAccuracy = 0;  // of each drafted token
    double blockAccuracy = 0;
    double blockCost = 0;  // of one guess of the block
    // A block drafter: what a block costs, and how often it thinks itself wrong at once.
    int64_t blockTokens = 0;
    double blockPass = 0, blockSilence = 0;
    // What the block takes for each token since it was asked last, of which it needs the latest.
    double followCost = 0;
    int64_t followedMost = 128;
    int64_t blockWrongUntil = 0;  // tokens of which the block guesses none
};

// Uniform in [0, 1).
class Dice {
public:
    double roll() {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<double>(state_ >> 11) * 0x1p-53;
    }

private:
    uint64_t state_ = 5;
};

// How many times as quick as without drafts.
double speedup(const Machine& machine, const std::vector<DraftSource>& sources, int64_t tokens) {
    DraftGate gate = machine.blockTokens > 0 ? DraftGate(machine.blockTokens) : DraftGate();
    Dice dice;
    double seconds = 0;
    int64_t given = 0;
    int64_t missed = 0;
    while (given < tokens) {
        DraftStep step = {.given = 1, .seconds = 1};
        const bool hasLookup = dice.roll() < machine.lookupChance;
        for (const DraftSource source : gate.order(sources)) {
            if (source == DraftSource::lookup && !hasLookup) continue;
            const bool isLookup = source == DraftSource::lookup;
            const double blockAccuracy =
                given < machine.blockWrongUntil ? 0 : machine.blockAccuracy;
            const double accuracy = isLookup ? machine.lookupAccuracy : blockAccuracy;
            step.source = source;
            step.drafted = gate.draftTokens(source);
            if (!isLookup) step.seconds += machine.blockPass;
            if (!isLookup)
                step.catchUpSeconds =
                    machine.followCost *
                    static_cast<double>(std::min(std::exchange(missed, 0), machine.followedMost));
            step.seconds += step.catchUpSeconds;
            if (!isLookup && dice.roll() < machine.blockSilence) step.drafted = 0;
            while (step.given <= step.drafted && dice.roll() < accuracy)
                ++step.given;
            step.seconds += static_cast<double>(step.drafted) *
                            (machine.costPerDraft + (isLookup ? 0 : machine.blockCost));
            break;
        }
        gate.record(step);
        seconds += step.seconds;
        given += step.given;
        missed += step.given;
    }
    return static_cast<double>(given) / seconds;
}

const std::vector<DraftSource> kBoth = {DraftSource::lookup, DraftSource::block};

}  // namespace

TEST_CASE("drafts never cost more than a fiftieth, whatever they are worth",
          "[engine][speculation]") {
    for (const double cost : {0.02, 0.2, 0.4, 0.8, 1.0})
        for (const double lookup : {0.0, 0.3, 0.6, 0.9})
            for (const double block : {0.0, 0.4, 0.6, 0.8})
                for (const int64_t tokens : {300, 1000, 10'000}) {
                    CAPTURE(cost, lookup, block, tokens);
                    REQUIRE(speedup({.costPerDraft = cost,
                                     .lookupChance = 0.5,
                                     .lookupAccuracy = lookup,
                                     .blockAccuracy = block,
                                     .blockCost = 0.03},
                                    kBoth, tokens) >= 0.98);
                }
}

TEST_CASE("a block drafter never costs more than a fiftieth, and is used where it pays",
          "[engine][speculation]") {
    const std::vector<DraftSource> block = {DraftSource::block};
    for (const double pass : {0.05, 0.2, 0.5})
        for (const double silence : {0.0, 0.5, 0.9, 1.0})
            for (const double accuracy : {0.0, 0.3, 0.6, 0.9}) {
                CAPTURE(pass, silence, accuracy);
                REQUIRE(speedup({.costPerDraft = 0.3,
                                 .blockAccuracy = accuracy,
                                 .blockTokens = 5,
                                 .blockPass = pass,
                                 .blockSilence = silence},
                                block, 3000) >= 0.98);
            }
    const Machine paying = {
        .costPerDraft = 0.1, .blockAccuracy = 0.9, .blockTokens = 5, .blockPass = 0.1};
    REQUIRE(speedup(paying, block, 3000) > 1.8);
}

TEST_CASE(
    "a block that has to catch up never costs more than a fiftieth, and is used where it pays",
    "[engine][speculation]") {
    for (const double follow : {0.001, 0.01, 0.03})
        for (const double accuracy : {0.0, 0.2, 0.4, 0.6, 0.8})
            for (const int64_t tokens : {300, 1000, 10'000}) {
                CAPTURE(follow, accuracy, tokens);
                REQUIRE(speedup({.costPerDraft = 0.4,
                                 .blockAccuracy = accuracy,
                                 .blockCost = 0.12,
                                 .followCost = follow},
                                kBoth, tokens) >= 0.98);
            }
    const Machine paying = {
        .costPerDraft = 0.3, .blockAccuracy = 0.85, .blockCost = 0.05, .followCost = 0.01};
    REQUIRE(speedup(paying, kBoth, 3000) > 1.3);
    Machine late = paying;  // comes back after a long text that it could not guess
    late.blockWrongUntil = 3000;
    late.followCost = 0.03;
    REQUIRE(speedup(late, kBoth, 9000) > 1.15);
}

TEST_CASE("drafts that pay are used", "[engine][speculation]") {
    const Machine lightExperts = {
        .costPerDraft = 0.15, .lookupChance = 1, .lookupAccuracy = 0.9, .blockAccuracy = 0.8};
    REQUIRE(speedup(lightExperts, {{DraftSource::lookup}}, 3000) > 2);
    REQUIRE(speedup(lightExperts, {{DraftSource::block}}, 3000) > 1.5);
    REQUIRE(speedup(lightExperts, kBoth, 3000) > 2);
    // Where the conversation has nothing, the block's guesses stay.
    const Machine freshCode = {.costPerDraft = 0.15,
                               .lookupChance = 0.3,
                               .lookupAccuracy = 0.1,
                               .blockAccuracy = 0.8,
                               .blockCost = 0.02};
    REQUIRE(speedup(freshCode, kBoth, 3000) > 1.4);
}

TEST_CASE("nothing is drafted before plain steps were timed, and they are timed again",
          "[engine][speculation]") {
    DraftGate gate;
    for (int i = 0; i < 4; ++i) {
        REQUIRE(gate.order(kBoth).empty());
        gate.record({.given = 1, .seconds = 1});
    }
    REQUIRE(gate.order(kBoth) == kBoth);
    int64_t drafted = 0;
    for (; !gate.order(kBoth).empty() && drafted < 1000; ++drafted)
        gate.record({.source = DraftSource::block, .drafted = 1, .given = 2, .seconds = 1});
    REQUIRE(drafted == 64);
}

TEST_CASE("slow first steps make no draft look like a gain", "[engine][speculation]") {
    DraftGate gate;
    for (const double seconds : {40.0, 12.0, 1.0, 1.0})
        gate.record({.given = 1, .seconds = seconds});
    double seconds = 0;
    for (int i = 0; i < 200; ++i) {
        DraftStep step = {.given = 1, .seconds = 1};
        if (const auto open = gate.order(kBoth); !open.empty())
            step = {.source = open[0],
                    .drafted = gate.draftTokens(open[0]),
                    .given = 1,
                    .seconds = 1.5};
        gate.record(step);
        seconds += step.seconds;
    }
    REQUIRE(seconds <= 204);
}

TEST_CASE("drafts grow while they are right and shrink to what was", "[engine][speculation]") {
    DraftGate gate;
    gate.record({.given = 1, .seconds = 1});
    const auto lookup = [&](int64_t given) {
        gate.record({.source = DraftSource::lookup,
                     .drafted = gate.draftTokens(DraftSource::lookup),
                     .given = given,
                     .seconds = 1});
        return gate.draftTokens(DraftSource::lookup);
    };
    REQUIRE(lookup(3) == 4);
    REQUIRE(lookup(5) == 8);
    REQUIRE(lookup(9) == 16);
    REQUIRE(lookup(17) == 16);
    REQUIRE(lookup(6) == 6);
    REQUIRE(lookup(1) == 2);
    REQUIRE(gate.draftTokens(DraftSource::block) == 1);
}

}  // namespace moxie::engine
