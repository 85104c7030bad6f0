#include "engine/local/marker_scanner.h"

#include <algorithm>
#include <utility>

namespace moxie::engine {

namespace {

// Bytes at the end of `text` that may be the beginning of `marker`.
size_t openEnd(std::string_view text, std::string_view marker) {
    size_t length = std::min(text.size(), marker.size() - 1);
    while (length > 0 && !text.ends_with(marker.substr(0, length)))
        --length;
    return length;
}

}  // namespace

MarkerScanner::MarkerScanner(std::vector<std::string> markers) : markers_(std::move(markers)) {
    std::erase_if(markers_, [](const std::string& marker) { return marker.empty(); });
}

MarkerScanner::Found MarkerScanner::scan(std::string_view text) {
    held_ += text;
    size_t first = std::string::npos;
    const std::string* best = nullptr;
    size_t held = 0;
    for (const auto& marker : markers_) {
        const size_t at = held_.find(marker);
        const bool isBetter =
            at != std::string::npos &&
            (best == nullptr || at < first || (at == first && marker.size() > best->size()));
        if (isBetter) {
            first = at;
            best = &marker;
        }
        held = std::max(held, openEnd(held_, marker));
    }
    Found found;
    if (best != nullptr) {
        found.before = held_.substr(0, first);
        found.marker = *best;
        held_.erase(0, first + best->size());
    } else {
        found.before = held_.substr(0, held_.size() - held);
        held_.erase(0, held_.size() - held);
    }
    return found;
}

std::string MarkerScanner::takeRest() {
    return std::exchange(held_, {});
}

}  // namespace moxie::engine
