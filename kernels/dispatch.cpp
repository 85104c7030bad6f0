#include "kernels/dispatch.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "base/result.h"
#include "kernels/cpu/bf16_tiles.h"
#include "kernels/cpu/index_scores.h"
#include "kernels/cpu/scalar.h"
#include "kernels/cpu/tables.h"

namespace moxie::kernels {

namespace {

Dispatch makeTable(Isa isa) {
    Dispatch table;
    table.isa = isa;
    table.dequantiseRow = scalar::dequantiseRow;
    table.matmul = scalar::matmul;
    table.matmulTiles = scalar::matmulTiles;
    table.roundRow = scalar::roundRow;
    table.matmulFine = scalar::matmulFine;
    table.roundRowFine = scalar::roundRowFine;
    table.indexScores = scalar::indexScores;
    table.indexScoresRounded = scalar::indexScoresRounded;
    table.packRoundedIndexKeys = scalar::packRoundedIndexKeys;
    table.roundFp4IndexRows = scalar::roundFp4IndexRows;
    table.roundBf16Rows = scalar::roundBf16Rows;
    table.roundBf16Columns = scalar::roundBf16Columns;
    table.roundBf16Depth = scalar::roundBf16Depth;
    table.matmulBf16 = scalar::matmulBf16;
    table.matmulWeightsBf16 = scalar::matmulWeightsBf16;
    table.weighBf16 = scalar::weighBf16;
    table.dot = scalar::dot;
    table.axpy = scalar::axpy;
    table.addWeighted = scalar::addWeighted;
    table.rmsNorm = scalar::rmsNorm;
    table.softmax = scalar::softmax;
    table.scaleMax = scalar::scaleMax;
    table.expSubtract = scalar::expSubtract;
    table.siluMul = scalar::siluMul;
    table.swigluClamped = scalar::swigluClamped;
    table.swigluGptOss = scalar::swigluGptOss;
    table.layerNorm = scalar::layerNorm;
    table.turnPairs = scalar::turnPairs;
#if defined(__x86_64__)
    if (isa == Isa::avx2) fillAvx2(table);
    if (isa == Isa::avx2) fillIndexScoresAvx2(table);
    if (isa >= Isa::avx512) fillAvx512(table);
    if (isa >= Isa::avx512) fillIndexScoresAvx512(table);
    if (isa >= Isa::avx512vnni) fillAvx512Vnni(table);
    if (isa >= Isa::avx512vnni) fillIndexScoresAvx512Vnni(table);
    if (isa == Isa::amx) fillFineAvx512Gfni(table);
    if (isa == Isa::amx) fillIndexScoresAmx(table);
    if (isa == Isa::amx) fillBf16Amx(table);
    if (isa == Isa::amx) fillWeightsBf16Amx(table);
#endif
    return table;
}

#if defined(__x86_64__)
// clang's __builtin_cpu_supports does not know it. Source: Intel SDM, CPUID, leaf 1, ECX.
bool hasF16c() {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}

// The system keeps the tiles of a process only if it asks for them, once, for all its threads.
// Sources: Intel SDM, CPUID, leaf 7, EDX, and EAX of its first sub-leaf; Linux,
// Documentation/arch/x86/xstate.rst.
bool mayUseAmx() {
    constexpr unsigned kBf16TileAndInt8 = 1U << 22 | 1U << 24 | 1U << 25;
    constexpr unsigned kAvx512Bf16 = 1U << 5;
    constexpr long kRequestPermission = 0x1023;
    constexpr long kTileData = 18;
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
    if ((edx & kBf16TileAndInt8) != kBf16TileAndInt8) return false;
    if (__get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) == 0) return false;
    if ((eax & kAvx512Bf16) == 0) return false;
    return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}
#endif

}  // namespace

std::string_view toString(Isa isa) {
    switch (isa) {
        case Isa::scalar:
            return "scalar";
        case Isa::avx2:
            return "avx2";
        case Isa::avx512:
            return "avx512";
        case Isa::avx512vnni:
            return "avx512vnni";
        case Isa::amx:
            return "amx";
    }
    return "?";
}

std::optional<Isa> isaFromName(std::string_view name) {
    for (const Isa isa : {Isa::scalar, Isa::avx2, Isa::avx512, Isa::avx512vnni, Isa::amx})
        if (toString(isa) == name) return isa;
    return std::nullopt;
}

Isa detectIsa() {
#if defined(__x86_64__)
    const bool hasAvx2 =
        __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 && hasF16c();
    const bool hasAvx512 =
        __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
        __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
    if (hasAvx2 && hasAvx512) {
        if (__builtin_cpu_supports("avx512vnni") == 0) return Isa::avx512;
        return mayUseAmx() ? Isa::amx : Isa::avx512vnni;
    }
    if (hasAvx2) return Isa::avx2;
#endif
    return Isa::scalar;
}

const Dispatch& dispatchFor(Isa isa) {
    static const Dispatch kTables[] = {makeTable(Isa::scalar), makeTable(Isa::avx2),
                                       makeTable(Isa::avx512), makeTable(Isa::avx512vnni),
                                       makeTable(Isa::amx)};
    BASE_CHECK(isa <= detectIsa());
    return kTables[static_cast<int>(isa)];
}

}  // namespace moxie::kernels
