#include "engine/chat/marked_text.h"

#include <algorithm>

namespace moxie::engine {

namespace {

constexpr char kTokenBegin = '\xFF';
constexpr char kTokenEnd = '\xFE';

}  // namespace

std::string markedToken(std::string_view name) {
    return kTokenBegin + std::string(name) + kTokenEnd;
}

std::string unmarked(std::string_view text) {
    std::string out(text);
    std::erase_if(out, [](char c) { return c == kTokenBegin || c == kTokenEnd; });
    return out;
}

bool MarkerNames::has(std::string_view name) const {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
}

std::string MarkerNames::mark(std::string_view text) const {
    std::string out;
    while (!text.empty()) {
        std::string_view best;
        for (const std::string_view name : names_)
            if (name.size() > best.size() && text.starts_with(name)) best = name;
        out += best.empty() ? std::string(1, text.front()) : markedToken(best);
        text.remove_prefix(std::max<size_t>(1, best.size()));
    }
    return out;
}

}  // namespace moxie::engine
