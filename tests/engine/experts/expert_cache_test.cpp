// Experts that come from disk: the same results as mapped ones, and what happens when the disk or
// the budget fails.
#include "engine/experts/expert_cache.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <numeric>

#include "engine/experts/memory_limit.h"
#include "engine/loaded_model.h"
#include "engine/make/model_maker.h"
#include "engine/plan/cost.h"
#include "engine/session/session.h"
#include "tests/catch.h"
#include "tests/engine/session/tiny_families.h"

namespace moxie::engine {

namespace {

namespace fs = std::filesystem;

class ModelOnDisk {
public:
    ModelOnDisk(const std::string& family, const std::string& type, const std::string& name) {
        std::string pattern = "/var/tmp/moxie-experts-XXXXXX";
        folder_ = mkdtemp(pattern.data());
        path_ = folder_ / name;
        const auto made = makeModel({.family = family, .type = type, .out = path_});
        if (!made) FAIL(made.error().message());
        auto loaded = loadModel(path_);
        if (!loaded) FAIL(loaded.error().message());
        model_ = std::move(*loaded);
    }

    ~ModelOnDisk() {
        std::error_code error;
        fs::remove_all(folder_, error);
    }

    ModelOnDisk(const ModelOnDisk&) = delete;
    ModelOnDisk& operator=(const ModelOnDisk&) = delete;

    const LoadedModel& model() const { return model_; }

    const fs::path& path() const { return path_; }

    std::unique_ptr<ExpertCache> cache(int64_t bytes) const {
        auto cache = ExpertCache::open(model_, {.bytes = bytes, .readers = 3});
        if (!cache) FAIL(cache.error().message());
        return std::move(*cache);
    }

