// Rounded index keys in panels of 64, as the kernel of index scores takes them
// (kernels/index_scores.h): a page holds them so that no query has to turn them over.
// Threads: any thread.
#pragma once
#include <cstdint>

#include "engine/kv/row_format.h"

namespace moxie::engine {

// Whether so many rows of this format can lie in panels: rounded keys that fill them.
bool canLieInPanels(const RowFormat& format, int64_t nRows);

// Of nRows rows. Requires here and below: canLieInPanels().
int64_t keyPanelBytes(const RowFormat& format, int64_t nRows);

// The panel that holds a row.
const uint8_t* panelOf(const RowFormat& format, const uint8_t* panels, int64_t row);

// As writeRow() and readRows(), of panels of keyPanelBytes(): one row of format.values floats, and
// rows [begin, begin + count) to out [count][format.values].
void writeKey(const RowFormat& format, const float* values, int64_t row, uint8_t* panels);
void readKeys(const RowFormat& format, const uint8_t* panels, int64_t begin, int64_t count,
              float* out);

// The first nRows rows in the form of writeRow(), format.bytes each, one after the other, and back.
void panelsToRows(const RowFormat& format, const uint8_t* panels, int64_t nRows, uint8_t* rows);
void rowsToPanels(const RowFormat& format, const uint8_t* rows, int64_t nRows, uint8_t* panels);

}  // namespace moxie::engine
