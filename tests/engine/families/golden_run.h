// Runs a published model of tests/data/engine/families and holds its logits against those that were
// computed elsewhere in float64.
#pragma once
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/session/session.h"
#include "engine/weights/tensor_source.h"
#include "tests/engine/families/published_model.h"

namespace moxie::engine {

using Rows = std::vector<std::vector<float>>;

struct RunOptions {
    kernels::Isa isa = kernels::Isa::scalar;
    int64_t chunkTokens = 128;
    int32_t threads = 2;
    bool keepsDraft = false;
    QuantSimulation simulation = QuantSimulation::off;
};

struct Run {
    Rows main, draft;
};

Run run(const ModelPlan& plan, const std::vector<int32_t>& tokens, const RunOptions& options);

int64_t argmax(const std::vector<float>& row);

struct Agreement {
    double relativeRms = 0;
    int64_t otherTops = 0;
    double largestSumError = 0;
};

Agreement compare(const Rows& rows, const nlohmann::json& golden);
// Relative RMS and sums within 1e-4, every top token equal.
void requireAgreement(const Rows& rows, const nlohmann::json& golden);

struct Loaded {
    std::unique_ptr<PublishedModel> files;
    std::unique_ptr<TensorSource> source;
    ModelPlan plan;
    std::vector<int32_t> tokens;
    nlohmann::json golden;
};

// `config`: the member of the golden file with config.json.
Loaded load(const std::string& name, const std::string& config);
Loaded loadGolden(nlohmann::json golden, const std::string& config);

}  // namespace moxie::engine
