// AMX int8: the tiles of tile_products.h by the processor's instructions. The panels are those of
// AVX-512 VNNI, and so are the results, bit by bit. Never run by us on a processor that has them
// (kernels/README.md); its arithmetic is checked with emulated tiles.
//
// Written in assembler, because the intrinsics of g++ 12 take no template argument for a tile, and
// its load of the configuration does not say that it reads memory: the stores before it are
// dropped.
#include <immintrin.h>

#include "kernels/cpu/integer_product.h"
#include "kernels/cpu/tables.h"
#include "kernels/cpu/tile_products.h"

namespace moxie::kernels::amx {

struct Vector {
    using Reg = __m512;
    static constexpr int kWidth = 16;
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

    // The values are signed, the codes are not.
    template <int sums, int values, int codes>
    static void addProducts() {
        asm volatile("tdpbsud %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(sums), "i"(values), "i"(codes));
    }
};

struct Panels {
    template <class F>
    static void multiply(const IntegerPanel& panel, int64_t firstBlock, int64_t nBlocks,
                         const RoundedRows& x, TokenRange tokens, TileTarget target) {
        using Products = TileProducts<Tiles>;
        float* y = target.y;
        Tiles::configure(F::kSub);
        for (int64_t t = tokens.begin; t < tokens.end; t += Products::kTokens) {
            const RoundedBlock* blocks[Products::kTokens];
            const int64_t left = tokens.end - t;
            const int n = static_cast<int>(left < Products::kTokens ? left : Products::kTokens);
            for (int i = 0; i < n; ++i) {
                const int64_t row = x.chosen == nullptr ? t + i : x.chosen[t + i];
                blocks[i] =
                    reinterpret_cast<const RoundedBlock*>(x.data + row * x.rowBytes) + firstBlock;
            }
            target.y = y + t * target.stride;
            Products::multiply<F>(panel, nBlocks, blocks, n, target);
        }
        Tiles::release();
    }
};

}  // namespace moxie::kernels::amx

namespace moxie::kernels {

void fillAmx(Dispatch& table) {
    table.matmulTiles = IntegerProduct<amx::Vector, amx::Panels>::matmulTiles;
}

}  // namespace moxie::kernels
