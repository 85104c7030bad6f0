#include "engine/families/deepseek_v4_block.h"

#include <fmt/format.h>

#include <cmath>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using kernels::WeightsView;

Result<HyperConnection> readConnection(WeightReader& reader, const V4Config& c,
                                       const TensorName& fn, const TensorName& base,
                                       const TensorName& scale, int64_t rows) {
    const std::string_view suffix = reader.isGguf() ? ".weight" : "";
    HyperConnection hc = {.nStreams = c.nStreams,
                          .iterations = c.sinkhornIterations,
                          .epsilon = static_cast<float>(c.hcEpsilon),
                          .normEpsilon = c.decoder.normEpsilon};
    TRY_ASSIGN(hc.mix, reader.matrix(fn, rows, c.nStreams * c.decoder.hiddenDim, suffix));
    TRY_ASSIGN(hc.base, reader.vector(base, rows, suffix));
    TRY_ASSIGN(hc.scale, reader.vector(scale, rows == c.nStreams ? 1 : 3, suffix));
    return hc;
}

namespace {

Result<HyperConnection> readBlockConnection(WeightReader& reader, const V4Config& c,
                                            const V4Names& names, std::string_view part) {
    const auto name = [&](std::string_view what) {
        const std::string full = fmt::format("hc_{}_{}", part, what);
        return names.at(full, full);
    };
    return readConnection(reader, c, name("fn"), name("base"), name("scale"),
                          (2 + c.nStreams) * c.nStreams);
}

struct CompressorNames {
    TensorName kv, gate, bias, norm;
    std::string_view biasSuffix;
};

Result<Compressor> readCompressor(WeightReader& reader, const V4Config& c,
                                  const CompressorNames& names, int64_t dim, int64_t ratio) {
    Compressor step = {.dim = dim, .ratio = ratio, .hasOverlap = ratio == kOverlapRatio};
    TRY_ASSIGN(step.kv, reader.linear(names.kv, step.width(), c.decoder.hiddenDim));
    TRY_ASSIGN(step.gate, reader.linear(names.gate, step.width(), c.decoder.hiddenDim));
    TRY_ASSIGN(step.positionBias, reader.values(names.bias, ratio, step.width(), names.biasSuffix));
    TRY_ASSIGN(step.norm, reader.norm(names.norm, dim, c.decoder.normEpsilon));
    return step;
}

CompressorNames compressorNames(const WeightReader& reader, const V4Names& names,
                                std::string_view gguf, std::string_view published) {
    const auto name = [&](std::string_view g, std::string_view p) {
        return names.at(fmt::format("{}_{}", gguf, g), fmt::format("{}.{}", published, p));
    };
    return {.kv = name("kv", "wkv"),
            .gate = name("gate", "wgate"),
            .bias = name("ape", "ape"),
            .norm = name("norm", "norm"),
            .biasSuffix = reader.isGguf() ? ".weight" : ""};
}

Result<CompressedIndexer> readV4Indexer(WeightReader& reader, const V4Config& c,
                                        const V4Names& names) {
    CompressedIndexer indexer = {
        .nHeads = c.indexHeads, .headDim = c.indexDim, .topK = c.indexTopK};
    TRY_ASSIGN(indexer.qUp, reader.linear(names.at("indexer.attn_q_b", "attn.indexer.wq_b"),
                                          c.indexHeads * c.indexDim, c.qRank));
    TRY_ASSIGN(indexer.headWeights,
               reader.linear(names.at("indexer.proj", "attn.indexer.weights_proj"), c.indexHeads,
                             c.decoder.hiddenDim));
    TRY_ASSIGN(indexer.keys, readCompressor(reader, c,
                                            compressorNames(reader, names, "indexer_compressor",
                                                            "attn.indexer.compressor"),
                                            c.indexDim, kOverlapRatio));
    return indexer;
}

Result<CompressedAttention> readV4Attention(WeightReader& reader, const V4Config& c,
                                            const V4Names& names, int64_t ratio,
                                            const V4Ropes& ropes) {
    const int64_t hidden = c.decoder.hiddenDim;
    const int64_t heads = c.nHeads * c.headDim;
    CompressedAttention step = {.nHeads = c.nHeads,
                                .headDim = c.headDim,
                                .window = c.window,
                                .rope = ratio == 0 ? ropes.window : ropes.compressed,
                                .ropePairs = c.ropeDims / 2,
                                .queryEpsilon = c.decoder.normEpsilon};
    step.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(c.headDim)));
    TRY_ASSIGN(step.qDown, reader.linear(names.at("attn_q_a", "attn.wq_a"), c.qRank, hidden));
    TRY_ASSIGN(step.qNorm, reader.norm(names.at("attn_q_a_norm", "attn.q_norm"), c.qRank,
                                       c.decoder.normEpsilon));
    TRY_ASSIGN(step.qUp, reader.linear(names.at("attn_q_b", "attn.wq_b"), heads, c.qRank));
    TRY_ASSIGN(step.kv, reader.linear(names.at("attn_kv", "attn.wkv"), c.headDim, hidden));
    TRY_ASSIGN(step.kvNorm, reader.norm(names.at("attn_kv_a_norm",
                                                 names.isResaved() ? "attn.norm" : "attn.kv_norm"),
                                        c.headDim, c.decoder.normEpsilon));
    TRY_ASSIGN(step.sinks, reader.vector(names.at("attn_sinks", "attn.attn_sink"), c.nHeads,
                                         reader.isGguf() ? ".weight" : ""));
    TRY_ASSIGN(const WeightsView down, reader.matrix(names.at("attn_output_a", "attn.wo_a"),
                                                     c.nGroups * c.groupRank, heads / c.nGroups));
    for (int64_t g = 0; g < c.nGroups; ++g)
        step.outDown.push_back(kernels::rowsOf(down, g * c.groupRank, c.groupRank));
    TRY_ASSIGN(step.outUp, reader.linear(names.at("attn_output_b", "attn.wo_b"), hidden,
                                         c.nGroups * c.groupRank));
    if (ratio == 0) return step;
    TRY_ASSIGN(step.compressor,
               readCompressor(reader, c,
                              compressorNames(reader, names, "attn_compressor", "attn.compressor"),
                              c.headDim, ratio));
    if (ratio == kOverlapRatio) {
        TRY_ASSIGN(step.indexer, readV4Indexer(reader, c, names));
    }
    return step;
}

