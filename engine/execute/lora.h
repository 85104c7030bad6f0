// LoRA adapters that are applied while a model runs: y += scale * B (A x) for each product they
// name, one adapter after the other. The weights of the model stay as they are. Not here: reading
// adapters from files (engine/adapters).
// Threads: immutable once filled; any thread.
// Source: Hu et al., LoRA: Low-Rank Adaptation of Large Language Models (2021).
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/execute/pass.h"

namespace moxie::engine {

struct LoraFactors {
    kernels::WeightsView down = {};  // A: [rank, in]
    kernels::WeightsView up = {};    // B: [out, rank]
    float scale = 1;
};

enum class ExpertPart { gate, up, down };

class LoraAdapters {
public:
    // Of all adapters on one product, in the order they were inserted.
    using Stack = std::vector<LoraFactors>;

    // Of a Linear, or of MlaAttention::kvUpName, by its name.
    void insert(std::string_view name, const LoraFactors& factors);
    // Of the head, by ModelPlan::headName.
    void insertHead(std::string_view name, const LoraFactors& factors);
    // Of the embedding, by ModelPlan::embeddingName. A has a row for each token: [vocabulary,
    // rank].
    void insertEmbedding(std::string_view name, const LoraFactors& factors);
    // Of one matrix of a routed expert, by MoeFfn::name.
    void insertExpert(const std::string& moeName, int64_t expert, ExpertPart part,
                      const LoraFactors& factors);

    bool empty() const { return stacks_.empty(); }

    // Empty where nothing is adapted.
    std::span<const LoraFactors> of(std::string_view name) const;
    std::span<const LoraFactors> ofExpert(std::string_view moeName, int64_t expert,
                                          ExpertPart part) const;
    bool adaptsExperts(std::string_view moeName) const;

    // Everything, by names that stay the same from run to run.
    const std::map<std::string, Stack, std::less<>>& stacks() const { return stacks_; }

    int64_t rankMax() const { return rankMax_; }

    // The most floats that add() takes from the arena, per token.
    int64_t floatsPerToken() const { return floatsPerToken_; }

    // The most floats that addToLogits() takes from the arena, for any number of tokens.
    int64_t headFloats() const { return headFloats_; }

    // y[t] += scale * B (A x[t]), if `linear` has adapters. Takes scratch from the arena.
    void add(const Pass& pass, const Linear& linear, const float* x, int64_t nTokens,
             float* y) const;
    // logits[t] += scale * B (A x[t]), if the head has adapters. Takes scratch from the arena.
    void addToLogits(const Pass& pass, const float* x, int64_t nTokens, float* logits) const;
    // embedded += scale * B A[token], if the embedding has adapters. On the calling thread.
    void addToEmbedding(const Pass& pass, int32_t token, std::span<float> embedded) const;

private:
    Stack& stackOf(std::string_view name);
    static std::string expertName(std::string_view moeName, int64_t expert, ExpertPart part);

    std::map<std::string, Stack, std::less<>> stacks_;
    std::map<std::string, int64_t, std::less<>> adaptedExperts_;  // number of stacks per MoeFfn
    int64_t rankMax_ = 0;
    int64_t floatsPerToken_ = 0;
    int64_t headFloats_ = 0;
};

// Rows [rowBegin, rowEnd) of a product for n inputs on the calling thread.
struct LoraRows {
    int64_t rowBegin = 0, rowEnd = 0;
    const float* x = nullptr;
    int64_t xStride = 0;
    int64_t n = 0;
    float* y = nullptr;  // [n][yStride], the first of the rows
    int64_t yStride = 0;
};

// The scratch that addRows() needs.
int64_t loraRowsFloats(int64_t rankMax, int64_t n, int64_t rows);
// y += scale * B (A x) of those rows.
void addRows(const kernels::Dispatch& dispatch, std::span<const LoraFactors> stack,
             const LoraRows& rows, float* scratch);

}  // namespace moxie::engine
