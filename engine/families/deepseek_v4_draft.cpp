#include "engine/families/deepseek_v4_draft.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/families/families.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr int64_t kStagesMax = 16;
constexpr int64_t kBlockTokensMax = 16;  // as many as one step can check

Result<DraftBlock> readPublishedDraft(WeightReader& reader, const V4Config& c,
                                      const ModelPlan& plan, const V4Ropes& ropes) {
    const V4Names names("", "mtp.0", false);
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
    const int64_t layer = std::ssize(plan.blocks);
    const V4Names names(fmt::format("blk.{}", layer), "", false);
    TRY_ASSIGN(Block block,
               readV4Block(reader, c, names, {.vocabularySize = plan.vocabularySize}, ropes));
    TRY_ASSIGN(DraftBlock draft, readDraft(reader, c.decoder, plan, layer, std::move(block)));
    draft.headConnection = plan.headConnection;
    draft.takesFinalNorm = false;
    return draft;
}

Result<int64_t> noiseToken(const Settings& settings, const ModelPlan& plan) {
    const int64_t last = plan.vocabularySize - 1;
    if (!settings.isGguf()) return settings.requireInteger({"", "dspark_noise_token_id"}, 0, last);
    const auto id = settings.outside("tokenizer.ggml.mask_token_id");
    if (id && *id >= 0 && *id <= last) return *id;
    return fail(Errc::corrupt, fmt::format("tokenizer.ggml.mask_token_id is {}, expected 0 to {}",
                                           id ? std::to_string(*id) : "missing", last));
}

Status readDrafterNumbers(const Settings& settings, const ModelPlan& plan, BlockDrafter& drafter) {
    const Key targets = {"target_layers", "dspark_target_layer_ids"};
    TRY_ASSIGN(drafter.blockTokens,
               settings.requireInteger({"block_size", "dspark_block_size"}, 1, kBlockTokensMax));
    TRY_ASSIGN(const int64_t noise, noiseToken(settings, plan));
    drafter.noiseToken = static_cast<int32_t>(noise);
    drafter.targets = settings.integers(targets);
    if (settings.isGguf())  // there a block is named by the one that reads it
        for (int64_t& layer : drafter.targets)
            --layer;
    const auto isBlock = [&](int64_t i) { return i >= 0 && i < std::ssize(plan.blocks); };
    if (!drafter.targets.empty() && std::ranges::all_of(drafter.targets, isBlock) &&
        std::ranges::is_sorted(drafter.targets, std::less_equal<>()))
        return {};
    return fail(Errc::corrupt,
                fmt::format("{} names the layers [{}], expected rising numbers of the model's {}",
                            settings.nameOf(targets), fmt::join(drafter.targets, ", "),
                            plan.blocks.size()));
}

// A block drafter's tensors: what a file of its own calls `gguf` belongs to a stage where it is
// published.
struct DrafterNames {
    int64_t nStages = 0;

    TensorName first(std::string_view gguf, std::string_view published) const {
        return {std::string(gguf), fmt::format("mtp.0.{}", published)};
    }

    TensorName last(std::string_view gguf, std::string_view published) const {
        return {std::string(gguf), fmt::format("mtp.{}.{}", nStages - 1, published)};
    }
};

V4Names stageNames(int64_t i) {
    return {fmt::format("blk.{}", i), fmt::format("mtp.{}", i), false};
}

// No number tells how many there are: num_nextn_predict_layers stayed 1.
int64_t countStages(const WeightReader& reader) {
    int64_t count = 0;
    while (count < kStagesMax && reader.contains(stageNames(count).at("attn_norm", "attn_norm")))
        ++count;
    return count;
}

