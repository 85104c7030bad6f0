// The table of numeric kernels, chosen once from what the CPU can do, or forced by tests and
// `--backend scalar`. Every entry has a scalar twin with the same signature, which is the
// specification. Not here: threads (callers split rows), files, models. Kernels allocate nothing
// and never log. Threads: any thread; a Dispatch is immutable.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/bf16_tiles.h"
#include "kernels/index_scores.h"

namespace moxie::kernels {

// Storage types of tensors. Values below 1000 are ggml's type numbers, as stored in GGUF files; the
// others are of safetensors files, whose scales lie in a tensor of their own.
// Sources: the GGUF specification, table of tensor types; OCP Microscaling Formats (MX) 1.0.
enum class DType : uint32_t {
    f32 = 0,
    f16 = 1,
    q4_0 = 2,
    q4_1 = 3,
    q8_0 = 8,
    q2_K = 10,
    q4_K = 12,
    q5_K = 13,
    q6_K = 14,
    iq2_xxs = 16,
    iq4_nl = 20,
    iq4_xs = 23,
    i8 = 24,  // integers: tables of ids, never weights of a product
    i32 = 26,
    i64 = 27,
    bf16 = 30,
    mxfp4 = 39,      // E2M1 with one E8M0 per 32, elements j and j + 16 in one byte
    fp8E4m3 = 1000,  // E4M3 (fn: no infinities), scales apart
    fp4E2m1 = 1001,  // E2M1, elements 2j (low nibble) and 2j + 1 in one byte, scales apart
    int4 = 1002,     // value + 8 in a nibble, 2j (low) and 2j + 1 in one byte, scales apart
};

constexpr bool hasScalesApart(DType dtype) {
    return dtype == DType::fp8E4m3 || dtype == DType::fp4E2m1 || dtype == DType::int4;
}

// Whether a tensor can stand in a product, or only be read by index (ids).
enum class FormatUse : uint8_t { weights, table };

struct BlockFormat {
    DType dtype;
    std::string_view name;  // "Q4_1"
    int32_t blockValues;    // values in one block
    int32_t blockBytes;
    FormatUse use;
};

// By the number of DType; nullptr for one we do not have. Numbers from 1000 on are ours, so that a
// GGUF file must not use them.
const BlockFormat* blockFormat(uint32_t number);
const BlockFormat& blockFormat(DType dtype);

enum class Isa { scalar, avx2, avx512, avx512vnni, amx };
std::string_view toString(Isa isa);
std::optional<Isa> isaFromName(std::string_view name);
// The best this CPU and operating system allow.
Isa detectIsa();

// How scales that lie apart are stored.
enum class ScaleType : uint8_t { none, f32, f16, bf16, e8m0 };
int32_t scaleBytes(ScaleType type);

// Rows of quantised weights, row-major, each row cols/blockValues blocks, no padding, any
// alignment.
struct WeightsView {
    DType dtype = DType::f32;
    const uint8_t* data = nullptr;
    int64_t rows = 0;
    int64_t cols = 0;
    int64_t rowBytes = 0;
    // Scales apart (fp8E4m3, fp4E2m1, int4): the weight [r, c] is multiplied by the scale
    // [(scaleRowOffset + r) / scaleRows, c / scaleCols], scales row-major. none: no scales.
    // scaleCols is a multiple of 32 or not below cols.
    ScaleType scaleType = ScaleType::none;
    const uint8_t* scales = nullptr;
    int64_t scaleRowBytes = 0;
    int32_t scaleRows = 1;  // rows that share a row of scales: 128 (FP8 tiles) or 1
    int32_t scaleCols = 1;  // columns that share a scale: 128 or 32
    int64_t scaleRowOffset = 0;
};

// Rows [begin, begin + count) as a view of their own. Requires: inside of `w`.
WeightsView rowsOf(const WeightsView& w, int64_t begin, int64_t count);

// Activations of tokens rounded to whole numbers: by roundRow to 8 bits, 32 values with a scale of
// their own each, the largest size of them over 127; by roundRowFine to 16 bits, 256 values with a
// scale, their largest size over 32639; by roundRowSplit to the same values as roundRowFine. A
// value is off by at most scale / 2; where all sizes are below 2^-100 they are zero. A NaN or an
// infinity makes all values of its scale NaN.
struct RoundedRows {
    const uint8_t* data = nullptr;    // at a 64-byte border
    int64_t rowBytes = 0;             // roundedRowBytes(cols), or that of the other roundings
    const int32_t* chosen = nullptr;  // token t is row chosen[t]; nullptr: row t
};

constexpr int64_t roundedRowBytes(int64_t cols) {
    return (cols + 31) / 32 * 64;
}

constexpr int64_t fineRowBytes(int64_t cols) {
    return (cols + 255) / 256 * 1152 + (cols + 1023) / 1024 * 2240;
}

// What a row of `cols` values takes in tiles of bfloat16.
constexpr int64_t bf16RowBytes(int64_t cols) {
    return (cols + 31) / 32 * 64;
}

// Whether `w` can stand in matmulTiles, matmulWeightsBf16 and matmulFine: its values are small
// integers with scales.
bool hasTiles(const WeightsView& w);

// Rows that several queries weigh differently.
struct WeightedRows {
    const float* weights = nullptr;  // [query][row]
    int64_t weightStride = 0;
    const float* rows = nullptr;
    int64_t rowStride = 0;
    int64_t nRows = 0;
};

// What a layer norm of n values multiplies with and adds.
struct NormWeights {
    const float* weight = nullptr;
    const float* bias = nullptr;
    float epsilon = 1e-6F;
};

// Angles that pairs of values are turned by. Pairs are neighbours, or the second of each stands
// nPairs behind the first.
struct Rotation {
    const float* cosines = nullptr;
    const float* sines = nullptr;
    int64_t nPairs = 0;
    bool isInterleaved = false;
    bool isBack = false;  // by the negative angles
};

// NaN in the input is NaN in the result, never swallowed.
struct Dispatch {
    Isa isa = Isa::scalar;

