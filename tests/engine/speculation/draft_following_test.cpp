// The block for multi-token prediction keeps the same rows whether it is run for its logits or only
// follows, token by token or some at once, with guesses taken back in between.
#include <algorithm>

#include "engine/execute/rounded_products.h"
#include "tests/catch.h"
#include "tests/engine/session/integer_model.h"
#include "tests/engine/session/tiny_families.h"

namespace moxie::engine {

namespace {

constexpr int64_t kTokens = 440;
constexpr int64_t kLastGuess = 200;     // from there on more tokens wait than a window needs
constexpr int64_t kPromptTokens = 150;  // more than windows hold

struct Following {
    const ModelPlan& plan;
    SessionOptions options = {};
    WorkerPool pool{1};
    const kernels::Dispatch& dispatch = kernels::dispatchFor(kernels::detectIsa());
    std::vector<int32_t> tokens = variedTokens(kTokens, plan.vocabularySize);

    Session session() { return Session::make(plan, pool, dispatch, options).value(); }

    std::span<const int32_t> from(int64_t begin, int64_t count) const {
        return std::span(tokens).subspan(static_cast<size_t>(begin), static_cast<size_t>(count));
    }

    // Appends tokens [begin, end), the block run along for its logits.
    void run(Session& session, int64_t end, TokenRole role) {
        const auto begin = std::ssize(session.tokens());
        session
            .evaluate(from(begin, end - begin),
                      {.eachDraftLogits = [](int64_t, std::span<const float>) {}, .role = role})
            .value();
    }

    // The same without anybody asking for logits, in steps of an answer: one token at a time, and
    // now and then some wrong ones behind it that are taken back.
    void answer(Session& session, int64_t end) {
        while (std::ssize(session.tokens()) < end) {
            const auto begin = std::ssize(session.tokens());
            std::vector<int32_t> step = {tokens[static_cast<size_t>(begin)]};
            if (begin % 3 == 0) step.insert(step.end(), static_cast<size_t>(begin % 7), 1);
            if (begin % 41 == 0 && begin < kLastGuess) (void)session.draft(step[0], 3).value();
            session.evaluate(step, {.endsWithPoint = false, .role = TokenRole::answer}).value();
            REQUIRE(session.rewind(begin + 1).has_value());
        }
    }
};

void requireSameState(Session& a, Session& b) {
    const TimelineSnapshot first = a.snapshot();
    const TimelineSnapshot second = b.snapshot();
    REQUIRE(first.tokens == second.tokens);
    REQUIRE((first.resume->frontier == second.resume->frontier));  // not to be printed
    REQUIRE((first.resume->lastState == second.resume->lastState));
}

// Prompts and answers with the products that this machine has for each.
SessionOptions roundingOptions() {
    const kernels::Dispatch& dispatch = kernels::dispatchFor(kernels::detectIsa());
    return {.contextTokens = 1024,
            .promptProducts = productsHere(dispatch, Products::rounded),
            .answerProducts = productsHere(dispatch, Products::fine),
            .keepsDraft = true};
}

void checkFollowing(Following& bench) {
    Session run = bench.session();
    bench.run(run, kPromptTokens, TokenRole::prompt);
    Session kept = bench.session();
    kept.evaluate(bench.from(0, kPromptTokens)).value();
    requireSameState(run, kept);
    Session parts = bench.session();
    parts.evaluate(bench.from(0, kPromptTokens), {.chunkTokens = 67}).value();
    requireSameState(run, parts);

    const int64_t end = kTokens - 40;
    bench.run(run, end, TokenRole::answer);
    bench.answer(kept, end);
    const int32_t next = bench.tokens[static_cast<size_t>(end)];
    REQUIRE(kept.draft(next, 4).value() == run.draft(next, 4).value());
    Session branch = kept.fork().value();
    requireSameState(run, kept);
    // Rows in pages are seen by what reads them.
    const RunLogits expected = evaluateAll(run, bench.from(end, kTokens - end));
    REQUIRE_FALSE(expected.draft.empty());
    REQUIRE(evaluateAll(kept, bench.from(end, kTokens - end)).isPartOf(expected));
    REQUIRE(evaluateAll(branch, bench.from(end, kTokens - end)).isPartOf(expected));
}

}  // namespace

TEST_CASE("a draft block that only follows keeps the rows of one that runs",
          "[engine][speculation]") {
    for (const std::string family : {"glm4_moe", "deepseek_v3", "deepseek_v32", "deepseek_v4"}) {
        CAPTURE(family);
        const TinyModel model = openTinyFamily(family);
        for (const SessionOptions& options : stateOptions(model.plan)) {
            if (!options.keepsDraft) continue;
            CAPTURE(describe(options));
            Following bench{.plan = model.plan, .options = options};
            checkFollowing(bench);
        }
    }
}

TEST_CASE("a draft block follows with the products of each token's role", "[engine][speculation]") {
    const IntegerModel model("deepseek_v4", "q8_0", 1);
    Following bench{.plan = model.plan, .options = roundingOptions()};
    checkFollowing(bench);
}

TEST_CASE("tokens of a prompt and of an answer that wait together are kept apart",
          "[engine][speculation]") {
    const IntegerModel model("deepseek_v4", "q8_0", 1);
    Following bench{.plan = model.plan, .options = roundingOptions()};
    Session run = bench.session();
    Session kept = bench.session();
    for (const int64_t end : {5, 9, 13}) {
        const TokenRole role = end == 9 ? TokenRole::answer : TokenRole::prompt;
        bench.run(run, end, role);
        kept.evaluate(bench.from(std::ssize(kept.tokens()), end - std::ssize(kept.tokens())),
                      {.endsWithPoint = false, .role = role})
            .value();
    }
    requireSameState(run, kept);
}

TEST_CASE("of the tokens that wait for a block with a window, enough are kept",
          "[engine][speculation]") {
    const TinyModel model = openTinyFamily("deepseek_v4");
    const int64_t window = draftWindow(model.plan).value();
    Following bench{.plan = model.plan, .options = {.contextTokens = 1024, .keepsDraft = true}};
    bench.tokens = variedTokens(kPromptTokens + 2 * window + 100, model.plan.vocabularySize);
    Session prompt = bench.session();
    prompt.evaluate(bench.from(0, kPromptTokens)).value();
    // Lengths before, at and after the one at which the first of them are forgotten.
    const int64_t about = kPromptTokens + window + 2 * kLoggedTokensMax;
    for (int64_t end = about - 4; end <= about + 4; ++end) {
        CAPTURE(end);
        Session run = prompt.fork().value();
        bench.run(run, end, TokenRole::answer);
        Session kept = prompt.fork().value();
        while (std::ssize(kept.tokens()) < end)
            kept.evaluate(bench.from(std::ssize(kept.tokens()), 1), {.role = TokenRole::answer})
                .value();
        const std::vector<int32_t> wrong(7, 1);
        kept.evaluate(wrong, {.endsWithPoint = false, .role = TokenRole::answer}).value();
        REQUIRE(kept.rewind(end).has_value());
        requireSameState(run, kept);
    }
}

}  // namespace moxie::engine
