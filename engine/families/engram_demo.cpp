// The published demo of Engram conditional memory: hashed n-gram tables whose rows are gated by the
// residual streams and added before chosen layers; attention and experts are left out, as there.
// Ids are compressed by the list "compressed_ids" of config.json (the demo derives it from the
// tokens' texts); without it they are taken as they are.
// Source: deepseek-ai/Engram, engram_demo_v1.py.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "engine/families/decoder_parts.h"
#include "engine/families/families.h"
#include "engine/families/numpy_random.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using kernels::WeightsView;

namespace {

constexpr int64_t kTableRowsMax = int64_t{1} << 32;
constexpr int64_t kSeedPerLayer = 10007;

struct EngramConfig {
    int64_t hiddenDim = 0, nLayers = 0, vocabularySize = 0, nStreams = 0;
    double normEpsilon = 0, convolutionEpsilon = 0;
    std::vector<int64_t> tableSizes;  // per order, from 2 on
    int64_t ngramMax = 0, dimPerOrder = 0, headsPerOrder = 0;
    std::vector<int64_t> layers;
    int64_t padId = 0, seed = 0, kernelSize = 0;
    std::vector<int64_t> compressedIds;
};

Result<EngramConfig> readEngramConfig(const Settings& settings) {
    EngramConfig c;
    const auto integer = [&](std::string_view key, int64_t min, int64_t max) {
        return settings.requireInteger({"", key}, min, max);
    };
    TRY_ASSIGN(c.hiddenDim, integer("hidden_size", 1, kHiddenMax));
    TRY_ASSIGN(c.nLayers, integer("num_hidden_layers", 1, kLayersMax));
    TRY_ASSIGN(c.vocabularySize, integer("vocab_size", 1, 1 << 24));
    TRY_ASSIGN(c.nStreams, integer("hc_mult", 1, 8));
    TRY_ASSIGN(c.normEpsilon, settings.requireNumber({"", "rms_norm_eps"}, 0, 1));
    TRY_ASSIGN(c.convolutionEpsilon, settings.requireNumber({"", "conv_norm_eps"}, 0, 1));
    TRY_ASSIGN(c.ngramMax, integer("max_ngram_size", 2, 16));
    TRY_ASSIGN(c.dimPerOrder, integer("n_embed_per_ngram", 1, kHiddenMax));
    TRY_ASSIGN(c.headsPerOrder, integer("n_head_per_ngram", 1, 256));
    TRY_ASSIGN(c.padId, integer("pad_id", 0, c.vocabularySize - 1));
    TRY_ASSIGN(c.seed, integer("seed", 0, 1 << 30));
    TRY_ASSIGN(c.kernelSize, integer("kernel_size", 1, 64));
    c.tableSizes = settings.integers({"", "engram_vocab_size"});
    c.layers = settings.integers({"", "layer_ids"});
    c.compressedIds = settings.integers({"", "compressed_ids"});
    if (std::ssize(c.tableSizes) != c.ngramMax - 1 || c.dimPerOrder % c.headsPerOrder != 0)
        return fail(Errc::corrupt,
                    "engram_vocab_size, max_ngram_size and n_head_per_ngram do not "
                    "fit together");
    if (!c.compressedIds.empty() && std::ssize(c.compressedIds) != c.vocabularySize)
        return fail(Errc::corrupt, fmt::format("compressed_ids has {} entries, expected {}",
                                               c.compressedIds.size(), c.vocabularySize));
    for (const int64_t id : c.compressedIds)
        if (id < 0 || id >= c.vocabularySize)
            return fail(Errc::corrupt, fmt::format("compressed_ids holds {}", id));
    for (const int64_t size : c.tableSizes)
        if (size < 1 || size > kTableRowsMax)
            return fail(Errc::corrupt, fmt::format("engram_vocab_size holds {}", size));
    return c;
}

bool isPrime(int64_t n) {
    if (n < 2) return false;
    for (int64_t d = 2; d * d <= n; ++d)
        if (n % d == 0) return false;
    return true;
}

// Distinct primes from each table's size on, in the order of layers, orders and heads.
class Primes {
public:
    int64_t next(int64_t from) {
        int64_t candidate = from;
        while (!isPrime(candidate) || used_.contains(candidate))
            ++candidate;
        used_.insert(candidate);
        return candidate;
    }

private:
    std::set<int64_t> used_;
};

std::vector<int64_t> drawMultipliers(const EngramConfig& c, int64_t layer, int64_t nIds) {
    NumpyRandom random(static_cast<uint64_t>(c.seed + kSeedPerLayer * layer));
    const int64_t bound = std::max<int64_t>(1, std::numeric_limits<int64_t>::max() / nIds / 2);
    std::vector<int64_t> multipliers;
    for (int64_t i = 0; i < c.ngramMax; ++i)
        multipliers.push_back(2 * random.integer(bound) + 1);
    return multipliers;
}

base::Status readStreams(WeightReader& reader, const EngramConfig& c, const std::string& at,
                         int64_t width, Engram& step) {
    for (int64_t s = 0; s < c.nStreams; ++s) {
        TRY_ASSIGN(Linear key, reader.linear({"", fmt::format("{}key_projs.{}", at, s)},
                                             c.hiddenDim, width, Bias::required));
        step.keys.push_back(std::move(key));
        const auto norm = [&](std::string_view part, double epsilon) {
            return reader.norm({"", fmt::format("{}{}.{}", at, part, s)}, c.hiddenDim,
                               static_cast<float>(epsilon));
        };
        TRY_ASSIGN(RmsNorm keyNorm, norm("norm1", c.normEpsilon));
        TRY_ASSIGN(RmsNorm queryNorm, norm("norm2", c.normEpsilon));
        TRY_ASSIGN(RmsNorm convolutionNorm, norm("short_conv.norms", c.convolutionEpsilon));
        step.keyNorms.push_back(std::move(keyNorm));
        step.queryNorms.push_back(std::move(queryNorm));
        step.convolutionNorms.push_back(std::move(convolutionNorm));
    }
    return {};
}

Result<Engram> readEngram(WeightReader& reader, const EngramConfig& c, int64_t layer,
                          Primes& primes) {
    Engram step = {.kernelSize = c.kernelSize, .dilation = c.ngramMax};
    for (const int64_t id : c.compressedIds)
        step.compressedIds.push_back(static_cast<int32_t>(id));
    step.padId = static_cast<int32_t>(
        c.compressedIds.empty() ? c.padId : c.compressedIds[static_cast<size_t>(c.padId)]);
    const int64_t nIds =
        c.compressedIds.empty()
            ? c.vocabularySize
            : *std::max_element(c.compressedIds.begin(), c.compressedIds.end()) + 1;
    step.multipliers = drawMultipliers(c, layer, nIds);
    int64_t rows = 0;
    for (int64_t order = 2; order <= c.ngramMax; ++order)
        for (int64_t head = 0; head < c.headsPerOrder; ++head) {
            const int64_t prime = primes.next(c.tableSizes[static_cast<size_t>(order - 2)]);
            step.tables.push_back({.order = order, .prime = prime});
            rows += prime;
        }
    const std::string at = fmt::format("layers.{}.engram.", layer);
    TRY_ASSIGN(const WeightsView table, reader.matrix({"", at + "multi_head_embedding.embedding"},
                                                      rows, c.dimPerOrder / c.headsPerOrder));
    int64_t begin = 0;
    for (Engram::Table& part : step.tables) {
        part.rows = kernels::rowsOf(table, begin, part.prime);
        begin += part.prime;
    }
    const int64_t width = (c.ngramMax - 1) * c.dimPerOrder;
    TRY_ASSIGN(step.value,
               reader.linear({"", at + "value_proj"}, c.hiddenDim, width, Bias::required));
    TRY_ASSIGN(step.convolution, reader.vector({"", at + "short_conv.conv"},
                                               c.nStreams * c.hiddenDim * c.kernelSize));
    TRY(readStreams(reader, c, at, width, step));
    return step;
}

}  // namespace