Status checkTable(const WeightsView& table, int64_t nExperts) {
    for (int64_t row = 0; row < table.rows; ++row)
        for (int64_t i = 0; i < table.cols; ++i) {
            const int64_t expert = hashEntry(table, row, i);
            if (expert < 0 || expert >= nExperts)
                return fail(Errc::corrupt, fmt::format("tid2eid sends token {} to expert {} of {}",
                                                       row, expert, nExperts));
        }
    return {};
}

Result<DenseFfn> readShared(WeightReader& reader, const V4Config& c, const V4Names& names) {
    TRY_ASSIGN(
        DenseFfn shared,
        readDenseFfn(reader, c.decoder, names.at("ffn_gate_shexp", "ffn.shared_experts.w1"),
                     names.at("ffn_up_shexp", "ffn.shared_experts.w3"),
                     names.at("ffn_down_shexp", "ffn.shared_experts.w2"), c.nShared * c.expertDim));
    shared.activation = Activation::siluClamped;
    shared.limit = static_cast<float>(c.sharedLimit);
    return shared;
}

Status readV4Experts(WeightReader& reader, const V4Config& c, const V4Names& names, MoeFfn& ffn) {
    if (reader.isGguf()) {
        TRY_ASSIGN(const auto gates, reader.stack(names.at("ffn_gate_exps", ""), c.nExperts,
                                                  c.expertDim, c.decoder.hiddenDim));
        TRY_ASSIGN(const auto ups, reader.stack(names.at("ffn_up_exps", ""), c.nExperts,
                                                c.expertDim, c.decoder.hiddenDim));
        TRY_ASSIGN(const auto downs, reader.stack(names.at("ffn_down_exps", ""), c.nExperts,
                                                  c.decoder.hiddenDim, c.expertDim));
        for (size_t e = 0; e < gates.size(); ++e)
            ffn.experts.push_back({.gate = gates[e], .up = ups[e], .down = downs[e]});
        ffn.tensors = {.gate = reader.stepName(names.at("ffn_gate_exps", "")),
                       .up = reader.stepName(names.at("ffn_up_exps", "")),
                       .down = reader.stepName(names.at("ffn_down_exps", ""))};
        return {};
    }
    const auto every = [&](std::string_view part) {
        return reader.stepName(names.at("", fmt::format("ffn.experts.#.{}", part)));
    };
    ffn.tensors = {.gate = every("w1"), .up = every("w3"), .down = every("w2")};
    for (int64_t e = 0; e < c.nExperts; ++e) {
        const auto name = [&](std::string_view part) {
            return names.at("", fmt::format("ffn.experts.{}.{}", e, part));
        };
        Expert expert;
        TRY_ASSIGN(expert.gate, reader.matrix(name("w1"), c.expertDim, c.decoder.hiddenDim));
        TRY_ASSIGN(expert.up, reader.matrix(name("w3"), c.expertDim, c.decoder.hiddenDim));
        TRY_ASSIGN(expert.down, reader.matrix(name("w2"), c.decoder.hiddenDim, c.expertDim));
        ffn.experts.push_back(std::move(expert));
    }
    return {};
}

