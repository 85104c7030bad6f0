// How one row of a KV cache is stored. Rows are written from float32 and read back as float32.
// Threads: any thread.
// Sources: FlashMLA's README (the FP8 rows of DeepSeek V3.2 and V4); deepseek-v4
// inference/kernel.py (FP4 index keys).
#pragma once
#include <cstdint>

namespace moxie::engine {

enum class RowKind : uint8_t {
    f32,
    f16,
    // `scaled` values in E4M3 with one E8M0 per 64, the rest in BF16, scales padded to 8 bytes:
    // 448 + 64 values take 584 bytes. Lossless for what FP8 simulation has rounded.
    fp8Window,
    // 512 values in E4M3 with a float32 scale per 128, 64 in BF16: 656 bytes.
    fp8Latent,
    // E2M1 with one E8M0 per 32: 128 values take 68 bytes.
    fp4Key,
    // E4M3 with one float32 scale per 128: 132 bytes.
    fp8Key,
    // Bytes with one float32 scale: 128 values take 132 bytes (kernels/index_scores.h).
    roundedKey,
};

struct RowFormat {
    RowKind kind = RowKind::f32;
    int64_t values = 0;
    int64_t scaled = 0;  // leading values that are scaled, for fp8Window and fp8Latent
    int64_t bytes = 0;

    bool operator==(const RowFormat&) const = default;
};

// Requires: sizes that the kind can hold (multiples of its blocks).
RowFormat rowFormat(RowKind kind, int64_t values, int64_t scaled = 0);

void writeRow(const RowFormat& format, const float* values, uint8_t* row);
// Reads nRows rows that lie one after the other into out [row][values].
void readRows(const RowFormat& format, const uint8_t* rows, int64_t nRows, float* out);

}  // namespace moxie::engine
