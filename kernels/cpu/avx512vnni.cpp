// AVX-512 VNNI: products of integer weights with rounded activations. 32 rows (two registers) by 6
// tokens at a time: 12 integer sums and 12 float sums stay in registers; per 4 columns 2 loads of
// codes, 6 broadcasts and 12 vpdpbusd. Every 32 (or 16) columns the integers are scaled and added.
#include <immintrin.h>

#include "kernels/cpu/fine_products_vnni.h"
#include "kernels/cpu/fine_vector_avx512.h"
#include "kernels/cpu/integer_formats.h"
#include "kernels/cpu/integer_panel.h"
#include "kernels/cpu/integer_product.h"
#include "kernels/cpu/simd_fine.h"
#include "kernels/cpu/tables.h"

namespace moxie::kernels::avx512vnni {

struct Vector {
    using Reg = __m512;
    static constexpr int kWidth = 16;
};

constexpr int kTokens = 6;

static __m512i wordOf(const void* at) {
    int32_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return _mm512_set1_epi32(word);
}

static __m512 floatOf(const float& at) {
    return _mm512_set1_ps(at);
}

// Adds nBlocks times 32 columns of nTokens tokens.
template <class F, int nTokens>
static void tile(const IntegerPanel& panel, int64_t nBlocks, const RoundedBlock* const* x,
                 const TileTarget& target) {
    constexpr int kParts = 32 / F::kSub;
    constexpr int kSteps = F::kSub / 4;
    __m512 acc[nTokens][2];
    for (int t = 0; t < nTokens; ++t)
        for (int v = 0; v < 2; ++v)
            acc[t][v] = target.isFirst
                            ? _mm512_setzero_ps()
                            : _mm512_maskz_loadu_ps(target.rowsFrom(v * 16),
                                                    target.y + t * target.stride + v * 16);
    for (int64_t b = 0; b < nBlocks; ++b)
        for (int part = 0; part < kParts; ++part) {
            const int64_t scale = b * kParts + part;
            __m512i sums[nTokens][2];
#pragma GCC unroll 8
            for (int t = 0; t < nTokens; ++t) {
                const RoundedBlock& block = x[t][b];
                sums[t][0] = F::kBias == 0 ? _mm512_setzero_si512()
                             : kParts == 1 ? wordOf(&block.bias)
                                           : wordOf(&block.halfBias[part]);
                sums[t][1] = sums[t][0];
            }
#pragma GCC unroll 8
            for (int k = 0; k < kSteps; ++k) {
                const int64_t step = scale * kSteps + k;
                const __m512i first = _mm512_load_si512(panel.codes[0][step]);
                const __m512i last = _mm512_load_si512(panel.codes[1][step]);
#pragma GCC unroll 8
                for (int t = 0; t < nTokens; ++t) {
                    const __m512i values = wordOf(x[t][b].values + (part * kSteps + k) * 4);
                    sums[t][0] = _mm512_dpbusd_epi32(sums[t][0], first, values);
                    sums[t][1] = _mm512_dpbusd_epi32(sums[t][1], last, values);
                }
            }
            const __m512 scales[2] = {_mm512_load_ps(panel.scales[0][scale]),
                                      _mm512_load_ps(panel.scales[1][scale])};
#pragma GCC unroll 8
            for (int t = 0; t < nTokens; ++t) {
                const RoundedBlock& block = x[t][b];
                const __m512 own = floatOf(block.scale);
                for (int v = 0; v < 2; ++v)
                    acc[t][v] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[t][v]),
                                                _mm512_mul_ps(scales[v], own), acc[t][v]);
                if constexpr (F::kHasOffsets) {
                    const __m512 sum = floatOf(kParts == 1 ? block.sum : block.halfSums[part]);
                    for (int v = 0; v < 2; ++v)
                        acc[t][v] = _mm512_fmadd_ps(_mm512_load_ps(panel.offsets[v][scale]), sum,
                                                    acc[t][v]);
                }
            }
        }
    for (int t = 0; t < nTokens; ++t)
        for (int v = 0; v < 2; ++v)
            _mm512_mask_storeu_ps(target.y + t * target.stride + v * 16, target.rowsFrom(v * 16),
                                  acc[t][v]);
}

// Tokens [0, nTokens), fewer than kTokens.
template <class F, int nTokens>
static void lastTile(const IntegerPanel& panel, int64_t nBlocks, const RoundedBlock* const* x,
                     int64_t wanted, const TileTarget& target) {
    if (wanted == nTokens) return tile<F, nTokens>(panel, nBlocks, x, target);
    if constexpr (nTokens > 1) lastTile<F, nTokens - 1>(panel, nBlocks, x, wanted, target);
}

