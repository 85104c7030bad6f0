// Float32 rows to every weight format: plain rounding to the nearest value, with a short search for
// the scales of super-blocks. Made for small random models and tests, where a simple rule counts
// more than the last tenth of error; it is no replacement for a maker's quantisation with an
// importance matrix. Requires everywhere: finite values, and sizes whose scales fit the format's
// scale type (half: sizes up to 450,000). Threads: any thread.
// Error bounds: tests/kernels/quantise_test.cpp.
#pragma once
#include <cstdint>
#include <span>

#include "kernels/dispatch.h"

namespace moxie::kernels {

// out = the row in a format whose scales lie in the blocks. Shapes: values a multiple of
// blockValues; out values / blockValues * blockBytes bytes. Requires: a weights format with
// !hasScalesApart(dtype). Cost: IQ2_XXS about 10 us per 32 values, others below 1 us.
void quantiseRow(DType dtype, std::span<const float> values, uint8_t* out);

// A format whose scales lie apart, and the tile that shares one.
struct ApartFormat {
    DType dtype = DType::fp8E4m3;
    ScaleType scaleType = ScaleType::e8m0;
    int32_t scaleRows = 128;
    int32_t scaleCols = 128;
};

// Bytes of the scales of a matrix, row-major, ceil(rows / scaleRows) by ceil(cols / scaleCols).
int64_t scalesBytes(const ApartFormat& format, int64_t rows, int64_t cols);

// Codes and scales of a row-major matrix. Shapes: values rows * cols; codes rows * cols /
// blockValues * blockBytes bytes; scales scalesBytes() bytes. Requires: hasScalesApart(dtype), a
// scale type, cols % blockValues == 0.
void quantiseMatrix(const ApartFormat& format, std::span<const float> values, int64_t cols,
                    uint8_t* codes, uint8_t* scales);

}  // namespace moxie::kernels
