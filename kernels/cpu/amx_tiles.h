// AMX int8 and bfloat16: the processor's tile instructions.
//
// Written in assembler, because the intrinsics of g++ 12 take no template argument for a tile, and
// its load of the configuration does not say that it reads memory: the stores before it are
// dropped. Included only by files of this instruction set. Threads: each has tiles of its own.
// Source: Intel Architecture Instruction Set Extensions Programming Reference, Intel AMX.
#pragma once
#include <cstdint>

namespace moxie::kernels::amx {

// What a tile is; a row has at most 64 bytes.
struct TileShape {
    uint8_t rows;
    uint8_t rowBytes;
};

struct TileInstructions {
    static void configure(const TileShape (&shapes)[8]) {
        struct alignas(64) {
            uint8_t palette, startRow, reserved[14];
            uint16_t rowBytes[16];
            uint8_t rows[16];
        } config = {};

        config.palette = 1;
        for (int i = 0; i < 8; ++i) {
            config.rowBytes[i] = shapes[i].rowBytes;
            config.rows[i] = shapes[i].rows;
        }
        asm volatile("ldtilecfg (%0)" : : "r"(&config) : "memory");
    }

    // Every tile 16 rows of 64 bytes.
    static void configureWhole() {
        constexpr TileShape kWhole = {16, 64};
        configure({kWhole, kWhole, kWhole, kWhole, kWhole, kWhole, kWhole, kWhole});
    }

    static void release() { asm volatile("tilerelease" : : : "memory"); }

    template <int tile>
    static void zero() {
        asm volatile("tilezero %%tmm%c0" : : "i"(tile));
    }

    // What was written so far is there for loads of tiles.
    static void begin() { asm volatile("" : : : "memory"); }

    // Requires: nothing stored there since begin().
    template <int tile>
    static void load(const void* from, int64_t stride) {
        asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(from), "r"(stride), "i"(tile));
    }

    // The same of memory that is not needed again soon: it does not push others out of the first
    // cache.
    template <int tile>
    static void loadOnce(const void* from, int64_t stride) {
        asm volatile("tileloaddt1 (%0,%1,1), %%tmm%c2" : : "r"(from), "r"(stride), "i"(tile));
    }

    template <int tile>
    static void store(int32_t (&to)[16][16]) {
        asm volatile("tilestored %%tmm%c2, (%1,%3,1)"
                     : "=m"(to)
                     : "r"(&to), "i"(tile), "r"(int64_t{64}));
    }

    // The sums of floats, 16 rows at `stride` bytes from each other.
    template <int tile>
    static void storeSums(float* to, int64_t stride) {
        asm volatile("tilestored %%tmm%c2, (%0,%1,1)"
                     :
                     : "r"(to), "r"(stride), "i"(tile)
                     : "memory");
    }

    template <int sums, int rows, int columns>
    static void addBf16Products() {
        asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0"
                     :
                     : "i"(sums), "i"(rows), "i"(columns));
    }

    // The values are unsigned.
    template <int sums, int values, int codes>
    static void addUnsignedProducts() {
        asm volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(sums), "i"(values), "i"(codes));
    }
};

}  // namespace moxie::kernels::amx
