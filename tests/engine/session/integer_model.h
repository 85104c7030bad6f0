// A small random model whose weights are small integers: a file of our own, since published tiny
// models have none. And how far two runs of it are apart.
#pragma once
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/families/families.h"
#include "engine/make/model_maker.h"
#include "engine/weights/open_source.h"
#include "tests/engine/session/tiny_families.h"
#include "tests/engine/weights/model_folder.h"

namespace moxie::engine {

struct IntegerModel {
    IntegerModel(const std::string& family, const std::string& type, int64_t nTokens) {
        const std::filesystem::path file = folder.path() / "tiny.gguf";
        makeModel({.family = family, .type = type, .out = file}).value();
        source = openTensorSource(file).value();
        plan = makePlan(*source).value();
        tokens = variedTokens(nTokens, plan.vocabularySize);
    }

    tests::ModelFolder folder;
    std::unique_ptr<TensorSource> source;
    ModelPlan plan;
    std::vector<int32_t> tokens;
};

// Relative RMS of `a` against `b`, over the positions of `a`. Requires: `b` has them.
inline double relativeDistance(const LogitRows& a, const LogitRows& b) {
    double squares = 0;
    double differences = 0;
    for (const auto& [position, row] : a)
        for (size_t i = 0; i < row.size(); ++i) {
            const double other = b.at(position)[i];
            squares += other * other;
            differences += (double{row[i]} - other) * (double{row[i]} - other);
        }
    return std::sqrt(differences / squares);
}

}  // namespace moxie::engine
