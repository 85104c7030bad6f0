#include "tests/engine/families/golden_run.h"

#include <algorithm>
#include <cmath>

#include "engine/families/families.h"
#include "engine/weights/open_source.h"
#include "tests/catch.h"

namespace moxie::engine {

namespace {

// The position of entry t of "argmax": of every position, or of the kept ones where these are
// fewer.
size_t atOf(const nlohmann::json& golden, size_t t) {
    const bool isKept = golden["argmax"].size() == golden["positions"].size();
    return isKept ? golden["positions"][t].get<size_t>() : t;
}

}  // namespace

Run run(const ModelPlan& plan, const std::vector<int32_t>& tokens, const RunOptions& options) {
    WorkerPool pool(options.threads);
    Session session = Session::make(plan, pool, kernels::dispatchFor(options.isa),
                                    {.contextTokens = 512,
                                     .simulation = options.simulation,
                                     .keepsDraft = options.keepsDraft})
                          .value();
    Run result;
    EvaluateOptions evaluate = {.chunkTokens = options.chunkTokens};
    evaluate.eachLogits = [&](int64_t, std::span<const float> row) {
        result.main.emplace_back(row.begin(), row.end());
    };
    evaluate.eachDraftLogits = [&](int64_t, std::span<const float> row) {
        result.draft.emplace_back(row.begin(), row.end());
    };
    session.evaluate(tokens, evaluate).value();
    return result;
}

int64_t argmax(const std::vector<float>& row) {
    return std::max_element(row.begin(), row.end()) - row.begin();
}

Agreement compare(const Rows& rows, const nlohmann::json& golden) {
    Agreement agreement;
    double difference = 0;
    double size = 0;
    for (size_t i = 0; i < golden.at("positions").size(); ++i) {
        const auto& row = rows.at(golden["positions"][i].get<size_t>());
        for (size_t k = 0; k < golden["logits"][i].size(); ++k) {
            const double expected = golden["logits"][i][k];
            difference += (row[k] - expected) * (row[k] - expected);
            size += expected * expected;
        }
        double sum = 0;
        for (const float x : row)
            sum += std::abs(x);
        const double expected = golden["sum_abs"][i];
        agreement.largestSumError =
            std::max(agreement.largestSumError, std::abs(sum - expected) / expected);
    }
    agreement.relativeRms = std::sqrt(difference / size);
    for (size_t t = 0; t < golden.at("argmax").size(); ++t)
        if (argmax(rows.at(atOf(golden, t))) != golden["argmax"][t].get<int64_t>())
            ++agreement.otherTops;
    return agreement;
}

Loaded loadGolden(nlohmann::json golden, const std::string& config) {
    Loaded loaded;
    loaded.golden = std::move(golden);
    const std::string name = loaded.golden.value("name", "");
    loaded.files = std::make_unique<PublishedModel>(loaded.golden, config);
    loaded.source = openTensorSource(loaded.files->folder()).value();
    auto plan = makePlan(*loaded.source);
    INFO(name << ": " << (plan ? "" : plan.error().message()));
    REQUIRE(plan.has_value());
    loaded.plan = *std::move(plan);
    loaded.tokens = loaded.golden["tokens"].get<std::vector<int32_t>>();
    return loaded;
}

Loaded load(const std::string& name, const std::string& config) {
    return loadGolden(readGolden(name), config);
}

void requireAgreement(const Rows& rows, const nlohmann::json& golden) {
    const Agreement agreement = compare(rows, golden);
    CAPTURE(agreement.relativeRms, agreement.otherTops, agreement.largestSumError);
    REQUIRE(agreement.relativeRms <= 1e-4);
    REQUIRE(agreement.largestSumError <= 1e-4);
    REQUIRE(agreement.otherTops == 0);
}

}  // namespace moxie::engine
