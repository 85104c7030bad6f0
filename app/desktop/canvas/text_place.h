// Where something stands in a canvas: an item (row or block) and an offset in UTF-16 units inside
// its text. Values; any thread.
#pragma once
#include <algorithm>
#include <cstdint>

namespace moxie::desktop {

struct TextPlace {
    int64_t item = 0;
    int offset = 0;

    bool operator==(const TextPlace&) const = default;

    bool operator<(const TextPlace& other) const {
        return item != other.item ? item < other.item : offset < other.offset;
    }
};

// Half-open, begin <= end.
struct TextRange {
    TextPlace begin, end;

    static TextRange between(TextPlace one, TextPlace other) {
        return {std::min(one, other), std::max(one, other)};
    }

    bool isEmpty() const { return begin == end; }

    bool operator==(const TextRange&) const = default;
};

// Half-open range of items.
struct ItemRange {
    int64_t begin = 0, end = 0;

    int64_t count() const { return end - begin; }

    bool contains(int64_t item) const { return item >= begin && item < end; }
};

}  // namespace moxie::desktop
