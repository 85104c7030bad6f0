#include "engine/execute/row_selection.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace moxie::engine {

namespace {

constexpr int64_t kTileBytes = 256 << 10;  // queries that stay in a core's own cache
constexpr int64_t kTileTokensMin = 8;
constexpr int64_t kTileTokensMax = 128;
constexpr int64_t kTilesAtOnce = 4;
constexpr int64_t kSearchesPerThread = 2;
constexpr int64_t kPanelsBetweenStops = 64;
constexpr int64_t kPanelsAhead = 2;  // memory answers while so many are multiplied

int64_t floatsOf(int64_t bytes) {
    return (bytes + 63) / 64 * 16;
}

// Keys that are met at once: of one page.
int64_t panelKeys(const KvStream& keys) {
    return std::min(kernels::kPanelKeys, keys.rowsPerPage());
}

}  // namespace

RowSelection::RowSelection(Pass& pass, const Keys& keys)
    : keys_(keys),
      scores_(kernels::canRoundIndex(keys.headDim) ? pass.indexScores : IndexScores::exact) {
    const int64_t queryValues = keys.nHeads * keys.headDim;
    const int64_t valueBytes = isRounded() ? 1 : int64_t{sizeof(float)};
    const int64_t tile =
        std::clamp(kTileBytes / (queryValues * valueBytes), kTileTokensMin, kTileTokensMax);
    const int64_t nTasks = kSearchesPerThread * pass.pool.threads();
    tileTokens_ = std::min(tile, pass.nTokens);
    tokensAtOnce_ = std::min(pass.nTokens, tile * std::max(kTilesAtOnce, nTasks));
    const int64_t nTiles = (tokensAtOnce_ + tileTokens_ - 1) / tileTokens_;
    const int64_t places = tileTokens_ * std::max(nTiles, nTasks);
    if (isRounded()) {
        codes_ = reinterpret_cast<uint8_t*>(pass.arena.take(floatsOf(tokensAtOnce_ * queryValues)));
        weights_ = pass.arena.take(tokensAtOnce_ * keys.nHeads);
    }
    best_ =
        reinterpret_cast<uint64_t*>(pass.arena.take(2 * places * BestRows::capacity(keys.topK)));
    thresholds_ = pass.arena.take(places);
    counts_ = reinterpret_cast<int64_t*>(pass.arena.take(2 * places));
    perWorkerFloats_ = panelFloats() + kernels::kPanelKeys * keys.headDim +
                       floatsOf(kernels::kPanelKeys * keys.headDim) +
                       tileTokens_ * kernels::kPanelKeys + floatsOf(8 * tileTokens_);
    perWorker_ = pass.arena.take(pass.pool.threads() * perWorkerFloats_);
    chosen_ = reinterpret_cast<int32_t*>(pass.arena.take(tokensAtOnce_ * keys.topK));
    nChosen_.resize(static_cast<size_t>(tokensAtOnce_));
}

int64_t RowSelection::panelFloats() const {
    return isRounded() ? floatsOf(kernels::roundedPanelBytes(keys_.headDim))
                       : kernels::kPanelKeys * keys_.headDim;
}

RowSelection::Scratch RowSelection::scratchOf(int32_t worker) const {
    const int64_t keyValues = kernels::kPanelKeys * keys_.headDim;
    Scratch scratch = {.panel = perWorker_ + worker * perWorkerFloats_};
    scratch.keys = scratch.panel + panelFloats();
    float* codes = scratch.keys + keyValues;
    scratch.codes = reinterpret_cast<int8_t*>(codes);
    scratch.scores = codes + floatsOf(keyValues);
    scratch.above = reinterpret_cast<uint64_t*>(scratch.scores + tileTokens_ * kernels::kPanelKeys);
    return scratch;
}

