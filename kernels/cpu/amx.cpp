// AMX int8: the tiles of tile_products.h by the processor's instructions. The panels are those of
// AVX-512 VNNI but for the signs of codes, and the results are the same, bit by bit.
//
// Written in assembler, because the intrinsics of g++ 12 take no template argument for a tile, and
// its load of the configuration does not say that it reads memory: the stores before it are
// dropped.
#include <immintrin.h>

#include "base/result.h"
#include "kernels/cpu/faster_of_two.h"
#include "kernels/cpu/integer_product.h"
#include "kernels/cpu/tables.h"
#include "kernels/cpu/tile_products.h"

namespace moxie::kernels::amx {

struct Vector {
    using Reg = __m512;
    static constexpr int kWidth = 16;
    static constexpr bool kHasSignedCodes = true;
};

struct Tiles {
    // Codes have a quarter of `width` rows, values `width` bytes in a row.
    static void configure(int width) {
        struct alignas(64) {
            uint8_t palette, startRow, reserved[14];
            uint16_t rowBytes[16];
            uint8_t rows[16];
        } config = {};

        config.palette = 1;
        for (int i = 0; i < 8; ++i) {
            const bool isValues = i == 4 || i == 5;
            config.rowBytes[i] = static_cast<uint16_t>(isValues ? width : 64);
            config.rows[i] = static_cast<uint8_t>(i >= 6 ? width / 4 : 16);
        }
        asm volatile("ldtilecfg (%0)" : : "r"(&config) : "memory");
    }

    static void release() { asm volatile("tilerelease" : : : "memory"); }

    template <int tile>
    static void zero() {
        asm volatile("tilezero %%tmm%c0" : : "i"(tile));
    }

    template <int tile>
    static void load(const void* from, int64_t stride) {
        asm volatile("tileloadd (%0,%1,1), %%tmm%c2"
                     :
                     : "r"(from), "r"(stride), "i"(tile)
                     : "memory");
    }

    template <int tile>
    static void store(void* to, int64_t stride) {
        asm volatile("tilestored %%tmm%c2, (%0,%1,1)"
                     :
                     : "r"(to), "r"(stride), "i"(tile)
                     : "memory");
    }

    // The values are signed.
    template <int sums, int values, int codes, bool areCodesSigned>
    static void addProducts() {
        if constexpr (areCodesSigned)
            asm volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0"
                         :
                         : "i"(sums), "i"(values), "i"(codes));
        else
            asm volatile("tdpbsud %%tmm%c2, %%tmm%c1, %%tmm%c0"
                         :
                         : "i"(sums), "i"(values), "i"(codes));
    }

    using Lanes = __m512;

    static Lanes all(float value) { return _mm512_set1_ps(value); }

    static Lanes lanes(const float* from) { return _mm512_load_ps(from); }

    static Lanes lanesOf(const int32_t* from) {
        return _mm512_cvtepi32_ps(_mm512_load_si512(from));
    }

    // Those that the mask has, zeros for the others.
    static Lanes lanesOr0(uint16_t mask, const float* from) {
        return _mm512_maskz_loadu_ps(mask, from);
    }

    static Lanes multiply(Lanes a, Lanes b) { return _mm512_mul_ps(a, b); }

    static Lanes multiplyAdd(Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a, b, c); }

    static void store(Lanes values, float* to) { _mm512_store_ps(to, values); }

    static void store(Lanes values, uint16_t mask, float* to) {
        _mm512_mask_storeu_ps(to, mask, values);
    }
};

struct Panels {
    using Tokens = TileTokens;

    template <class F>
    static void multiply(const IntegerPanel& panel, const TileTokens& tokens,
                         const TileTarget& target) {
        Tiles::configure(F::kSub);
        TileProducts<Tiles>::multiply<F>(panel, tokens, target);
        Tiles::release();
    }
};

}  // namespace moxie::kernels::amx

namespace moxie::kernels {

namespace {

struct TimeStamps {
    static uint64_t now() { return __rdtsc(); }
};

// By kind of format and number of tokens: unpacking, which both do, counts more where tokens are
// few, and scaling, which tiles cannot do, where a scale belongs to 16 columns.
FasterOfTwo<TimeStamps> ways[2][2][3];

FasterOfTwo<TimeStamps>& waysFor(const WeightsView& w, int64_t nTokens) {
    const IntegerFormat& format = *integerFormat(w.dtype);
    return ways[format.valuesPerScale == 16 ? 1 : 0][format.hasOffsets ? 1 : 0][nTokens <= 16 ? 0
                                                                                : nTokens <= 64
                                                                                    ? 1
                                                                                    : 2];
}

decltype(Dispatch::matmulTiles) tilesWithoutAmx;

// By tiles or without, whichever is faster now.
void matmulTilesFaster(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const RoundedRows& x,
                       int64_t nTokens, float* y, int64_t yStride) {
    checkWeights(w);
    BASE_CHECK(hasTiles(w));
    if (rowBegin >= rowEnd || nTokens <= 0) return;
    const auto work = static_cast<float>((rowEnd - rowBegin) * w.cols * nTokens);
    waysFor(w, nTokens)
        .run(
            work, [&] { tilesWithoutAmx(w, rowBegin, rowEnd, x, nTokens, y, yStride); },
            [&] { matmulTilesAmx(w, rowBegin, rowEnd, x, nTokens, y, yStride); });
}

}  // namespace

void matmulTilesAmx(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const RoundedRows& x,
                    int64_t nTokens, float* y, int64_t yStride) {
    IntegerProduct<amx::Vector, amx::Panels>::matmulTiles(w, rowBegin, rowEnd, x, nTokens, y,
                                                          yStride);
}

void fillAmx(Dispatch& table) {
    tilesWithoutAmx = table.matmulTiles;
    table.matmulTiles = matmulTilesFaster;
}

}  // namespace moxie::kernels
