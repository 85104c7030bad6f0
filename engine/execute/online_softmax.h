// Softmax attention of some queries over rows that come in blocks: the running form, exact up to
// rounding. The order of a query's sums depends on the borders of the blocks and on what it sees of
// them only, not on the queries beside it.
// Source: Milakov and Gimelshein, Online normalizer calculation for softmax (2018).
// Threads: one thread.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/execute/attention_tiles.h"
#include "kernels/dispatch.h"

namespace moxie::engine {

class OnlineSoftmax {
public:
    using Queries = AttentionQueries;
    using Rows = AttentionRows;
    using Seen = SeenRows;
    using Shape = AttentionShape;

    static constexpr int64_t kRowsMax = kAttentionRowsMax;
    static constexpr int64_t kQueriesMax = 512;

    // Queries that are worth going over the rows together.
    static constexpr int64_t queriesAtOnce(AttentionProducts products) {
        return products == AttentionProducts::exact ? 128 : kQueriesMax;
    }

    // Blocks begin at multiples of so many rows, wherever a chunk or a task begins.
    static constexpr int64_t blockBorder(AttentionProducts products) {
        return products == AttentionProducts::exact ? 1 : kernels::kBf16TileDepth;
    }

    // Floats of scratch it needs.
    static int64_t scratchFloats(const Shape& shape);

    // queries [query][keyDim] are read as long as it lives.
    OnlineSoftmax(const kernels::Dispatch& dispatch, const Shape& shape, const float* queries,
                  float* scratch);

    // Takes one more block. `seen`: the rows that the first queries see, the next as many, and so
    // on. Requires: nQueries is a multiple of its size.
    void add(const Rows& rows, std::span<const Seen> seen);
    // The same of some of the queries only, which see all of it. Requires, where products are
    // rounded: `some` begins at a multiple of 16, and so do those behind it.
    void addFor(Queries some, const Rows& rows);
    // sinks: one logit per query that only takes part in the denominator; nullptr: none.
    // out[q * outStride ...] = the weighted mean of the values.
    void finish(const float* sinks, float* out, int64_t outStride) const;

private:
    // Of some queries in order, equally many for each.
    struct SeenByQueries {
        std::span<const Seen> rows;
        int64_t nQueriesEach = 0;

        const Seen& of(int64_t i) const { return rows[static_cast<size_t>(i / nQueriesEach)]; }
    };

    void addTo(Queries some, const Rows& rows, const SeenByQueries& seen);
    void addRounded(Queries some, const Rows& rows, const SeenByQueries& seen);
    void addRoundedPart(Queries part, int64_t first, const SeenByQueries& seen);
    float goOn(int64_t query, float max, float sum);
    void score(int64_t query, Seen seen);
    void sumSeen(Queries some, const Rows& rows, Seen seen);
    void sumValues(Queries some, const Rows& rows, const SeenByQueries& seen);

    const kernels::Dispatch& dispatch_;
    Shape shape_;
    const float* queries_;
    int64_t sumsStride_;
    float* sums_;                          // [query][sumsStride]
    float* scores_ = nullptr;              // exact: [query][row]
    float* part_ = nullptr;                // exact: [query][sumsStride], of this block
    std::optional<AttentionTiles> tiles_;  // rounded
    std::array<float, kQueriesMax> kept_;  // what the sums before are multiplied with
    std::array<float, kQueriesMax> max_;
    std::array<double, kQueriesMax> denominator_;
};

}  // namespace moxie::engine
