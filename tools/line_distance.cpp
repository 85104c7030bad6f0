#include "tools/line_distance.h"

#include <array>
#include <cstdlib>

namespace moxie::tools {

namespace {

constexpr size_t kBits = 64;
constexpr size_t kBlocksOnStack = 8;  // 512 bytes of pattern

struct Block {
    uint64_t rises = ~uint64_t{0};  // cells one larger than the cell above
    uint64_t falls = 0;             // cells one smaller
};

}  // namespace

LineDistance::LineDistance(std::string_view pattern)
    : length_(pattern.size()),
      nBlocks_((pattern.size() + kBits - 1) / kBits),
      matches_(256 * nBlocks_, 0) {
    for (size_t i = 0; i < pattern.size(); ++i)
        matches_[uint8_t(pattern[i]) * nBlocks_ + i / kBits] |= uint64_t{1} << (i % kBits);
}

int64_t LineDistance::to(std::string_view text, int64_t limit) const {
    auto score = int64_t(length_);
    const auto textLength = int64_t(text.size());
    if (std::abs(score - textLength) > limit) return limit + 1;
    if (length_ == 0) return textLength;
    std::array<Block, kBlocksOnStack> few{};
    std::vector<Block> many(nBlocks_ > kBlocksOnStack ? nBlocks_ : 0);
    Block* const blocks = many.empty() ? few.data() : many.data();
    const uint64_t lastBit = uint64_t{1} << ((length_ - 1) % kBits);
    for (int64_t j = 0; j < textLength; ++j) {
        const uint64_t* equal = &matches_[uint8_t(text[size_t(j)]) * nBlocks_];
        uint64_t carryRise = 1, carryFall = 0;  // the row above the pattern counts the text
        for (size_t b = 0; b < nBlocks_; ++b) {
            Block& block = blocks[b];
            const uint64_t vertical = equal[b] | block.falls;
            const uint64_t eq = equal[b] | carryFall;
            const uint64_t horizontal = (((eq & block.rises) + block.rises) ^ block.rises) | eq;
            uint64_t rise = block.falls | ~(horizontal | block.rises);
            uint64_t fall = block.rises & horizontal;
            if (b + 1 == nBlocks_)
                score += (rise & lastBit) != 0 ? 1 : (fall & lastBit) != 0 ? -1 : 0;
            const uint64_t nextRise = rise >> (kBits - 1), nextFall = fall >> (kBits - 1);
            rise = (rise << 1) | carryRise;
            fall = (fall << 1) | carryFall;
            block.rises = fall | ~(vertical | rise);
            block.falls = rise & vertical;
            carryRise = nextRise;
            carryFall = nextFall;
        }
        // Each further byte takes off one at most.
        if (score - (textLength - 1 - j) > limit) return limit + 1;
    }
    return score;
}

}  // namespace moxie::tools
