#include "engine/grammar/word_set.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace moxie::engine {

namespace {

bool isWritable(const std::string& word) {
    constexpr std::string_view kShort = "\b\f\n\r\t";
    return base::isValidUtf8(word) && std::ranges::all_of(word, [&](char c) {
               return uint8_t(c) >= 0x20 || kShort.find(c) != std::string_view::npos;
           });
}

}  // namespace

WordSet::WordSet(std::shared_ptr<const std::vector<std::string>> words) : words_(std::move(words)) {
    for (int32_t i = 0; i < int32_t(words_->size()); ++i)
        if (isWritable((*words_)[size_t(i)])) order_.push_back(i);
    const auto at = [this](int32_t i) -> const std::string& { return (*words_)[size_t(i)]; };
    std::ranges::sort(order_, {}, at);
    const auto twice = std::ranges::unique(order_, {}, at);
    order_.erase(twice.begin(), twice.end());
}

WordSet::Range WordSet::narrowed(const Range& range, uint8_t byte) const {
    const auto depth = size_t(range.depth);
    // Words that end here come first.
    const auto isBelow = [&](int32_t i, int limit) {
        const std::string& text = (*words_)[size_t(i)];
        return (text.size() > depth ? int{uint8_t(text[depth])} : -1) < limit;
    };
    const auto first = order_.begin() + range.begin;
    const auto last = order_.begin() + range.end;
    const auto begin =
        std::partition_point(first, last, [&](int32_t i) { return isBelow(i, byte); });
    const auto end =
        std::partition_point(begin, last, [&](int32_t i) { return isBelow(i, byte + 1); });
    return {.begin = int32_t(begin - order_.begin()),
            .end = int32_t(end - order_.begin()),
            .depth = range.depth + 1};
}

std::vector<WordSet::Branch> WordSet::branchesOf(const Range& range) const {
    std::vector<Branch> branches;
    Range left = range;
    if (holdsWord(left)) ++left.begin;
    while (left.begin < left.end) {
        const auto byte = uint8_t(word(left.begin)[size_t(range.depth)]);
        branches.push_back({byte, narrowed(left, byte)});
        left.begin = branches.back().range.end;
    }
    return branches;
}

bool WordSet::holdsWord(const Range& range) const {
    return range.begin < range.end && word(range.begin).size() == size_t(range.depth);
}

}  // namespace moxie::engine
