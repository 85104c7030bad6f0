// gpt-oss: grouped-query attention with sinks, a sliding window on every other layer, biases
// everywhere, softmax over the chosen experts' logits, its own activation.
// Sources: transformers gpt_oss; OpenAI's model card (MXFP4 experts).
#include <fmt/format.h>

#include "engine/families/decoder_parts.h"
#include "engine/families/families.h"
#include "engine/families/rope_settings.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using kernels::WeightsView;

namespace {

struct GptOssConfig {
    DecoderShape decoder;
    GqaShape attention;
    int64_t nExperts = 0, topK = 0, expertDim = 0, window = 0;
    double limit = 7;
    std::vector<std::string_view> layerTypes;  // config.json's; empty: every other layer, from 0

    bool hasWindow(int64_t layer) const {
        if (layerTypes.empty()) return layer % 2 == 0;
        return layerTypes[static_cast<size_t>(layer)] == "sliding_attention";
    }
};

Result<GptOssConfig> readGptOssConfig(const Settings& settings) {
    GptOssConfig c;
    TRY_ASSIGN(c.decoder, readDecoderShape(settings));
    TRY_ASSIGN(c.attention, readGqaShape(settings, c.decoder.hiddenDim));
    c.attention.qkvBias = Bias::required;
    c.attention.outBias = Bias::required;
    TRY_ASSIGN(c.nExperts,
               settings.requireInteger({"expert_count", "num_local_experts"}, 1, kExpertsMax));
    TRY_ASSIGN(c.topK, settings.requireInteger({"expert_used_count", "num_experts_per_tok"}, 1,
                                               c.nExperts));
    TRY_ASSIGN(c.expertDim, settings.requireInteger(
                                {"expert_feed_forward_length", "intermediate_size"}, 1, kFfnMax));
    TRY_ASSIGN(c.window, settings.requireInteger({"attention.sliding_window", "sliding_window"}, 1,
                                                 kContextMax));
    c.limit = settings.number({"", "swiglu_limit"}).value_or(7);
    c.layerTypes = settings.strings({"", "layer_types"});
    if (!c.layerTypes.empty() && std::ssize(c.layerTypes) < c.decoder.nLayers)
        return fail(Errc::corrupt, fmt::format("layer_types has {} entries, expected {}",
                                               c.layerTypes.size(), c.decoder.nLayers));
    return c;
}

// Every second row, from `first`: gate and up lie row by row.
WeightsView everySecondRow(WeightsView both, int64_t first) {
    WeightsView half = kernels::rowsOf(both, first, both.rows - first);
    half.rows = both.rows / 2;
    half.rowBytes *= 2;
    if (half.scaleType != kernels::ScaleType::none) {
        // One row of scales per row: step over every second of them too.
        half.scales += half.scaleRowOffset * half.scaleRowBytes;
        half.scaleRowOffset = 0;
        half.scaleRowBytes *= 2;
    }
    return half;
}

// Biases [expert][2 ffn] with gate and up in turn.
void splitBiases(const std::vector<float>& both, const std::vector<float>& down, MoeFfn& ffn) {
    const int64_t hidden = std::ssize(down) / std::ssize(ffn.experts);
    for (int64_t e = 0; e < std::ssize(ffn.experts); ++e) {
        Expert& expert = ffn.experts[static_cast<size_t>(e)];
        const float* pair = both.data() + e * 2 * ffn.ffnDim;
        for (int64_t i = 0; i < ffn.ffnDim; ++i) {
            expert.gateBias.push_back(pair[2 * i]);
            expert.upBias.push_back(pair[2 * i + 1]);
        }
        expert.downBias.assign(down.begin() + e * hidden, down.begin() + (e + 1) * hidden);
    }
}

Status readPublishedExperts(WeightReader& reader, const GptOssConfig& c, int64_t layer,
                            MoeFfn& ffn) {
    const auto name = [&](std::string_view part) {
        return layerTensor(layer, "", fmt::format("mlp.experts.{}", part));
    };
    ffn.name = reader.nameOf(layerTensor(layer, "", "mlp.experts"), "");
    const int64_t hidden = c.decoder.hiddenDim;
    // MXFP4 rows are [out, in] like everyone's; BF16 files keep [in, out].
    const bool isPacked = reader.typeOf(name("gate_up_proj"), "") == kernels::DType::fp4E2m1;
    ffn.isTransposed = !isPacked;
    std::vector<WeightsView> both, downs;
    if (isPacked) {
        TRY_ASSIGN(both,
                   reader.stack(name("gate_up_proj"), c.nExperts, 2 * c.expertDim, hidden, ""));
        TRY_ASSIGN(downs, reader.stack(name("down_proj"), c.nExperts, hidden, c.expertDim, ""));
    } else {
        TRY_ASSIGN(both,
                   reader.stack(name("gate_up_proj"), c.nExperts, hidden, 2 * c.expertDim, ""));
        TRY_ASSIGN(downs, reader.stack(name("down_proj"), c.nExperts, c.expertDim, hidden, ""));
    }
    for (size_t e = 0; e < both.size(); ++e)
        ffn.experts.push_back(isPacked ? Expert{.gate = everySecondRow(both[e], 0),
                                                .up = everySecondRow(both[e], 1),
                                                .down = downs[e]}
                                       : Expert{.gate = both[e], .up = both[e], .down = downs[e]});
    TRY_ASSIGN(const auto bothBias,
               reader.values(name("gate_up_proj_bias"), c.nExperts, 2 * c.expertDim, ""));
    TRY_ASSIGN(const auto downBias, reader.values(name("down_proj_bias"), c.nExperts, hidden, ""));
    splitBiases(bothBias, downBias, ffn);
    return {};
}

Status readGgufBiases(WeightReader& reader, const GptOssConfig& c, int64_t layer, MoeFfn& ffn) {
    const auto read = [&](std::string_view part, int64_t size) {
        return reader.values(layerTensor(layer, part, ""), c.nExperts, size, ".bias");
    };
    TRY_ASSIGN(const auto gate, read("ffn_gate_exps", c.expertDim));
    TRY_ASSIGN(const auto up, read("ffn_up_exps", c.expertDim));
    TRY_ASSIGN(const auto down, read("ffn_down_exps", c.decoder.hiddenDim));
    for (int64_t e = 0; e < c.nExperts; ++e) {
        const auto part = [&](const std::vector<float>& all, int64_t size) {
            return std::vector<float>(all.begin() + e * size, all.begin() + (e + 1) * size);
        };
        Expert& expert = ffn.experts[static_cast<size_t>(e)];
        expert.gateBias = part(gate, c.expertDim);
        expert.upBias = part(up, c.expertDim);
        expert.downBias = part(down, c.decoder.hiddenDim);
    }
    return {};
}

Result<MoeFfn> readGptOssFfn(WeightReader& reader, const GptOssConfig& c, int64_t layer) {
    MoeFfn ffn = {.score = RouterScore::softmaxOfChosen,
                  .topK = c.topK,
                  .isNormalised = false,
                  .ffnDim = c.expertDim,
                  .activation = Activation::gptOss,
                  .limit = static_cast<float>(c.limit)};
    TRY_ASSIGN(ffn.router, reader.linear(layerTensor(layer, "ffn_gate_inp", "mlp.router"),
                                         c.nExperts, c.decoder.hiddenDim, Bias::required));
    if (!reader.isGguf()) {
        TRY(readPublishedExperts(reader, c, layer, ffn));
        return ffn;
    }
    TRY(readExperts(reader, c.decoder, layer, c.nExperts, {.prefix = "mlp.experts"}, ffn));
    TRY(readGgufBiases(reader, c, layer, ffn));
    return ffn;
}

}  // namespace

