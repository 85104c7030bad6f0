// Seeded values and quantised rows for the kernel tests.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
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

// Rows of any format with random bits; scales are halves of moderate size, some of them subnormal.
struct Weights {
    std::vector<uint8_t> bytes;
    kernels::WeightsView view;
};

inline Weights randomWeights(kernels::DType dtype, int64_t rows, int64_t cols, uint32_t seed) {
    const auto* format = kernels::blockFormat(static_cast<uint32_t>(dtype));
    std::mt19937 random(seed);
    const auto half = [&] {  // sign and a value in [2^-24, 2)
        const uint32_t exponent = random() % 8 == 0 ? 0 : 8 + random() % 8;
        return static_cast<uint16_t>((random() & 1) << 15 | exponent << 10 | (random() & 1023));
    };
    constexpr size_t kOffset = 3;  // so that nothing is aligned
    const int64_t rowBytes = cols / format->blockValues * format->blockBytes;
    Weights weights;
    weights.bytes.resize(kOffset + static_cast<size_t>(rows * rowBytes));
    uint8_t* at = weights.bytes.data() + kOffset;
    for (int64_t i = 0; i < rows * cols / format->blockValues; ++i, at += format->blockBytes) {
        for (int k = 0; k < format->blockBytes; ++k)
            at[k] = static_cast<uint8_t>(random());
        const uint16_t scale = half();
        const uint16_t offset = half();
        if (dtype == kernels::DType::f32) {
            const float value = static_cast<float>(random()) * 0x1p-31F - 1.0F;
            std::memcpy(at, &value, sizeof value);
        } else {
            std::memcpy(at, &scale, sizeof scale);
            if (dtype == kernels::DType::q4_1) std::memcpy(at + 2, &offset, sizeof offset);
        }
    }
    weights.view = {.dtype = dtype,
                    .data = weights.bytes.data() + kOffset,
                    .rows = rows,
                    .cols = cols,
                    .rowBytes = rowBytes};
    return weights;
}

// The instruction sets this machine can run, scalar first.
inline std::vector<kernels::Isa> runnableIsas() {
    std::vector<kernels::Isa> isas;
    for (const auto isa :
         {kernels::Isa::scalar, kernels::Isa::avx2, kernels::Isa::avx512, kernels::Isa::avx512vnni})
        if (isa <= kernels::detectIsa()) isas.push_back(isa);
    return isas;
}

}  // namespace moxie::tests
