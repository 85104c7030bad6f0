// Drafts that turned out wrong leave no trace: a session that took tokens back against one that
// never had them, bit for bit, in every layout of rows, windows and compression blocks.
#include <algorithm>

#include "tests/catch.h"
#include "tests/engine/session/tiny_families.h"

namespace moxie::engine {

namespace {

const std::vector<std::string> kSpeculating = {"llama3",          "gpt_oss",      "glm4_moe",
                                               "deepseek_v3",     "deepseek_v32", "deepseek_v4",
                                               "v4_block_drafter"};
constexpr int64_t kSpeculatedTokens = 300;

struct Speculation {
    TinyModel model;
    WorkerPool pool{1};
    const kernels::Dispatch& dispatch = kernels::dispatchFor(kernels::detectIsa());
    std::vector<int32_t> tokens, wrong;

    explicit Speculation(const std::string& family) : model(openTinyFamily(family)) {
        tokens = variedTokens(kSpeculatedTokens, model.plan.vocabularySize);
        wrong = variedTokens(kSpeculatedTokens, model.plan.vocabularySize, 7);
    }

    Session session(const SessionOptions& options) {
        return Session::make(model.plan, pool, dispatch, options).value();
    }

    // `right` tokens as they are, then `drafted` others.
    std::vector<int32_t> step(int64_t begin, int64_t right, int64_t drafted) const {
        std::vector<int32_t> ids(tokens.begin() + begin, tokens.begin() + begin + right);
        ids.insert(ids.end(), wrong.begin(), wrong.begin() + drafted);
        return ids;
    }
};

// Steps of every size: some tokens right, some taken back, the block's own guesses in between.
RunLogits speculate(Speculation& bench, Session& session, int64_t end) {
    RunLogits seen;
    uint64_t random = 3;
    while (std::ssize(session.tokens()) < end) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        const auto begin = std::ssize(session.tokens());
        const int64_t most = std::min(session.tentativeTokensMax(), end - begin);
        const auto right = std::min<int64_t>(1 + static_cast<int64_t>(random >> 40) % 5, most);
        const auto drafted = static_cast<int64_t>(random >> 50) % (most - right + 1);
        const auto ids = bench.step(begin, right, drafted);
        if (begin > 0 && session.options().keepsDraft) {
            const std::vector<int32_t> guesses = session.draft(ids[0], 4).value();
            REQUIRE(std::ssize(guesses) <= 4);  // a block drafter may think itself wrong
            if (bench.model.plan.draft) REQUIRE(std::ssize(guesses) == 4);
            REQUIRE(std::ssize(session.tokens()) == begin);
        }
        const RunLogits step = evaluateAll(session, ids);
        REQUIRE(session.freeRewind(begin + right) == begin + right);
        REQUIRE(session.rewind(begin + right).has_value());
        for (const auto& [position, row] : step.main)
            if (position < begin + right) seen.main[position] = row;
        for (const auto& [position, row] : step.draft)
            if (position < begin + right - 1) seen.draft[position] = row;
    }
    return seen;
}

}  // namespace

TEST_CASE("tokens that were taken back leave every later logit as it was",
          "[engine][speculation]") {
    for (const std::string& family : kSpeculating) {
        CAPTURE(family);
        Speculation bench(family);
        for (const SessionOptions& options : stateOptions(bench.model.plan)) {
            CAPTURE(describe(options));
            Session whole = bench.session(options);
            const RunLogits expected = evaluateAll(whole, bench.tokens);
            Session session = bench.session(options);
            const RunLogits seen = speculate(bench, session, kSpeculatedTokens);
            REQUIRE(std::ssize(seen.main) == kSpeculatedTokens);
            REQUIRE(seen.isPartOf(expected));
            REQUIRE(std::ranges::equal(session.tokens(), bench.tokens));
        }
    }
}

TEST_CASE("a session that speculated is restored, forked and rewound like any other",
          "[engine][speculation]") {
    for (const std::string family : {"deepseek_v3", "deepseek_v4", "v4_block_drafter"}) {
        CAPTURE(family);
        Speculation bench(family);
        const SessionOptions options = {.contextTokens = 1024, .keepsDraft = true};
        Session whole = bench.session(options);
        const RunLogits expected = evaluateAll(whole, bench.tokens);
        const auto rest = std::span<const int32_t>(bench.tokens).subspan(200);

        Session session = bench.session(options);
        (void)speculate(bench, session, 200);
        (void)session.draft(bench.wrong[0], 3).value();
        Session branch = session.fork().value();
        Session restored = bench.session(options);
        restored.restore(session.snapshot());
        REQUIRE(branch.draft(rest[0], 4).value() == session.draft(rest[0], 4).value());
        REQUIRE(restored.draft(rest[0], 4).value() == session.draft(rest[0], 4).value());
        REQUIRE(evaluateAll(restored, rest).isPartOf(expected));
        REQUIRE(evaluateAll(branch, rest).isPartOf(expected));
        REQUIRE(session.rewind(130).has_value());
        REQUIRE(evaluateAll(session, std::span(bench.tokens).subspan(130)).isPartOf(expected));
    }
}

TEST_CASE("the block's first guess is the likeliest of its logits", "[engine][speculation]") {
    for (const std::string family : {"glm4_moe", "deepseek_v3", "deepseek_v32", "deepseek_v4"}) {
        CAPTURE(family);
        Speculation bench(family);
        const SessionOptions options = {.contextTokens = 512, .keepsDraft = true};
        Session whole = bench.session(options);
        const RunLogits expected = evaluateAll(whole, bench.tokens);
        Session session = bench.session(options);
        for (int64_t at = 20; at < 200; at += 45) {
            const auto held = std::ssize(session.tokens());
            session.evaluate(std::span(bench.tokens).subspan(size_t(held), size_t(at - held)))
                .value();
            const auto guesses = session.draft(bench.tokens[size_t(at)], 1).value();
            const std::vector<float>& row = expected.draft.at(at - 1);
            REQUIRE(guesses.front() == std::ranges::max_element(row) - row.begin());
        }
    }
}

}  // namespace moxie::engine
