#include <algorithm>
#include <array>
#include <cmath>

#include "engine/execute/cached_rows.h"
#include "engine/execute/compressor.h"
#include "engine/execute/online_softmax.h"
#include "engine/execute/pass.h"
#include "engine/execute/rounded_products.h"
#include "engine/execute/row_selection.h"
#include "kernels/microscaling.h"

namespace moxie::engine {

namespace {

constexpr int64_t kTokensRounded = 8;  // by a task

constexpr int64_t kEntryStream = 0;
constexpr int64_t kIndexKeyStream = 1;
constexpr int64_t kWindowBlockRows = 128;
constexpr int64_t kWindowFp8Block = 64;

struct Buffers {
    float* lowQ;    // [token][q rank], normed
    float* q;       // [token][head][headDim]
    float* window;  // [rowsBefore() + token][headDim]: rows of positions begin - rowsBefore(), ...
    const float* ring;  // [position % window][headDim]: the window of a token alone; else nullptr
    float* attended;    // [token][head][headDim]
    float* grouped;     // [token][group][rank]
    float* rounded;     // rows of `attended`, if the output's first product takes them so
    float* perWorker;
    int64_t perWorkerFloats;
};

AttentionProducts productsOf(const Pass& pass, const CompressedAttention& step) {
    const AttentionProducts products = attentionProducts(pass, step.qUp.weights);
    return step.indexer ? chosenProducts(products, step.nHeads) : products;
}

OnlineSoftmax::Shape headsShape(const Pass& pass, const CompressedAttention& step,
                                int64_t nQueries) {
    return {.nQueries = nQueries,
            .keyDim = step.headDim,
            .valueDim = step.headDim,
            .valueStride = step.headDim,
            .scale = step.scale,
            .products = productsOf(pass, step)};
}

LatentCache entryCache(const CompressedAttention& step, int64_t layer) {
    const int64_t ratio = step.compressor ? step.compressor->ratio : kPageTokens;
    return {.layer = layer,
            .stream = kEntryStream,
            .rowDim = step.headDim,
            .rowsPerPage = kPageTokens / ratio};
}

// Rows of the ring that a chunk's first token may see.
int64_t rowsBefore(const CompressedAttention& step) {
    return step.seesWholeChunk ? step.window : step.window - 1;
}

// Of a group's rounded rows.
int64_t groupBytes(const Pass& pass, int64_t cols) {
    return roundedFloats(pass.products, cols, pass.nTokens) * int64_t{sizeof(float)};
}

// Rows of zeros before the window, seen by none: a block may begin there.
int64_t rowsOfBorder(const Pass& pass, const CompressedAttention& step) {
    return OnlineSoftmax::blockBorder(productsOf(pass, step)) - 1;
}

Buffers takeCompressedBuffers(Pass& pass, const CompressedAttention& step) {
    const int64_t n = pass.nTokens;
    const int64_t heads = n * step.nHeads * step.headDim;
    Buffers b = {};
    b.lowQ = pass.arena.take(n * step.qDown.rows());
    b.q = pass.arena.take(heads);
    b.window = pass.arena.take((rowsOfBorder(pass, step) + rowsBefore(step) + n) * step.headDim);
    if (!pass.isCounting()) b.window += rowsOfBorder(pass, step) * step.headDim;
    b.attended = pass.arena.take(heads);
    b.grouped = pass.arena.take(n * step.outUp.cols());
    if (takesRounded(pass, step.outDown.front()))
        b.rounded = pass.arena.take(step.nGroups() *
                                    roundedFloats(pass.products, step.outDown.front().cols, n));
    b.perWorkerFloats =
        OnlineSoftmax::scratchFloats(headsShape(
            pass, step, QueryTiles::nQueriesMax(n, step.nHeads, productsOf(pass, step)))) +
        entryCache(step, 0).scratchFloats();
    b.perWorker = pass.arena.take(pass.pool.threads() * b.perWorkerFloats);
    return b;
}

// The layer's parts of the frontier; empty while counting.
struct AttentionState {
    std::span<float> ring = {}, entries = {}, keys = {};
};

AttentionState stateOf(const Pass& pass, const CompressedAttention& step, int64_t layer) {
    if (pass.isCounting()) return {};
    const std::span<float> all = pass.kv->frontier(layer);
    AttentionState state = {.ring = all.first(static_cast<size_t>(step.window * step.headDim))};
    state.entries = all.subspan(state.ring.size());
    if (step.compressor)
        state.keys = state.entries.subspan(static_cast<size_t>(frontierFloats(*step.compressor)));
    return state;
}

// Entries and index keys that the chunk completes.
void compressChunk(Pass& pass, const CompressedAttention& step, int64_t layer, const float* x,
                   const AttentionState& state) {
    if (step.compressor)
        compress(pass, *step.compressor,
                 {.layer = layer, .stream = kEntryStream, .rope = step.rope, .isIndexKey = false},
                 x, state.entries);
    if (step.indexer)
        compress(pass, step.indexer->keys,
                 {.layer = layer, .stream = kIndexKeyStream, .rope = step.rope, .isIndexKey = true},
                 x, state.keys);
}

// What storing the row in the cache's format would leave of it.
void roundAsStored(const RowFormat& format, float* row) {
    if (format.kind == RowKind::f32) return;
    std::vector<uint8_t> bytes(static_cast<size_t>(format.bytes));
    writeRow(format, row, bytes.data());
    readRows(format, bytes.data(), 1, row);
}

// rows[i] = the key-value row of token first + i, from its projection to what a window holds.
void finishWindowRows(Pass& pass, const CompressedAttention& step, int64_t first, int64_t count,
                      float* rows) {
    const Rope& rope = pass.plan.ropes[static_cast<size_t>(step.rope)];
    const int64_t kept = step.headDim - 2 * rope.nPairs();
    const RowFormat format = windowRow(step, pass.kvFormat);
    forRanges(pass.pool, count, 1, [&](int64_t i, int64_t, int32_t) {
        float* row = rows + i * step.headDim;
        pass.dispatch.rmsNorm(row, step.kvNorm.weight.data(), step.kvNorm.epsilon, row,
                              step.headDim);
        turn(pass, step.rope, first + i, Turn::forward, row + kept);
        if (pass.simulation == QuantSimulation::on) kernels::fp8Sim(row, kept, kWindowFp8Block);
        roundAsStored(format, row);
    });
}

// A token alone leaves the row that it no longer sees: its window is the ring as it then is, whose
// blocks lie in one piece.
bool isWindowInPlace(const Pass& pass, const CompressedAttention& step) {
    return pass.nTokens == 1 && !step.seesWholeChunk && step.window % kWindowBlockRows == 0;
}

// The rows of the ring that the chunk still sees, then the chunk's own.
void fillWindow(Pass& pass, const CompressedAttention& step, const float* x,
                std::span<const float> ring, const Buffers& b) {
    const int64_t before = rowsBefore(step);
    const int64_t zeros = rowsOfBorder(pass, step) * step.headDim;
    std::fill_n(b.window - zeros, zeros, 0.0F);
    for (int64_t i = 0; i < before && !isWindowInPlace(pass, step); ++i) {
        const int64_t position = pass.begin - before + i;
        if (position < 0) continue;
        std::copy_n(ring.data() + position % step.window * step.headDim, step.headDim,
                    b.window + i * step.headDim);
    }
    float* own = b.window + before * step.headDim;
    multiply(pass, step.kv, x, pass.nTokens, own);
    finishWindowRows(pass, step, 0, pass.nTokens, own);
}

// The first token of a chunk whose row the ring keeps. With a log every token leaves its trace,
// also one that the chunk itself writes over.
int64_t firstKept(const Pass& pass, const CompressedAttention& step) {
    return pass.log != nullptr ? 0 : std::max<int64_t>(0, pass.nTokens - step.window);
}

// rows[i]: of token firstKept() + i.
void keepWindow(const Pass& pass, const CompressedAttention& step, const float* rows,
                std::span<float> ring) {
    const int64_t first = firstKept(pass, step);
    for (int64_t t = first; t < pass.nTokens; ++t) {
        float* slot = ring.data() + (pass.begin + t) % step.window * step.headDim;
        keepOld(pass, t, slot, slot, step.headDim);
        std::copy_n(rows + (t - first) * step.headDim, step.headDim, slot);
    }
}

struct RowRange {
    int64_t begin = 0, end = 0;
};

// The rows of Buffers::window that a token sees.
RowRange visibleWindow(const Pass& pass, const CompressedAttention& step, int64_t token) {
    if (step.seesWholeChunk)
        return {step.window - std::min(step.window, pass.begin), step.window + pass.nTokens};
    const int64_t visible = std::min(step.window, pass.begin + token + 1);
    return {token + step.window - visible, token + step.window};
}

// Rows chosen for tokens from firstToken on; nullptr: all there are.
struct Selected {
    const RowSelection* selection = nullptr;
    int64_t firstToken = 0;
};

void projectQueries(Pass& pass, const CompressedAttention& step, const float* x, const Buffers& b) {
    multiply(pass, step.qDown, x, pass.nTokens, b.lowQ);
    normalise(pass, step.qNorm, b.lowQ, step.qDown.rows(), pass.nTokens, b.lowQ);
    multiply(pass, step.qUp, b.lowQ, pass.nTokens, b.q);
    const int64_t kept = step.headDim - 2 * step.ropePairs;
    forRanges(pass.pool, pass.nTokens, 1, [&](int64_t t, int64_t, int32_t) {
        for (int64_t h = 0; h < step.nHeads; ++h) {
            float* head = b.q + (t * step.nHeads + h) * step.headDim;
            normaliseUnweighted(pass.dispatch, step.queryEpsilon, step.headDim, head);
            turn(pass, step.rope, t, Turn::forward, head + kept);
        }
    });
}

// The window's rows in blocks that begin at multiples of kWindowBlockRows.
void addWindow(const Pass& pass, const CompressedAttention& step, const QueryTile& tile,
               const Buffers& b, OnlineSoftmax& softmax) {
    std::array<OnlineSoftmax::Seen, OnlineSoftmax::kQueriesMax> seen;
    const int64_t before = pass.begin - rowsBefore(step);  // position of the buffer's first row
    const int64_t end = before + visibleWindow(pass, step, tile.firstToken + tile.nTokens - 1).end;
    const int64_t border = OnlineSoftmax::blockBorder(productsOf(pass, step));
    const int64_t begin = before + visibleWindow(pass, step, tile.firstToken).begin;
    for (int64_t row = begin / border * border; row < end;) {
        const int64_t next = std::min(end, (row / kWindowBlockRows + 1) * kWindowBlockRows);
        for (int64_t t = 0; t < tile.nTokens; ++t) {
            const RowRange own = visibleWindow(pass, step, tile.firstToken + t);
            seen[static_cast<size_t>(t)] = {std::max<int64_t>(0, before + own.begin - row),
                                            std::min(next, before + own.end) - row};
        }
        const float* rows = b.ring != nullptr ? b.ring + row % step.window * step.headDim
                                              : b.window + (row - before) * step.headDim;
        softmax.add({.keys = rows, .values = rows, .count = next - row},
                    std::span(seen).first(static_cast<size_t>(tile.nTokens)));
        row = next;
    }
}

// Compressed entries: those chosen for each token, or all that are complete.
void addEntries(const Pass& pass, const CompressedAttention& step, const LatentCache& cache,
                const QueryTile& tile, const Selected& selected, float* scratch,
                OnlineSoftmax& softmax) {
    if (selected.selection != nullptr) {
        for (int64_t t = 0; t < tile.nTokens; ++t)
            addChosenRows(pass, cache, tile, t,
                          selected.selection->rows(tile.firstToken + t - selected.firstToken),
                          scratch, softmax);
        return;
    }
    std::array<int64_t, OnlineSoftmax::kQueriesMax> nRows;
    for (int64_t t = 0; t < tile.nTokens; ++t)
        nRows[static_cast<size_t>(t)] =
            (pass.begin + tile.firstToken + t + 1) / step.compressor->ratio;
    addAllRows(pass, cache, tile, std::span(nRows).first(static_cast<size_t>(tile.nTokens)),
               scratch, softmax);
}

void attendTile(const Pass& pass, const CompressedAttention& step, int64_t layer,
                const QueryTile& tile, const Selected& selected, const Buffers& b, float* scratch) {
    const OnlineSoftmax::Shape shape = headsShape(pass, step, tile.nQueries());
    const int64_t at = (tile.firstToken * step.nHeads + tile.firstHead) * step.headDim;
    OnlineSoftmax softmax(pass.dispatch, shape, b.q + at, scratch);
    addWindow(pass, step, tile, b, softmax);
    if (step.compressor)
        addEntries(pass, step, entryCache(step, layer), tile, selected,
                   scratch + OnlineSoftmax::scratchFloats(shape), softmax);
    std::array<float, OnlineSoftmax::kQueriesMax> sinks;
    for (int64_t q = 0; q < shape.nQueries; ++q)
        sinks[static_cast<size_t>(q)] =
            step.sinks[static_cast<size_t>(tile.firstHead + q % tile.nHeads)];
    softmax.finish(sinks.data(), b.attended + at, step.headDim);
    for (int64_t q = 0; q < shape.nQueries; ++q)
        turn(pass, step.rope, tile.firstToken + q / tile.nHeads, Turn::back,
             b.attended + at + (q + 1) * step.headDim - 2 * step.ropePairs);
}

void attendTokens(Pass& pass, const CompressedAttention& step, int64_t layer,
                  const ChunkTokens& tokens, const RowSelection* selection, const Buffers& b) {
    const QueryTiles tiles(tokens, step.nHeads, productsOf(pass, step), pass.pool.threads());
    pass.pool.run(tiles.count(), [&](int64_t task, int32_t worker) {
        if (pass.stop.stop_requested()) return;
        attendTile(pass, step, layer, tiles.at(task), {selection, tokens.first}, b,
                   b.perWorker + worker * b.perWorkerFloats);
    });
}

// ---- the indexer

struct IndexQueries {
    float* q;        // [token][head][dim]
    float* weights;  // [token][head]
};

void makeIndexQueries(Pass& pass, const CompressedIndexer& step, int32_t ropeIndex, const float* x,
                      const float* lowQ, const IndexQueries& b) {
    const int64_t kept =
        step.headDim - 2 * pass.plan.ropes[static_cast<size_t>(ropeIndex)].nPairs();
    const double scale = 1 / std::sqrt(static_cast<double>(step.nHeads * step.headDim));
    multiply(pass, step.qUp, lowQ, pass.nTokens, b.q);
    multiply(pass, step.headWeights, x, pass.nTokens, b.weights);
    forRanges(pass.pool, pass.nTokens, 1, [&](int64_t t, int64_t, int32_t) {
        for (int64_t h = 0; h < step.nHeads; ++h) {
            float* q = b.q + (t * step.nHeads + h) * step.headDim;
            turn(pass, ropeIndex, t, Turn::forward, q + kept);
            kernels::hadamard(q, step.headDim);
            if (pass.simulation == QuantSimulation::on) kernels::fp4Sim(q, step.headDim);
            float& weight = b.weights[t * step.nHeads + h];
            weight = static_cast<float>(double{weight} * scale);
        }
    });
}

void attendSparse(Pass& pass, const CompressedAttention& step, int64_t layer, const float* x,
                  const Buffers& b) {
    const CompressedIndexer& indexer = *step.indexer;
    const int64_t ratio = indexer.keys.ratio;
    const IndexQueries queries = {.q = pass.arena.take(pass.nTokens * indexer.qUp.rows()),
                                  .weights = pass.arena.take(pass.nTokens * indexer.nHeads)};
    RowSelection selection(pass, {.layer = layer,
                                  .stream = kIndexKeyStream,
                                  .nHeads = indexer.nHeads,
                                  .headDim = indexer.headDim,
                                  .topK = indexer.topK});
    if (pass.isCounting()) return;
    makeIndexQueries(pass, indexer, step.rope, x, b.lowQ, queries);
    std::vector<int64_t> nRows;
    for (int64_t first = 0; first < pass.nTokens; first += selection.tokensAtOnce()) {
        const int64_t count = std::min(selection.tokensAtOnce(), pass.nTokens - first);
        nRows.clear();
        for (int64_t i = 0; i < count; ++i)
            nRows.push_back((pass.begin + first + i + 1) / ratio);
        selection.select(pass, queries.q + first * indexer.qUp.rows(),
                         queries.weights + first * indexer.nHeads, nRows);
        attendTokens(pass, step, layer, {first, count}, &selection, b);
    }
}

// Each group of a token's columns, [group][token].
kernels::RoundedRows roundGroups(const Pass& pass, const float* x, int64_t groups, int64_t heads,
                                 float* memory) {
    const int64_t cols = heads / groups;
    const int64_t rowBytes = rowBytesOf(pass.products, cols);
    const int64_t together = std::max<int64_t>(kTokensRounded, rowsTogether(pass.products));
    const int64_t parts = (pass.nTokens + together - 1) / together;
    auto* rounded = reinterpret_cast<uint8_t*>(memory);
    const int64_t grain = std::max<int64_t>(1, kTokensRounded / pass.nTokens);
    forRanges(pass.pool, groups * parts, grain, [&](int64_t begin, int64_t end, int32_t) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t group = i / parts;
            const int64_t token = i % parts * together;
            const kernels::FloatRows rows = {
                .values = x + group * cols, .stride = heads, .count = pass.nTokens, .length = cols};
            roundColumns(pass, rows.from(token, together), 0, cols,
                         rounded + group * groupBytes(pass, cols) + token * rowBytes);
        }
    });
    return {.data = rounded, .rowBytes = rowBytes};
}

