// Dense decoders with grouped-query attention and SwiGLU: Llama, SmolLM, Qwen2, Qwen3.
// Sources: Touvron et al., Llama 2 (2023); Qwen2 and Qwen3 technical reports; tensor names of the
// GGUF specification and of transformers.
#include <fmt/format.h>

#include "engine/families/decoder_parts.h"
#include "engine/families/families.h"
#include "engine/families/rope_settings.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

struct LlamaConfig {
    DecoderShape decoder;
    GqaShape attention;
    int64_t ffnDim = 0;
    RopeSettings rope;
    int64_t ropeDims = 0;
    RopeLayout ropeLayout = RopeLayout::halfSplit;
};

Status refuseWhatWeDoNotCompute(const Settings& settings) {
    if (settings.integer({"expert_count", "num_local_experts"}).value_or(0) > 0)
        return fail(Errc::unsupported, fmt::format("a {} model with experts, expected a dense one",
                                                   settings.architecture()));
    const bool usesWindow = settings.boolean({"", "use_sliding_window"}).value_or(true);
    if (usesWindow &&
        settings.integer({"attention.sliding_window", "sliding_window"}).value_or(0) > 0)
        return fail(Errc::unsupported, "sliding-window attention in a dense model");
    return {};
}

Result<LlamaConfig> readConfig(const Settings& settings) {
    TRY(refuseWhatWeDoNotCompute(settings));
    LlamaConfig config;
    TRY_ASSIGN(config.decoder, readDecoderShape(settings));
    TRY_ASSIGN(config.attention, readGqaShape(settings, config.decoder.hiddenDim));
    TRY_ASSIGN(config.ffnDim,
               settings.requireInteger({"feed_forward_length", "intermediate_size"}, 1, kFfnMax));
    const bool isLlama = settings.architecture() == "llama";
    // In GGUF no converter says whether a bias was permuted with its rows.
    const bool mayHaveBias = isLlama && !settings.isGguf();
    config.attention.qkvBias = mayHaveBias ? Bias::ifPresent : Bias::none;
    config.attention.outBias = config.attention.qkvBias;
    if (settings.architecture() == "qwen2") config.attention.qkvBias = Bias::required;
    if (settings.architecture() == "qwen3") {
        config.attention.qkNorm = QkNorm::perHead;
        config.attention.qkvBias = Bias::ifPresent;
    }
    // The converter to GGUF permutes Llama's q and k so that pairs are neighbours.
    if (isLlama && settings.isGguf()) config.ropeLayout = RopeLayout::interleaved;
    TRY_ASSIGN(config.ropeDims,
               settings.integerOr({"rope.dimension_count", ""}, config.attention.headDim, 2,
                                  config.attention.headDim));
    if (config.ropeDims % 2 != 0)
        return fail(Errc::corrupt, fmt::format("rope over {} dimensions", config.ropeDims));
    return config;
}

// GGUF keeps Llama 3's scaling as a factor per pair.
Result<Rope> readRope(const Settings& settings, WeightReader& reader, const LlamaConfig& config) {
    const TensorName factors = {"rope_freqs", "rope_freqs"};
    RopeSettings rope;
    if (settings.string({"rope.scaling.type", ""}).value_or("none") == "llama3") {
        if (!reader.contains(factors))
            return fail(Errc::unsupported,
                        "rope scaling llama3 without the tensor rope_freqs.weight");
        rope.theta = settings.number({"rope.freq_base", ""}).value_or(kGgufTheta);
    } else {
        TRY_ASSIGN(rope, readRopeSettings(settings));
    }
    if (rope.scaling == RopeScaling::none) {
        const double linear = settings.number({"rope.scale_linear", ""}).value_or(1);
        if (linear != 1) {
            rope.scaling = RopeScaling::linear;
            rope.factor = linear;
        }
    }
    Rope result = makeRope(rope, config.ropeLayout, config.ropeDims);
    if (!reader.contains(factors)) return result;
    TRY_ASSIGN(const std::vector<float> perPair, reader.vector(factors, config.ropeDims / 2));
    for (size_t i = 0; i < perPair.size(); ++i)
        result.frequencies[i] /= double{perPair[i]};
    return result;
}

}  // namespace

Result<ModelPlan> planLlama(const TensorSource& source) {
    TRY_ASSIGN(const Settings settings, Settings::of(source));
    TRY_ASSIGN(const LlamaConfig config, readConfig(settings));
    WeightReader reader(source);
    reader.ignoreSuffix("rotary_emb.inv_freq");
    ModelPlan plan;
    TRY(readEnds(settings, reader, config.decoder, usualEndNames(), plan));
    TRY_ASSIGN(Rope rope, readRope(settings, reader, config));
    const int32_t ropeIndex = plan.addRope(std::move(rope));
    for (int64_t i = 0; i < config.decoder.nLayers; ++i) {
        TRY_ASSIGN(Block block, readNorms(reader, config.decoder, i));
        TRY_ASSIGN(GqaAttention attention, readGqa(reader, i, config.attention, config.decoder));
        attention.rope = ropeIndex;
        block.attention = std::move(attention);
        TRY_ASSIGN(block.ffn, readDenseFfn(reader, config.decoder, i, config.ffnDim));
        plan.blocks.push_back(std::move(block));
    }
    TRY(reader.checkNothingLeft(fmt::format("dense {}", settings.architecture())));
    plan.weightBytes = reader.bytes();
    plan.parameters = reader.parameters();
    return plan;
}

}  // namespace moxie::engine
