// Tiny models of every family with what a test of their states needs: a session, and the logits of
// all positions of one uninterrupted run to hold everything else against.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/families/families.h"
#include "engine/session/session.h"
#include "engine/weights/open_source.h"
#include "tests/engine/families/published_model.h"

namespace moxie::engine {

// Names of the golden models, by what their states are made of.
const std::vector<std::string>& tinyFamilies();

struct TinyModel {
    std::unique_ptr<PublishedModel> files = {};
    std::unique_ptr<TensorSource> source = {};
    ModelPlan plan = {};
};

TinyModel openTinyFamily(const std::string& name);

using LogitRows = std::map<int64_t, std::vector<float>>;  // by position

struct RunLogits {
    LogitRows main = {}, draft = {};

    // Whether these rows are, bit for bit, rows of a run that was never interrupted.
    bool isPartOf(const RunLogits& whole) const;
};

// Evaluates and gives the logits of each position it touched.
RunLogits evaluateAll(Session& session, std::span<const int32_t> tokens, int64_t chunkTokens = 64);

// n ids that repeat nothing for long.
std::vector<int32_t> variedTokens(int64_t n, int64_t vocabulary, uint64_t seed = 1);

// What can be kept, in all ways that a family has.
std::vector<SessionOptions> stateOptions(const ModelPlan& plan);
std::string describe(const SessionOptions& options);

}  // namespace moxie::engine
