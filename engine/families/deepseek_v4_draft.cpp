#include "engine/families/deepseek_v4_draft.h"

#include <fmt/format.h>

#include <algorithm>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr int64_t kStagesMax = 16;
constexpr int64_t kBlockTokensMax = 16;  // as many as one step can check

std::string stage(int64_t i) {
    return fmt::format("mtp.{}", i);
}

Result<DraftBlock> readPublishedDraft(WeightReader& reader, const V4Config& c,
                                      const ModelPlan& plan, const V4Ropes& ropes) {
    const V4Names names("", stage(0), false);
    const int64_t n = c.decoder.hiddenDim;
    DraftBlock draft;
    TRY_ASSIGN(draft.block,
               readV4Block(reader, c, names, {.vocabularySize = plan.vocabularySize}, ropes));
    TRY_ASSIGN(draft.embeddingNorm, reader.norm(names.at("", "enorm"), n, c.decoder.normEpsilon));
    TRY_ASSIGN(draft.hiddenNorm, reader.norm(names.at("", "hnorm"), n, c.decoder.normEpsilon));
    TRY_ASSIGN(draft.norm, reader.norm(names.at("", "norm"), n, c.decoder.normEpsilon));
    TRY_ASSIGN(draft.embeddingProjection, reader.linear(names.at("", "e_proj"), n, n));
    TRY_ASSIGN(draft.hiddenProjection, reader.linear(names.at("", "h_proj"), n, n));
    TRY_ASSIGN(draft.headConnection,
               readConnection(reader, c, names.at("", "hc_head_fn"), names.at("", "hc_head_base"),
                              names.at("", "hc_head_scale"), c.nStreams));
    return draft;
}

// As layer nLayers, under the names that all families' draft blocks have there. The file has one
// hyper-connection head, the model's.
Result<DraftBlock> readGgufDraft(WeightReader& reader, const V4Config& c, const ModelPlan& plan,
                                 const V4Ropes& ropes) {
    const int64_t layer = c.decoder.nLayers;
    const V4Names names(fmt::format("blk.{}", layer), "", false);
    TRY_ASSIGN(Block block,
               readV4Block(reader, c, names, {.vocabularySize = plan.vocabularySize}, ropes));
    TRY_ASSIGN(DraftBlock draft, readDraft(reader, c.decoder, plan, layer, std::move(block)));
    draft.headConnection = plan.headConnection;
    draft.takesFinalNorm = false;
    return draft;
}

Status readDrafterNumbers(const Settings& settings, const ModelPlan& plan, BlockDrafter& drafter) {
    TRY_ASSIGN(drafter.blockTokens,
               settings.requireInteger({"", "dspark_block_size"}, 1, kBlockTokensMax));
    TRY_ASSIGN(const int64_t noise,
               settings.requireInteger({"", "dspark_noise_token_id"}, 0, plan.vocabularySize - 1));
    drafter.noiseToken = static_cast<int32_t>(noise);
    drafter.targets = settings.integers({"", "dspark_target_layer_ids"});
    const auto isBlock = [&](int64_t i) { return i >= 0 && i < std::ssize(plan.blocks); };
    if (drafter.targets.empty() || !std::ranges::all_of(drafter.targets, isBlock) ||
        !std::ranges::is_sorted(drafter.targets, std::less_equal<>()))
        return fail(Errc::corrupt,
                    fmt::format("dspark_target_layer_ids are [{}], expected rising "
                                "numbers of the {} layers",
                                fmt::join(drafter.targets, ", "), plan.blocks.size()));
    return {};
}

// The table of pairs and the confidence, which the last stage holds.
Status readPairs(const Settings& settings, WeightReader& reader, const V4Names& last,
                 const ModelPlan& plan, BlockDrafter& drafter) {
    TRY_ASSIGN(const int64_t rank,
               settings.requireInteger({"", "dspark_markov_rank"}, 1, kHiddenMax));
    TRY_ASSIGN(drafter.pairEmbedding,
               reader.matrix(last.at("", "markov_head.markov_w1"), plan.vocabularySize, rank));
    TRY_ASSIGN(drafter.pairHead,
               reader.matrix(last.at("", "markov_head.markov_w2"), plan.vocabularySize, rank));
    const TensorName confidence = last.at("", "confidence_head.proj");
    if (!reader.contains(confidence)) return {};
    TRY_ASSIGN(drafter.confidence, reader.linear(confidence, 1, plan.hiddenDim + rank));
    return {};
}

Result<BlockDrafter> readBlockDrafter(const Settings& settings, WeightReader& reader,
                                      const V4Config& c, const V4Ropes& ropes,
                                      const ModelPlan& plan) {
    const int64_t n = c.decoder.hiddenDim;
    const float epsilon = c.decoder.normEpsilon;
    BlockDrafter drafter;
    TRY(readDrafterNumbers(settings, plan, drafter));
    int64_t nStages = 0;  // no number tells: num_nextn_predict_layers stayed 1
    while (nStages < kStagesMax && reader.contains({"", stage(nStages) + ".attn_norm"}))
        ++nStages;
    for (int64_t i = 0; i < nStages; ++i) {
        const V4Names names("", stage(i), false);
        TRY_ASSIGN(Block block,
                   readV4Block(reader, c, names, {.vocabularySize = plan.vocabularySize}, ropes));
        std::get<CompressedAttention>(block.attention).seesWholeChunk = true;
        drafter.blocks.push_back(std::move(block));
    }
    const V4Names first("", stage(0), false);
    const V4Names last("", stage(std::max<int64_t>(0, nStages - 1)), false);
    TRY_ASSIGN(drafter.targetProjection,
               reader.linear(first.at("", "main_proj"), n, std::ssize(drafter.targets) * n));
    TRY_ASSIGN(drafter.targetNorm, reader.norm(first.at("", "main_norm"), n, epsilon));
    TRY_ASSIGN(drafter.norm, reader.norm(last.at("", "norm"), n, epsilon));
    TRY_ASSIGN(drafter.headConnection,
               readConnection(reader, c, last.at("", "hc_head_fn"), last.at("", "hc_head_base"),
                              last.at("", "hc_head_scale"), c.nStreams));
    TRY(readPairs(settings, reader, last, plan, drafter));
    return drafter;
}

}  // namespace

Status readV4Drafter(const Settings& settings, WeightReader& reader, const V4Config& c,
                     const V4Ropes& ropes, ModelPlan& plan) {
    // Copies of the ends that some checkpoints carry.
    reader.ignorePrefix("mtp.0.emb");
    reader.ignorePrefix("mtp.0.head");
    if (hasDraft(reader, c.decoder.nLayers) && reader.isGguf()) {
        TRY_ASSIGN(plan.draft, readGgufDraft(reader, c, plan, ropes));
    } else if (reader.contains({"", "mtp.0.main_proj"})) {
        TRY_ASSIGN(plan.blockDrafter, readBlockDrafter(settings, reader, c, ropes, plan));
    } else if (reader.contains({"", "mtp.0.e_proj"})) {
        TRY_ASSIGN(plan.draft, readPublishedDraft(reader, c, plan, ropes));
    }
    return {};
}

}  // namespace moxie::engine
