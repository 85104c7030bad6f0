// The fused steps that every model family is written out in, as data: weights and numbers, checked,
// no code. What a step computes stands here; engine/execute runs it. Shapes are [out, in],
// row-major. Not here: which steps a family has (engine/families), where keys and values lie
// (engine/kv). Threads: plain data; immutable once a plan is built. Sources: named at each step.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kernels/dispatch.h"

namespace moxie::engine {

// y = W x + bias, and what a LoRA adapter of the same name adds.
struct Linear {
    kernels::WeightsView weights = {};
    std::vector<float> bias = {};  // empty: none
    std::string name = {};         // as the file calls the weights, without ".weight"

    int64_t rows() const { return weights.rows; }

    int64_t cols() const { return weights.cols; }
};

// weight ⊙ x · (mean(x²) + epsilon)^(-1/2). Source: Zhang and Sennrich 2019.
struct RmsNorm {
    std::vector<float> weight = {};
    float epsilon = 0;
};

// (x - mean) / sqrt(variance + epsilon) ⊙ weight + bias.
struct LayerNorm {
    std::vector<float> weight = {};
    std::vector<float> bias = {};
    float epsilon = 0;
};

// Pairs (2i, 2i + 1), or (i, i + dims / 2) inside the rotated slice.
enum class RopeLayout { interleaved, halfSplit };

// Rotates the pairs of a slice by position * frequency. Source: Su et al. 2021; YaRN: Peng et al.
// 2023 (the frequencies come with all scaling applied).
struct Rope {
    RopeLayout layout = RopeLayout::interleaved;
    std::vector<double> frequencies = {};  // one per pair
    float amplitude = 1;                   // of cos and sin
    // The angle is float(position) * float(frequency), as DeepSeek V4's reference forms it.
    bool hasFloatAngles = false;

    int64_t nPairs() const { return static_cast<int64_t>(frequencies.size()); }

    bool operator==(const Rope&) const = default;
};

// ---- attention

enum class QkNorm { none, perHead, wholeRow };

// Grouped-query attention; keys and values are cached per key-value head.
// Source: Ainslie et al. 2023; sinks: OpenAI gpt-oss.
struct GqaAttention {
    Linear q = {}, k = {}, v = {}, out = {};
    int64_t nHeads = 0;
    int64_t nKvHeads = 0;  // divides nHeads
    int64_t headDim = 0;
    QkNorm qkNorm = QkNorm::none;
    RmsNorm qNorm = {}, kNorm = {};
    int32_t rope = 0;  // of ModelPlan::ropes; turns the first 2 * nPairs dimensions of a head
    float scale = 1;
    int64_t window = 0;             // a query sees this many positions, its own included; 0: all
    std::vector<float> sinks = {};  // one logit per head that takes part in the softmax only
};

// The indexer of DeepSeek sparse attention: picks the positions that a query attends to.
// Source: DeepSeek V3.2-Exp, inference/model.py.
struct SparseIndexer {
    Linear qUp = {};  // of the normed low-rank query
    Linear k = {};    // of the layer's input
    LayerNorm kNorm = {};
    Linear headWeights = {};  // of the layer's input
    int64_t nHeads = 0;
    int64_t headDim = 0;
    int32_t rope = 0;  // turns the first dimensions of a head
    int64_t topK = 0;
};

// Per head: keys' and values' parts of the up-projection of the latent.
struct MlaHead {
    // [nope, rank], or its transpose [rank, nope] (GGUF's attn_k_b).
    kernels::WeightsView kUp = {};
    kernels::WeightsView vUp = {};  // [v, rank]
};

// Multi-head latent attention, computed in the absorbed form: what is cached per token is the
// normed latent and one rotated key part shared by all heads. Source: DeepSeek-V2, section 2.1.
struct MlaAttention {
    std::optional<Linear> qDown = {};  // absent: qUp takes the layer's input
    RmsNorm qDownNorm = {};
    Linear qUp = {};     // [heads * (nope + rope), ...]
    Linear kvDown = {};  // [rank + rope, hidden]
    RmsNorm kvNorm = {};
    std::vector<MlaHead> heads = {};
    bool isKUpTransposed = false;
    // Of the up-projection [heads * (nope + v), rank] where the file has it in one; else empty.
    std::string kvUpName = {};
    Linear out = {};
    int64_t rank = 0, nopeDim = 0, ropeDim = 0, vDim = 0;
    int32_t rope = 0;
    float scale = 1;
    std::optional<SparseIndexer> indexer = {};

    int64_t nHeads() const { return static_cast<int64_t>(heads.size()); }
};

// Pools the inputs of `ratio` tokens into one entry by a softmax over learned gates, channel by
// channel; with overlap the entry also draws on the tokens of the block before.
// Source: DeepSeek-V4 technical report and inference/model.py (Compressor).
struct Compressor {
    Linear kv = {}, gate = {};             // [width, hidden], width = dim, or 2 dim with overlap
    std::vector<float> positionBias = {};  // ape: [ratio][width]
    RmsNorm norm = {};
    int64_t dim = 0;
    int64_t ratio = 0;
    bool hasOverlap = false;  // the first half of the channels feeds the NEXT block

