#include "engine/kv/row_format.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/result.h"
#include "kernels/dispatch.h"
#include "kernels/float_formats.h"
#include "kernels/index_scores.h"
#include "kernels/microscaling.h"

namespace moxie::engine {

namespace {

constexpr int64_t kWindowBlock = 64;
constexpr int64_t kLatentBlock = 128;
constexpr int64_t kFp4Block = 32;
constexpr int64_t kWindowScaleBytes = 8;

int64_t ceilTo(int64_t n, int64_t unit) {
    return (n + unit - 1) / unit;
}

void writeHalves(const float* values, int64_t n, uint8_t* out) {
    for (int64_t i = 0; i < n; ++i) {
        const uint16_t half = kernels::floatToHalf(values[i]);
        std::memcpy(out + 2 * i, &half, 2);
    }
}

void writeBf16(const float* values, int64_t n, uint8_t* out) {
    for (int64_t i = 0; i < n; ++i) {
        const uint16_t bits = kernels::floatToBf16(values[i]);
        std::memcpy(out + 2 * i, &bits, 2);
    }
}

// By the fastest kernel: a value is the same on every instruction set.
void readValues(const kernels::WeightsView& row, float* out) {
    static const kernels::Dispatch& kFastest = kernels::dispatchFor(kernels::detectIsa());
    kFastest.dequantiseRow(row, 0, std::span(out, static_cast<size_t>(row.cols)));
}

// F16 or BF16.
void readTwoBytesEach(kernels::DType dtype, const uint8_t* values, int64_t n, float* out) {
    readValues({.dtype = dtype, .data = values, .rows = 1, .cols = n, .rowBytes = 2 * n}, out);
}

void readE4m3(const uint8_t* codes, const uint8_t* scales, int64_t n, int64_t block, float* out) {
    readValues({.dtype = kernels::DType::fp8E4m3,
                .data = codes,
                .rows = 1,
                .cols = n,
                .rowBytes = n,
                .scaleType = kernels::ScaleType::e8m0,
                .scales = scales,
                .scaleRowBytes = ceilTo(n, block),
                .scaleRows = 1,
                .scaleCols = static_cast<int32_t>(block)},
               out);
}

// E8M0 scales kept as float32, as FlashMLA's rows of V3.2 have them.
void writeFloatScales(const uint8_t* scales, int64_t n, uint8_t* out) {
    for (int64_t i = 0; i < n; ++i) {
        const float scale = kernels::e8m0ToFloat(scales[i]);
        std::memcpy(out + 4 * i, &scale, 4);
    }
}

// What writeFloatScales() wrote, as E8M0: the exponent of a power of two.
void readFloatScales(const uint8_t* row, int64_t n, uint8_t* scales) {
    for (int64_t i = 0; i < n; ++i) {
        uint32_t bits = 0;
        std::memcpy(&bits, row + 4 * i, 4);
        scales[i] = static_cast<uint8_t>(bits >> 23);
    }
}

constexpr int64_t kScalesMax = 64;

}  // namespace

RowFormat rowFormat(RowKind kind, int64_t values, int64_t scaled) {
    RowFormat format = {.kind = kind, .values = values, .scaled = scaled, .bytes = 0};
    const int64_t rest = values - scaled;
    switch (kind) {
        case RowKind::f32:
            format.bytes = 4 * values;
            break;
        case RowKind::f16:
            format.bytes = 2 * values;
            break;
        case RowKind::fp8Window:
            format.bytes =
                scaled + 2 * rest + std::max(kWindowScaleBytes, ceilTo(scaled, kWindowBlock));
            break;
        case RowKind::fp8Latent:
            format.bytes = scaled + 4 * ceilTo(scaled, kLatentBlock) + 2 * rest;
            break;
        case RowKind::fp4Key:
            format.bytes = values / 2 + values / kFp4Block;
            break;
        case RowKind::fp8Key:
            format.bytes = values + 4 * ceilTo(values, kLatentBlock);
            break;
        case RowKind::roundedKey:
            format.bytes = values + int64_t{sizeof(float)};
            break;
    }
    BASE_CHECK(ceilTo(std::max(scaled, values), kFp4Block) <= kScalesMax || kind == RowKind::f32 ||
               kind == RowKind::f16);
    return format;
}

void writeRow(const RowFormat& format, const float* values, uint8_t* row) {
    uint8_t scales[kScalesMax] = {};
    const int64_t rest = format.values - format.scaled;
    switch (format.kind) {
        case RowKind::f32:
            std::memcpy(row, values, static_cast<size_t>(format.bytes));
            return;
        case RowKind::f16:
            writeHalves(values, format.values, row);
            return;
        case RowKind::fp8Window:
            kernels::fp8Quantise(values, format.scaled, kWindowBlock, row, scales);
            writeBf16(values + format.scaled, rest, row + format.scaled);
            std::memcpy(row + format.scaled + 2 * rest, scales,
                        static_cast<size_t>(format.bytes - format.scaled - 2 * rest));
            return;
        case RowKind::fp8Latent:
            kernels::fp8Quantise(values, format.scaled, kLatentBlock, row, scales);
            writeFloatScales(scales, ceilTo(format.scaled, kLatentBlock), row + format.scaled);
            writeBf16(values + format.scaled, rest, row + format.bytes - 2 * rest);
            return;
        case RowKind::fp4Key:
            kernels::fp4Quantise(values, format.values, row, scales);
            std::memcpy(row + format.values / 2, scales,
                        static_cast<size_t>(format.values / kFp4Block));
            return;
        case RowKind::fp8Key:
            kernels::fp8Quantise(values, format.values, kLatentBlock, row, scales);
            writeFloatScales(scales, ceilTo(format.values, kLatentBlock), row + format.values);
            return;
        case RowKind::roundedKey:
            float scale = 0;
            kernels::roundIndexRow(values, format.values, reinterpret_cast<int8_t*>(row), scale);
            std::memcpy(row + format.values, &scale, sizeof scale);
            return;
    }
}

namespace {

void readRow(const RowFormat& format, const uint8_t* row, float* out) {
    uint8_t scales[kScalesMax] = {};
    const int64_t rest = format.values - format.scaled;
    switch (format.kind) {
        case RowKind::f32:
            std::memcpy(out, row, static_cast<size_t>(format.bytes));
            return;
        case RowKind::f16:
            readTwoBytesEach(kernels::DType::f16, row, format.values, out);
            return;
        case RowKind::fp8Window:
            readE4m3(row, row + format.scaled + 2 * rest, format.scaled, kWindowBlock, out);
            readTwoBytesEach(kernels::DType::bf16, row + format.scaled, rest, out + format.scaled);
            return;
        case RowKind::fp8Latent:
            readFloatScales(row + format.scaled, ceilTo(format.scaled, kLatentBlock), scales);
            readE4m3(row, scales, format.scaled, kLatentBlock, out);
            readTwoBytesEach(kernels::DType::bf16, row + format.bytes - 2 * rest, rest,
                             out + format.scaled);
            return;
        case RowKind::fp4Key:
            kernels::fp4Dequantise(row, row + format.values / 2, format.values, out);
            return;
        case RowKind::fp8Key:
            readFloatScales(row + format.values, ceilTo(format.values, kLatentBlock), scales);
            readE4m3(row, scales, format.values, kLatentBlock, out);
            return;
        case RowKind::roundedKey:
            float scale = 0;
            std::memcpy(&scale, row + format.values, sizeof scale);
            for (int64_t i = 0; i < format.values; ++i)
                out[i] = static_cast<float>(static_cast<int8_t>(row[i])) * scale;
            return;
    }
}

}  // namespace

void readRows(const RowFormat& format, const uint8_t* rows, int64_t nRows, float* out) {
    if (format.kind == RowKind::f16)  // they lie in one piece
        return readTwoBytesEach(kernels::DType::f16, rows, nRows * format.values, out);
    for (int64_t i = 0; i < nRows; ++i)
        readRow(format, rows + i * format.bytes, out + i * format.values);
}

}  // namespace moxie::engine
