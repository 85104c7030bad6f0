#include "app/desktop/core/fenwick_tree.h"

#include <algorithm>
#include <random>

#include "tests/catch.h"

namespace moxie::desktop {

namespace {

int64_t rowByWalking(const std::vector<int64_t>& heights, int64_t offset) {
    int64_t top = 0;
    for (size_t row = 0; row < heights.size(); ++row) {
        top += heights[row];
        if (std::max<int64_t>(offset, 0) < top) return int64_t(row);
    }
    return int64_t(heights.size());
}

}  // namespace

TEST_CASE("a Fenwick tree answers like adding up by hand, after any changes", "[desktop]") {
    const unsigned seed = GENERATE(1u, 2u, 3u);
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto below = [&](int64_t n) { return int64_t(random() % uint64_t(n)); };
    std::vector<int64_t> heights;
    FenwickTree tree;
    for (int step = 0; step < 3000; ++step) {
        const int64_t height = below(4) == 0 ? 0 : below(50);
        switch (below(20)) {
            case 0: {
                const int64_t size = below(200);
                heights.resize(size_t(size), height);
                tree.resize(size, height);
                break;
            }
            case 1:
                tree.assign(heights);
                break;
            case 2:
            case 3:
            case 4:
            case 5:
                heights.push_back(height);
                tree.append(height);
                break;
            default:
                if (heights.empty()) break;
                const int64_t row = below(int64_t(heights.size()));
                heights[size_t(row)] = height;
                tree.set(row, height);
                break;
        }
        REQUIRE(tree.size() == int64_t(heights.size()));
        const int64_t row = below(tree.size() + 1);
        int64_t top = 0;
        for (int64_t i = 0; i < row; ++i)
            top += heights[size_t(i)];
        REQUIRE(tree.top(row) == top);
        if (row < tree.size()) REQUIRE(tree.height(row) == heights[size_t(row)]);
        const int64_t offset = below(tree.total() + 20) - 5;
        CAPTURE(step, offset);
        REQUIRE(tree.rowAt(offset) == rowByWalking(heights, offset));
    }
}

}  // namespace moxie::desktop