// Tiles of tokens; few of them are cut by rows as well, so that every thread has work.
std::vector<RowSelection::Task> RowSelection::makeTasks(int32_t threads,
                                                        std::span<const int64_t> nRows) const {
    const int64_t nTokens = std::ssize(nRows);
    const int64_t nTiles = (nTokens + tileTokens_ - 1) / tileTokens_;
    const int64_t nParts = std::max<int64_t>(1, kSearchesPerThread * threads / nTiles);
    std::vector<Task> tasks;
    for (int64_t first = 0; first < nTokens; first += tileTokens_) {
        const int64_t count = std::min(tileTokens_, nTokens - first);
        const auto own = nRows.subspan(static_cast<size_t>(first), static_cast<size_t>(count));
        const int64_t end = *std::max_element(own.begin(), own.end());
        if (end <= keys_.topK) continue;
        const int64_t part =
            ((end + nParts - 1) / nParts + kPageTokens - 1) / kPageTokens * kPageTokens;
        for (int64_t row = 0; row < end; row += part)
            tasks.push_back({.firstToken = first,
                             .nTokens = count,
                             .firstRow = row,
                             .endRow = std::min(row + part, end),
                             .slot = std::ssize(tasks)});
    }
    return tasks;
}

void RowSelection::roundQueries(Pass& pass, const float* queries, const float* weights,
                                int64_t nTokens) {
    constexpr int kBias = 128;
    forRanges(pass.pool, nTokens, kTileTokensMin, [&](int64_t begin, int64_t end, int32_t worker) {
        int8_t* codes = scratchOf(worker).codes;
        for (int64_t i = begin * keys_.nHeads; i < end * keys_.nHeads; ++i) {
            float scale = 0;
            kernels::roundIndexRow(queries + i * keys_.headDim, keys_.headDim, codes, scale);
            uint8_t* out = codes_ + i * keys_.headDim;
            for (int64_t d = 0; d < keys_.headDim; ++d)
                out[d] = static_cast<uint8_t>(codes[d] + kBias);
            weights_[i] = weights[i] * scale;
        }
    });
}

// The panels at rows [row, ...), those behind being needed up to `end`: as they are kept, or made
// in scratch memory.
kernels::RoundedPanel RowSelection::roundedPanel(const Pass& pass, int64_t row, int64_t end,
                                                 const Scratch& scratch) const {
    const KvStream& stream = pass.kv->stream(keys_.layer, keys_.stream);
    if (stream.order == RowOrder::panels) {
        const int64_t ahead = row + kPanelsAhead * kernels::kPanelKeys;
        return {pass.kv->panel(keys_.layer, keys_.stream, row),
                ahead < end ? pass.kv->panel(keys_.layer, keys_.stream, ahead) : nullptr};
    }
    packRoundedKeys(pass, row, std::min(panelKeys(stream), end - row), scratch);
    return {.keys = reinterpret_cast<uint8_t*>(scratch.panel)};
}

const float* RowSelection::exactPanel(const Pass& pass, int64_t row, int64_t count,
                                      const Scratch& scratch) const {
    const float* keys = pass.kv->read(keys_.layer, keys_.stream, 0, row, count, scratch.keys);
    kernels::packIndexKeys(keys, count, keys_.headDim, scratch.panel);
    return scratch.panel;
}

// Rows [row, row + count) of one page.
void RowSelection::packRoundedKeys(const Pass& pass, int64_t row, int64_t count,
                                   const Scratch& scratch) const {
    const int64_t dim = keys_.headDim;
    float scales[kernels::kPanelKeys];
    kernels::RoundedKeys keys = {
        .codes = scratch.codes, .rowBytes = dim, .scales = scales, .count = count};
    const RowFormat& format = pass.kv->stream(keys_.layer, keys_.stream).format;
    const uint8_t* stored = pass.kv->rows(keys_.layer, keys_.stream, 0, row);
    pass.kv->prefetch(keys_.layer, keys_.stream, 0, row + count, count);
    if (format.kind == RowKind::roundedKey) {
        keys.codes = reinterpret_cast<const int8_t*>(stored);
        keys.rowBytes = format.bytes;
        for (int64_t i = 0; i < count; ++i)
            std::memcpy(scales + i, stored + i * format.bytes + dim, sizeof(float));
    } else if (format.kind == RowKind::fp4Key) {
        pass.dispatch.roundFp4IndexRows({.data = stored, .rowBytes = format.bytes, .count = count},
                                        dim, scratch.codes, scales);
    } else {
        const float* values = pass.kv->read(keys_.layer, keys_.stream, 0, row, count, scratch.keys);
        for (int64_t i = 0; i < count; ++i)
            kernels::roundIndexRow(values + i * dim, dim, scratch.codes + i * dim, scales[i]);
    }
    pass.dispatch.packRoundedIndexKeys(keys, dim, reinterpret_cast<uint8_t*>(scratch.panel));
}

