#include "engine/llama/llama_model.h"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <string>
#include <utility>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using kernels::WeightsView;

namespace {

constexpr int64_t kCacheFloatsMax = int64_t{1} << 58;

// Reads tensors of known shape and remembers which ones were asked for.
class TensorReader {
public:
    explicit TensorReader(const GgufFile& file) : file_(file) {}

    Result<WeightsView> matrix(const std::string& name, int64_t rows, int64_t cols) {
        const GgufTensor* tensor = file_.findTensor(name);
        if (tensor == nullptr)
            return fail(Errc::corrupt, fmt::format("tensor {} is missing", name));
        if (tensor->nDims > 2 || tensor->weights.rows != rows || tensor->weights.cols != cols)
            return fail(Errc::corrupt,
                        fmt::format("tensor {} is {} x {}, expected {} x {}", name,
                                    tensor->weights.rows, tensor->weights.cols, rows, cols));
        if (seen_.insert(name).second) bytes_ += tensor->bytes;
        return tensor->weights;
    }

    Result<std::vector<float>> vector(const std::string& name, int64_t size) {
        TRY_ASSIGN(const WeightsView view, matrix(name, 1, size));
        std::vector<float> values(static_cast<size_t>(size));
        kernels::dispatchFor(kernels::Isa::scalar).dequantiseRow(view, 0, values);
        return values;
    }

    // A tensor nobody asked for means a model we do not know: its result would be wrong.
    Status checkNothingLeft() const {
        for (const GgufTensor& tensor : file_.tensors())
            if (!seen_.contains(std::string(tensor.name)))
                return fail(
                    Errc::unsupported,
                    fmt::format("tensor {} is not part of a dense Llama model", tensor.name));
        return {};
    }

    int64_t bytes() const { return bytes_; }

private:
    const GgufFile& file_;
    std::set<std::string> seen_;
    int64_t bytes_ = 0;
};

Result<LlamaShape> readShape(const GgufFile& file) {
    TRY_ASSIGN(const std::string_view architecture, file.requireString("general.architecture"));
    if (architecture != "llama")
        return fail(Errc::unsupported,
                    fmt::format("architecture {}, expected llama", architecture));
    if (file.integer("llama.expert_count").value_or(0) > 0)
        return fail(Errc::unsupported, "a Llama model with experts, expected a dense one");
    if (file.integer("llama.attention.sliding_window").value_or(0) > 0)
        return fail(Errc::unsupported, "sliding-window attention in a Llama model");

    LlamaShape shape;
    TRY_ASSIGN(shape.nLayers, file.requireInteger("llama.block_count", 1, 1024));
    TRY_ASSIGN(shape.hiddenDim, file.requireInteger("llama.embedding_length", 1, 1 << 20));
    TRY_ASSIGN(shape.ffnDim, file.requireInteger("llama.feed_forward_length", 1, 1 << 22));
    TRY_ASSIGN(shape.nHeads, file.requireInteger("llama.attention.head_count", 1, 4096));
    shape.nKvHeads = shape.nHeads;
    if (file.find("llama.attention.head_count_kv") != nullptr) {
        TRY_ASSIGN(shape.nKvHeads,
                   file.requireInteger("llama.attention.head_count_kv", 1, shape.nHeads));
    }
    if (shape.nHeads % shape.nKvHeads != 0)
        return fail(Errc::corrupt, fmt::format("{} heads are no multiple of {} key-value heads",
                                               shape.nHeads, shape.nKvHeads));
    if (file.find("llama.attention.key_length") != nullptr) {
        TRY_ASSIGN(shape.headDim, file.requireInteger("llama.attention.key_length", 2, 4096));
    } else if (shape.hiddenDim % shape.nHeads == 0) {
        shape.headDim = shape.hiddenDim / shape.nHeads;
    } else {
        return fail(Errc::corrupt, fmt::format("embedding length {} is no multiple of {} heads",
                                               shape.hiddenDim, shape.nHeads));
    }
    if (file.integer("llama.attention.value_length").value_or(shape.headDim) != shape.headDim)
        return fail(Errc::unsupported, "keys and values of different length in a Llama model");
    TRY_ASSIGN(shape.contextTokensMax, file.requireInteger("llama.context_length", 1, 1 << 30));

    // Keeps every plan in 64 bits.
    const int64_t floatsPerToken = 2 * shape.nLayers * shape.kvDim();
    if (floatsPerToken > kCacheFloatsMax / shape.contextTokensMax)
        return fail(Errc::unsupported,
                    fmt::format("a context of {} tokens with {} values each, more than any memory",
                                shape.contextTokensMax, floatsPerToken));

    const auto epsilon = file.number("llama.attention.layer_norm_rms_epsilon");
    if (!epsilon || !(*epsilon >= 0) || !(*epsilon <= 1))
        return fail(Errc::corrupt,
                    "llama.attention.layer_norm_rms_epsilon: expected a number from 0 to 1");
    shape.normEpsilon = static_cast<float>(*epsilon);

    const GgufTensor* embedding = file.findTensor("token_embd.weight");
    if (embedding == nullptr) return fail(Errc::corrupt, "tensor token_embd.weight is missing");
    shape.vocabularySize = embedding->weights.rows;
    if (shape.vocabularySize > (1 << 24))
        return fail(Errc::corrupt, fmt::format("{} token embeddings", shape.vocabularySize));
    return shape;
}

// theta_i = base^(-2 i / d), divided by the factor of linear scaling or by the file's factor per
// pair (how Llama 3.1's scaling is stored).
Result<std::vector<double>> readRopeFrequencies(const GgufFile& file, TensorReader& tensors,
                                                int64_t headDim) {
    int64_t dims = headDim;
    if (file.find("llama.rope.dimension_count") != nullptr) {
        TRY_ASSIGN(dims, file.requireInteger("llama.rope.dimension_count", 2, headDim));
    }
    if (dims % 2 != 0) return fail(Errc::corrupt, fmt::format("rope over {} dimensions", dims));
    const double base = file.number("llama.rope.freq_base").value_or(10000);
    if (!(base > 0) || !std::isfinite(base))
        return fail(Errc::corrupt, fmt::format("llama.rope.freq_base is {}", base));

    double factor = file.number("llama.rope.scale_linear").value_or(1);
    const std::string_view scaling = file.string("llama.rope.scaling.type").value_or("none");
    if (scaling == "linear")
        factor = file.number("llama.rope.scaling.factor").value_or(factor);
    else if (scaling != "none" && scaling != "llama3")
        return fail(Errc::unsupported,
                    fmt::format("rope scaling {}, expected none, linear or llama3", scaling));
    if (!(factor > 0) || !std::isfinite(factor))
        return fail(Errc::corrupt, fmt::format("rope scaling factor {}", factor));

    std::vector<float> perPair(static_cast<size_t>(dims / 2), 1.0F);
    if (file.findTensor("rope_freqs.weight") != nullptr) {
        TRY_ASSIGN(perPair, tensors.vector("rope_freqs.weight", dims / 2));
    } else if (scaling == "llama3") {
        return fail(Errc::unsupported, "rope scaling llama3 without the tensor rope_freqs.weight");
    }
    std::vector<double> frequencies;
    for (int64_t i = 0; i < dims / 2; ++i)
        frequencies.push_back(
            std::pow(base, -2.0 * static_cast<double>(i) / static_cast<double>(dims)) / factor /
            double{perPair[static_cast<size_t>(i)]});
    return frequencies;
}

Result<LlamaLayer> readLayer(TensorReader& tensors, const LlamaShape& shape, int64_t index) {
    const auto name = [&](std::string_view part) {
        return fmt::format("blk.{}.{}.weight", index, part);
    };
    LlamaLayer layer;
    TRY_ASSIGN(layer.attentionNorm, tensors.vector(name("attn_norm"), shape.hiddenDim));
    TRY_ASSIGN(layer.q, tensors.matrix(name("attn_q"), shape.qDim(), shape.hiddenDim));
    TRY_ASSIGN(layer.k, tensors.matrix(name("attn_k"), shape.kvDim(), shape.hiddenDim));
    TRY_ASSIGN(layer.v, tensors.matrix(name("attn_v"), shape.kvDim(), shape.hiddenDim));
    TRY_ASSIGN(layer.attentionOut,
               tensors.matrix(name("attn_output"), shape.hiddenDim, shape.qDim()));
    TRY_ASSIGN(layer.ffnNorm, tensors.vector(name("ffn_norm"), shape.hiddenDim));
    TRY_ASSIGN(layer.gate, tensors.matrix(name("ffn_gate"), shape.ffnDim, shape.hiddenDim));
    TRY_ASSIGN(layer.up, tensors.matrix(name("ffn_up"), shape.ffnDim, shape.hiddenDim));
    TRY_ASSIGN(layer.down, tensors.matrix(name("ffn_down"), shape.hiddenDim, shape.ffnDim));
    return layer;
}

}  // namespace

