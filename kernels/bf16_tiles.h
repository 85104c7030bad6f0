// Products of activations with activations, such as queries with keys, of which both sides are
// rounded to bfloat16 (8 significant bits, nearest, ties to even) and multiplied by tile
// instructions. Both sides stand in tiles of 1,024 bytes, in the order in which the instruction
// meets them; what is missing to whole tiles is zero. The kernels stand in kernels/dispatch.h.
// Threads: any thread. Allocates nothing.
// Source: Intel Architecture Instruction Set Extensions Programming Reference, TDPBF16PS.
#pragma once
#include <cstdint>

namespace moxie::kernels {

constexpr int64_t kBf16TileRows = 16;   // or columns
constexpr int64_t kBf16TileDepth = 32;  // products that are added up in one step

constexpr int64_t wholeTiles(int64_t n, int64_t unit) {
    return (n + unit - 1) / unit * unit;
}

// Of n rows or columns of `depth` values. They begin at a 64-byte border.
constexpr int64_t bf16TileBytes(int64_t n, int64_t depth) {
    return wholeTiles(n, kBf16TileRows) * wholeTiles(depth, kBf16TileDepth) * 2;
}

// Float32 rows to be rounded: row r is at values + r * stride, or, where rows are chosen, at
// values + chosen[r] * stride. Its functions are no symbols: files of several instruction sets have
// them.
struct FloatRows {
    const float* values = nullptr;
    int64_t stride = 0;
    int64_t count = 0;
    int64_t length = 0;
    const int32_t* chosen = nullptr;

    [[gnu::always_inline]] const float* row(int64_t r) const {
        return values + (chosen == nullptr ? r : int64_t{chosen[r]}) * stride;
    }

    // Up to n of them, from `first` on.
    [[gnu::always_inline]] FloatRows from(int64_t first, int64_t n) const {
        FloatRows some = *this;
        some.count = count - first < n ? count - first : n;
        if (chosen == nullptr)
            some.values += first * stride;
        else
            some.chosen += first;
        return some;
    }
};

// Products of a query with keys of which it sees some.
struct SeenScores {
    int64_t begin = 0, end = 0;  // columns; none if begin >= end
    float max = 0;               // scaled: of what it saw before; becomes that of these, too
    float sum = 0;               // becomes that of its weights
};

// y[r * yStride + c] = the sum over depth of rows[r] * columns[c], or that added to what is there.
// y has room for whole tiles: rows and columns up to the next multiple of 16 are written.
struct Bf16Product {
    const uint8_t* rows = nullptr;     // [row / 16][depth / 32][row % 16][depth % 32]
    const uint8_t* columns = nullptr;  // [column / 16][depth / 32][depth % 32 / 2][column % 16][2]
    int64_t columnsStride = 0;         // bytes from one 16 columns to the next
    int64_t nRows = 0;
    int64_t nColumns = 0;
    int64_t depth = 0;
    bool adds = false;
};

}  // namespace moxie::kernels
