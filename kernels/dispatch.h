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

namespace moxie::kernels {

// Storage types of weights. Values are ggml's type numbers, as stored in GGUF files.
// Source: the GGUF specification, table of tensor types.
enum class DType : uint32_t { f32 = 0, f16 = 1, q4_0 = 2, q4_1 = 3, q8_0 = 8 };

struct BlockFormat {
    DType dtype;
    std::string_view name;  // "Q4_1"
    int32_t blockValues;    // values in one block
    int32_t blockBytes;
};

// nullptr for a type we do not have.
const BlockFormat* blockFormat(uint32_t ggmlType);

enum class Isa { scalar, avx2, avx512, avx512vnni };
std::string_view toString(Isa isa);
std::optional<Isa> isaFromName(std::string_view name);
// The best this CPU and operating system allow.
Isa detectIsa();

// Rows of quantised weights, row-major, each row cols/blockValues blocks, no padding, any
// alignment.
struct WeightsView {
    DType dtype = DType::f32;
    const uint8_t* data = nullptr;
    int64_t rows = 0;
    int64_t cols = 0;
    int64_t rowBytes = 0;
};

// Activations of one token prepared for the dot products of a backend: layout is private to the
// Isa. Shapes: `bytes` holds preparedBytes(cols) bytes, 64-byte aligned.
struct Dispatch {
    Isa isa = Isa::scalar;

    // out[0..cols) = dequantised row. Exact in float32 (one rounding per value).
    void (*dequantiseRow)(DType dtype, const uint8_t* row, std::span<float> out) = nullptr;

    // y[t * yStride + r - rowBegin] = sum over c of w[r, c] * x[t * xStride + c], r in [rowBegin,
    // rowEnd), t in [0, nTokens). Order of summation per (row, token) is fixed: independent of
    // nTokens, of the row range and of threads. `scratch`: matmulScratchBytes(cols, nTokens) bytes
    // prepared by prepareActivations from the same x; ignored by scalar. Requires: cols %
    // blockValues == 0. Aliasing: y must not overlap x.
    void (*matmul)(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const float* x,
                   int64_t xStride, int64_t nTokens, const uint8_t* scratch, float* y,
                   int64_t yStride) = nullptr;
    int64_t (*matmulScratchBytes)(DType dtype, int64_t cols, int64_t nTokens) = nullptr;
    void (*prepareActivations)(DType dtype, const float* x, int64_t xStride, int64_t cols,
                               int64_t nTokens, uint8_t* scratch) = nullptr;

    float (*dot)(const float* a, const float* b, int64_t n) = nullptr;         // float32 lanes
    void (*axpy)(float scale, const float* x, float* y, int64_t n) = nullptr;  // y += scale * x
    // y[i] = sum over r of weights[r] * rows[r * n + i], in rising r. Aliasing: y overlaps nothing.
    void (*weightedSum)(const float* weights, const float* rows, int64_t nRows, int64_t n,
                        float* y) = nullptr;
    void (*rmsNorm)(const float* x, const float* weight, float epsilon, float* y,
                    int64_t n) = nullptr;
    void (*softmax)(float* x, int64_t n) = nullptr;  // in place, max-subtracted
    void (*siluMul)(const float* gate, const float* up, float* y, int64_t n) = nullptr;
};

// The table for one Isa; asking for more than detectIsa() is a programmer error (checked).
const Dispatch& dispatchFor(Isa isa);

}  // namespace moxie::kernels
