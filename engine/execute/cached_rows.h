// Attention over rows of a cache that are keys and values at once (latents): the queries of a few
// neighbouring tokens go over all rows together, block by block, or those of one token over the
// rows chosen for it. Blocks begin at multiples of their length, wherever a chunk or a tile begins:
// one order of sums for one token.
// Threads: one thread per OnlineSoftmax.
#pragma once
#include <cstdint>
#include <span>

#include "engine/execute/online_softmax.h"
#include "engine/execute/pass.h"

namespace moxie::engine {

constexpr int64_t kGatheredRows = 64;

struct LatentCache {
    int64_t layer = 0;
    int64_t stream = 0;
    int64_t rowDim = 0;
    int64_t rowsPerPage = 0;

    // Rows that are attended to at once: of one page, or of several short ones.
    int64_t blockRows() const;

    // Floats that decoding or gathering its rows takes.
    int64_t scratchFloats() const { return std::max(kGatheredRows, blockRows()) * rowDim; }
};

// Tokens [first, first + count) of a chunk.
struct ChunkTokens {
    int64_t first = 0;
    int64_t count = 0;
};

// Neighbouring tokens whose queries go together: all heads of each, or some heads of one.
struct QueryTile {
    int64_t firstToken = 0, nTokens = 0;
    int64_t firstHead = 0, nHeads = 0;

    int64_t nQueries() const { return nTokens * nHeads; }
};

// Cuts the queries of some tokens into tiles, one for each thread at least. Their queries
// [token][head] lie one after the other.
class QueryTiles {
public:
    QueryTiles(const ChunkTokens& tokens, int64_t nHeads, AttentionProducts products,
               int32_t threads);

    int64_t count() const { return nTokenParts_ * nHeadParts_; }

    QueryTile at(int64_t index) const;

    // The most queries of a tile of up to nTokens tokens.
    static int64_t nQueriesMax(int64_t nTokens, int64_t nHeads, AttentionProducts products);

private:
    ChunkTokens tokens_;
    int64_t nHeads_;
    int64_t tokensPerTile_, headsPerTile_;
    int64_t nTokenParts_, nHeadParts_;
};

// How the queries of one token meet rows that are chosen for it alone: rounded in whole tiles only,
// so that it does not depend on the tokens beside it.
AttentionProducts chosenProducts(AttentionProducts products, int64_t nHeads);

// For each token of the tile its rows [0, nRows[token]), not falling.
void addAllRows(const Pass& pass, const LatentCache& cache, const QueryTile& tile,
                std::span<const int64_t> nRows, float* scratch, OnlineSoftmax& softmax);
// The rows of a list, rising, for one token of the tile, 0 being its first.
void addChosenRows(const Pass& pass, const LatentCache& cache, const QueryTile& tile, int64_t token,
                   std::span<const int32_t> rows, float* scratch, OnlineSoftmax& softmax);

}  // namespace moxie::engine
