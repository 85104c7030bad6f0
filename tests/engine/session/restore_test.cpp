// Restored, forked and rewound timelines against one that was never interrupted, bit for bit.
#include <algorithm>
#include <functional>

#include "engine/kv/kv_store.h"
#include "engine/kv/prefix_tree.h"
#include "tests/catch.h"
#include "tests/engine/session/tiny_families.h"
#include "tests/engine/weights/model_folder.h"

namespace moxie::engine {

namespace {

constexpr int64_t kTokens = 340;

struct Bench {
    TinyModel model;
    WorkerPool pool{2};
    const kernels::Dispatch& dispatch = kernels::dispatchFor(kernels::detectIsa());
    std::vector<int32_t> tokens, other;

    explicit Bench(const std::string& family) : model(openTinyFamily(family)) {
        tokens = variedTokens(kTokens, model.plan.vocabularySize);
        other = variedTokens(kTokens, model.plan.vocabularySize, 99);
    }

    Session session(const SessionOptions& options) {
        return Session::make(model.plan, pool, dispatch, options).value();
    }

    RunLogits uninterrupted(const SessionOptions& options, std::span<const int32_t> ids) {
        Session one = session(options);
        return evaluateAll(one, ids);
    }

    std::span<const int32_t> first(int64_t n) const {
        return std::span(tokens).first(static_cast<size_t>(n));
    }

    std::span<const int32_t> after(int64_t n) const {
        return std::span(tokens).subspan(static_cast<size_t>(n));
    }