    // That hold a number of experts.
    int64_t bytesFor(int64_t experts) const {
        return experts * cache(int64_t{1} << 40)->stats().placeBytes;
    }

private:
    fs::path folder_, path_;
    LoadedModel model_;
};

Session sessionOf(const LoadedModel& model, WorkerPool& pool, ExpertCache* experts,
                  Products products = Products::exact) {
    auto session = Session::make(model.plan, pool, kernels::dispatchFor(kernels::detectIsa()),
                                 {.contextTokens = 256,
                                  .promptProducts = products,
                                  .guard = model.guard.get(),
                                  .experts = experts});
    if (!session) FAIL(session.error().message());
    return std::move(*session);
}

// A prompt in chunks, then single tokens.
RunLogits run(const LoadedModel& model, ExpertCache* experts, Products products = Products::exact) {
    WorkerPool pool(2);
    Session session = sessionOf(model, pool, experts, products);
    const std::vector<int32_t> tokens = variedTokens(90, model.plan.vocabularySize);
    RunLogits logits = evaluateAll(session, std::span(tokens).first(70), 32);
    for (size_t i = 70; i < tokens.size(); ++i)
        logits.main.merge(evaluateAll(session, std::span(tokens).subspan(i, 1)).main);
    return logits;
}

const MoeFfn& firstExperts(const ModelPlan& plan) {
    for (const Block& block : plan.blocks)
        if (const auto* step = std::get_if<MoeFfn>(&block.ffn)) return *step;
    FAIL("no experts");
    std::abort();
}

std::vector<int64_t> takeAll(ExpertCache& cache) {
    std::vector<int64_t> all;
    for (;;) {
        const auto some = cache.take({});
        if (!some) FAIL(some.error().message());
        if (some->empty()) return all;
        all.insert(all.end(), some->begin(), some->end());
    }
}

}  // namespace

TEST_CASE("experts from disk give the bits of mapped ones", "[engine][experts]") {
    struct Case {
        std::string family, type, name;
    };

    const Products products = GENERATE(Products::exact, Products::rounded, Products::bf16);
    for (const Case& c : std::vector<Case>{{"qwen3_moe", "q8_0", "m.gguf"},
                                           {"glm4_moe", "q4_k", "m.gguf"},
                                           {"gpt_oss", "mxfp4", "m.gguf"},
                                           {"gpt_oss", "bf16", "folder"},
                                           {"deepseek_v3", "fp8", "folder"},
                                           {"deepseek_v4", "fp4", "folder"},
                                           {"kimi_k2", "int4", "folder"}}) {
        CAPTURE(c.family, c.type, static_cast<int>(products));
        const ModelOnDisk disk(c.family, c.type, c.name);
        const RunLogits mapped = run(disk.model(), nullptr, products);
        const int64_t topK = firstExperts(disk.model().plan).topK;
        for (const int64_t experts : {topK + 1, int64_t{1000}}) {
            CAPTURE(experts);
            const auto cache = disk.cache(disk.bytesFor(experts));
            const RunLogits streamed = run(disk.model(), cache.get(), products);
            REQUIRE(streamed.main.size() == 90);
            CHECK(streamed.isPartOf(mapped));
            const ExpertCacheStats stats = cache->stats();
            CHECK(stats.places == std::min(experts, stats.experts));
            CHECK(stats.bytesRead > 0);
            CHECK(stats.uses > stats.hits);
            // What fits is read once.
            if (stats.places == stats.experts) CHECK(stats.uses - stats.hits <= stats.experts);
        }
    }
}

TEST_CASE("a budget that does not hold a token's experts says what does", "[engine][experts]") {
    const ModelOnDisk disk("qwen3_moe", "q8_0", "m.gguf");
    const int64_t topK = firstExperts(disk.model().plan).topK;
    const auto cache = ExpertCache::open(disk.model(), {.bytes = disk.bytesFor(topK)});
    REQUIRE_FALSE(cache);
    CHECK(cache.error().kind() == base::Errc::outOfMemory);
    CHECK(cache.error().message().find("a token needs " + std::to_string(topK + 1)) !=
          std::string::npos);

    const ModelOnDisk dense("llama", "q8_0", "m.gguf");
    const auto none = ExpertCache::open(dense.model(), {.bytes = 1 << 30});
    REQUIRE_FALSE(none);
    CHECK(none.error().kind() == base::Errc::invalidInput);
}

TEST_CASE("a memory limit leaves to experts what the rest does not need", "[engine][experts]") {
    const ModelOnDisk disk("qwen3_moe", "q8_0", "m.gguf");
    const MemoryPlan plan = planMemory(disk.model().plan, {.contextTokens = 256}, 32, 2);
    const int64_t rest = plan.total() - expertBytes(disk.model().plan);
    REQUIRE(rest > 0);
    CHECK(openExpertCache(disk.model(), plan, plan.total()).value() == nullptr);
    CHECK(openExpertCache(disk.model(), plan, 0).value() == nullptr);  // tiny beside any machine

    const int64_t half = rest + expertBytes(disk.model().plan) / 2;
    const auto cache = openExpertCache(disk.model(), plan, half);
    REQUIRE(cache);
    REQUIRE(*cache != nullptr);
    const ExpertCacheStats stats = (*cache)->stats();
    CHECK(stats.places > 0);
    CHECK(stats.places < stats.experts);
    CHECK(rest + stats.places * stats.placeBytes <= half);

    const auto none = openExpertCache(disk.model(), plan, rest / 2);
    REQUIRE_FALSE(none);
    CHECK(none.error().kind() == base::Errc::outOfMemory);
    CHECK(none.error().message().find("missing") != std::string::npos);
}

TEST_CASE("the memory of the machine is known", "[engine][experts]") {
    const MachineMemory memory = machineMemory();
    CHECK(memory.systemBytes > 100'000'000);
    CHECK(memory.availableBytes > 0);
    CHECK(memory.availableBytes <= memory.systemBytes);
}

TEST_CASE("what is used most stays", "[engine][experts]") {
    const ModelOnDisk disk("qwen3_moe", "q8_0", "m.gguf");
    const MoeFfn& step = firstExperts(disk.model().plan);
    const auto experts = std::ssize(step.experts);
    REQUIRE(experts >= 6);
    const auto cache = disk.cache(disk.bytesFor(step.topK + 1));
    const auto ask = [&](std::vector<int64_t> numbers) {
        cache->need(step, numbers);
        return takeAll(*cache);
    };
    for (int i = 0; i < 20; ++i)
        ask({0});
    for (int64_t other = 1; other < experts; ++other)
        ask({other});
    const int64_t hits = cache->stats().hits;
    CHECK(ask({0}) == std::vector<int64_t>{0});
    CHECK(cache->stats().hits == hits + 1);
    CHECK(ask({1}) == std::vector<int64_t>{1});
    CHECK(cache->stats().hits == hits + 1);  // it had gone
}

TEST_CASE("more experts than there are places come in waves", "[engine][experts]") {
    const ModelOnDisk disk("qwen3_moe", "q8_0", "m.gguf");
    const MoeFfn& step = firstExperts(disk.model().plan);
    const auto cache = disk.cache(disk.bytesFor(step.topK + 1));
    std::vector<int64_t> all(step.experts.size());
    std::iota(all.begin(), all.end(), 0);
    for (int round = 0; round < 3; ++round) {
        cache->need(step, all);
        std::vector<int64_t> came = takeAll(*cache);
        std::sort(came.begin(), came.end());
        CHECK(came == all);
    }
}

TEST_CASE("a step that was given up leaves the cache in order", "[engine][experts]") {
    const ModelOnDisk disk("qwen3_moe", "q8_0", "m.gguf");
    const MoeFfn& step = firstExperts(disk.model().plan);
    const auto cache = disk.cache(disk.bytesFor(step.topK + 1));
    std::stop_source stopped;
    stopped.request_stop();
    for (int64_t i = 0; i < 50; ++i) {
        cache->need(step, std::vector<int64_t>{i % std::ssize(step.experts),
                                               (i + 1) % std::ssize(step.experts)});
        const auto some = cache->take(stopped.get_token());
        if (!some) CHECK(some.error().kind() == base::Errc::cancelled);
    }
    cache->need(step, std::vector<int64_t>{2});
    CHECK(takeAll(*cache) == std::vector<int64_t>{2});
}

TEST_CASE("a file that is cut under a session is an error, not a crash", "[engine][experts]") {
    for (const bool isStreamed : {true, false}) {
        CAPTURE(isStreamed);
        const ModelOnDisk disk("qwen3_moe", "q8_0", "m.gguf");
        const auto topK = firstExperts(disk.model().plan).topK;
        const auto cache = isStreamed ? disk.cache(disk.bytesFor(topK + 1)) : nullptr;
        WorkerPool pool(2);
        Session session = sessionOf(disk.model(), pool, cache.get());
        const std::vector<int32_t> tokens = variedTokens(40, disk.model().plan.vocabularySize);
        REQUIRE(session.evaluate(std::span(tokens).first(8)));
        fs::resize_file(disk.path(), fs::file_size(disk.path()) / 4);
        const auto failed = session.evaluate(std::span(tokens).subspan(8));
        REQUIRE_FALSE(failed);
        CHECK(failed.error().kind() == base::Errc::corrupt);
        CHECK(failed.error().message().find("m.gguf") != std::string::npos);
        CHECK(session.tokens().size() == 8);
    }
}

}  // namespace moxie::engine
