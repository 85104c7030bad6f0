// The outline of a text by its lines and brackets alone: definitions with their line ranges, for
// languages without a grammar and for texts whose tree is not there. Rules per family of languages
// (scan_rules.h). Names are views into the text; any bytes give what can be made out. Threads: any.
#pragma once
#include <stop_token>
#include <string_view>

#include "indexer/outline/outline.h"

namespace moxie::indexer {

// Symbols only: no references. Cut short when `stop` says so. Cost: about 5 ns per byte.
Outline scanOutline(Family family, std::string_view text, const std::stop_token& stop = {});

}  // namespace moxie::indexer
