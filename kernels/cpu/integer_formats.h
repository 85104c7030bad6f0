// The weights that are small integers with scales: the values of 16 or 32 neighbours are
// scale * (code - bias) + offset. And activations rounded to 8 bits, which meet them. Shared by the
// scalar and the vector kernels; inside of this module only. Threads: immutable.
#pragma once
#include <cstdint>

#include "kernels/dispatch.h"

namespace moxie::kernels {

struct IntegerFormat {
    int32_t valuesPerScale;  // 32 or 16
    int32_t bias;            // 128 for signed values; then there is no offset
    bool hasOffsets;
};

inline constexpr IntegerFormat kSignedIntegers = {32, 128, false};
inline constexpr IntegerFormat kSignedHalves = {16, 128, false};
inline constexpr IntegerFormat kIntegersWithOffsets = {32, 0, true};
inline constexpr IntegerFormat kHalvesWithOffsets = {16, 0, true};

// nullptr: values of this format are no small integers.
constexpr const IntegerFormat* integerFormat(DType dtype) {
    switch (dtype) {
        case DType::q8_0:
        case DType::q4_0:
        case DType::iq4_nl:
        case DType::iq4_xs:
        case DType::mxfp4:
        case DType::iq2_xxs:
        case DType::fp4E2m1:
        case DType::int4:
            return &kSignedIntegers;
        case DType::q6_K:
            return &kSignedHalves;
        case DType::q4_1:
        case DType::q4_K:
        case DType::q5_K:
            return &kIntegersWithOffsets;
        case DType::q2_K:
            return &kHalvesWithOffsets;
        default:
            return nullptr;
    }
}

// 32 activations of one token, a cache line. value = scale * values[i]; the rest is what products
// with biased codes and with offsets need, once for all 32 and once for each half.
struct RoundedBlock {
    int8_t values[32];
    float scale;
    float sum;          // scale times the sum of the values
    float halfSums[2];  // the same of each half
    int32_t bias;       // -128 times the sum of the values
    int32_t halfBias[2];
    int32_t unused;
};

static_assert(sizeof(RoundedBlock) == 64);

inline const RoundedBlock* blocksOf(const RoundedRows& x, int64_t token) {
    const int64_t row = x.chosen == nullptr ? token : x.chosen[token];
    return reinterpret_cast<const RoundedBlock*>(x.data + row * x.rowBytes);
}

// 256 activations of one token rounded to 16 bits: value = scale * values[i], and values[i] = 256 *
// high[i] + low[i]. The sums of each 16 values, for products with offsets, are whole numbers,
// exact.
struct FineBlock {
    int16_t values[256];
    int8_t high[256];
    int8_t low[256];
    float sums[16];
    float scale;
    float unused[15];
};

static_assert(sizeof(FineBlock) == 1152);

// Always inline: files of several instruction sets have it.
[[gnu::always_inline]] inline const FineBlock* fineBlocksOf(const RoundedRows& x, int64_t token) {
    const int64_t row = x.chosen == nullptr ? token : x.chosen[token];
    return reinterpret_cast<const FineBlock*>(x.data + row * x.rowBytes);
}

// What four neighbouring FineBlocks, or those that are left, are for weights that are read 64 bytes
// of nibbles at once: a block's parts of 32 are in the order 0, 2, 1, 3, 4, 6, 5, 7. With the sums
// of each part, and each scale twice. Zero behind the last block. They stand behind all FineBlocks
// of a row.
struct FineQuad {
    int8_t high[4][256];
    int8_t low[4][256];
    int16_t highSums[4][8];
    int16_t lowSums[4][8];
    float scales[16];
};

static_assert(sizeof(FineQuad) == 2240);

// The quads of a row of `cols` activations that begins at `row`.
inline const FineQuad* quadsOf(const FineBlock* row, int64_t cols) {
    return reinterpret_cast<const FineQuad*>(row + (cols + 255) / 256);
}

// How fine products are summed up in integers: pairs of words that have the sub-scales in them;
// four bytes of a super-block with float sub-scales; a whole block of nibbles, whose rows stand in
// lanes; words that are sums of four bytes, times sub-scales, over a super-block, for which weights
// meet FineQuads.
enum class FineSums : uint8_t { words, bytes, rowLanes, scaledBytes };

constexpr FineSums fineSums(DType dtype) {
    switch (dtype) {
        case DType::q2_K:
        case DType::q6_K:
        case DType::iq2_xxs:
            return FineSums::bytes;
        case DType::q4_0:
        case DType::q4_1:
            return FineSums::rowLanes;
        case DType::q4_K:
        case DType::q5_K:
            return FineSums::scaledBytes;
        default:
            return FineSums::words;
    }
}

// What the bytes of signed values have too much: it is taken away with the sums of activations.
constexpr int32_t fineByteBias(DType dtype) {
    if (dtype == DType::iq2_xxs) return 43;
    if (dtype == DType::q4_0) return 8;
    return dtype == DType::q6_K ? 32 : 0;
}

// A block of values below this size is rounded to zero: the inverse of its scale would overflow.
inline constexpr float kRoundedToZero = 0x1p-100F;
inline constexpr float kFineMax = 32639;  // 127 * 256 + 127

inline constexpr int64_t kTileCols = 512;
inline constexpr int64_t kTileRows = 32;
inline constexpr int64_t kTileTokens = 384;  // a panel's share of them stays in a core's own cache

// Tokens [begin, end) of a product.
struct TokenRange {
    int64_t begin, end;
};

// Weights unpacked for such products: codes [16 rows][4 columns][row][column], as instructions for
// 8-bit products take them; scales and offsets [16 rows][scale][row].
struct IntegerPanel {
    static constexpr int64_t kRows = kTileRows;
    static constexpr int64_t kCols = kTileCols;

    alignas(64) uint8_t codes[2][kTileCols / 4][64];
    alignas(64) float scales[2][kTileCols / 16][16];
    alignas(64) float offsets[2][kTileCols / 16][16];
};

// Where a product of a panel goes: its rows from here on, of its first token. isFirst: the first
// columns, sums start at zero.
struct TileTarget {
    float* y;
    int64_t stride;
    int64_t nRows;
    bool isFirst;

    // Which rows there are of the sixteen from `first` on.
    uint16_t rowsFrom(int64_t first) const {
        const int64_t n = nRows - first;
        return n >= 16 ? 0xffff : n <= 0 ? 0 : static_cast<uint16_t>((1U << n) - 1);
    }
};

}  // namespace moxie::kernels
