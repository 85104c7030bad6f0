// Heights of rows with prefix sums: where a row begins and which row lies at an offset, both in
// O(log n). Rows may have height 0 (folded). Not a container of anything but heights.
// Threads: one thread at a time.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace moxie::desktop {

class FenwickTree {
public:
    FenwickTree() = default;

    // Cost: O(n), no row is looked at twice.
    void assign(std::vector<int64_t> heights) {
        tree_ = std::move(heights);
        for (size_t i = 1; i <= tree_.size(); ++i) {
            const size_t parent = i + (i & (~i + 1));
            if (parent <= tree_.size()) tree_[parent - 1] += tree_[i - 1];
        }
    }

    int64_t size() const { return int64_t(tree_.size()); }

    // Requires: 0 <= row < size().
    int64_t height(int64_t row) const {
        int64_t height = tree_[size_t(row)];
        const size_t first = size_t(row + 1) & size_t(row);  // what the node covers begins here
        for (size_t i = size_t(row); i > first; i &= i - 1)
            height -= tree_[i - 1];
        return height;
    }

    // Requires: height >= 0.
    void append(int64_t height) {
        const size_t i = tree_.size() + 1;
        int64_t sum = height;
        for (size_t step = 1; step < (i & (~i + 1)); step *= 2)
            sum += tree_[i - step - 1];
        tree_.push_back(sum);
    }

    // Requires: 0 <= row < size(), height >= 0.
    void set(int64_t row, int64_t height) {
        const int64_t change = height - this->height(row);
        for (size_t i = size_t(row) + 1; i <= tree_.size(); i += i & (~i + 1))
            tree_[i - 1] += change;
    }

    // Cuts rows off the end, or appends rows of `height`. Requires: size >= 0.
    void resize(int64_t size, int64_t height) {
        if (size < this->size()) tree_.resize(size_t(size));  // no node covers rows behind itself
        while (this->size() < size)
            append(height);
    }

    // Where `row` begins: the heights of all rows before it. Requires: 0 <= row <= size().
    int64_t top(int64_t row) const {
        int64_t sum = 0;
        for (size_t i = size_t(row); i > 0; i -= i & (~i + 1))
            sum += tree_[i - 1];
        return sum;
    }

    int64_t total() const { return top(size()); }

    // The row with top(row) <= offset < top(row + 1); never one of height 0. Offsets outside give
    // the first row that has a height, or size().
    int64_t rowAt(int64_t offset) const {
        if (offset < 0) offset = 0;
        size_t row = 0;
        for (size_t step = std::bit_floor(tree_.size()); step > 0; step /= 2) {
            if (row + step > tree_.size() || tree_[row + step - 1] > offset) continue;
            row += step;
            offset -= tree_[row - 1];
        }
        return int64_t(row);
    }

private:
    // tree_[i - 1]: sum of the (i & -i) heights that end at row i - 1. The heights themselves are
    // differences of it.
    std::vector<int64_t> tree_;
};

}  // namespace moxie::desktop
