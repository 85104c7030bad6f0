// Sessions that round the activations of prompts: what they change, and what they must not.

#include "tests/catch.h"
#include "tests/engine/session/integer_model.h"
#include "tests/engine/session/tiny_families.h"

namespace moxie::engine {

namespace {

constexpr int64_t kTokens = 300;

struct RoundedBench : IntegerModel {
    explicit RoundedBench(const std::string& family, const std::string& type = "q4_k")
        : IntegerModel(family, type, kTokens) {}

    Session session(WorkerPool& pool, Products products) const {
        return Session::make(plan, pool, kernels::dispatchFor(kernels::detectIsa()),
                             {.contextTokens = 1024, .promptProducts = products})
            .value();
    }

    std::span<const int32_t> first(int64_t n) const { return std::span(tokens).first(size_t(n)); }

    std::span<const int32_t> after(int64_t n) const { return std::span(tokens).subspan(size_t(n)); }
};

// Answers one by one; their logits by position.
RunLogits answer(Session& session, std::span<const int32_t> tokens) {
    RunLogits logits;
    for (size_t i = 0; i < tokens.size(); ++i) {
        const auto row =
            session.evaluate(tokens.subspan(i, 1), {.role = TokenRole::answer}).value();
        logits.main[std::ssize(session.tokens()) - 1] = {row.begin(), row.end()};
    }
    return logits;
}

const std::vector<std::string> kRoundedFamilies = {"llama", "qwen3_moe", "gpt_oss", "deepseek_v3",
                                                   "deepseek_v4"};

}  // namespace

TEST_CASE("rounded prompts have the same bits for any chunks and threads", "[engine][rounded]") {
    const Products products = GENERATE(Products::rounded, Products::bf16);
    for (const std::string& family : kRoundedFamilies) {
        CAPTURE(family);
        const RoundedBench bench(family);
        WorkerPool one(1);
        Session whole = bench.session(one, products);
        const RunLogits expected = evaluateAll(whole, bench.tokens, 512);
        for (const int64_t chunk : {1, 7, 64}) {
            CAPTURE(chunk);
            WorkerPool two(2);
            Session session = bench.session(two, products);
            REQUIRE(evaluateAll(session, bench.tokens, chunk).isPartOf(expected));
        }
    }
}

TEST_CASE("rounding moves logits by little, and is not there where it is not asked for",
          "[engine][rounded]") {
    const Products products = GENERATE(Products::rounded, Products::bf16);
    for (const std::string type : {"q4_k", "q8_0"}) {
        CAPTURE(type);
        const RoundedBench bench("llama", type);
        WorkerPool pool(2);
        Session exact = bench.session(pool, Products::exact);
        Session rounded = bench.session(pool, products);
        const RunLogits expected = evaluateAll(exact, bench.tokens);
        const double moved =
            relativeDistance(evaluateAll(rounded, bench.tokens).main, expected.main);
        CHECK(moved > 1e-5);
        CHECK(moved < 0.05);
    }
}

TEST_CASE("an answer after no prompt is exact, however prompts are read", "[engine][rounded]") {
    const RoundedBench bench("qwen3_moe");
    WorkerPool pool(2);
    Session exact = bench.session(pool, Products::exact);
    Session rounded = bench.session(pool, Products::rounded);
    const RunLogits expected = answer(exact, bench.first(20));
    REQUIRE(answer(rounded, bench.first(20)).isPartOf(expected));
}

TEST_CASE("guesses checked together have the bits of answers one by one after a rounded prompt",
          "[engine][rounded]") {
    const Products products = GENERATE(Products::rounded, Products::bf16);
    const RoundedBench bench("qwen3_moe");
    WorkerPool pool(2);
    Session session = bench.session(pool, products);
    session.evaluate(bench.first(100)).value();
    Session branch = session.fork().value();
    const RunLogits expected = answer(session, bench.after(100).first(8));
    RunLogits together;
    branch
        .evaluate(bench.after(100).first(8),
                  {.eachLogits =
                       [&](int64_t i, std::span<const float> row) {
                           together.main[100 + i] = {row.begin(), row.end()};
                       },
                   .endsWithPoint = false,
                   .role = TokenRole::answer})
        .value();
    REQUIRE(together.isPartOf(expected));
}

TEST_CASE("an answer of many tokens at once fits where prompts are rounded", "[engine][rounded]") {
    for (const std::string& family : kRoundedFamilies) {
        CAPTURE(family);
        const RoundedBench bench(family);
        WorkerPool pool(2);
        Session session = bench.session(pool, Products::rounded);
        REQUIRE(session.evaluate(bench.tokens, {.role = TokenRole::answer}));
    }
}

TEST_CASE("going back evaluates answers and prompts again as what they were", "[engine][rounded]") {
    const Products products = GENERATE(Products::rounded, Products::bf16);
    const RoundedBench bench("deepseek_v4");
    WorkerPool pool(2);
    Session straight = bench.session(pool, products);
    straight.evaluate(bench.first(150)).value();
    answer(straight, bench.after(150).first(40));
    const RunLogits expected = answer(straight, bench.after(190).first(5));

    Session session = bench.session(pool, products);
    session.evaluate(bench.first(150)).value();
    answer(session, bench.after(150).first(60));
    REQUIRE(session.rewind(190));
    REQUIRE(answer(session, bench.after(190).first(5)).isPartOf(expected));
}

TEST_CASE("a restored session with a rounded prompt goes on as if never interrupted",
          "[engine][rounded]") {
    const Products products = GENERATE(Products::rounded, Products::bf16);
    for (const std::string family : {"qwen3_moe", "deepseek_v4"}) {
        CAPTURE(family);
        const RoundedBench bench(family);
        WorkerPool pool(2);
        Session session = bench.session(pool, products);
        session.evaluate(bench.first(200)).value();
        answer(session, bench.after(200).first(10));
        Session restored = bench.session(pool, products);
        restored.restore(session.snapshot());
        const RunLogits expected = evaluateAll(session, bench.after(210).first(40));
        REQUIRE(evaluateAll(restored, bench.after(210).first(40)).isPartOf(expected));
    }
}

TEST_CASE("rounded prompts have a plan that their memory keeps to", "[engine][rounded]") {
    const Products products = GENERATE(Products::rounded, Products::bf16);
    for (const std::string& family : kRoundedFamilies) {
        CAPTURE(family);
        const RoundedBench bench(family);
        WorkerPool pool(2);
        Session session = bench.session(pool, products);
        session.evaluate(bench.tokens, {.chunkTokens = 128}).value();
        const SessionOptions options = {.contextTokens = 1024, .promptProducts = products};
        const MemoryPlan plan = planMemory(bench.plan, options, 128, 2);
        CHECK(session.allocatedBytes() <= plan.kvBytes + plan.activationBytes);
    }
}

}  // namespace moxie::engine
