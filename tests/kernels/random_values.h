// Seeded values and quantised rows for the kernel tests.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "kernels/dispatch.h"

namespace moxie::tests {

inline std::vector<float> uniform(int64_t n, uint32_t seed, float scale = 1) {
    std::mt19937 random(seed);
    std::vector<float> values(static_cast<size_t>(n));
    for (float& value : values)
        value = scale * (static_cast<float>(random()) * 0x1p-31F - 1.0F);  // in [-1, 1]
    return values;
}

// How the weights of one test are stored.
struct WeightKind {
    kernels::DType dtype;
    kernels::ScaleType scaleType = kernels::ScaleType::none;
    int32_t scaleRows = 1;
    int32_t scaleCols = 1;
};

// Every format, those with scales apart with every type of scale; tiles of 4 rows, so that small
// matrices have some.
inline std::vector<WeightKind> weightKinds() {
    using kernels::DType;
    using kernels::ScaleType;
    std::vector<WeightKind> kinds;
    for (const DType dtype :
         {DType::f32, DType::f16, DType::bf16, DType::q4_0, DType::q4_1, DType::q8_0, DType::q2_K,
          DType::q4_K, DType::q5_K, DType::q6_K, DType::iq2_xxs, DType::iq4_nl, DType::iq4_xs,
          DType::mxfp4, DType::fp8E4m3, DType::fp4E2m1, DType::int4})
        kinds.push_back({.dtype = dtype});
    kinds.push_back({DType::fp8E4m3, ScaleType::f32, 4, 128});
    kinds.push_back({DType::fp8E4m3, ScaleType::e8m0, 4, 128});
    kinds.push_back({DType::fp4E2m1, ScaleType::e8m0, 1, 32});
    kinds.push_back({DType::int4, ScaleType::bf16, 1, 32});
    kinds.push_back({DType::int4, ScaleType::f16, 1, 32});
    return kinds;
}

inline std::string nameOf(const WeightKind& kind) {
    return std::string(kernels::blockFormat(kind.dtype).name) + " with scales of kind " +
           std::to_string(static_cast<int>(kind.scaleType));
}

// Those whose values are small integers with scales, for products with rounded activations.
inline std::vector<WeightKind> integerKinds() {
    std::vector<WeightKind> kinds = weightKinds();
    std::erase_if(kinds, [](const WeightKind& kind) {
        return !kernels::hasTiles({.dtype = kind.dtype, .cols = 256});
    });
    return kinds;
}

// Random bits of any format whose scales have moderate sizes, some of them subnormal.
struct Weights {
    std::vector<uint8_t> bytes;
    std::vector<uint8_t> scaleBytes;
    kernels::WeightsView view;
};

class RandomBits {
public:
    explicit RandomBits(uint32_t seed) : random_(seed) {}

    uint8_t byte() { return static_cast<uint8_t>(random_()); }

    // Sign and a value in [2^-24, 2).
    uint16_t half() {
        const uint32_t exponent = random_() % 8 == 0 ? 0 : 8 + random_() % 8;
        return static_cast<uint16_t>((random_() & 1) << 15 | exponent << 10 | (random_() & 1023));
    }

    uint16_t bf16() {
        return static_cast<uint16_t>((random_() & 1) << 15 | (110 + random_() % 18) << 7 |
                                     (random_() & 127));
    }

    float real() { return static_cast<float>(random_()) * 0x1p-31F - 1.0F; }

