// Every family against logits that were computed elsewhere in float64 (tests/bench/peers/families).
#include <algorithm>
#include <cmath>

#include "tests/catch.h"
#include "tests/engine/families/golden_run.h"

namespace moxie::engine {

namespace {

const std::vector<std::string> kFamilies = {
    "llama3",           "llama_tied",     "qwen2",        "qwen3",      "qwen3_moe",
    "qwen3_moe_mixed",  "glm4_moe",       "glm4_moe_air", "minimax_m2", "gpt_oss",
    "deepseek_v2_lite", "deepseek_v2",    "deepseek_v3",  "kimi_k2",    "deepseek_v32",
    "deepseek_v4",      "deepseek_v4_pro"};

const std::vector<std::string> kQuantised = {"qwen3_fp8",      "gpt_oss_mxfp4",   "deepseek_v3_fp8",
                                             "minimax_m2_fp8", "deepseek_v4_fp4", "kimi_k2_int4"};

}  // namespace

TEST_CASE("quantised checkpoints give the logits of their decoded weights", "[engine][families]") {
    for (const std::string& name : kQuantised) {
        CAPTURE(name);
        const Loaded model = load(name, "config");
        for (const kernels::Isa isa : {kernels::Isa::scalar, kernels::detectIsa()}) {
            CAPTURE(int(isa));
            const bool hasDraft = model.golden.contains("mtp");
            const Run result = run(model.plan, model.tokens, {.isa = isa, .keepsDraft = hasDraft});
            requireAgreement(result.main, model.golden["main"]);
            if (hasDraft) requireAgreement(result.draft, model.golden["mtp"]);
        }
    }
}

TEST_CASE("DeepSeek V4's roundings of caches and indexer are the makers'", "[engine][families]") {
    for (const std::string name : {"deepseek_v4", "deepseek_v4_pro", "deepseek_v4_fp4"}) {
        CAPTURE(name);
        const Loaded model = load(name, "config");
        const Run result = run(
            model.plan, model.tokens,
            {.isa = kernels::detectIsa(), .keepsDraft = true, .simulation = QuantSimulation::on});
        // One rounding that falls the other way stays in the cache: appendix A's tolerances.
        REQUIRE(compare(result.main, model.golden["main_sim_on"]).relativeRms <= 5e-3);
        REQUIRE(compare(result.draft, model.golden["mtp_sim_on"]).relativeRms <= 5e-3);
    }
}

TEST_CASE("every family gives the exact logits of an independent implementation",
          "[engine][families]") {
    for (const std::string& name : kFamilies) {
        CAPTURE(name);
        const Loaded model = load(name, "config");
        for (const kernels::Isa isa : {kernels::Isa::scalar, kernels::detectIsa()}) {
            CAPTURE(int(isa));
            const bool hasDraft = model.golden.contains("mtp");
            REQUIRE(model.plan.draft.has_value() == hasDraft);
            const Run result = run(model.plan, model.tokens, {.isa = isa, .keepsDraft = hasDraft});
            requireAgreement(result.main, model.golden["main"]);
            if (hasDraft) requireAgreement(result.draft, model.golden["mtp"]);
        }
    }
}

TEST_CASE("a re-saved config.json leads to the same model", "[engine][families]") {
    for (const std::string& name : kFamilies) {
        CAPTURE(name);
        const Loaded published = load(name, "config");
        const Loaded resaved = load(name, "config_resaved");
        const RunOptions options = {.isa = kernels::detectIsa()};
        REQUIRE(run(published.plan, published.tokens, options).main ==
                run(resaved.plan, resaved.tokens, options).main);
    }
}

TEST_CASE("chunks and threads change no bit of any family", "[engine][families]") {
    for (const std::string& name : kFamilies) {
        CAPTURE(name);
        const Loaded model = load(name, "config");
        const bool hasDraft = model.plan.draft.has_value();
        const auto logits = [&](int64_t chunk, int32_t threads) {
            Run result = run(model.plan, model.tokens,
                             {.isa = kernels::detectIsa(),
                              .chunkTokens = chunk,
                              .threads = threads,
                              .keepsDraft = hasDraft});
            result.main.insert(result.main.end(), result.draft.begin(), result.draft.end());
            return result.main;
        };
        const Rows whole = logits(8192, 1);
        for (const int64_t chunk : {1, 2, 3, 4, 7, 64, 127, 128, 129, 200})
            REQUIRE(logits(chunk, chunk % 2 == 0 ? 2 : 1) == whole);
    }
}

namespace {

// Rows whose first logits are all within `tolerance`, and the relative RMS over all rows.
struct RowsWithin {
    size_t within = 0;
    double worst = 0;
    double relativeRms = 0;
};

RowsWithin rowsWithin(const Rows& rows, const nlohmann::json& expected, double tolerance) {
    RowsWithin found;
    double difference = 0;
    double size = 0;
    for (size_t t = 0; t < expected.size(); ++t) {
        double worst = 0;
        for (size_t i = 0; i < expected[t].size(); ++i) {
            const double e = expected[t][i];
            worst = std::max(worst, std::abs(rows[t][i] - e));
            difference += (rows[t][i] - e) * (rows[t][i] - e);
            size += e * e;
        }
        found.worst = std::max(found.worst, worst);
        if (worst <= tolerance) ++found.within;
    }
    found.relativeRms = std::sqrt(difference / size);
    return found;
}

}  // namespace

TEST_CASE("the Engram demo gives the exact logits of its published definition",
          "[engine][families]") {
    nlohmann::json golden = readGolden("engram");
    golden["config"]["compressed_ids"] = golden["compressed_ids"];
    const Loaded model = loadGolden(std::move(golden), "config");
    const auto tokens = model.tokens;
    const Engram& step = *model.plan.blocks[1].engram;
    const auto& published = model.golden["modules"]["1"];
    for (size_t i = 0; i < step.multipliers.size(); ++i)
        REQUIRE(std::to_string(step.multipliers[i]) == published["multipliers"][i]);
    for (const kernels::Isa isa : {kernels::Isa::scalar, kernels::detectIsa()})
        requireAgreement(run(model.plan, tokens, {.isa = isa}).main, model.golden["main"]);
    const Rows whole = run(model.plan, tokens, {.chunkTokens = 256}).main;
    for (const int64_t chunk : {1, 2, 9, 10, 100})
        REQUIRE(run(model.plan, tokens, {.chunkTokens = chunk}).main == whole);
}

TEST_CASE("DeepSeek V4 passes the 300 tokens of the published golden test", "[engine][families]") {
    const Loaded model = load("v4_appendix_a", "config");
    for (const kernels::Isa isa : {kernels::Isa::scalar, kernels::detectIsa()}) {
        RunOptions options = {.isa = isa, .keepsDraft = true};
        const Run off = run(model.plan, model.tokens, options);
        const RowsWithin exact = rowsWithin(off.main, model.golden["sim_off"]["logits"], 1e-4);
        CAPTURE(int(isa), exact.worst, exact.relativeRms);
        REQUIRE(exact.within == 300);
        for (size_t t = 0; t < 300; ++t)
            REQUIRE(argmax(off.main[t]) == model.golden["sim_off"]["argmax"][t].get<int64_t>());
        requireAgreement(off.draft, model.golden["sim_off_mtp"]);

        options.simulation = QuantSimulation::on;
        const Run on = run(model.plan, model.tokens, options);
        const RowsWithin rounded = rowsWithin(on.main, model.golden["sim_on"]["logits"], 5e-3);
        CAPTURE(rounded.within, rounded.worst, rounded.relativeRms);
        REQUIRE(rounded.within >= 297);
        REQUIRE(rounded.worst <= 2e-2);
        REQUIRE(rounded.relativeRms <= 5e-3);
    }
}

}  // namespace moxie::engine