    int64_t width() const { return hasOverlap ? 2 * dim : dim; }
};

struct CompressedIndexer {
    Linear qUp = {};          // of the normed low-rank query
    Linear headWeights = {};  // of the layer's input
    Compressor keys = {};
    int64_t nHeads = 0;
    int64_t headDim = 0;
    int64_t topK = 0;
};

// DeepSeek V4's attention: one shared key-value vector per token, a sliding window of raw entries,
// and compressed entries of the whole past (HCA: all of them; CSA: those the indexer picks), sinks,
// outputs turned back, grouped output projection.
// Source: DeepSeek-V4 inference/model.py (Attention, Indexer).
struct CompressedAttention {
    Linear qDown = {}, qUp = {}, kv = {};
    RmsNorm qNorm = {}, kvNorm = {};
    std::vector<float> sinks = {};
    std::vector<kernels::WeightsView> outDown = {};  // per group [rank, heads / groups * headDim]
    Linear outUp = {};
    int64_t nHeads = 0;
    int64_t headDim = 0;
    int64_t window = 0;
    int32_t rope = 0;       // turns the LAST 2 * ropePairs dimensions
    int64_t ropePairs = 0;  // of that rope
    float scale = 1;
    float queryEpsilon = 0;                         // of the unweighted norm of each head's query
    std::optional<Compressor> compressor = {};      // none: window only
    std::optional<CompressedIndexer> indexer = {};  // with a compressor only
    // A block drafter's: every token of a chunk sees the whole window before the chunk and the
    // whole chunk, of which nothing is kept.
    bool seesWholeChunk = false;

    int64_t nGroups() const { return static_cast<int64_t>(outDown.size()); }
};

// A sub-layer that gives what it gets, so that the residual doubles: how published demos leave
// attention and experts out. No norm goes before it.
struct Identity {};

using Attention = std::variant<GqaAttention, MlaAttention, CompressedAttention, Identity>;

// ---- feed-forward

enum class Activation {
    silu,         // silu(gate) * up
    siluClamped,  // silu(min(gate, limit)) * clamp(up, -limit, limit)
    gptOss,       // g = min(gate, limit): g * sigmoid(1.702 g) * (clamp(up, -limit, limit) + 1)
};

struct DenseFfn {
    Linear gate = {}, up = {}, down = {};
    Activation activation = Activation::silu;
    float limit = 0;
};

enum class RouterScore { softmax, sigmoid, sqrtSoftplus, softmaxOfChosen };
enum class GroupScore { max, sumOfTwo };  // which groups of experts a token may use

// Names of the experts' weights, with "#" where an expert's number stands; without one they are
// stacked in one tensor. Empty: adapters do not reach them.
struct ExpertTensors {
    std::string gate = {}, up = {}, down = {};
};

struct Expert {
    kernels::WeightsView gate = {}, up = {}, down = {};
    std::vector<float> gateBias = {}, upBias = {}, downBias = {};  // empty: none
};

// Mixture of experts. w_e are the router's scores of the chosen experts, without the selection
// bias.
struct MoeFfn {
    Linear router = {};  // its bias is part of the logits
    RouterScore score = RouterScore::softmax;
    std::vector<float> selectionBias = {};  // added for the choice only
    int64_t nGroups = 1, nGroupsKept = 1;
    GroupScore groupScore = GroupScore::max;
    float droppedScore = 0;  // of experts in groups that are not kept
    int64_t topK = 0;
    bool isNormalised = true;  // weights divided by their sum
    float scale = 1;
    kernels::WeightsView hashTable = {};  // [vocabulary, topK] i32 or i64: experts by token id
    std::vector<Expert> experts = {};
    int64_t ffnDim = 0;
    // Experts stored [in, out]: gate holds gate and up, interleaved column by column.
    bool isTransposed = false;
    Activation activation = Activation::silu;
    float limit = 0;
    bool isWeightedBeforeDown = false;
    std::optional<DenseFfn> shared = {};
    // Name of the experts' weights without expert and part, for adapters and messages.
    std::string name = {};
    ExpertTensors tensors = {};
};

// Entry i of a row of MoeFfn::hashTable (i32 or i64). Requires: row and i are in it.
int64_t hashEntry(const kernels::WeightsView& table, int64_t row, int64_t i);

using Ffn = std::variant<DenseFfn, MoeFfn, Identity>;

// ---- around them

// Manifold-constrained hyper-connections: several residual streams, mixed before and after a
// sub-layer by matrices that Sinkhorn's iteration makes doubly stochastic.
// Source: DeepSeek-V4 inference/model.py (hc_pre, hc_post), kernel.py (hc_split_sinkhorn).
struct HyperConnection {
    kernels::WeightsView mix =
        {};  // [(2 + streams) * streams, streams * hidden]; the last: [streams, ...]
    std::vector<float> base = {}, scale = {};
    int64_t nStreams = 0;
    int64_t iterations = 0;
    float epsilon = 0;
    float normEpsilon = 0;
};

// Conditional memory: rows of hashed n-gram tables, gated by the residual, added before a layer.
// Source: deepseek-ai/Engram, engram_demo_v1.py.
struct Engram {
    std::vector<int32_t> compressedIds = {};  // of each token id; empty: the ids themselves
    int32_t padId = 0;                        // compressed
    std::vector<int64_t> multipliers = {};    // one per look-back

    struct Table {
        int64_t order = 0;  // of the n-gram
        int64_t prime = 0;
        kernels::WeightsView rows = {};  // [prime, headDim]
    };

    std::vector<Table> tables = {};
    Linear value = {};
    std::vector<Linear> keys = {};  // per stream
    std::vector<RmsNorm> keyNorms = {}, queryNorms = {};
    // Depthwise causal convolution over positions t, t - dilation, ...; per stream and channel.
    std::vector<float> convolution = {};  // [streams * hidden][kernel]
    std::vector<RmsNorm> convolutionNorms = {};
    int64_t kernelSize = 0, dilation = 0;
};

struct Block {
    std::optional<Engram> engram = {};
    RmsNorm attentionNorm = {};
    Attention attention = {};
    RmsNorm ffnNorm = {};
    Ffn ffn = {};
    std::optional<HyperConnection> attentionConnection = {}, ffnConnection = {};
};

}  // namespace moxie::engine
