#include "tests/engine/session/published_shapes.h"

namespace moxie::tests {

using namespace moxie::engine;

namespace {

constexpr int64_t kVocabulary = 129280;

kernels::WeightsView shape(int64_t rows, int64_t cols) {
    return {.rows = rows, .cols = cols};
}

Linear linear(int64_t rows, int64_t cols) {
    return {.weights = shape(rows, cols)};
}

DenseFfn denseFfn(int64_t hidden, int64_t ffn) {
    return {.gate = linear(ffn, hidden), .up = linear(ffn, hidden), .down = linear(hidden, ffn)};
}

MoeFfn moeFfn(int64_t hidden, int64_t ffn, size_t nExperts, int64_t topK) {
    MoeFfn step = {.router = linear(static_cast<int64_t>(nExperts), hidden),
                   .topK = topK,
                   .ffnDim = ffn,
                   .shared = denseFfn(hidden, ffn)};
    step.experts.assign(
        nExperts,
        {.gate = shape(ffn, hidden), .up = shape(ffn, hidden), .down = shape(hidden, ffn)});
    return step;
}

struct V4Shape {
    int64_t hidden, heads, qRank, groups, topK, ffn;
    size_t nExperts;
    std::vector<int64_t> ratios;  // of the blocks
};

Compressor compressor(int64_t hidden, int64_t dim, int64_t ratio) {
    Compressor step = {.dim = dim, .ratio = ratio, .hasOverlap = ratio == 4};
    step.kv = step.gate = linear(step.width(), hidden);
    return step;
}

CompressedAttention attention(const V4Shape& v4, int64_t ratio) {
    constexpr int64_t kHeadDim = 512, kOutRank = 1024;
    CompressedAttention step = {.qDown = linear(v4.qRank, v4.hidden),
                                .qUp = linear(v4.heads * kHeadDim, v4.qRank),
                                .kv = linear(kHeadDim, v4.hidden),
                                .outUp = linear(v4.hidden, v4.groups * kOutRank),
                                .nHeads = v4.heads,
                                .headDim = kHeadDim,
                                .window = 128,
                                .ropePairs = 32};
    step.outDown.assign(static_cast<size_t>(v4.groups),
                        shape(kOutRank, v4.heads * kHeadDim / v4.groups));
    if (ratio > 0) step.compressor = compressor(v4.hidden, kHeadDim, ratio);
    if (ratio == 4)
        step.indexer = CompressedIndexer{.qUp = linear(64 * 128, v4.qRank),
                                         .headWeights = linear(64, v4.hidden),
                                         .keys = compressor(v4.hidden, 128, ratio),
                                         .nHeads = 64,
                                         .headDim = 128,
                                         .topK = v4.topK};
    return step;
}

Block block(const V4Shape& v4, int64_t ratio) {
    const HyperConnection connection = {.mix = shape(24, 4 * v4.hidden), .nStreams = 4};
    return {.attention = attention(v4, ratio),
            .ffn = moeFfn(v4.hidden, v4.ffn, v4.nExperts, 6),
            .attentionConnection = connection,
            .ffnConnection = connection};
}

ModelPlan v4Plan(const V4Shape& v4) {
    ModelPlan plan = {.family = "deepseek_v4",
                      .hiddenDim = v4.hidden,
                      .vocabularySize = kVocabulary,
                      .contextTokensMax = 1048576,
                      .nStreams = 4,
                      .head = shape(kVocabulary, v4.hidden)};
    for (const int64_t ratio : v4.ratios)
        plan.blocks.push_back(block(v4, ratio));
    plan.draft = DraftBlock{.block = block(v4, 0)};
    return plan;
}

// Two layers of their own, then CSA and HCA in turns, CSA last.
std::vector<int64_t> ratios(int64_t first, int64_t nPairs) {
    std::vector<int64_t> all = {first, first};
    for (int64_t i = 0; i < nPairs; ++i)
        all.insert(all.end(), {4, 128});
    all.push_back(4);
    return all;
}

MlaAttention v32Attention(int64_t hidden) {
    MlaAttention step = {.qDown = linear(1536, hidden),
                         .qUp = linear(128 * 192, 1536),
                         .kvDown = linear(576, hidden),
                         .out = linear(hidden, 128 * 128),
                         .rank = 512,
                         .nopeDim = 128,
                         .ropeDim = 64,
                         .vDim = 128};
    step.heads.assign(128, {.kUp = shape(128, 512), .vUp = shape(128, 512)});
    step.indexer = SparseIndexer{.qUp = linear(64 * 128, 1536),
                                 .k = linear(128, hidden),
                                 .headWeights = linear(64, hidden),
                                 .nHeads = 64,
                                 .headDim = 128,
                                 .topK = 2048};
    return step;
}

}  // namespace

ModelPlan deepSeekV4Flash() {
    return v4Plan({.hidden = 4096,
                   .heads = 64,
                   .qRank = 1024,
                   .groups = 8,
                   .topK = 512,
                   .ffn = 2048,
                   .nExperts = 256,
                   .ratios = ratios(0, 20)});
}

ModelPlan deepSeekV4Pro() {
    return v4Plan({.hidden = 7168,
                   .heads = 128,
                   .qRank = 1536,
                   .groups = 16,
                   .topK = 1024,
                   .ffn = 3072,
                   .nExperts = 384,
                   .ratios = ratios(128, 29)});
}

ModelPlan deepSeekV32() {
    constexpr int64_t kHidden = 7168;
    ModelPlan plan = {.family = "deepseek_v32",
                      .hiddenDim = kHidden,
                      .vocabularySize = kVocabulary,
                      .contextTokensMax = 163840,
                      .head = shape(kVocabulary, kHidden)};
    for (int i = 0; i < 61; ++i) {
        Block one = {.attention = v32Attention(kHidden)};
        if (i < 3)
            one.ffn = denseFfn(kHidden, 18432);
        else
            one.ffn = moeFfn(kHidden, 2048, 256, 8);
        plan.blocks.push_back(std::move(one));
    }
    return plan;
}

}  // namespace moxie::tests