BestRows RowSelection::bestOf(const Task& task, int64_t token) const {
    const int64_t place = task.slot * tileTokens_ + token - task.firstToken;
    return {keys_.topK, best_ + place * BestRows::capacity(keys_.topK), thresholds_[place],
            counts_[place]};
}

void RowSelection::search(const Pass& pass, const kernels::IndexQueries& queries, const Task& task,
                          std::span<const int64_t> nRows, const Scratch& scratch) {
    const int64_t endToken = task.firstToken + task.nTokens;
    for (int64_t t = task.firstToken; t < endToken; ++t)
        bestOf(task, t).clear();
    const int64_t nKeys = panelKeys(pass.kv->stream(keys_.layer, keys_.stream));
    int64_t nPanels = 0;
    for (int64_t row = task.firstRow; row < task.endRow; row += nKeys) {
        if (++nPanels % kPanelsBetweenStops == 0 && pass.stop.stop_requested()) return;
        if (isRounded())
            pass.dispatch.indexScoresRounded(queries, roundedPanel(pass, row, task.endRow, scratch),
                                             scratch.scores, scratch.above);
        else
            pass.dispatch.indexScores(
                queries, exactPanel(pass, row, std::min(nKeys, task.endRow - row), scratch),
                scratch.scores, scratch.above);
        for (int64_t t = task.firstToken; t < endToken; ++t) {
            const int64_t i = t - task.firstToken;
            const int64_t left = nRows[static_cast<size_t>(t)] - row;
            if (scratch.above[i] == 0 || left <= 0) continue;
            const uint64_t isThere =
                left < nKeys ? (uint64_t{1} << left) - 1 : ~uint64_t{0} >> (64 - nKeys);
            bestOf(task, t).add(scratch.scores + i * kernels::kPanelKeys,
                                scratch.above[i] & isThere, row);
        }
    }
}

// Of all stretches of rows of this token.
void RowSelection::finish(int64_t token, int64_t nRows, std::span<const Task> tasks,
                          std::vector<uint64_t>& all) {
    int32_t* chosen = chosen_ + token * keys_.topK;
    size_t& count = nChosen_[static_cast<size_t>(token)];
    if (nRows <= keys_.topK) {
        count = static_cast<size_t>(nRows);
        std::iota(chosen, chosen + count, 0);
        return;
    }
    all.clear();
    for (const Task& task : tasks) {
        if (token < task.firstToken || token >= task.firstToken + task.nTokens) continue;
        const auto own = bestOf(task, token).candidates();
        all.insert(all.end(), own.begin(), own.end());
    }
    count = std::min(all.size(), static_cast<size_t>(keys_.topK));
    if (count < all.size())
        std::nth_element(all.begin(), all.begin() + static_cast<int64_t>(count), all.end());
    for (size_t i = 0; i < count; ++i)
        chosen[i] = static_cast<int32_t>(all[i]);
    std::sort(chosen, chosen + count);
}

void RowSelection::select(Pass& pass, const float* queries, const float* weights,
                          std::span<const int64_t> nRows) {
    const int64_t nTokens = std::ssize(nRows);
    BASE_CHECK(nTokens <= tokensAtOnce_);
    const std::vector<Task> tasks = makeTasks(pass.pool.threads(), nRows);
    if (isRounded() && !tasks.empty()) roundQueries(pass, queries, weights, nTokens);
    pass.pool.run(std::ssize(tasks), [&](int64_t index, int32_t worker) {
        const Task& task = tasks[static_cast<size_t>(index)];
        const int64_t query = task.firstToken * keys_.nHeads;
        search(pass,
               {.values = queries + query * keys_.headDim,
                .codes = isRounded() ? codes_ + query * keys_.headDim : nullptr,
                .weights = (isRounded() ? weights_ : weights) + query,
                .thresholds = thresholds_ + task.slot * tileTokens_,
                .nTokens = task.nTokens,
                .nHeads = keys_.nHeads,
                .dim = keys_.headDim},
               task, nRows, scratchOf(worker));
    });
    forRanges(pass.pool, nTokens, kTileTokensMin, [&](int64_t begin, int64_t end, int32_t) {
        std::vector<uint64_t> all;
        for (int64_t i = begin; i < end; ++i)
            finish(i, nRows[static_cast<size_t>(i)], tasks, all);
    });
}

}  // namespace moxie::engine
