// AMX int8: the tiles of tile_products.h by the processor's instructions.
#include <immintrin.h>

#include "kernels/cpu/amx_tiles.h"
#include "kernels/cpu/requantised_panel.h"
#include "kernels/cpu/requantised_product.h"
#include "kernels/cpu/tables.h"
#include "kernels/cpu/tile_products.h"

namespace moxie::kernels::amx {

struct Vector {
    using Reg = __m512;
    static constexpr int kWidth = 16;
};

struct Tiles : TileInstructions {
    using TileInstructions::store;

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
        Unit() {
            constexpr TileShape kWhole = {16, 64};
            Tiles::configure({kWhole, kWhole, kWhole, kWhole, kWhole, kWhole, kWhole, kWhole});
        }

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