// How the last stage's streams become one, and the guesses' corrections by the token before.
Status readDrafterHead(const Settings& settings, WeightReader& reader, const V4Config& c,
                       const DrafterNames& names, int64_t vocabulary, BlockDrafter& drafter) {
    const int64_t n = c.decoder.hiddenDim;
    TRY_ASSIGN(drafter.norm,
               reader.norm(names.last("output_norm", "norm"), n, c.decoder.normEpsilon));
    TRY_ASSIGN(drafter.headConnection,
               readConnection(reader, c, names.last("output_hc_fn", "hc_head_fn"),
                              names.last("output_hc_base", "hc_head_base"),
                              names.last("output_hc_scale", "hc_head_scale"), c.nStreams));
    const TensorName embedding = names.last("markov_w1", "markov_head.markov_w1");
    int64_t rank = 0;
    if (settings.isGguf()) {
        TRY_ASSIGN(rank, reader.colsOf(embedding));
    } else {
        TRY_ASSIGN(rank, settings.requireInteger({"", "dspark_markov_rank"}, 1, kHiddenMax));
    }
    TRY_ASSIGN(drafter.pairEmbedding, reader.matrix(embedding, vocabulary, rank));
    TRY_ASSIGN(drafter.pairHead,
               reader.matrix(names.last("markov_w2", "markov_head.markov_w2"), vocabulary, rank));
    const TensorName confidence = names.last("conf_proj", "confidence_head.proj");
    if (!reader.contains(confidence)) return {};
    TRY_ASSIGN(drafter.confidence, reader.linear(confidence, 1, n + rank));
    return {};
}

Result<BlockDrafter> readBlockDrafter(const Settings& settings, WeightReader& reader,
                                      const V4Config& c, const V4Ropes& ropes,
                                      const ModelPlan& plan) {
    const int64_t n = c.decoder.hiddenDim;
    BlockDrafter drafter;
    TRY(readDrafterNumbers(settings, plan, drafter));
    const DrafterNames names = {countStages(reader)};
    for (int64_t i = 0; i < names.nStages; ++i) {
        TRY_ASSIGN(Block block, readV4Block(reader, c, stageNames(i),
                                            {.vocabularySize = plan.vocabularySize}, ropes));
        std::get<CompressedAttention>(block.attention).seesWholeChunk = true;
        drafter.blocks.push_back(std::move(block));
    }
    TRY_ASSIGN(drafter.targetProjection,
               reader.linear(names.first("fc", "main_proj"), n, std::ssize(drafter.targets) * n));
    TRY_ASSIGN(drafter.targetNorm,
               reader.norm(names.first("enc.output_norm", "main_norm"), n, c.decoder.normEpsilon));
    TRY(readDrafterHead(settings, reader, c, names, plan.vocabularySize, drafter));
    return drafter;
}

// The draft block of a file of its own, which has its hyper-connection head where a model has its.
Result<DraftBlock> readGgufDraftFile(WeightReader& reader, const V4Config& c, const ModelPlan& plan,
                                     const V4Ropes& ropes) {
    TRY_ASSIGN(DraftBlock draft, readGgufDraft(reader, c, plan, ropes));
    TRY_ASSIGN(draft.headConnection, readHeadConnection(reader, c));
    for (const std::string_view end : {"token_embd.", "output.", "output_norm."})
        reader.ignorePrefix(end);
    return draft;
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

Status addDrafter(const TensorSource& source, ModelPlan& plan) {
    TRY_ASSIGN(const Settings settings, Settings::of(source));
    const bool isBlock =
        settings.architecture() == "dflash" && settings.contains({"hyper_connection.count", ""});
    const bool isDraft = settings.architecture() == "deepseek4";
    if (!settings.isGguf() || (!isBlock && !isDraft))
        return fail(Errc::unsupported,
                    fmt::format("{} is no drafter's architecture; there are deepseek4 and dflash "
                                "with hyper-connections, in GGUF",
                                settings.architecture()));
    TRY_ASSIGN(const V4Config c, readV4Config(settings));
    WeightReader reader(source, "drafter.");
    if (plan.nStreams != c.nStreams || plan.hiddenDim != c.decoder.hiddenDim)
        return fail(Errc::corrupt,
                    fmt::format("a drafter for {} streams of {} values, the model has {} of {}",
                                c.nStreams, c.decoder.hiddenDim, plan.nStreams, plan.hiddenDim));
    const V4Ropes ropes = addV4Ropes(c, plan);
    plan.draft.reset();
    plan.blockDrafter.reset();
    if (isBlock) {
        TRY_ASSIGN(plan.blockDrafter, readBlockDrafter(settings, reader, c, ropes, plan));
    } else {
        TRY_ASSIGN(plan.draft, readGgufDraftFile(reader, c, plan, ropes));
    }
    TRY(reader.checkNothingLeft("DeepSeek V4 drafter"));
    plan.weightBytes += reader.bytes();
    plan.parameters += reader.parameters();
    return {};
}

}  // namespace moxie::engine
