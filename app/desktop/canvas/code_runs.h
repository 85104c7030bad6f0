// Source code in colours: the tokens of one line as runs of a LineRow. Threads: any thread.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "app/desktop/canvas/line_source.h"
#include "indexer/highlight.h"

namespace moxie::desktop {

// The colour of a token.
CodeRole codeRoleOf(indexer::TokenKind kind);

// Of the line in bytes [begin, end) of the text; what a canvas cuts off has none. Columns are those
// of the line as UTF-16. Cost: microseconds for a usual line.
std::vector<LineRun> codeRuns(const indexer::HighlightedText& text, int64_t begin, int64_t end);

}  // namespace moxie::desktop