Result<ModelPlan> planEngramDemo(const TensorSource& source) {
    TRY_ASSIGN(const Settings settings, Settings::of(source));
    TRY_ASSIGN(const EngramConfig c, readEngramConfig(settings));
    WeightReader reader(source);
    ModelPlan plan;
    plan.hiddenDim = c.hiddenDim;
    plan.vocabularySize = c.vocabularySize;
    plan.nStreams = c.nStreams;
    plan.contextTokensMax = 1 << 20;
    TRY_ASSIGN(plan.embedding, reader.matrix({"", "embed"}, c.vocabularySize, c.hiddenDim));
    TRY_ASSIGN(plan.head, reader.matrix({"", "head"}, c.vocabularySize, c.hiddenDim));
    TRY_ASSIGN(plan.headBias, reader.vector({"", "head"}, c.vocabularySize, ".bias"));
    Primes primes;
    for (int64_t i = 0; i < c.nLayers; ++i) {
        Block block = {.attention = Identity{}, .ffn = Identity{}};
        if (std::find(c.layers.begin(), c.layers.end(), i) != c.layers.end()) {
            TRY_ASSIGN(block.engram, readEngram(reader, c, i, primes));
        }
        plan.blocks.push_back(std::move(block));
    }
    TRY(reader.checkNothingLeft("Engram demo"));
    plan.weightBytes = reader.bytes();
    plan.parameters = reader.parameters();
    return plan;
}

}  // namespace moxie::engine
