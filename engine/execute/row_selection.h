// The indexers of sparse attention: scores of cached keys for a few tokens, and the rows with the
// largest ones. Shared by DeepSeek V3.2 (a key per token) and V4 (a key per compressed entry).
// score = sum over heads of weight * max(0, query · key). Equal scores: the lower row.
// Threads: one thread; uses the pass's pool.
// Source: DeepSeek V3.2-Exp and V4 inference/model.py (Indexer).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/execute/pass.h"

namespace moxie::engine {

class RowSelection {
public:
    static constexpr int64_t kTokensMax = 8;  // selected for at once

    struct Keys {
        int64_t layer = 0;
        int64_t stream = 0;
        int64_t nHeads = 0;
        int64_t headDim = 0;
        int64_t topK = 0;
    };

    // Takes its memory from the arena for caches of up to nRowsMax rows.
    RowSelection(Pass& pass, const Keys& keys, int64_t nRowsMax);

    // For tokens i in [0, nRows.size()): queries [i][head][headDim], weights [i][head], of the
    // first nRows[i] rows. Then rows(i) are the chosen ones, rising; all of them if no more than
    // topK.
    void select(Pass& pass, const float* queries, const float* weights,
                std::span<const int64_t> nRows);

    std::span<const int32_t> rows(int64_t i) const { return chosen_[static_cast<size_t>(i)]; }

private:
    struct Block {
        int64_t token = 0;
        int64_t begin = 0;  // rows
        int64_t count = 0;
    };

    void scoreBlock(Pass& pass, const float* queries, const float* weights, const Block& block,
                    float* scratch);
    void choose(int64_t i, int64_t nRows);

    Keys keys_;
    int64_t nRowsMax_;
    float* scores_ = nullptr;     // [token][row]
    float* perWorker_ = nullptr;  // products [head][row], keys [row][headDim]
    int64_t perWorkerFloats_ = 0;
    std::vector<std::vector<int32_t>> chosen_;
};

}  // namespace moxie::engine