    // out = dequantised row r of w, at most one rounding per value. Requires: out has w.cols
    // values (checked).
    void (*dequantiseRow)(const WeightsView& w, int64_t r, std::span<float> out) = nullptr;

    // y[t * yStride + r - rowBegin] = sum over c of w[r, c] * x[t * xStride + c], r in [rowBegin,
    // rowEnd), t in [0, nTokens). Order of summation per (row, token) is fixed: independent of
    // nTokens, of the row range and of threads. Requires: cols % blockValues == 0. Aliasing: y must
    // not overlap x.
    void (*matmul)(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const float* x,
                   int64_t xStride, int64_t nTokens, float* y, int64_t yStride) = nullptr;

    // Products for prompts: weights times rounded activations. The same bits on every instruction
    // set: the products of 16 or 32 columns that share scales are summed in integers, and these
    // sums, times their scales, in float32 from the first to the last, whatever the tokens and rows
    // beside them. Off from the exact product by at most the sum of |w| * scale / 2 over columns,
    // and the roundings of that chain. Requires: hasTiles(w). Aliasing: y must not overlap x.
    void (*matmulTiles)(const WeightsView& w, int64_t rowBegin, int64_t rowEnd,
                        const RoundedRows& x, int64_t nTokens, float* y, int64_t yStride) = nullptr;
    // out = roundedRowBytes(cols) bytes at a 64-byte border.
    void (*roundRow)(const float* x, int64_t cols, uint8_t* out) = nullptr;
    // Whether matmulTiles is the faster of the two here.
    bool hasFastTiles = false;

    // Products for prompts where tile instructions multiply bfloat16: weights, of their exact
    // float32 value, and activations are rounded to 8 significant bits, subnormals become zeros,
    // and are added up as in matmulBf16. The same bits on every instruction set, whatever the
    // tokens and rows beside them. Off from the exact product by at most 2^-8 (1 + 2^-10) of the
    // sum of |w * x| over columns, and the roundings of a float32 sum. Requires: hasTiles(w);
    // x.data is tiles of roundBf16Columns, of w.cols values for each token, nothing is chosen.
    // Aliasing: y must not overlap x.
    void (*matmulWeightsBf16)(const WeightsView& w, int64_t rowBegin, int64_t rowEnd,
                              const RoundedRows& x, int64_t nTokens, float* y,
                              int64_t yStride) = nullptr;
    // Whether that is the fastest for many tokens here.
    bool hasFastWeightsBf16 = false;

    // Products for answers: weights times finely rounded activations, one or a few tokens. The same
    // bits on every instruction set, whatever the tokens and rows beside them
    // (cpu/scalar_fine.cpp says in which order). Off from the exact product by at most the sum of
    // |w| * scale / 2 over columns, a 65,000th of the largest activation, and the roundings of a
    // float32 sum. Requires: hasTiles(w), rows of roundRowFine. Aliasing: y must not overlap x.
    void (*matmulFine)(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const RoundedRows& x,
                       int64_t nTokens, float* y, int64_t yStride) = nullptr;
    // out = fineRowBytes(cols) bytes at a 64-byte border.
    void (*roundRowFine)(const float* x, int64_t cols, uint8_t* out) = nullptr;
    // Whether matmulFine is faster than matmul here.
    bool hasFastFine = false;

