#include "engine/plan/model_plan.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace moxie::engine {

int64_t hashEntry(const kernels::WeightsView& table, int64_t row, int64_t i) {
    const uint8_t* at = table.data + row * table.rowBytes;
    if (table.dtype == kernels::DType::i64) {
        int64_t value = 0;
        std::memcpy(&value, at + i * 8, 8);
        return value;
    }
    int32_t value = 0;
    std::memcpy(&value, at + i * 4, 4);
    return value;
}

int32_t ModelPlan::addRope(Rope rope) {
    const auto same = std::find(ropes.begin(), ropes.end(), rope);
    if (same != ropes.end()) return static_cast<int32_t>(same - ropes.begin());
    ropes.push_back(std::move(rope));
    return static_cast<int32_t>(ropes.size()) - 1;
}

std::vector<const Block*> draftBlocks(const ModelPlan& plan) {
    std::vector<const Block*> blocks;
    if (plan.draft) blocks.push_back(&plan.draft->block);
    if (plan.blockDrafter)
        for (const Block& block : plan.blockDrafter->blocks)
            blocks.push_back(&block);
    return blocks;
}

std::optional<int64_t> draftWindow(const ModelPlan& plan) {
    const Block& block = plan.draft->block;
    const auto* attention = std::get_if<CompressedAttention>(&block.attention);
    if (attention == nullptr || attention->compressor || block.engram) return std::nullopt;
    return attention->window;
}

}  // namespace moxie::engine
