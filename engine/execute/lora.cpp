#include "engine/execute/lora.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace moxie::engine {

namespace {

// Of the factors' results for one token, with the alignment of both borrowings.
int64_t resultFloats(const LoraFactors& factors) {
    constexpr int64_t kAlignment = 32;
    return factors.down.rows + factors.up.rows + kAlignment;
}

}  // namespace

LoraAdapters::Stack& LoraAdapters::stackOf(std::string_view name) {
    return stacks_.try_emplace(std::string(name)).first->second;
}

void LoraAdapters::insert(std::string_view name, const LoraFactors& factors) {
    stackOf(name).push_back(factors);
    rankMax_ = std::max(rankMax_, factors.down.rows);
    floatsPerToken_ = std::max(floatsPerToken_, resultFloats(factors));
}

void LoraAdapters::insertHead(std::string_view name, const LoraFactors& factors) {
    stackOf(name).push_back(factors);
    headFloats_ = std::max(headFloats_, resultFloats(factors));
}

void LoraAdapters::insertEmbedding(std::string_view name, const LoraFactors& factors) {
    stackOf(name).push_back(factors);
}

std::string LoraAdapters::expertName(std::string_view moeName, int64_t expert, ExpertPart part) {
    return fmt::format("{}#{}.{}", moeName, expert, static_cast<int>(part));
}

void LoraAdapters::insertExpert(const std::string& moeName, int64_t expert, ExpertPart part,
                                const LoraFactors& factors) {
    insert(expertName(moeName, expert, part), factors);
    ++adaptedExperts_[moeName];
}

std::span<const LoraFactors> LoraAdapters::of(std::string_view name) const {
    const auto found = stacks_.find(name);
    if (found == stacks_.end()) return {};
    return found->second;
}

bool LoraAdapters::adaptsExperts(std::string_view moeName) const {
    return adaptedExperts_.find(moeName) != adaptedExperts_.end();
}

std::span<const LoraFactors> LoraAdapters::ofExpert(std::string_view moeName, int64_t expert,
                                                    ExpertPart part) const {
    return of(expertName(moeName, expert, part));
}

void LoraAdapters::add(const Pass& pass, const Linear& linear, const float* x, int64_t nTokens,
                       float* y) const {
    const int64_t n = nTokens * linear.rows();
    for (const LoraFactors& factors : of(linear.name)) {
        const Arena::Mark mark(pass.arena);
        float* low = pass.arena.take(nTokens * factors.down.rows);
        float* high = pass.arena.take(n);
        multiply(pass, factors.down, x, nTokens, low);
        multiply(pass, factors.up, low, nTokens, high);
        for (int64_t i = 0; i < n; ++i)
            y[i] += factors.scale * high[i];
    }
}

// Token by token: logits are long.
void LoraAdapters::addToLogits(const Pass& pass, const float* x, int64_t nTokens,
                               float* logits) const {
    for (const LoraFactors& factors : of(pass.plan.headName)) {
        const Arena::Mark mark(pass.arena);
        const int64_t n = factors.up.rows;
        float* low = pass.arena.take(factors.down.rows);
        float* high = pass.arena.take(n);
        for (int64_t t = 0; t < nTokens; ++t) {
            multiply(pass, factors.down, x + t * factors.down.cols, 1, low);
            multiply(pass, factors.up, low, 1, high);
            for (int64_t i = 0; i < n; ++i)
                logits[t * n + i] += factors.scale * high[i];
        }
    }
}

void LoraAdapters::addToEmbedding(const Pass& pass, int32_t token,
                                  std::span<float> embedded) const {
    for (const LoraFactors& factors : of(pass.plan.embeddingName)) {
        std::vector<float> low(static_cast<size_t>(factors.down.cols));
        std::vector<float> high(embedded.size());
        pass.dispatch.dequantiseRow(factors.down, token, low);
        pass.dispatch.matmul(factors.up, 0, factors.up.rows, low.data(), factors.up.cols, 1,
                             high.data(), factors.up.rows);
        for (size_t i = 0; i < embedded.size(); ++i)
            embedded[i] += factors.scale * high[i];
    }
}

int64_t loraRowsFloats(int64_t rankMax, int64_t n, int64_t rows) {
    return n * (rankMax + rows);
}

void addRows(const kernels::Dispatch& dispatch, std::span<const LoraFactors> stack,
             const LoraRows& r, float* scratch) {
    const int64_t count = r.rowEnd - r.rowBegin;
    for (const LoraFactors& factors : stack) {
        const int64_t rank = factors.down.rows;
        float* high = scratch + r.n * rank;
        dispatch.matmul(factors.down, 0, rank, r.x, r.xStride, r.n, scratch, rank);
        dispatch.matmul(factors.up, r.rowBegin, r.rowEnd, scratch, rank, r.n, high, count);
        for (int64_t t = 0; t < r.n; ++t)
            for (int64_t i = 0; i < count; ++i)
                r.y[t * r.yStride + i] += factors.scale * high[t * count + i];
    }
}

}  // namespace moxie::engine
