#include "engine/session/session.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include "engine/families/families.h"
#include "engine/gguf/gguf_file.h"
#include "tests/catch.h"
#include "tests/engine/gguf/gguf_bytes.h"
#include "tests/engine/session/tiny_model.h"
#include "tests/kernels/random_values.h"

using namespace moxie;
using namespace moxie::engine;
using moxie::tests::GgufBytes;
using moxie::tests::kHidden;
using moxie::tests::kVocabulary;
using moxie::tests::randomWeights;
using moxie::tests::runnableIsas;
using moxie::tests::tinyModel;
using moxie::tests::uniform;

namespace {

std::vector<int32_t> someTokens(int64_t n) {
    std::vector<int32_t> tokens;
    for (int64_t i = 0; i < n; ++i)
        tokens.push_back(static_cast<int32_t>(i * 17 % kVocabulary));
    return tokens;
}

struct Loaded {
    std::vector<std::byte> bytes = tinyModel().bytes();
    GgufFile file = GgufFile::parse(bytes).value();
    ModelPlan model = makePlan(file).value();
};

// Logits of every position, one row after the other.
std::vector<float> allLogits(const ModelPlan& model, kernels::Isa isa, int32_t threads,
                             int64_t chunkTokens, const std::vector<int32_t>& tokens) {
    WorkerPool pool(threads);
    Session session =
        Session::make(model, pool, kernels::dispatchFor(isa), {.contextTokens = 128}).value();
    std::vector<float> all;
    const auto last = session.evaluate(
        tokens,
        {.chunkTokens = chunkTokens, .eachLogits = [&](int64_t, std::span<const float> logits) {
             all.insert(all.end(), logits.begin(), logits.end());
         }});
    REQUIRE(last.has_value());
    REQUIRE(std::equal(last->begin(), last->end(), all.end() - kVocabulary));
    return all;
}

}  // namespace

TEST_CASE("any chunk size and thread count gives the same bits", "[engine][llama]") {
    const Loaded tiny;
    const auto tokens = someTokens(61);
    for (const kernels::Isa isa : runnableIsas()) {
        const auto whole = allLogits(tiny.model, isa, 1, 128, tokens);
        for (const int32_t threads : {1, 2})
            for (const int64_t chunk : {1, 7, 48}) {
                CAPTURE(toString(isa), threads, chunk);
                const auto other = allLogits(tiny.model, isa, threads, chunk, tokens);
                REQUIRE(std::memcmp(other.data(), whole.data(), whole.size() * 4) == 0);
            }
    }
}

TEST_CASE("the fast backends stay close to the scalar one", "[engine][llama]") {
    const Loaded tiny;
    const auto tokens = someTokens(40);
    const auto exact = allLogits(tiny.model, kernels::Isa::scalar, 1, 16, tokens);
    for (const kernels::Isa isa : runnableIsas()) {
        const auto fast = allLogits(tiny.model, isa, 2, 16, tokens);
        for (size_t i = 0; i < exact.size(); ++i)
            REQUIRE(fast[i] == Approx(exact[i]).margin(1e-4));
    }
}

TEST_CASE("a session goes back and takes another way as if it had never been elsewhere",
          "[engine][llama]") {
    const Loaded tiny;
    WorkerPool pool(1);
    const auto& dispatch = kernels::dispatchFor(kernels::detectIsa());
    Session session = Session::make(tiny.model, pool, dispatch).value();
    REQUIRE(session.contextTokens() == 128);
    REQUIRE(session.evaluate(someTokens(30)).has_value());
    REQUIRE(session.rewind(10).has_value());
    const std::vector<int32_t> other = {3, 1, 4};
    const auto after = session.evaluate(other);
    REQUIRE(after.has_value());

    auto tokens = someTokens(10);
    tokens.insert(tokens.end(), other.begin(), other.end());
    Session fresh = Session::make(tiny.model, pool, dispatch).value();
    const auto expected = fresh.evaluate(tokens);
    REQUIRE(std::memcmp(after->data(), expected->data(), kVocabulary * 4) == 0);
    REQUIRE(std::ranges::equal(session.tokens(), tokens));
}

TEST_CASE("cancelling keeps whole chunks and the session goes on from there", "[engine][llama]") {
    const Loaded tiny;
    WorkerPool pool(2);
    Session session =
        Session::make(tiny.model, pool, kernels::dispatchFor(kernels::detectIsa())).value();
    std::stop_source source;
    const auto tokens = someTokens(50);
    const auto result = session.evaluate(tokens, {.chunkTokens = 10,
                                                  .stop = source.get_token(),
                                                  .progress = [&](int64_t done, int64_t total) {
                                                      REQUIRE(total == 50);
                                                      if (done == 20) source.request_stop();
                                                  }});
    REQUIRE(result.error().kind() == base::Errc::cancelled);
    REQUIRE(session.tokens().size() == 20);
    REQUIRE(session.evaluate(std::span(tokens).subspan(20)).has_value());
    REQUIRE(session.tokens().size() == 50);
}

