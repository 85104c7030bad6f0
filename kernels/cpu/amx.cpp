// AMX int8: the tiles of tile_products.h by the processor's instructions.
//
// Written in assembler, because the intrinsics of g++ 12 take no template argument for a tile, and
// its load of the configuration does not say that it reads memory: the stores before it are
// dropped.
#include <immintrin.h>

#include "kernels/cpu/requantised_panel.h"
#include "kernels/cpu/requantised_product.h"
#include "kernels/cpu/tables.h"
#include "kernels/cpu/tile_products.h"

namespace moxie::kernels::amx {

struct Vector {
    using Reg = __m512;
    static constexpr int kWidth = 16;
};

struct Tiles {
    // All tiles have 16 rows of 64 bytes.
    static void configure() {
        struct alignas(64) {
            uint8_t palette, startRow, reserved[14];
            uint16_t rowBytes[16];
            uint8_t rows[16];
        } config = {};

        config.palette = 1;
        for (int i = 0; i < 8; ++i) {
            config.rowBytes[i] = 64;
            config.rows[i] = 16;
        }
        asm volatile("ldtilecfg (%0)" : : "r"(&config) : "memory");
    }

    static void release() { asm volatile("tilerelease" : : : "memory"); }

    template <int tile>
    static void zero() {
        asm volatile("tilezero %%tmm%c0" : : "i"(tile));
    }

    // What was written so far is there for loads of tiles.
    static void begin() { asm volatile("" : : : "memory"); }

    // Requires: no store since begin().
    template <int tile>
    static void load(const void* from, int64_t stride) {
        asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(from), "r"(stride), "i"(tile));
    }

    template <int tile>
    static void store(int32_t (&to)[16][16]) {
        asm volatile("tilestored %%tmm%c2, (%1,%3,1)"
                     : "=m"(to)
                     : "r"(&to), "i"(tile), "r"(int64_t{64}));
    }

    // Both are signed.
    template <int sums, int values, int codes>
    static void addProducts() {
        asm volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(sums), "i"(values), "i"(codes));
    }

    using Lanes = __m512;

    static Lanes all(float value) { return _mm512_set1_ps(value); }

    static Lanes lanes(const float* from) { return _mm512_load_ps(from); }

    // 256 * high + low.
    static Lanes joined(const int32_t* high, const int32_t* low) {
        return _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_slli_epi32(_mm512_load_si512(high), 8),
                                                   _mm512_load_si512(low)));
    }

    // Those that the mask has, zeros for the others.
    static Lanes lanesOr0(uint16_t mask, const float* from) {
        return _mm512_maskz_loadu_ps(mask, from);
    }

    static Lanes multiply(Lanes a, Lanes b) { return _mm512_mul_ps(a, b); }

    static Lanes multiplyAdd(Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a, b, c); }

    static void storeAnywhere(Lanes values, float* to) { _mm512_storeu_ps(to, values); }

    static void store(Lanes values, uint16_t mask, float* to) {
        _mm512_mask_storeu_ps(to, mask, values);
    }

    // Into the first cache.
    static void fetch(const void* from, int64_t nLines) {
        for (int64_t i = 0; i < nLines; ++i)
            _mm_prefetch(static_cast<const char*>(from) + i * 64, _MM_HINT_T0);
    }
};

struct Panels {
    using Formats = IntegerFormats<Vector>;
    using Tiles = amx::Tiles;

    struct Unit {
        Unit() { Tiles::configure(); }

        ~Unit() { Tiles::release(); }

        Unit(const Unit&) = delete;
        Unit& operator=(const Unit&) = delete;
    };

    template <class F>
    static void unpack(const WeightsView& w, int64_t r, int64_t nRows, int64_t begin, int64_t cols,
                       RequantisedPanel& panel) {
        RequantisedPanels<Vector>::unpack<F>(w, r, nRows, begin, cols, panel);
    }
};

}  // namespace moxie::kernels::amx

namespace moxie::kernels {

void fillAmx(Dispatch& table) {
    table.matmulRequantised = RequantisedProduct<amx::Panels>::matmul;
    table.roundRowSplit = RequantisedPanels<amx::Vector>::roundRowSplit;
    table.hasFastRequantised = true;
}

}  // namespace moxie::kernels
