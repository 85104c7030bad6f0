#include "tests/engine/session/tiny_families.h"

#include <cstring>

namespace moxie::engine {

namespace {

bool areRowsOf(const LogitRows& rows, const LogitRows& whole) {
    for (const auto& [position, row] : rows) {
        const auto found = whole.find(position);
        if (found == whole.end() || found->second.size() != row.size()) return false;
        if (std::memcmp(row.data(), found->second.data(), row.size() * sizeof(float)) != 0)
            return false;
    }
    return true;
}

}  // namespace

const std::vector<std::string>& tinyFamilies() {
    static const std::vector<std::string> kNames = {
        "llama3",       "qwen2",       "qwen3_moe",       "glm4_moe",
        "minimax_m2",   "gpt_oss",     "deepseek_v2",     "deepseek_v3",
        "deepseek_v32", "deepseek_v4", "deepseek_v4_pro", "v4_block_drafter"};
    return kNames;
}

TinyModel openTinyFamily(const std::string& name) {
    TinyModel model;
    model.files = std::make_unique<PublishedModel>(readGolden(name), "config");
    model.source = openTensorSource(model.files->folder()).value();
    model.plan = makePlan(*model.source).value();
    return model;
}

bool RunLogits::isPartOf(const RunLogits& whole) const {
    return areRowsOf(main, whole.main) && areRowsOf(draft, whole.draft);
}

RunLogits evaluateAll(Session& session, std::span<const int32_t> tokens, int64_t chunkTokens) {
    RunLogits logits;
    const auto first = std::ssize(session.tokens());
    EvaluateOptions options = {.chunkTokens = chunkTokens};
    options.eachLogits = [&](int64_t index, std::span<const float> row) {
        logits.main[first + index] = {row.begin(), row.end()};
    };
    options.eachDraftLogits = [&](int64_t position, std::span<const float> row) {
        logits.draft[position] = {row.begin(), row.end()};
    };
    session.evaluate(tokens, options).value();
    return logits;
}

std::vector<int32_t> variedTokens(int64_t n, int64_t vocabulary, uint64_t seed) {
    std::vector<int32_t> tokens;
    uint64_t state = seed;
    for (int64_t i = 0; i < n; ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        tokens.push_back(static_cast<int32_t>((state >> 33) % static_cast<uint64_t>(vocabulary)));
    }
    return tokens;
}

std::vector<SessionOptions> stateOptions(const ModelPlan& plan) {
    std::vector<SessionOptions> all;
    for (const KvFormat format : {KvFormat::f32, KvFormat::native}) {
        const auto simulation =
            format == KvFormat::f32 ? QuantSimulation::off : QuantSimulation::on;
        SessionOptions options = {
            .contextTokens = 1024, .kvFormat = format, .simulation = simulation};
        all.push_back(options);
        options.keepsDraft = true;
        if (plan.canDraft()) all.push_back(options);
    }
    return all;
}

std::string describe(const SessionOptions& options) {
    return std::string(options.kvFormat == KvFormat::f32 ? "f32" : "native, simulated") +
           (options.keepsDraft ? ", draft kept" : "");
}

}  // namespace moxie::engine
