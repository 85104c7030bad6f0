// Sessions that round the activations of answers to 16 bits: what they change, and what they must
// not.

#include "tests/catch.h"
#include "tests/engine/session/integer_model.h"
#include "tests/engine/session/tiny_families.h"

namespace moxie::engine {

namespace {

constexpr int64_t kPromptTokens = 60;
constexpr int64_t kAnswerTokens = 34;

struct FineBench : IntegerModel {
    explicit FineBench(const std::string& family, const std::string& type = "q4_k")
        : IntegerModel(family, type, kPromptTokens + kAnswerTokens) {}

    SessionOptions options(Products answers) const {
        return {
            .contextTokens = 512, .promptProducts = Products::rounded, .answerProducts = answers};
    }

    // After the prompt.
    Session session(WorkerPool& pool, Products answers,
                    kernels::Isa isa = kernels::detectIsa()) const {
        Session session =
            Session::make(plan, pool, kernels::dispatchFor(isa), options(answers)).value();
        session.evaluate(std::span(tokens).first(size_t(kPromptTokens))).value();
        return session;
    }

    // The answer, `atOnce` tokens a call: the logits of each by position.
    RunLogits answer(Session& session, int64_t atOnce, int64_t count = kAnswerTokens) const {
        RunLogits logits;
        for (int64_t begin = 0; begin < count; begin += atOnce) {
            const int64_t n = std::min(atOnce, count - begin);
            const int64_t first = std::ssize(session.tokens());
            session
                .evaluate(std::span(tokens).subspan(size_t(first), size_t(n)),
                          {.eachLogits =
                               [&](int64_t i, std::span<const float> row) {
                                   logits.main[first + i] = {row.begin(), row.end()};
                               },
                           .endsWithPoint = false,
                           .role = TokenRole::answer})
                .value();
        }
        return logits;
    }
};

const std::vector<std::string> kFineFamilies = {"llama", "qwen3_moe", "gpt_oss", "deepseek_v3",
                                                "deepseek_v4"};

}  // namespace

TEST_CASE("fine answers have the same bits one by one, as guesses and on any threads",
          "[engine][fine]") {
    for (const std::string& family : kFineFamilies) {
        CAPTURE(family);
        const FineBench bench(family);
        WorkerPool one(1);
        Session oneByOne = bench.session(one, Products::fine);
        const RunLogits expected = bench.answer(oneByOne, 1);
        for (const int64_t atOnce : {1, 2, 5, 17, 34}) {
            CAPTURE(atOnce);
            WorkerPool two(2);
            Session session = bench.session(two, Products::fine);
            REQUIRE(bench.answer(session, atOnce).isPartOf(expected));
        }
    }
}

TEST_CASE("fine answers are off from the exact ones by less than 2e-4", "[engine][fine]") {
    for (const std::string type : {"q4_k", "q8_0"}) {
        CAPTURE(type);
        const FineBench bench("llama", type);
        WorkerPool pool(2);
        Session exact = bench.session(pool, Products::exact);
        Session fine = bench.session(pool, Products::fine);
        const RunLogits expected = bench.answer(exact, 1);
        const double moved = relativeDistance(bench.answer(fine, 1).main, expected.main);
        CHECK(moved > 1e-8);
        CHECK(moved < 2e-4);
    }
}

TEST_CASE("a fine answer taken back and given again has the same bits", "[engine][fine]") {
    for (const std::string family : {"qwen3_moe", "deepseek_v4"}) {
        CAPTURE(family);
        const FineBench bench(family);
        WorkerPool pool(2);
        Session straight = bench.session(pool, Products::fine);
        const RunLogits expected = bench.answer(straight, 1);
        Session session = bench.session(pool, Products::fine);
        bench.answer(session, 17, 30);
        REQUIRE(session.rewind(kPromptTokens + 9));
        REQUIRE(bench.answer(session, 4, 25).isPartOf(expected));
    }
}

TEST_CASE("fine answers have a plan that their memory keeps to", "[engine][fine]") {
    for (const std::string& family : kFineFamilies) {
        CAPTURE(family);
        const FineBench bench(family);
        WorkerPool pool(2);
        Session session = bench.session(pool, Products::fine);
        bench.answer(session, 17);
        const MemoryPlan plan =
            planMemory(bench.plan, bench.options(Products::fine), kPromptTokens, 2);
        CHECK(session.allocatedBytes() <= plan.kvBytes + plan.activationBytes);
    }
}

}  // namespace moxie::engine