void projectOut(Pass& pass, const CompressedAttention& step, const Buffers& b, float* y) {
    const int64_t groups = step.nGroups();
    const int64_t heads = step.nHeads * step.headDim;
    constexpr int64_t kGroupRowsPerTask = 64;
    const int64_t rank = step.outDown.front().rows;
    const int64_t parts = (rank + kGroupRowsPerTask - 1) / kGroupRowsPerTask;
    kernels::RoundedRows rounded;
    if (b.rounded != nullptr) rounded = roundGroups(pass, b.attended, groups, heads, b.rounded);
    pass.pool.run(groups * parts, [&](int64_t task, int32_t) {
        const int64_t group = task / parts;
        const int64_t begin = task % parts * kGroupRowsPerTask;
        const int64_t end = std::min(begin + kGroupRowsPerTask, rank);
        const kernels::WeightsView& weights = step.outDown[static_cast<size_t>(group)];
        float* out = b.grouped + group * rank + begin;
        if (b.rounded != nullptr)
            multiplyRoundedRows(pass, weights, begin, end,
                                {.data = rounded.data + group * groupBytes(pass, heads / groups),
                                 .rowBytes = rounded.rowBytes},
                                pass.nTokens, out, groups * rank);
        else
            pass.dispatch.matmul(weights, begin, end, b.attended + group * (heads / groups), heads,
                                 pass.nTokens, out, groups * rank);
    });
    multiply(pass, step.outUp, b.grouped, pass.nTokens, y);
}

}  // namespace