    // The first n tokens, then others.
    std::vector<int32_t> branch(int64_t n) const {
        std::vector<int32_t> ids(tokens.begin(), tokens.begin() + n);
        ids.insert(ids.end(), other.begin(), other.begin() + 60);
        return ids;
    }
};

// What a state can be made of: rows; rows of a window; latents; with a draft block; with an
// indexer; frontiers.
const std::vector<std::string> kKinds = {"llama3",       "gpt_oss",     "deepseek_v2",
                                         "deepseek_v32", "deepseek_v4", "v4_block_drafter"};
const std::vector<int64_t> kSomePositions = {127, 256, 257};
const std::vector<int64_t> kAllPositions = {1, 127, 128, 129, 255, 256, 257, 300};
constexpr int64_t kTokensAfter = 40;

using Check = std::function<void(Bench&, const SessionOptions&, const std::vector<int64_t>&)>;

void forStates(const std::vector<std::string>& families, const std::vector<int64_t>& positions,
               const Check& check) {
    for (const std::string& family : families) {
        CAPTURE(family);
        Bench bench(family);
        for (const SessionOptions& options : stateOptions(bench.model.plan)) {
            CAPTURE(describe(options));
            check(bench, options, positions);
        }
    }
}

// A timeline that stops at each position, given to `keep` there.
Session grow(Bench& bench, const SessionOptions& options, const std::vector<int64_t>& positions,
             const std::function<void(const TimelineView&)>& keep) {
    Session session = bench.session(options);
    for (const int64_t position : positions) {
        const auto held = static_cast<size_t>(std::ssize(session.tokens()));
        session.evaluate(bench.first(position).subspan(held)).value();
        keep(session.view());
    }
    return session;
}

void requireGoesOn(Bench& bench, const SessionOptions& options, TimelineSnapshot snapshot,
                   int64_t position, const RunLogits& whole) {
    REQUIRE(std::ssize(snapshot.tokens) == position);
    Session restored = bench.session(options);
    restored.restore(std::move(snapshot));
    REQUIRE(evaluateAll(restored, bench.after(position).first(kTokensAfter)).isPartOf(whole));
}

void checkMemory(Bench& bench, const SessionOptions& options,
                 const std::vector<int64_t>& positions) {
    const RunLogits whole = bench.uninterrupted(options, bench.tokens);
    const KvLayout layout = bench.session(options).timeline().layout();
    PrefixTree tree(layout, int64_t{1} << 30);
    Session writer = grow(bench, options, positions,
                          [&](const TimelineView& timeline) { tree.insert(timeline); });
    for (const int64_t position : positions) {
        CAPTURE(position);
        requireGoesOn(bench, options, tree.find(bench.first(position)).snapshot, position, whole);
    }
    REQUIRE(evaluateAll(writer, bench.after(positions.back()).first(kTokensAfter)).isPartOf(whole));
}

void checkDisk(Bench& bench, const SessionOptions& options, const std::vector<int64_t>& positions) {
    const RunLogits whole = bench.uninterrupted(options, bench.tokens);
    const KvLayout layout = bench.session(options).timeline().layout();
    const tests::ModelFolder folder;
    base::SystemClock clock;
    const auto open = [&] {
        return KvStore::open(StateCodec(bench.model.plan, layout, options.kvFormat), {3, 4},
                             {.directory = folder.path()}, clock)
            .value();
    };
    {
        const auto store = open();
        grow(bench, options, positions,
             [&](const TimelineView& timeline) { REQUIRE(store->append(timeline).has_value()); });
    }
    const auto store = open();
    for (const int64_t position : positions) {
        CAPTURE(position);
        requireGoesOn(bench, options, store->load(bench.first(position)), position, whole);
    }
    REQUIRE(store->stats().dropped == 0);
}

// A conversation of many turns, written after each: every point that is left leads on.
void checkThinned(Bench& bench, const SessionOptions& options) {
    constexpr int64_t kTurns = 120;
    constexpr int64_t kTurnTokens = 9;
    const auto all =
        variedTokens(kTurns * kTurnTokens + kTokensAfter, bench.model.plan.vocabularySize, 5);
    const std::span<const int32_t> tokens(all);
    const RunLogits whole = bench.uninterrupted(options, tokens);
    const KvLayout layout = bench.session(options).timeline().layout();
    const tests::ModelFolder folder;
    base::SystemClock clock;
    const auto store = KvStore::open(StateCodec(bench.model.plan, layout, options.kvFormat), {3, 4},
                                     {.directory = folder.path()}, clock)
                           .value();
    Session writer = bench.session(options);
    for (int64_t i = 0; i < kTurns; ++i) {
        writer.evaluate(tokens.subspan(size_t(i * kTurnTokens), size_t(kTurnTokens))).value();
        REQUIRE(store->append(writer.view()).has_value());
    }
    REQUIRE(store->stats().thinnedPoints > 0);
    int64_t restored = 0;
    for (int64_t n = kTurnTokens; n <= kTurns * kTurnTokens; n += kTurnTokens) {
        if (store->find(tokens.first(size_t(n))) != n) continue;
        CAPTURE(n);
        Session session = bench.session(options);
        session.restore(store->load(tokens.first(size_t(n))));
        REQUIRE(std::ssize(session.tokens()) == n);
        const auto rest = tokens.subspan(size_t(n), size_t(kTokensAfter));
        REQUIRE(evaluateAll(session, rest).isPartOf(whole));
        ++restored;
    }
    REQUIRE(restored == store->stats().points);
    REQUIRE(store->stats().dropped == 0);
}

// In turns, so that each writes while the other shares its pages.
void checkBranches(Bench& bench, const SessionOptions& options,
                   const std::vector<int64_t>& positions) {
    const RunLogits whole = bench.uninterrupted(options, bench.tokens);
    for (const int64_t position : positions) {
        CAPTURE(position);
        const auto branchTokens = bench.branch(position);
        const RunLogits branchWhole = bench.uninterrupted(options, branchTokens);
        const auto rest =
            std::span<const int32_t>(branchTokens).subspan(static_cast<size_t>(position));
        Session trunk = bench.session(options);
        trunk.evaluate(bench.first(position)).value();
        Session branch = trunk.fork().value();
        REQUIRE(evaluateAll(branch, rest.first(20)).isPartOf(branchWhole));
        REQUIRE(evaluateAll(trunk, bench.after(position).first(kTokensAfter)).isPartOf(whole));
        REQUIRE(evaluateAll(branch, rest.subspan(20)).isPartOf(branchWhole));
    }
}

void checkRewind(Bench& bench, const SessionOptions& options,
                 const std::vector<int64_t>& positions) {
    const RunLogits whole = bench.uninterrupted(options, bench.tokens);
    Session session = bench.session(options);
    session.evaluate(bench.first(200)).value();
    session.evaluate(bench.after(200)).value();
    for (auto position = positions.rbegin(); position != positions.rend(); ++position) {
        CAPTURE(*position);
        REQUIRE(session.rewind(*position).has_value());
        REQUIRE(std::ssize(session.tokens()) == *position);
        // Something else is left behind before the real way is taken.
        session.evaluate(std::span(bench.other).first(30)).value();
        REQUIRE(session.rewind(*position).has_value());
        REQUIRE(evaluateAll(session, bench.after(*position).first(kTokensAfter)).isPartOf(whole));
    }
}

}  // namespace

TEST_CASE("a timeline taken from memory goes on as if it had never been interrupted",
          "[engine][kv]") {
    forStates(kKinds, kSomePositions, checkMemory);
}

TEST_CASE("a timeline taken from disk goes on as if it had never been interrupted",
          "[engine][kv]") {
    forStates(kKinds, kSomePositions, checkDisk);
}

TEST_CASE("what is left of the points of a long conversation leads on to the bit", "[engine][kv]") {
    Bench bench("deepseek_v4");
    SessionOptions options = stateOptions(bench.model.plan).front();
    options.contextTokens = 2048;
    checkThinned(bench, options);
}

TEST_CASE("branches do not disturb each other", "[engine][kv]") {
    forStates(kKinds, {255, 256}, checkBranches);
}

TEST_CASE("a rewound timeline goes on as if it had never been elsewhere", "[engine][kv]") {
    forStates(kKinds, {127, 256}, checkRewind);
}

TEST_CASE("every family is restored, forked and rewound to the bit at every awkward position",
          "[.slow][engine][kv]") {
    for (const Check& check :
         {Check(checkMemory), Check(checkDisk), Check(checkBranches), Check(checkRewind)})
        forStates(tinyFamilies(), kAllPositions, check);
}

TEST_CASE("logits are known where a timeline is taken up, and unknown behind a cut",
          "[engine][kv]") {
    Bench bench("deepseek_v4");
    const SessionOptions options = {.contextTokens = 512};
    Session session = bench.session(options);
    REQUIRE(session.logits().empty());
    const auto after = session.evaluate(bench.first(129)).value();
    const std::vector<float> known(after.begin(), after.end());
    Session restored = bench.session(options);
    restored.restore(session.snapshot());
    REQUIRE(std::ranges::equal(restored.logits(), known));
    Session branch = restored.fork().value();
    REQUIRE(std::ranges::equal(branch.logits(), known));

    Bench plain("llama3");
    Session rows = plain.session(options);
    rows.evaluate(plain.first(20)).value();
    REQUIRE(rows.rewind(10).has_value());
    REQUIRE(rows.logits().empty());
}

}  // namespace moxie::engine
