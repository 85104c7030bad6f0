#include "engine/kv/key_panels.h"

#include <algorithm>
#include <cstring>

#include "kernels/dispatch.h"
#include "kernels/index_scores.h"

namespace moxie::engine {

using kernels::kPanelKeys;

namespace {

constexpr int64_t kScaleBytes = sizeof(float);

uint8_t* panelAt(const RowFormat& format, uint8_t* panels, int64_t row) {
    return panels + row / kPanelKeys * kernels::roundedPanelBytes(format.values);
}

// A row as writeRow() leaves it.
void takeRow(const RowFormat& format, const uint8_t* panels, int64_t row, uint8_t* out) {
    float scale = 0;
    kernels::takeRoundedIndexKey(panelOf(format, panels, row), format.values, row % kPanelKeys,
                                 reinterpret_cast<int8_t*>(out), scale);
    std::memcpy(out + format.values, &scale, kScaleBytes);
}

}  // namespace

bool canLieInPanels(const RowFormat& format, int64_t nRows) {
    return format.kind == RowKind::roundedKey && nRows % kPanelKeys == 0;
}

int64_t keyPanelBytes(const RowFormat& format, int64_t nRows) {
    return nRows / kPanelKeys * kernels::roundedPanelBytes(format.values);
}

const uint8_t* panelOf(const RowFormat& format, const uint8_t* panels, int64_t row) {
    return panels + row / kPanelKeys * kernels::roundedPanelBytes(format.values);
}

void writeKey(const RowFormat& format, const float* values, int64_t row, uint8_t* panels) {
    int8_t codes[kernels::kIndexDimMax];
    float scale = 0;
    kernels::roundIndexRow(values, format.values, codes, scale);
    kernels::putRoundedIndexKey(codes, scale, format.values, row % kPanelKeys,
                                panelAt(format, panels, row));
}

void readKeys(const RowFormat& format, const uint8_t* panels, int64_t begin, int64_t count,
              float* out) {
    uint8_t row[kernels::kIndexDimMax + kScaleBytes];
    for (int64_t i = 0; i < count; ++i) {
        takeRow(format, panels, begin + i, row);
        readRows(format, row, 1, out + i * format.values);
    }
}

void panelsToRows(const RowFormat& format, const uint8_t* panels, int64_t nRows, uint8_t* rows) {
    for (int64_t row = 0; row < nRows; ++row)
        takeRow(format, panels, row, rows + row * format.bytes);
}

// By the fastest kernel: the bytes are the same on every instruction set.
void rowsToPanels(const RowFormat& format, const uint8_t* rows, int64_t nRows, uint8_t* panels) {
    static const kernels::Dispatch& kFastest = kernels::dispatchFor(kernels::detectIsa());
    float scales[kPanelKeys];
    for (int64_t row = 0; row < nRows; row += kPanelKeys) {
        const int64_t count = std::min(kPanelKeys, nRows - row);
        const uint8_t* stored = rows + row * format.bytes;
        for (int64_t i = 0; i < count; ++i)
            std::memcpy(scales + i, stored + i * format.bytes + format.values, kScaleBytes);
        kFastest.packRoundedIndexKeys({.codes = reinterpret_cast<const int8_t*>(stored),
                                       .rowBytes = format.bytes,
                                       .scales = scales,
                                       .count = count},
                                      format.values, panelAt(format, panels, row));
    }
}

}  // namespace moxie::engine
