// One slip in the context (between steps 6 and 7 of the chain): old is the file's text but for one
// line that the file does not have, or one line of the file that old does not have. All places of
// the file are looked at, in linear time. Threads: functions on values.
#pragma once
#include <optional>
#include <vector>

#include "tools/line_index.h"
#include "tools/line_merge.h"

namespace moxie::tools {

enum class Slip { inventedLine, droppedLine };

struct SlipPlace {
    Slip slip = Slip::inventedLine;
    int64_t first = 0, last = 0;  // file lines [first, last)
    int64_t line = 0;  // the old line that is invented, or the file line that is left out
    std::vector<int64_t> alignment;  // as in MergeRequest
};

// The only place where old fits with one slip that is certainly in its context. nullopt: none;
// several; one where a line stands in place of another (that may be another place of the same
// kind); one with too little text to be sure.
std::optional<SlipPlace> slipPlace(LineIndex& file, const Lines& oldLines, const Lines& newLines);

}  // namespace moxie::tools
