#include "indexer/outline/scanner.h"

#include "indexer/outline/scan_output.h"

namespace moxie::indexer {

Outline scanOutline(Family family, std::string_view text, const std::stop_token& stop) {
    Outline out;
    if (scanRules(family).style == BlockStyle::braces)
        scanBraces(family, text, stop, out);
    else
        scanLines(family, text, stop, out);
    return out;
}

}  // namespace moxie::indexer
