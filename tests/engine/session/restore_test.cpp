// Restored, forked and rewound timelines against one that was never interrupted, bit for bit.
#include <algorithm>

#include "engine/kv/prefix_tree.h"
#include "tests/catch.h"
#include "tests/engine/session/tiny_families.h"

namespace moxie::engine {

namespace {

constexpr int64_t kTokens = 340;
const std::vector<int64_t> kAwkward = {1, 127, 128, 129, 255, 256, 257, 300};

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

// Runs `check` for each family and each way of keeping its state.
template <class Check>
void forEveryState(const Check& check) {
    for (const std::string& family : tinyFamilies()) {
        CAPTURE(family);
        Bench bench(family);
        for (const SessionOptions& options : stateOptions(bench.model.plan)) {
            CAPTURE(describe(options));
            check(bench, options);
        }
    }
}

}  // namespace

TEST_CASE("a timeline taken from memory goes on as if it had never been interrupted",
          "[engine][kv]") {
    forEveryState([](Bench& bench, const SessionOptions& options) {
        const RunLogits whole = bench.uninterrupted(options, bench.tokens);
        Session writer = bench.session(options);
        PrefixTree tree(writer.timeline().layout(), int64_t{1} << 30);
        for (const int64_t position : kAwkward) {
            const auto held = std::ssize(writer.tokens());
            writer.evaluate(bench.first(position).subspan(static_cast<size_t>(held))).value();
            tree.insert(writer.view());
        }
        for (const int64_t position : kAwkward) {
            CAPTURE(position);
            auto match = tree.find(bench.first(position));
            REQUIRE(std::ssize(match.snapshot.tokens) == position);
            Session restored = bench.session(options);
            restored.restore(std::move(match.snapshot));
            REQUIRE(evaluateAll(restored, bench.after(position)).isPartOf(whole));
            tree.insert(restored.view());
        }
        REQUIRE(evaluateAll(writer, bench.after(kAwkward.back())).isPartOf(whole));
    });
}

TEST_CASE("branches do not disturb each other", "[engine][kv]") {
    forEveryState([](Bench& bench, const SessionOptions& options) {
        const RunLogits whole = bench.uninterrupted(options, bench.tokens);
        for (const int64_t position : {128, 255, 256, 257}) {
            CAPTURE(position);
            const auto branchTokens = bench.branch(position);
            const RunLogits branchWhole = bench.uninterrupted(options, branchTokens);
            Session trunk = bench.session(options);
            trunk.evaluate(bench.first(position)).value();
            Session branch = trunk.fork().value();
            const auto rest =
                std::span<const int32_t>(branchTokens).subspan(static_cast<size_t>(position));
            // In turns, so that each writes while the other shares its pages.
            RunLogits one = evaluateAll(branch, rest.first(20));
            REQUIRE(evaluateAll(trunk, bench.after(position)).isPartOf(whole));
            REQUIRE(one.isPartOf(branchWhole));
            REQUIRE(evaluateAll(branch, rest.subspan(20)).isPartOf(branchWhole));
        }
    });
}

TEST_CASE("a rewound timeline goes on as if it had never been elsewhere", "[engine][kv]") {
    forEveryState([](Bench& bench, const SessionOptions& options) {
        const RunLogits whole = bench.uninterrupted(options, bench.tokens);
        Session session = bench.session(options);
        session.evaluate(bench.first(200)).value();
        session.evaluate(bench.after(200)).value();
        for (const int64_t position : {300, 257, 256, 255, 129, 128, 127, 1, 0}) {
            CAPTURE(position);
            REQUIRE(session.rewind(position).has_value());
            REQUIRE(std::ssize(session.tokens()) == position);
            // Leave something else behind before the real way is taken.
            session.evaluate(std::span(bench.other).first(30)).value();
            REQUIRE(session.rewind(position).has_value());
            REQUIRE(evaluateAll(session, bench.after(position)).isPartOf(whole));
        }
    });
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
