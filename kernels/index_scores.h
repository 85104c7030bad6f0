// What the indexers of sparse attention multiply: rows rounded to 8 bits, and keys that stand 64
// beside each other, so that a kernel meets them in lanes. The kernels stand in kernels/dispatch.h.
// Threads: any thread. Allocates nothing.
#pragma once
#include <cstdint>

namespace moxie::kernels {

constexpr int64_t kPanelKeys = 64;
// Of a rounded row, so that sums of products are exact in float32 as well.
constexpr int64_t kIndexDimMax = 1024;

constexpr bool canRoundIndex(int64_t dim) {
    return dim % 4 == 0 && dim <= kIndexDimMax;
}

// Queries of a few tokens, and what a head's products weigh.
struct IndexQueries {
    const float* values = nullptr;  // exact: [token][head][dim]
    // Rounded: [token][head][dim], the codes of roundIndexRow plus 128.
    const uint8_t* codes = nullptr;
    const float* weights = nullptr;     // [token][head]; rounded: times the scale of the query
    const float* thresholds = nullptr;  // [token]
    int64_t nTokens = 0;
    int64_t nHeads = 0;
    int64_t dim = 0;
};

// x = code * scale with codes of -127 to 127, to the nearest, ties to even, and a power of two for
// all n values: the smallest that leads to such codes. So rows of E2M1 are met exactly as long as
// the scales of their blocks are at most 2^3 apart. Where all sizes are below 2^-100: zeros. With a
// NaN or an infinity the scale is NaN.
void roundIndexRow(const float* x, int64_t n, int8_t* codes, float& scale);

// Rows of n values of E2M1 in blocks of 32, then their E8M0 scales (kernels/microscaling.h).
struct Fp4Rows {
    const uint8_t* data = nullptr;
    int64_t rowBytes = 0;
    int64_t count = 0;
};

// Keys of a panel as [dim][kPanelKeys]; those from `count` on are zero.
void packIndexKeys(const float* keys, int64_t count, int64_t dim, float* panel);

// A panel of rounded keys: codes in fours [dim / 4][kPanelKeys][4], then of each key -128 times the
// sum of its codes, then its scale.
constexpr int64_t roundedPanelBytes(int64_t dim) {
    return kPanelKeys * (dim + 8);
}

// One key of `dim` codes into a panel of roundedPanelBytes(dim), whose others stay as they are, and
// out of it. Requires: key is below kPanelKeys, dim a multiple of 4.
void putRoundedIndexKey(const int8_t* codes, float scale, int64_t dim, int64_t key, uint8_t* panel);
void takeRoundedIndexKey(const uint8_t* panel, int64_t dim, int64_t key, int8_t* codes,
                         float& scale);

// A panel of roundedPanelBytes(), and one of the same size that will be needed soon: it is asked
// for while this one is read.
struct RoundedPanel {
    const uint8_t* keys = nullptr;
    const uint8_t* ahead = nullptr;  // nullptr: none
};

// Keys at rowBytes from each other.
struct RoundedKeys {
    const int8_t* codes = nullptr;
    int64_t rowBytes = 0;
    const float* scales = nullptr;
    int64_t count = 0;
};

}  // namespace moxie::kernels