// Tokens are read where they are.
struct Tokens {
    static constexpr int64_t kMost = kTileTokens;

    RoundedRows rows;
    TokenRange range;
    int64_t firstBlock, nBlocks;

    void take(const RoundedRows& x, TokenRange of, int64_t firstCol, int64_t cols) {
        rows = x;
        range = of;
        firstBlock = firstCol / 32;
        nBlocks = cols / 32;
    }
};

struct Panels {
    using Formats = IntegerFormats<Vector>;
    using Panel = IntegerPanel;
    using Tokens = avx512vnni::Tokens;

    template <class F>
    static void unpack(const WeightsView& w, int64_t r, int64_t nRows, int64_t begin, int64_t cols,
                       IntegerPanel& panel) {
        Formats::unpack<F>(w, r, nRows, begin, cols, panel);
    }

    template <class F>
    static void multiply(const IntegerPanel& panel, const Tokens& tokens, TileTarget target) {
        for (int64_t t = tokens.range.begin; t < tokens.range.end; t += kTokens) {
            const RoundedBlock* blocks[kTokens];
            const int64_t left = tokens.range.end - t;
            const int64_t n = left < kTokens ? left : kTokens;
            for (int64_t i = 0; i < n; ++i)
                blocks[i] = blocksOf(tokens.rows, t + i) + tokens.firstBlock;
            if (n == kTokens)
                tile<F, kTokens>(panel, tokens.nBlocks, blocks, target);
            else
                lastTile<F, kTokens - 1>(panel, tokens.nBlocks, blocks, n, target);
            target.y += kTokens * target.stride;
        }
    }
};

static __mmask16 firstLanes(int64_t n) {
    return n >= 16 ? 0xffff : n <= 0 ? 0 : static_cast<__mmask16>((1U << n) - 1);
}

// 16 values and how many of them there are.
static __m512 loadPart(const float* x, int64_t n) {
    return _mm512_maskz_loadu_ps(firstLanes(n), x);
}

static void roundBlock(const float* x, int64_t n, RoundedBlock& out) {
    constexpr int kNotFinite = 0x99;  // quiet and signalling NaN, both infinities
    std::memset(&out, 0, sizeof out);
    const __m512 values[2] = {loadPart(x, n), loadPart(x + 16, n - 16)};
    if ((_mm512_fpclass_ps_mask(values[0], kNotFinite) |
         _mm512_fpclass_ps_mask(values[1], kNotFinite)) != 0) {
        out.scale = out.sum = out.halfSums[0] = out.halfSums[1] = __builtin_nanf("");
        return;
    }
    const float size =
        _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(values[0]), _mm512_abs_ps(values[1])));
    if (size < kRoundedToZero) return;
    out.scale = size / 127.0F;
    const __m512 inverse = _mm512_set1_ps(127.0F / size);
    int32_t sums[2];
    for (int i = 0; i < 2; ++i) {
        const __m512i rounded = _mm512_cvtps_epi32(_mm512_mul_ps(values[i], inverse));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out.values + i * 16),
                         _mm512_cvtepi32_epi8(rounded));
        sums[i] = _mm512_reduce_add_epi32(rounded);
        out.halfSums[i] = out.scale * static_cast<float>(sums[i]);
        out.halfBias[i] = -128 * sums[i];
    }
    out.sum = out.scale * static_cast<float>(sums[0] + sums[1]);
    out.bias = -128 * (sums[0] + sums[1]);
}

static void roundRow(const float* x, int64_t cols, uint8_t* out) {
    for (int64_t c = 0; c < cols; c += 32, out += sizeof(RoundedBlock))
        roundBlock(x + c, cols - c, *reinterpret_cast<RoundedBlock*>(out));
}

struct File;

using FineVector = FineVector512<FineProductsVnni<File>>;

}  // namespace moxie::kernels::avx512vnni

namespace moxie::kernels {

void fillAvx512Vnni(Dispatch& table) {
    table.matmulFine = FineProduct<avx512vnni::FineVector>::matmulFine;
    table.hasFastTiles = true;
    table.roundRow = avx512vnni::roundRow;
    table.matmulTiles = IntegerProduct<avx512vnni::Panels>::matmul;
}

}  // namespace moxie::kernels