Result<LlamaModel> LlamaModel::load(const GgufFile& file) {
    LlamaModel model;
    TRY_ASSIGN(model.shape_, readShape(file));
    const LlamaShape& shape = model.shape_;
    TensorReader tensors(file);
    TRY_ASSIGN(model.embedding_,
               tensors.matrix("token_embd.weight", shape.vocabularySize, shape.hiddenDim));
    TRY_ASSIGN(model.outputNorm_, tensors.vector("output_norm.weight", shape.hiddenDim));
    model.head_ = model.embedding_;
    if (file.findTensor("output.weight") != nullptr) {
        TRY_ASSIGN(model.head_,
                   tensors.matrix("output.weight", shape.vocabularySize, shape.hiddenDim));
    }
    TRY_ASSIGN(model.ropeFrequencies_, readRopeFrequencies(file, tensors, shape.headDim));
    for (int64_t i = 0; i < shape.nLayers; ++i) {
        TRY_ASSIGN(LlamaLayer layer, readLayer(tensors, shape, i));
        model.layers_.push_back(std::move(layer));
    }
    TRY(tensors.checkNothingLeft());
    model.weightBytes_ = tensors.bytes();
    return model;
}

MemoryPlan LlamaModel::plan(int64_t contextTokens, int64_t chunkTokens) const {
    const LlamaShape& s = shape_;
    const auto floatBytes = static_cast<int64_t>(sizeof(float));
    const int64_t perToken =
        2 * s.hiddenDim + 2 * s.qDim() + s.ffnDim + 2 * std::ssize(ropeFrequencies_);
    return {.weightBytes = weightBytes_,
            .kvBytes = 2 * s.nLayers * s.kvDim() * contextTokens * floatBytes,
            .activationBytes = (chunkTokens * perToken + s.vocabularySize) * floatBytes};
}

}  // namespace moxie::engine
