// What `moxie model inspect|plan|verify` tells of a model: what is in its files, what it would need
// in memory and what it needed, whether it is sound; and what is kept of conversations.
// Threads: any thread; blocks.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model_file.h"

namespace moxie::engine {

struct TypeShare {
    std::string type;  // "Q4_K"
    int64_t tensors = 0;
    int64_t bytes = 0;
};

struct TensorLine {
    std::string name, type;
    std::vector<int64_t> shape;  // [out, in]
    int64_t offset = 0, bytes = 0;
};

struct ModelReport {
    ModelFileFacts facts;
    std::string family = {};  // as we know it; empty: we cannot run it
    int64_t layers = 0, hiddenDim = 0, vocabularySize = 0;
    int64_t experts = 0, expertsUsed = 0;  // of a routed layer; 0: a dense model
    bool hasDraftBlock = false;
    std::vector<TypeShare> types = {};  // most bytes first
    std::vector<TensorLine> tensors = {};
};

// Fails: what opening fails with; a model that cannot be run is described, with facts.problem.
base::Result<ModelReport> inspectModel(const std::filesystem::path& path);

struct PlanRequest {
    int64_t contextTokens = 0;     // 0: the model's own
    std::string kvFormat = "f32";  // f32, f16, native
    bool keepsDraft = true;        // counts the rows of the draft block, where there is one
    int32_t threads = 0;
    // Evaluates that many tokens and measures.
    bool isMeasured = false;
    std::stop_token stop = {};
    std::function<void(int64_t done, int64_t total)> progress = {};
};

struct MemoryReport {
    int64_t contextTokens = 0;
    int64_t weightBytes = 0;  // mapped, read-only
    int64_t expertBytes = 0;  // of these, routed experts
    int64_t kvBytes = 0;      // whole pages of the context
    int64_t kvBytesPerToken = 0;
    int64_t frontierBytes = 0;  // of kvBytes, what does not grow with the context
    int64_t activationBytes = 0;
    int64_t resumeBytes = 0;  // copies to go back to, where later tokens write over state
    int64_t systemBytes = 0;  // of this machine
    int64_t availableBytes = 0;
    // If measured: bytes held for state and activations after evaluating the context, and growth
    // of the process's anonymous memory.
    int64_t measuredBytes = 0;
    int64_t measuredAnonymousBytes = 0;

    int64_t plannedBytes() const { return kvBytes + activationBytes + resumeBytes; }
};

// As a local model runs here unless told otherwise, rounded where that is fast.
// Fails: what opening and evaluating fail with; invalidInput (a format, a context); outOfMemory.
base::Result<MemoryReport> planModel(const std::filesystem::path& path, const PlanRequest& request);

// The conversations of local models that are kept on disk.
struct KvFolderReport {
    int64_t models = 0;  // one folder for each model and way to keep its state
    int64_t bytes = 0;
};

// Nothing in it if it is not there. Cost: a look at the name and size of every file.
KvFolderReport inspectKvFolder(const std::filesystem::path& folder);

struct Check {
    std::string name, detail;
    bool isGood = true;
};

// Reads every byte of the weights, and evaluates a few tokens twice. Fails: what opening fails
// with, cancelled.
base::Result<std::vector<Check>> verifyModel(
    const std::filesystem::path& path, const std::stop_token& stop,
    const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace moxie::engine
