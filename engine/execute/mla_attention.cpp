#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "engine/execute/cached_rows.h"
#include "engine/execute/lora.h"
#include "engine/execute/online_softmax.h"
#include "engine/execute/pass.h"
#include "engine/execute/rounded_products.h"
#include "engine/execute/row_selection.h"
#include "kernels/microscaling.h"

namespace moxie::engine {

using kernels::WeightsView;

namespace {

constexpr int64_t kLatentStream = 0;
constexpr int64_t kIndexStream = 1;

struct MlaBuffers {
    float* lowQ;      // [token][q rank], normed; the input where there is no down-projection
    float* q;         // [token][head][nope + rope]
    float* latent;    // [token][rank + rope]
    float* absorbed;  // [token][head][rank + rope]
    float* mixed;     // [token][head][rank]
    float* attended;  // [token][head][v]
    float* perWorker;
    int64_t perWorkerFloats;
};

AttentionProducts productsOf(const Pass& pass, const MlaAttention& step) {
    const AttentionProducts products = attentionProducts(pass, step.qUp.weights);
    return step.indexer ? chosenProducts(products, step.nHeads()) : products;
}

OnlineSoftmax::Shape latentShape(const Pass& pass, const MlaAttention& step, int64_t nQueries) {
    return {.nQueries = nQueries,
            .keyDim = step.rank + step.ropeDim,
            .valueDim = step.rank,
            .valueStride = step.rank + step.ropeDim,
            .scale = step.scale,
            .products = productsOf(pass, step)};
}

LatentCache latentCache(const MlaAttention& step, int64_t layer) {
    return {.layer = layer,
            .stream = kLatentStream,
            .rowDim = step.rank + step.ropeDim,
            .rowsPerPage = kPageTokens};
}

// On the keys' and values' up-projections of all heads.
std::span<const LoraFactors> headAdapters(const Pass& pass, const MlaAttention& step) {
    if (pass.adapters == nullptr || step.kvUpName.empty()) return {};
    return pass.adapters->of(step.kvUpName);
}

MlaBuffers takeMlaBuffers(Pass& pass, const MlaAttention& step) {
    const int64_t n = pass.nTokens;
    const int64_t heads = step.nHeads();
    MlaBuffers b = {};
    b.lowQ = step.qDown ? pass.arena.take(n * step.qDown->rows()) : nullptr;
    b.q = pass.arena.take(n * step.qUp.rows());
    b.latent = pass.arena.take(n * step.kvDown.rows());
    b.absorbed = pass.arena.take(n * heads * (step.rank + step.ropeDim));
    b.mixed = pass.arena.take(n * heads * step.rank);
    b.attended = pass.arena.take(n * heads * step.vDim);
    b.perWorkerFloats =
        OnlineSoftmax::scratchFloats(
            latentShape(pass, step, QueryTiles::nQueriesMax(n, heads, productsOf(pass, step)))) +
        std::max(latentCache(step, 0).scratchFloats(), step.rank);
    if (!headAdapters(pass, step).empty())
        b.perWorkerFloats += loraRowsFloats(pass.adapters->rankMax(), n, step.vDim) +
                             std::max(pass.adapters->rankMax(), step.rank);
    b.perWorker = pass.arena.take(pass.pool.threads() * b.perWorkerFloats);
    return b;
}

// `latents`: scratch, [token][rank + rope].
void keepLatents(Pass& pass, const MlaAttention& step, int64_t layer, const float* x,
                 float* latents) {
    multiply(pass, step.kvDown, x, pass.nTokens, latents);
    for (int64_t t = 0; t < pass.nTokens; ++t) {
        float* row = latents + t * (step.rank + step.ropeDim);
        pass.dispatch.rmsNorm(row, step.kvNorm.weight.data(), step.kvNorm.epsilon, row, step.rank);
        turn(pass, step.rope, t, Turn::forward, row + step.rank);
        pass.kv->write(layer, kLatentStream, 0, pass.begin + t, row);
    }
}

// out += scale * Aᵀ (Bᵀ q) of one head's keys, for all tokens.
void adaptAbsorbed(const Pass& pass, const MlaAttention& step, int64_t head, const MlaBuffers& b,
                   float* scratch) {
    const int64_t firstRow = head * (step.nopeDim + step.vDim);
    const int64_t rowDim = step.rank + step.ropeDim;
    for (const LoraFactors& factors : headAdapters(pass, step)) {
        const int64_t rank = factors.down.rows;
        float* low = scratch;  // [token][rank]
        float* row = low + pass.nTokens * rank;
        std::fill_n(low, pass.nTokens * rank, 0.0F);
        const float* q = b.q + head * (step.nopeDim + step.ropeDim);
        for (int64_t r = 0; r < step.nopeDim; ++r) {
            pass.dispatch.dequantiseRow(factors.up, firstRow + r,
                                        std::span(row, static_cast<size_t>(rank)));
            for (int64_t t = 0; t < pass.nTokens; ++t)
                pass.dispatch.axpy(q[t * step.qUp.rows() + r], row, low + t * rank, rank);
        }
        for (int64_t i = 0; i < rank; ++i) {
            pass.dispatch.dequantiseRow(factors.down, i,
                                        std::span(row, static_cast<size_t>(step.rank)));
            for (int64_t t = 0; t < pass.nTokens; ++t)
                pass.dispatch.axpy(factors.scale * low[t * rank + i], row,
                                   b.absorbed + (t * step.nHeads() + head) * rowDim, step.rank);
        }
    }
}

// absorbed = [kUpᵀ q_nope | rope(q_rope)] of one head for all tokens.
void absorb(const Pass& pass, const MlaAttention& step, int64_t head, const MlaBuffers& b,
            float* row) {
    const int64_t qStride = step.qUp.rows();
    const int64_t rowDim = step.rank + step.ropeDim;
    const int64_t outStride = step.nHeads() * rowDim;
    const float* q = b.q + head * (step.nopeDim + step.ropeDim);
    float* out = b.absorbed + head * rowDim;
    const WeightsView& kUp = step.heads[static_cast<size_t>(head)].kUp;
    if (step.isKUpTransposed) {
        pass.dispatch.matmul(kUp, 0, step.rank, q, qStride, pass.nTokens, out, outStride);
    } else {
        for (int64_t t = 0; t < pass.nTokens; ++t)
            std::fill_n(out + t * outStride, step.rank, 0.0F);
        for (int64_t r = 0; r < step.nopeDim; ++r) {
            pass.dispatch.dequantiseRow(kUp, r, std::span(row, static_cast<size_t>(step.rank)));
            for (int64_t t = 0; t < pass.nTokens; ++t)
                pass.dispatch.axpy(q[t * qStride + r], row, out + t * outStride, step.rank);
        }
    }
    adaptAbsorbed(pass, step, head, b, row);
    for (int64_t t = 0; t < pass.nTokens; ++t) {
        float* turned = out + t * outStride + step.rank;
        std::copy_n(q + t * qStride + step.nopeDim, step.ropeDim, turned);
        turn(pass, step.rope, t, Turn::forward, turned);
    }
}

void projectQueries(Pass& pass, const MlaAttention& step, const float* x, const MlaBuffers& b) {
    const float* low = x;
    if (step.qDown) {
        multiply(pass, *step.qDown, x, pass.nTokens, b.lowQ);
        normalise(pass, step.qDownNorm, b.lowQ, step.qDown->rows(), pass.nTokens, b.lowQ);
        low = b.lowQ;
    }
    multiply(pass, step.qUp, low, pass.nTokens, b.q);
    pass.pool.run(step.nHeads(), [&](int64_t head, int32_t worker) {
        absorb(pass, step, head, b, b.perWorker + worker * b.perWorkerFloats);
    });
}

// Rows chosen for tokens from firstToken on; nullptr: all there are.
struct SelectedLatents {
    const RowSelection* selection = nullptr;
    int64_t firstToken = 0;
};

void attendTile(const Pass& pass, const MlaAttention& step, int64_t layer, const QueryTile& tile,
                const SelectedLatents& selected, const MlaBuffers& b, float* scratch) {
    const OnlineSoftmax::Shape shape = latentShape(pass, step, tile.nQueries());
    const int64_t firstQuery = tile.firstToken * step.nHeads() + tile.firstHead;
    const float* queries = b.absorbed + firstQuery * shape.keyDim;
    float* decoded = scratch + OnlineSoftmax::scratchFloats(shape);
    const LatentCache cache = latentCache(step, layer);
    OnlineSoftmax softmax(pass.dispatch, shape, queries, scratch);
    if (selected.selection != nullptr) {
        for (int64_t t = 0; t < tile.nTokens; ++t)
            addChosenRows(pass, cache, tile, t,
                          selected.selection->rows(tile.firstToken + t - selected.firstToken),
                          decoded, softmax);
    } else {
        std::array<int64_t, OnlineSoftmax::kQueriesMax> nRows;
        std::iota(nRows.begin(), nRows.begin() + tile.nTokens, pass.begin + tile.firstToken + 1);
        addAllRows(pass, cache, tile, std::span(nRows).first(static_cast<size_t>(tile.nTokens)),
                   decoded, softmax);
    }
    softmax.finish(nullptr, b.mixed + firstQuery * step.rank, step.rank);
}

void layerNorm(const LayerNorm& norm, int64_t n, float* x) {
    double mean = 0;
    for (int64_t i = 0; i < n; ++i)
        mean += x[i];
    mean /= static_cast<double>(n);
    double variance = 0;
    for (int64_t i = 0; i < n; ++i)
        variance += (x[i] - mean) * (x[i] - mean);
    const double scale = 1 / std::sqrt(variance / static_cast<double>(n) + double{norm.epsilon});
    for (int64_t i = 0; i < n; ++i)
        x[i] =
            static_cast<float>((x[i] - mean) * scale * double{norm.weight[static_cast<size_t>(i)]} +
                               double{norm.bias[static_cast<size_t>(i)]});
}

// The makers rotate by a Hadamard matrix and round to FP8; without rounding the rotation cancels.
void simulateIndexRounding(const Pass& pass, int64_t n, float* x) {
    if (pass.simulation == QuantSimulation::off) return;
    kernels::hadamard(x, n);
    kernels::fp8Sim(x, n, 128);
}

struct IndexBuffers {
    float* q;        // [token][head][dim]
    float* keys;     // [token][dim]
    float* weights;  // [token][head]
};

IndexBuffers takeIndexBuffers(Pass& pass, const SparseIndexer& step) {
    const int64_t n = pass.nTokens;
    return {.q = pass.arena.take(n * step.qUp.rows()),
            .keys = pass.arena.take(n * step.headDim),
            .weights = pass.arena.take(n * step.nHeads)};
}

// Of one token, as projected.
void keepIndexKey(const Pass& pass, const SparseIndexer& step, int64_t layer, int64_t token,
                  float* key) {
    layerNorm(step.kNorm, step.headDim, key);
    turn(pass, step.rope, token, Turn::forward, key);
    simulateIndexRounding(pass, step.headDim, key);
    pass.kv->write(layer, kIndexStream, 0, pass.begin + token, key);
}

void index(Pass& pass, const SparseIndexer& step, int64_t layer, const float* x, const float* lowQ,
           const IndexBuffers& b) {
    const int64_t n = pass.nTokens;
    multiply(pass, step.qUp, lowQ, n, b.q);
    multiply(pass, step.k, x, n, b.keys);
    multiply(pass, step.headWeights, x, n, b.weights);
    const double scale = 1 / std::sqrt(static_cast<double>(step.nHeads * step.headDim));
    forRanges(pass.pool, n, 1, [&](int64_t t, int64_t, int32_t) {
        keepIndexKey(pass, step, layer, t, b.keys + t * step.headDim);
        for (int64_t h = 0; h < step.nHeads; ++h) {
            float* q = b.q + (t * step.nHeads + h) * step.headDim;
            turn(pass, step.rope, t, Turn::forward, q);
            simulateIndexRounding(pass, step.headDim, q);
            float& weight = b.weights[t * step.nHeads + h];
            weight = static_cast<float>(double{weight} * scale);
        }
    });
}

void attendTokens(Pass& pass, const MlaAttention& step, int64_t layer, const ChunkTokens& tokens,
                  const RowSelection* selection, const MlaBuffers& b) {
    const QueryTiles tiles(tokens, step.nHeads(), productsOf(pass, step), pass.pool.threads());
    pass.pool.run(tiles.count(), [&](int64_t task, int32_t worker) {
        if (pass.stop.stop_requested()) return;
        // The last tokens have most rows: they go first.
        attendTile(pass, step, layer, tiles.at(tiles.count() - 1 - task), {selection, tokens.first},
                   b, b.perWorker + worker * b.perWorkerFloats);
    });
}

void attendSparse(Pass& pass, const MlaAttention& step, int64_t layer, const float* x,
                  const MlaBuffers& b) {
    const SparseIndexer& indexer = *step.indexer;
    const IndexBuffers queries = takeIndexBuffers(pass, indexer);
    RowSelection selection(pass, {.layer = layer,
                                  .stream = kIndexStream,
                                  .nHeads = indexer.nHeads,
                                  .headDim = indexer.headDim,
                                  .topK = indexer.topK});
    if (pass.isCounting()) return;
    index(pass, indexer, layer, x, step.qDown ? b.lowQ : x, queries);
    for (int64_t first = 0; first < pass.nTokens; first += selection.tokensAtOnce()) {
        const int64_t count = std::min(selection.tokensAtOnce(), pass.nTokens - first);
        std::vector<int64_t> nRows(static_cast<size_t>(count));
        std::iota(nRows.begin(), nRows.end(), pass.begin + first + 1);
        selection.select(pass, queries.q + first * indexer.qUp.rows(),
                         queries.weights + first * indexer.nHeads, nRows);
        attendTokens(pass, step, layer, {first, count}, &selection, b);
    }
}

}  // namespace

void attend(Pass& pass, const MlaAttention& step, int64_t layer, const float* x, float* y) {
    const Arena::Mark mark(pass.arena);
    const MlaBuffers b = takeMlaBuffers(pass, step);
    if (!pass.isCounting()) {
        keepLatents(pass, step, layer, x, b.latent);
        projectQueries(pass, step, x, b);
    }
    if (step.indexer) attendSparse(pass, step, layer, x, b);
    if (pass.isCounting()) return;
    if (!step.indexer) attendTokens(pass, step, layer, {0, pass.nTokens}, nullptr, b);
    const int64_t heads = step.nHeads();
    pass.pool.run(heads, [&](int64_t head, int32_t worker) {
        const int64_t firstRow = head * (step.nopeDim + step.vDim) + step.nopeDim;
        const float* mixed = b.mixed + head * step.rank;
        float* attended = b.attended + head * step.vDim;
        pass.dispatch.matmul(step.heads[static_cast<size_t>(head)].vUp, 0, step.vDim, mixed,
                             heads * step.rank, pass.nTokens, attended, heads * step.vDim);
        addRows(pass.dispatch, headAdapters(pass, step),
                {.rowBegin = firstRow,
                 .rowEnd = firstRow + step.vDim,
                 .x = mixed,
                 .xStride = heads * step.rank,
                 .n = pass.nTokens,
                 .y = attended,
                 .yStride = heads * step.vDim},
                b.perWorker + worker * b.perWorkerFloats);
    });
    multiply(pass, step.out, b.attended, pass.nTokens, y);
}

void keepRows(Pass& pass, const MlaAttention& step, int64_t layer, const float* x) {
    const Arena::Mark mark(pass.arena);
    float* latents = pass.arena.take(pass.nTokens * step.kvDown.rows());
    float* keys = step.indexer ? pass.arena.take(pass.nTokens * step.indexer->headDim) : nullptr;
    if (pass.isCounting()) return;
    keepLatents(pass, step, layer, x, latents);
    if (!step.indexer) return;
    multiply(pass, step.indexer->k, x, pass.nTokens, keys);
    forRanges(pass.pool, pass.nTokens, 1, [&](int64_t t, int64_t, int32_t) {
        keepIndexKey(pass, *step.indexer, layer, t, keys + t * step.indexer->headDim);
    });
}

}  // namespace moxie::engine