Result<ModelPlan> planGptOss(const TensorSource& source) {
    TRY_ASSIGN(const Settings settings, Settings::of(source));
    TRY_ASSIGN(const GptOssConfig c, readGptOssConfig(settings));
    WeightReader reader(source);
    ModelPlan plan;
    TRY(readEnds(settings, reader, c.decoder, usualEndNames(), plan));
    TRY_ASSIGN(const RopeSettings rope, readRopeSettings(settings));
    const int32_t ropeIndex =
        plan.addRope(makeRope(rope, RopeLayout::halfSplit, c.attention.headDim));
    for (int64_t i = 0; i < c.decoder.nLayers; ++i) {
        TRY_ASSIGN(Block block, readNorms(reader, c.decoder, i, "post_attention_norm"));
        TRY_ASSIGN(GqaAttention attention, readGqa(reader, i, c.attention, c.decoder));
        attention.rope = ropeIndex;
        attention.window = c.hasWindow(i) ? c.window : 0;
        TRY_ASSIGN(attention.sinks,
                   reader.vector(layerTensor(i, "attn_sinks", "self_attn.sinks"),
                                 c.attention.nHeads, reader.isGguf() ? ".weight" : ""));
        block.attention = std::move(attention);
        TRY_ASSIGN(block.ffn, readGptOssFfn(reader, c, i));
        plan.blocks.push_back(std::move(block));
    }
    TRY(reader.checkNothingLeft("gpt-oss"));
    plan.weightBytes = reader.bytes();
    plan.parameters = reader.parameters();
    return plan;
}

}  // namespace moxie::engine
