// The loose end of the matcher chain: places that are only alike (steps 7 and 8), and the report
// about the nearest places when nothing fits (step 9). Threads: functions on values.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tools/edit_match.h"
#include "tools/line_index.h"
#include "tools/line_merge.h"

namespace moxie::tools {

// A region that resembles the old lines.
struct SimilarPlace {
    int64_t first = 0, last = 0;     // file lines [first, last)
    std::vector<int64_t> alignment;  // as in MergeRequest
    double similarity = 0;           // 0 to 1, white space not counted
    bool hasAnchors = false;         // first and last line are the old ones
};

// Best first, not overlapping, at most five.
std::vector<SimilarPlace> similarPlaces(LineIndex& file, const Lines& oldLines);

// Step 7 or 8: the one place that is alike enough, and whose removed lines are beyond doubt the
// ones meant. nullopt: none or several.
std::optional<SimilarPlace> surePlace(const LineIndex& file, const Lines& oldLines,
                                      const Lines& newLines,
                                      const std::vector<SimilarPlace>& places);

// Step 9.
EditMiss reportMiss(const EditRequest& request, LineIndex& file, const Lines& oldLines,
                    const std::vector<SimilarPlace>& places);

}  // namespace moxie::tools
