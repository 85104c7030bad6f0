#include "engine/execute/cached_rows.h"

#include <algorithm>
#include <array>

namespace moxie::engine {

namespace {

constexpr int64_t kBlockRowsOfShortPages = 128;
constexpr int64_t kPiecesAhead = 2;  // rows are asked for while those before are copied

int64_t ceilDiv(int64_t n, int64_t unit) {
    return (n + unit - 1) / unit;
}

}  // namespace

int64_t LatentCache::blockRows() const {
    return rowsPerPage >= kBlockRowsOfShortPages
               ? rowsPerPage
               : kBlockRowsOfShortPages / rowsPerPage * rowsPerPage;
}

QueryTiles::QueryTiles(const ChunkTokens& tokens, int64_t nHeads, AttentionProducts products,
                       int32_t threads)
    : tokens_(tokens),
      nHeads_(nHeads) {
    const int64_t atOnce = OnlineSoftmax::queriesAtOnce(products);
    const int64_t most = std::max<int64_t>(1, atOnce / nHeads);
    tokensPerTile_ = std::clamp<int64_t>(ceilDiv(tokens.count, threads), 1, most);
    nTokenParts_ = ceilDiv(tokens.count, tokensPerTile_);
    headsPerTile_ = nHeads;
    if (tokensPerTile_ == 1)
        headsPerTile_ = std::clamp<int64_t>(ceilDiv(tokens.count * nHeads, threads), 1,
                                            std::min(nHeads, atOnce));
    nHeadParts_ = ceilDiv(nHeads, headsPerTile_);
}

QueryTile QueryTiles::at(int64_t index) const {
    const int64_t token = index / nHeadParts_ * tokensPerTile_;
    const int64_t head = index % nHeadParts_ * headsPerTile_;
    return {.firstToken = tokens_.first + token,
            .nTokens = std::min(tokensPerTile_, tokens_.count - token),
            .firstHead = head,
            .nHeads = std::min(headsPerTile_, nHeads_ - head)};
}

int64_t QueryTiles::nQueriesMax(int64_t nTokens, int64_t nHeads, AttentionProducts products) {
    return std::min(OnlineSoftmax::queriesAtOnce(products), nTokens * nHeads);
}

AttentionProducts chosenProducts(AttentionProducts products, int64_t nHeads) {
    return nHeads % kernels::kBf16TileRows == 0 ? products : AttentionProducts::exact;
}

namespace {

// Rows [row, row + count) of the cache in one piece.
const float* blockOf(const Pass& pass, const LatentCache& cache, int64_t row, int64_t count,
                     float* scratch) {
    if (row / cache.rowsPerPage == (row + count - 1) / cache.rowsPerPage)
        return pass.kv->read(cache.layer, cache.stream, 0, row, count, scratch);
    for (int64_t done = 0; done < count;) {
        const int64_t n =
            std::min(cache.rowsPerPage - (row + done) % cache.rowsPerPage, count - done);
        pass.kv->prefetch(cache.layer, cache.stream, 0, row + done + kPiecesAhead * n, n);
        float* out = scratch + done * cache.rowDim;
        const float* rows = pass.kv->read(cache.layer, cache.stream, 0, row + done, n, out);
        if (rows != out) std::copy_n(rows, n * cache.rowDim, out);
        done += n;
    }
    return scratch;
}

}  // namespace

void addAllRows(const Pass& pass, const LatentCache& cache, const QueryTile& tile,
                std::span<const int64_t> nRows, float* scratch, OnlineSoftmax& softmax) {
    std::array<OnlineSoftmax::Seen, OnlineSoftmax::kQueriesMax> seen;
    const int64_t blockRows = cache.blockRows();
    const int64_t end = nRows.back();
    for (int64_t row = 0; row < end; row += blockRows) {
        const int64_t n = std::min(blockRows, end - row);
        for (int64_t t = 0; t < tile.nTokens; ++t)
            seen[static_cast<size_t>(t)] = {0, std::min(n, nRows[static_cast<size_t>(t)] - row)};
        const float* rows = blockOf(pass, cache, row, n, scratch);
        softmax.add({.keys = rows, .values = rows, .count = n},
                    std::span(seen).first(static_cast<size_t>(tile.nTokens)));
    }
}

void addChosenRows(const Pass& pass, const LatentCache& cache, const QueryTile& tile, int64_t token,
                   std::span<const int32_t> rows, float* scratch, OnlineSoftmax& softmax) {
    for (int64_t begin = 0; begin < std::ssize(rows); begin += kGatheredRows) {
        const int64_t n = std::min(kGatheredRows, std::ssize(rows) - begin);
        for (int64_t i = 0; i < n; ++i) {
            const int64_t ahead = begin + i + kPiecesAhead;
            if (ahead < std::ssize(rows))
                pass.kv->prefetch(cache.layer, cache.stream, 0, rows[static_cast<size_t>(ahead)],
                                  1);
            float* out = scratch + i * cache.rowDim;
            const float* row = pass.kv->read(cache.layer, cache.stream, 0,
                                             rows[static_cast<size_t>(begin + i)], 1, out);
            if (row != out) std::copy_n(row, cache.rowDim, out);
        }
        softmax.addFor({token * tile.nHeads, tile.nHeads},
                       {.keys = scratch, .values = scratch, .count = n});
    }
}

}  // namespace moxie::engine