    // scores[t * kPanelKeys + key] = sum over h of weight * max(0, query · key), h rising; bit
    // `key` of above[t] says whether that is above the token's threshold. A panel of packIndexKeys.
    // Sums of products run from the first to the last dimension, in float32.
    void (*indexScores)(const IndexQueries& queries, const float* panel, float* scores,
                        uint64_t* above) = nullptr;
    // The same of rounded queries and a panel of packRoundedIndexKeys: products are exact, the sum
    // over heads is a chain of fused float32 multiply-adds, then times the key's scale. The same
    // bits on every instruction set. Requires: dim is a multiple of 4, at most kIndexDimMax.
    void (*indexScoresRounded)(const IndexQueries& queries, const RoundedPanel& panel,
                               float* scores, uint64_t* above) = nullptr;
    // Keys as a panel of roundedPanelBytes(dim); those from count on are zero. Requires: as before.
    void (*packRoundedIndexKeys)(const RoundedKeys& keys, int64_t dim, uint8_t* panel) = nullptr;
    // Rows of E2M1 in the form of roundIndexRow, without their values in between: the largest scale
    // of a row decides, and what it leaves behind is rounded. codes [row][dim], a scale for each
    // row. Requires: dim is a multiple of 32.
    void (*roundFp4IndexRows)(const Fp4Rows& rows, int64_t dim, int8_t* codes,
                              float* scales) = nullptr;

    // Rows rounded to bfloat16, in tiles of bf16TileBytes(): as a product's rows; as its columns;
    // or along its depth, `length` columns of `count` values. Subnormals become zeros; NaN stays
    // NaN.
    void (*roundBf16Rows)(const FloatRows& rows, uint8_t* tiles) = nullptr;
    void (*roundBf16Columns)(const FloatRows& rows, uint8_t* tiles) = nullptr;
    void (*roundBf16Depth)(const FloatRows& rows, uint8_t* tiles) = nullptr;
    // Of 32 products the even ones are added up, and the odd ones, by fused multiply-adds from zero
    // on; their sum is added to the sum so far. All in float32, subnormals become zeros. The same
    // bits on every instruction set, whatever the rows and columns beside. Aliasing: none.
    void (*matmulBf16)(const Bf16Product& product, float* y, int64_t yStride) = nullptr;
    // Scores [query][column] become weights e^(scale * score - max), rounded as roundBf16Rows
    // rounds; the sum is that of the weights before. What a query does not see weighs nothing. NaN
    // is passed over by the maximum and stays. Off by at most 2^-8 of a weight and 1e-5 more.
    // Requires: scale > 0; stride is a multiple of 16 floats, scores and tiles begin at a 64-byte
    // border, rows have room for length up to the next multiple of 32.
    void (*weighBf16)(const FloatRows& scores, float scale, SeenScores* seen,
                      uint8_t* tiles) = nullptr;
    // Whether these are faster than float32 for many rows here.
    bool hasFastBf16 = false;

    float (*dot)(const float* a, const float* b, int64_t n) = nullptr;         // float32 lanes
    void (*axpy)(float scale, const float* x, float* y, int64_t n) = nullptr;  // y += scale * x
    // y[q * yStride + i] += sum over r of weights[q * weightStride + r] * rows[r * rowStride + i],
    // i below n, one after the other in rising r: rows may come in several calls. The scalar twin
    // sums in float64 and rounds once per call. Aliasing: y overlaps nothing.
    void (*addWeighted)(const WeightedRows& sum, int64_t nQueries, int64_t n, float* y,
                        int64_t yStride) = nullptr;
    void (*rmsNorm)(const float* x, const float* weight, float epsilon, float* y,
                    int64_t n) = nullptr;
    void (*softmax)(float* x, int64_t n) = nullptr;  // in place, max-subtracted
    // x[i] *= scale in place; returns the largest of them and of `max`, passing over NaN.
    float (*scaleMax)(float* x, int64_t n, float scale, float max) = nullptr;
    // x[i] = e^(x[i] - max) in place; returns their sum. For softmax that comes in blocks.
    float (*expSubtract)(float* x, int64_t n, float max) = nullptr;
    // y = silu(gate) * up. Aliasing, here and below: y may be one of the inputs.
    void (*siluMul)(const float* gate, const float* up, float* y, int64_t n) = nullptr;
    // g = min(gate, limit), u = clamp(up, -limit, limit): y = silu(g) * u (DeepSeek-V4).
    void (*swigluClamped)(const float* gate, const float* up, float limit, float* y,
                          int64_t n) = nullptr;
    // The same g and u: y = g * sigmoid(1.702 g) * (u + 1) (gpt-oss).
    void (*swigluGptOss)(const float* gate, const float* up, float limit, float* y,
                         int64_t n) = nullptr;
    // y = (x - mean) / sqrt(variance + epsilon) * weight + bias
    void (*layerNorm)(const float* x, const NormWeights& norm, float* y, int64_t n) = nullptr;
    // (a, b) = (a cos - b sin, a sin + b cos) in place, in float64 and rounded; the same bits on
    // every instruction set.
    void (*turnPairs)(const Rotation& by, float* x) = nullptr;
};

// The table for one Isa; asking for more than detectIsa() is a programmer error (checked).
const Dispatch& dispatchFor(Isa isa);

}  // namespace moxie::kernels