Result<MoeFfn> readV4Ffn(WeightReader& reader, const V4Config& c, const V4Names& names,
                         bool isHashed, int64_t vocabularySize) {
    MoeFfn ffn = {.score = RouterScore::sqrtSoftplus,
                  .topK = c.topK,
                  .isNormalised = c.isNormalised,
                  .scale = static_cast<float>(c.scale),
                  .ffnDim = c.expertDim,
                  .activation = Activation::siluClamped,
                  .limit = static_cast<float>(c.limit),
                  .isWeightedBeforeDown = true};
    TRY_ASSIGN(ffn.router, reader.linear(names.at("ffn_gate_inp", "ffn.gate"), c.nExperts,
                                         c.decoder.hiddenDim));
    if (isHashed) {
        TRY_ASSIGN(ffn.hashTable,
                   reader.integers(names.at("ffn_gate_tid2eid", "ffn.gate.tid2eid"), vocabularySize,
                                   c.topK, reader.isGguf() ? ".weight" : ""));
        TRY(checkTable(ffn.hashTable, c.nExperts));
    } else {
        TRY_ASSIGN(ffn.selectionBias,
                   reader.vector(names.at("exp_probs_b", "ffn.gate"), c.nExperts, ".bias"));
    }
    TRY(readV4Experts(reader, c, names, ffn));
    if (c.nShared > 0) {
        TRY_ASSIGN(ffn.shared, readShared(reader, c, names));
    }
    ffn.name = reader.stepName(names.at("ffn_exps", "ffn.experts"));
    return ffn;
}

}  // namespace

V4Ropes addV4Ropes(const V4Config& c, ModelPlan& plan) {
    const auto rope = [&](const RopeSettings& s) {
        Rope made = makeRope(s, RopeLayout::interleaved, c.ropeDims);
        made.hasFloatAngles = true;
        return plan.addRope(std::move(made));
    };
    return {.window = rope(c.rope), .compressed = rope(c.compressedRope)};
}

Result<HyperConnection> readHeadConnection(WeightReader& reader, const V4Config& c,
                                           bool isResaved) {
    const auto name = [&](std::string_view part) {
        return TensorName{
            fmt::format("output_hc_{}", part),
            isResaved ? fmt::format("model.hc_head.hc_{}", part) : fmt::format("hc_head_{}", part)};
    };
    return readConnection(reader, c, name("fn"), name("base"), name("scale"), c.nStreams);
}

Result<Block> readV4Block(WeightReader& reader, const V4Config& c, const V4Names& names,
                          const V4Layer& layer, const V4Ropes& ropes) {
    Block block;
    TRY_ASSIGN(block.attentionNorm, reader.norm(names.at("attn_norm", "attn_norm"),
                                                c.decoder.hiddenDim, c.decoder.normEpsilon));
    TRY_ASSIGN(block.ffnNorm, reader.norm(names.at("ffn_norm", "ffn_norm"), c.decoder.hiddenDim,
                                          c.decoder.normEpsilon));
    TRY_ASSIGN(block.attention, readV4Attention(reader, c, names, layer.ratio, ropes));
    TRY_ASSIGN(block.ffn, readV4Ffn(reader, c, names, layer.isHashed, layer.vocabularySize));
    TRY_ASSIGN(block.attentionConnection, readBlockConnection(reader, c, names, "attn"));
    TRY_ASSIGN(block.ffnConnection, readBlockConnection(reader, c, names, "ffn"));
    return block;
}

}  // namespace moxie::engine
