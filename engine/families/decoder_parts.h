// What the families share when they write themselves out: the ends of a decoder, grouped-query
// attention, dense and routed feed-forward, each read from a file under both namings.
// Threads: one thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/families/settings.h"
#include "engine/families/weight_reader.h"
#include "engine/plan/model_plan.h"

namespace moxie::engine {

struct DecoderShape {
    int64_t nLayers = 0;  // without draft blocks
    int64_t hiddenDim = 0;
    int64_t contextTokensMax = 0;
    float normEpsilon = 0;
};

constexpr int64_t kLayersMax = 1024;
constexpr int64_t kHiddenMax = 1 << 20;
constexpr int64_t kFfnMax = 1 << 22;
constexpr int64_t kHeadsMax = 4096;
constexpr int64_t kHeadDimMax = 4096;
constexpr int64_t kExpertsMax = 1 << 16;
constexpr int64_t kContextMax = 1 << 30;

// Layers, width, context and epsilon under their usual names.
base::Result<DecoderShape> readDecoderShape(const Settings& settings);

struct EndNames {
    TensorName embedding, finalNorm, head;
};

// "token_embd" / "model.embed_tokens", "output_norm" / "model.norm", "output" / "lm_head".
EndNames usualEndNames();

// Embedding, final norm and head (the embedding where the file has no head of its own), and the
// vocabulary's size from the embedding. Fills the plan's numbers.
base::Status readEnds(const Settings& settings, WeightReader& reader, const DecoderShape& shape,
                      const EndNames& names, ModelPlan& plan);

struct GqaShape {
    int64_t nHeads = 0, nKvHeads = 0, headDim = 0;
    QkNorm qkNorm = QkNorm::none;
    Bias qkvBias = Bias::none;
    Bias outBias = Bias::none;
};

// Heads and their size under their usual names.
base::Result<GqaShape> readGqaShape(const Settings& settings, int64_t hiddenDim);

// q, k, v, out and the norms of q and k; rope, window and sinks are left to the family.
base::Result<GqaAttention> readGqa(WeightReader& reader, int64_t layer, const GqaShape& shape,
                                   const DecoderShape& decoder);

// gate, up and down of a layer.
base::Result<DenseFfn> readDenseFfn(WeightReader& reader, const DecoderShape& decoder,
                                    const TensorName& gate, const TensorName& up,
                                    const TensorName& down, int64_t ffnDim);
// Under the usual names.
base::Result<DenseFfn> readDenseFfn(WeightReader& reader, const DecoderShape& decoder,
                                    int64_t layer, int64_t ffnDim);

// How the published names of one expert's matrices go.
struct ExpertNames {
    std::string prefix;  // "mlp.experts", before the expert's number
    std::string gate = "gate_proj", up = "up_proj", down = "down_proj";
};

// GGUF: three stacks. Published: three matrices per expert, or the fused stacks that
// transformers 5 keeps in memory (gate_up_proj [E, 2 ffn, hidden], down_proj [E, hidden, ffn]).
base::Status readExperts(WeightReader& reader, const DecoderShape& decoder, int64_t layer,
                         int64_t count, const ExpertNames& names, MoeFfn& ffn);

// A block with plain residuals under the usual names of its norms.
base::Result<Block> readNorms(WeightReader& reader, const DecoderShape& decoder, int64_t layer,
                              std::string_view ggufFfnNorm = "ffn_norm");

// The draft block of DeepSeek V3 and GLM-4.5 around `block`, stored as layer `layer`.
base::Result<DraftBlock> readDraft(WeightReader& reader, const DecoderShape& decoder,
                                   const ModelPlan& plan, int64_t layer, Block block);
// Whether the file holds such a block.
bool hasDraft(const WeightReader& reader, int64_t layer);

}  // namespace moxie::engine