TEST_CASE("progress goes through the layers of a chunk and ends with all tokens",
          "[engine][llama]") {
    const Loaded tiny;
    WorkerPool pool(2);
    Session session =
        Session::make(tiny.model, pool, kernels::dispatchFor(kernels::detectIsa())).value();
    std::vector<int64_t> seen;
    session
        .evaluate(someTokens(50), {.chunkTokens = 20,
                                   .progress =
                                       [&](int64_t done, int64_t total) {
                                           CHECK(total == 50);
                                           seen.push_back(done);
                                       }})
        .value();
    CHECK(std::ranges::is_sorted(seen));
    CHECK(seen.front() == 0);
    CHECK(seen.back() == 50);
    for (const int64_t chunk : {20, 40, 50})
        CHECK(std::ranges::count(seen, chunk) > 0);
    CHECK(std::ranges::any_of(seen, [](int64_t done) { return done > 20 && done < 40; }));
}

TEST_CASE("a chosen chunk is the longest whose scratch the weights dwarf", "[engine][llama]") {
    const Loaded tiny;
    WorkerPool pool(2);
    ModelPlan plan = tiny.model;
    plan.contextTokensMax = 4096;
    const auto chosen = [&](int64_t scratchFloats) {
        plan.weightBytes = scratchFloats * int64_t{sizeof(float)} * 100 / 3 + 200;
        return chosenChunkTokens(plan, pool, {});
    };
    const auto scratch = [&](int64_t tokens) {
        return countArena(plan, pool, {}, plan.contextTokensMax, tokens, false);
    };
    CHECK(chosen(0) == 512);
    CHECK(chosen(scratch(512)) == 512);
    CHECK(chosen(scratch(1024) - 16) == 512);
    CHECK(chosen(scratch(1024)) == 1024);
    CHECK(chosen(scratch(2048) - 16) == 1024);
    CHECK(chosen(scratch(2048)) == 2048);
    CHECK(chosen(scratch(4096)) == 2048);
    CHECK(planMemory(plan, {}, 0, 2).activationBytes ==
          planMemory(plan, {}, 2048, 2).activationBytes);

    const auto within = [&](int64_t bytes) {
        return chosenChunkTokens(plan, pool, {.memoryBytesMax = bytes});
    };
    const auto resident = [&](int64_t tokens) { return planMemory(plan, {}, tokens, 2).total(); };
    CHECK(within(resident(2048)) == 2048);
    CHECK(within(resident(2048) - 1) == 1024);
    CHECK(within(resident(1024) - 1) == 512);
    CHECK(within(1) == 512);
}

TEST_CASE("bad tokens and a full context are refused and change nothing", "[engine][llama]") {
    const Loaded tiny;
    WorkerPool pool(1);
    const auto& dispatch = kernels::dispatchFor(kernels::Isa::scalar);
    REQUIRE(Session::make(tiny.model, pool, dispatch, {.contextTokens = 129}).error().kind() ==
            base::Errc::invalidInput);
    Session session = Session::make(tiny.model, pool, dispatch, {.contextTokens = 8}).value();
    for (const std::vector<int32_t>& tokens :
         {std::vector<int32_t>{}, {-1}, {static_cast<int32_t>(kVocabulary)}, someTokens(9)}) {
        REQUIRE(session.evaluate(tokens).error().kind() == base::Errc::invalidInput);
        REQUIRE(session.tokens().empty());
    }
}

TEST_CASE("models of another kind are refused by name", "[engine][llama]") {
    const auto refusal = [](const GgufBytes& builder) {
        const auto bytes = builder.bytes();
        const GgufFile file = GgufFile::parse(bytes).value();
        return makePlan(file).error().message();
    };
    GgufBytes other;
    other.string("general.architecture", "mamba");
    REQUIRE(refusal(other).starts_with("architecture mamba, expected one of llama, qwen2"));

    GgufBytes yarn = tinyModel();
    yarn.string("llama.rope.scaling.type", "longrope");
    REQUIRE(refusal(yarn).find("rope scaling longrope") != std::string::npos);

    GgufBytes experts = tinyModel();
    experts.number<uint32_t>("llama.expert_count", GgufType::u32, 8);
    REQUIRE(refusal(experts).find("experts") != std::string::npos);

    GgufBytes bias = tinyModel();
    bias.floats("blk.0.attn_q.bias", {kHidden}, uniform(kHidden, 9));
    REQUIRE(refusal(bias).find("blk.0.attn_q.bias") != std::string::npos);
}

TEST_CASE("the worker pool runs each task once, many times over", "[engine]") {
    WorkerPool pool(3);
    REQUIRE(pool.threads() == 3);
    for (int64_t n : {0, 1, 2, 5, 1000}) {
        for (int round = 0; round < 50; ++round) {
            std::vector<std::atomic<int>> done(static_cast<size_t>(n));
            pool.run(n, [&](int64_t task, int32_t worker) {
                if (worker >= 0 && worker < 3) ++done[static_cast<size_t>(task)];
            });
            for (const auto& count : done)
                REQUIRE(count == 1);
        }
    }
}
