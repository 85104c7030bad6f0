// How often a chunk hears that it is to stop, and what a stopped one leaves behind.
#include <chrono>
#include <cstdlib>
#include <thread>

#include "engine/loaded_model.h"
#include "tests/catch.h"
#include "tests/engine/session/tiny_families.h"

namespace moxie::engine {

namespace {

constexpr int64_t kNever = -1;

// Runs a first chunk of n tokens through the blocks; how often it asked whether to stop, until the
// answer was yes at question `stopAt`.
int64_t questionsAsked(const ModelPlan& plan, int64_t n, int64_t stopAt = kNever) {
    WorkerPool pool(2);
    const KvLayout layout = makeKvLayout(plan, KvFormat::f32);
    KvTimeline kv = KvTimeline::make(layout).value();
    REQUIRE(kv.reserve(n).has_value());
    const std::vector<int32_t> tokens = variedTokens(n, plan.vocabularySize);
    const auto run = [&](Arena& arena, const std::function<bool()>& isStopped) {
        Pass pass = {.plan = plan,
                     .pool = pool,
                     .dispatch = kernels::dispatchFor(kernels::detectIsa()),
                     .arena = arena,
                     .kv = &kv,
                     .history = tokens,
                     .nTokens = n};
        for (const Rope& rope : plan.ropes)
            pass.ropes.push_back(makeRopeTable(arena, rope, 0, n));
        return runBlocks(pass, isStopped, arena.take(n * residualDim(plan)));
    };
    Arena counting;
    run(counting, [] { return false; });
    Arena arena = Arena::make(counting.peak()).value();
    int64_t asked = 0;
    const bool isDone = run(arena, [&] { return asked++ == stopAt; });
    REQUIRE(isDone == (stopAt == kNever));
    return asked;
}

}  // namespace

TEST_CASE("every layer of a token and of a chunk asks twice whether to stop", "[engine][cancel]") {
    for (const std::string family : {"llama3", "qwen3_moe", "deepseek_v3", "deepseek_v4"}) {
        CAPTURE(family);
        const TinyModel model = openTinyFamily(family);
        const auto layers = std::ssize(model.plan.blocks);
        for (const int64_t n : {1, 64}) {
            REQUIRE(questionsAsked(model.plan, n) >= 2 * layers);
            // And nothing is asked, or done, after a yes.
            for (int64_t at = 0; at < 2 * layers; ++at)
                REQUIRE(questionsAsked(model.plan, n, at) == at + 1);
        }
    }
}

TEST_CASE("a chunk that is stopped at any moment leaves nothing behind", "[engine][cancel]") {
    for (const std::string family :
         {"qwen3_moe", "deepseek_v3", "deepseek_v4", "v4_block_drafter"}) {
        CAPTURE(family);
        TinyModel model = openTinyFamily(family);
        WorkerPool pool(2);
        const auto& dispatch = kernels::dispatchFor(kernels::detectIsa());
        const SessionOptions options = {.contextTokens = 512, .keepsDraft = model.plan.canDraft()};
        const auto tokens = variedTokens(220, model.plan.vocabularySize);
        Session whole = Session::make(model.plan, pool, dispatch, options).value();
        const RunLogits expected = evaluateAll(whole, tokens);
        Session session = Session::make(model.plan, pool, dispatch, options).value();
        session.evaluate(std::span(tokens).first(100)).value();
        // Another thread stops chunks of both kinds while they run, earlier and later.
        for (int64_t round = 0; round < 40; ++round) {
            std::stop_source source;
            const auto chunk = std::span(tokens).subspan(100, round % 2 == 0 ? 5 : 120);
            std::thread stopper([&] {
                const auto until =
                    std::chrono::steady_clock::now() + std::chrono::microseconds(20 * round);
                while (std::chrono::steady_clock::now() < until) {
                }
                source.request_stop();
            });
            const auto result = session.evaluate(chunk, {.stop = source.get_token()});
            stopper.join();
            if (result) REQUIRE(session.rewind(100).has_value());
            REQUIRE(std::ssize(session.tokens()) == 100);
        }
        REQUIRE(evaluateAll(session, std::span(tokens).subspan(100)).isPartOf(expected));
    }
}

TEST_CASE("the time from a wish to stop to the end of the chunk", "[.bench][engine][cancel]") {
    const char* const path = std::getenv("MOXIE_BENCH_MODEL");
    if (path == nullptr) FAIL("MOXIE_BENCH_MODEL names no model file");
    using Clock = std::chrono::steady_clock;
    const LoadedModel model = loadModel(path).value();
    for (const int32_t threads : {1, 2}) {
        WorkerPool pool(threads);
        Session session =
            Session::make(model.plan, pool, kernels::dispatchFor(kernels::detectIsa()),
                          {.contextTokens = 2048})
                .value();
        const auto tokens = variedTokens(256, model.plan.vocabularySize);
        const auto evaluate = [&](std::span<const int32_t> ids, const std::stop_token& stop) {
            return session.evaluate(ids, {.chunkTokens = 256, .stop = stop}).has_value();
        };
        for (const int64_t n : {1, 256}) {
            const auto chunk = std::span(tokens).first(static_cast<size_t>(n));
            REQUIRE(evaluate(chunk, {}));  // the pages are read
            const auto began = Clock::now();
            REQUIRE(evaluate(chunk, {}));
            const std::chrono::duration<double> took = Clock::now() - began;
            double worst = 0;
            for (int i = 1; i < 8; ++i) {
                REQUIRE(session.rewind(0).has_value());
                std::stop_source source;
                Clock::time_point wished;
                std::thread stopper([&] {
                    std::this_thread::sleep_for(took * (i / 8.0));
                    wished = Clock::now();
                    source.request_stop();
                });
                (void)evaluate(chunk, source.get_token());
                const auto ended = Clock::now();
                stopper.join();
                worst = std::max(worst, std::chrono::duration<double>(ended - wished).count());
            }
            WARN(threads << " threads, " << n << " tokens: " << took.count() * 1000
                         << " ms whole, stopped within " << worst * 1000 << " ms");
            REQUIRE(session.rewind(0).has_value());
        }
    }
}

}  // namespace moxie::engine
