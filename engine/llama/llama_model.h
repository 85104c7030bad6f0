// The dense Llama family (RMSNorm, RoPE on interleaved pairs, grouped-query attention, SwiGLU) read
// from a GGUF file: its shape and typed views of its weights, all checked. Not here: running it
// (llama_session.h), tokens and text (engine/tokenizer).
// Threads: immutable; any thread.
// Source: Touvron et al., LLaMA (2023) and Llama 2 (2023); tensor names of the GGUF specification.
#pragma once
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_file.h"
#include "kernels/dispatch.h"

namespace moxie::engine {

struct LlamaShape {
    int64_t nLayers = 0;
    int64_t hiddenDim = 0;
    int64_t ffnDim = 0;
    int64_t nHeads = 0;
    int64_t nKvHeads = 0;  // nHeads is a multiple
    int64_t headDim = 0;
    int64_t vocabularySize = 0;
    int64_t contextTokensMax = 0;  // what the model was trained for
    float normEpsilon = 0;

    int64_t qDim() const { return nHeads * headDim; }

    int64_t kvDim() const { return nKvHeads * headDim; }
};

struct LlamaLayer {
    kernels::WeightsView q, k, v, attentionOut, gate, up, down;
    std::vector<float> attentionNorm, ffnNorm;  // copied, because files need not align them
};

// What will be resident, in bytes, for a context of a given length.
struct MemoryPlan {
    int64_t weightBytes = 0;      // mapped from the file, read-only
    int64_t kvBytes = 0;          // for the whole context; grows page by page as it fills
    int64_t activationBytes = 0;  // of one chunk

    int64_t total() const { return weightBytes + kvBytes + activationBytes; }
};

class LlamaModel {
public:
    // Checks keys, shapes and types, and that no tensor is left over that would change the result.
    // `file` must outlive the model. Fails: unsupported (another architecture, rope scaling,
    // experts, biases; by name), corrupt.
    static base::Result<LlamaModel> load(const GgufFile& file);

    const LlamaShape& shape() const { return shape_; }

    const std::vector<LlamaLayer>& layers() const { return layers_; }

    const kernels::WeightsView& embedding() const { return embedding_; }

    const kernels::WeightsView& head() const { return head_; }  // the embedding, if tied

    const std::vector<float>& outputNorm() const { return outputNorm_; }

    // Angle per position of pair i of a head: cos and sin of pos * ropeFrequencies()[i].
    const std::vector<double>& ropeFrequencies() const { return ropeFrequencies_; }

    MemoryPlan plan(int64_t contextTokens, int64_t chunkTokens) const;

private:
    LlamaModel() = default;

    LlamaShape shape_;
    std::vector<LlamaLayer> layers_;
    kernels::WeightsView embedding_, head_;
    std::vector<float> outputNorm_;
    std::vector<double> ropeFrequencies_;  // one per pair, ropeDims / 2; the rest of a head stays
    int64_t weightBytes_ = 0;
};

}  // namespace moxie::engine