void attend(Pass& pass, const CompressedAttention& step, int64_t layer, const float* x, float* y) {
    const Arena::Mark mark(pass.arena);
    Buffers b = takeCompressedBuffers(pass, step);
    const AttentionState state = stateOf(pass, step, layer);
    const float* ownRows = nullptr;  // of tokens from firstKept() on
    if (!pass.isCounting()) {
        fillWindow(pass, step, x, state.ring, b);
        ownRows = b.window + (rowsBefore(step) + firstKept(pass, step)) * step.headDim;
        if (isWindowInPlace(pass, step)) {
            keepWindow(pass, step, ownRows, state.ring);
            b.ring = state.ring.data();
        }
        projectQueries(pass, step, x, b);
    }
    compressChunk(pass, step, layer, x, state);
    if (step.indexer) attendSparse(pass, step, layer, x, b);
    if (pass.isCounting()) return;
    if (!step.indexer) attendTokens(pass, step, layer, {0, pass.nTokens}, nullptr, b);
    if (!step.seesWholeChunk && b.ring == nullptr) keepWindow(pass, step, ownRows, state.ring);
    projectOut(pass, step, b, y);
}

void keepRows(Pass& pass, const CompressedAttention& step, int64_t layer, const float* x) {
    const Arena::Mark mark(pass.arena);
    const int64_t most = std::max(step.window, kLoggedTokensMax);
    float* rows = pass.arena.take(std::min(pass.nTokens, most) * step.headDim);
    const AttentionState state = stateOf(pass, step, layer);
    compressChunk(pass, step, layer, x, state);
    if (pass.isCounting()) return;
    const int64_t first = firstKept(pass, step);
    const int64_t count = pass.nTokens - first;
    multiply(pass, step.kv, x + first * pass.plan.hiddenDim, count, rows);
    finishWindowRows(pass, step, first, count, rows);
    keepWindow(pass, step, rows, state.ring);
}

}  // namespace moxie::engine
