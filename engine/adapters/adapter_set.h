// Adapters that a user asked for, read and held against a model: what a session applies.
// Threads: immutable; any thread. Views point into the files that it keeps mapped; it may be moved.
#pragma once
#include <deque>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/adapters/adapter_file.h"
#include "engine/adapters/adapter_targets.h"
#include "engine/adapters/lora_file.h"
#include "engine/execute/lora.h"
#include "engine/loaded_model.h"

namespace moxie::engine {

constexpr size_t kAdaptersMax = 16;

class AdapterSet {
public:
    // Fails: what LoraFile::open fails with; invalidInput (a scale that is no number, too many),
    // unsupported (weights the model does not have, or that adapters do not reach), corrupt (shapes
    // that do not fit); the message names the file and the weights.
    static base::Result<AdapterSet> open(std::span<const AdapterFile> files,
                                         const LoadedModel& model);

    // nullptr if there is none. Stays where it is as long as the set lives in one place.
    const LoraAdapters* factors() const { return factors_.empty() ? nullptr : &factors_; }

private:
    AdapterSet() = default;
    base::Status addFile(const LoraFile& file, double scale, const AdapterTargets& targets,
                         const TensorSource& source);
    base::Status addFused(const LoraFile& file, const LoraPair& pair, const MoeFfn& experts,
                          double scale);
    void addEmbedding(const LoraPair& pair, double scale);
    kernels::WeightsView expertColumns(const kernels::WeightsView& stacked, int64_t expert,
                                       int64_t experts);

    std::vector<LoraFile> files_;
    std::deque<std::vector<float>> repacked_;  // factors that no file has as they are multiplied
    LoraAdapters factors_;
};

}  // namespace moxie::engine