    uint8_t e8m0() { return static_cast<uint8_t>(110 + random_() % 20); }

private:
    std::mt19937 random_;
};

// Where a block has halves that are scales.
inline std::vector<int> halvesOf(kernels::DType dtype) {
    using kernels::DType;
    switch (dtype) {
        case DType::q4_1:
        case DType::q4_K:
        case DType::q5_K:
            return {0, 2};
        case DType::q2_K:
            return {80, 82};
        case DType::q6_K:
            return {208};
        case DType::f16:
        case DType::q4_0:
        case DType::q8_0:
        case DType::iq2_xxs:
        case DType::iq4_nl:
        case DType::iq4_xs:
            return {0};
        default:
            return {};
    }
}

inline void fillBlock(kernels::DType dtype, int32_t blockBytes, RandomBits& random, uint8_t* at) {
    using kernels::DType;
    for (int32_t k = 0; k < blockBytes; ++k)
        at[k] = random.byte();
    for (const int offset : halvesOf(dtype)) {
        const uint16_t half = random.half();
        std::memcpy(at + offset, &half, sizeof half);
    }
    const float real = random.real();
    const uint16_t bf16 = random.bf16();
    if (dtype == DType::f32) std::memcpy(at, &real, sizeof real);
    if (dtype == DType::bf16) std::memcpy(at, &bf16, sizeof bf16);
    if (dtype == DType::mxfp4) at[0] = random.e8m0();
    if (dtype == DType::fp8E4m3 && (at[0] & 127) == 127) at[0] = 1;  // no NaN
}

inline void fillScale(kernels::ScaleType type, RandomBits& random, uint8_t* at) {
    using kernels::ScaleType;
    const float real = random.real();
    const uint16_t half = type == ScaleType::f16 ? random.half() : random.bf16();
    if (type == ScaleType::f32) std::memcpy(at, &real, sizeof real);
    if (type == ScaleType::f16 || type == ScaleType::bf16) std::memcpy(at, &half, sizeof half);
    if (type == ScaleType::e8m0) *at = random.e8m0();
}

// Nothing is aligned; the rows of a matrix with tiles start in the middle of one.
inline Weights randomWeights(const WeightKind& kind, int64_t rows, int64_t cols, uint32_t seed) {
    const kernels::BlockFormat& format = kernels::blockFormat(kind.dtype);
    RandomBits random(seed);
    constexpr int64_t kOffset = 3;
    const int64_t rowBytes = cols / format.blockValues * format.blockBytes;
    Weights weights;
    weights.bytes.resize(static_cast<size_t>(kOffset + rows * rowBytes));
    for (int64_t i = 0; i < rows * cols / format.blockValues; ++i)
        fillBlock(kind.dtype, format.blockBytes, random,
                  weights.bytes.data() + kOffset + i * format.blockBytes);
    weights.view = {.dtype = kind.dtype,
                    .data = weights.bytes.data() + kOffset,
                    .rows = rows,
                    .cols = cols,
                    .rowBytes = rowBytes};
    if (kind.scaleType == kernels::ScaleType::none) return weights;
    const int64_t first = kind.scaleRows / 2;
    const int64_t scaleRows = (first + rows + kind.scaleRows - 1) / kind.scaleRows;
    const int64_t scaleCols = (cols + kind.scaleCols - 1) / kind.scaleCols;
    const int32_t bytes = kernels::scaleBytes(kind.scaleType);
    weights.scaleBytes.resize(static_cast<size_t>(kOffset + scaleRows * scaleCols * bytes));
    for (int64_t i = 0; i < scaleRows * scaleCols; ++i)
        fillScale(kind.scaleType, random, weights.scaleBytes.data() + kOffset + i * bytes);
    weights.view.scaleType = kind.scaleType;
    weights.view.scales = weights.scaleBytes.data() + kOffset;
    weights.view.scaleRowBytes = scaleCols * bytes;
    weights.view.scaleRows = kind.scaleRows;
    weights.view.scaleCols = kind.scaleCols;
    weights.view.scaleRowOffset = first;
    return weights;
}

// The instruction sets this machine can run, scalar first.
inline std::vector<kernels::Isa> runnableIsas() {
    std::vector<kernels::Isa> isas;
    for (const auto isa : {kernels::Isa::scalar, kernels::Isa::avx2, kernels::Isa::avx512,
                           kernels::Isa::avx512vnni, kernels::Isa::amx})
        if (isa <= kernels::detectIsa()) isas.push_back(isa);
    return isas;
}

}  // namespace moxie::tests
