// The indexers of sparse attention: of some tokens, the rows whose cached keys score highest.
// Shared by DeepSeek V3.2 (a key per token) and V4 (a key per compressed entry).
// score = sum over heads of weight * max(0, query · key); equal scores: the lower row; a score that
// is NaN is never chosen. Which rows depends on the queries and keys only. Scores are exact up to
// float32, or those of queries and keys rounded to 8 bits (Pass::indexScores).
// No token's scores are kept as a whole: 64 keys at a time meet a tile of tokens, and what is above
// the token's threshold goes to its best rows.
// Threads: one thread; uses the pass's pool.
// Source: DeepSeek V3.2-Exp and V4 inference/model.py (Indexer).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/execute/best_rows.h"
#include "engine/execute/pass.h"
#include "kernels/index_scores.h"

namespace moxie::engine {

class RowSelection {
public:
    struct Keys {
        int64_t layer = 0;
        int64_t stream = 0;
        int64_t nHeads = 0;
        int64_t headDim = 0;
        int64_t topK = 0;
    };

    // Takes its memory from the arena.
    RowSelection(Pass& pass, const Keys& keys);

    // The most tokens that select() takes.
    int64_t tokensAtOnce() const { return tokensAtOnce_; }

    // For tokens i in [0, nRows.size()): queries [i][head][headDim], weights [i][head], of the
    // first nRows[i] rows. Then rows(i) are the chosen ones, rising; all of them if no more than
    // topK. After a request to stop they may be too few.
    void select(Pass& pass, const float* queries, const float* weights,
                std::span<const int64_t> nRows);

    std::span<const int32_t> rows(int64_t i) const {
        return {chosen_ + i * keys_.topK, nChosen_[static_cast<size_t>(i)]};
    }

private:
    // Memory of one thread.
    struct Scratch {
        float* panel = nullptr;
        float* keys = nullptr;      // [key][headDim], decoded
        int8_t* codes = nullptr;    // [key][headDim]
        float* scores = nullptr;    // [token][key]
        uint64_t* above = nullptr;  // [token]
    };

    // Some tokens and a stretch of rows that all of them are looked for in.
    struct Task {
        int64_t firstToken = 0, nTokens = 0;
        int64_t firstRow = 0, endRow = 0;
        int64_t slot = 0;
    };

    bool isRounded() const { return scores_ == IndexScores::rounded; }

    int64_t panelFloats() const;
    Scratch scratchOf(int32_t worker) const;
    std::vector<Task> makeTasks(int32_t threads, std::span<const int64_t> nRows) const;
    void roundQueries(Pass& pass, const float* queries, const float* weights, int64_t nTokens);
    kernels::RoundedPanel roundedPanel(const Pass& pass, int64_t row, int64_t end,
                                       const Scratch& scratch) const;
    const float* exactPanel(const Pass& pass, int64_t row, int64_t count,
                            const Scratch& scratch) const;
    void packRoundedKeys(const Pass& pass, int64_t row, int64_t count,
                         const Scratch& scratch) const;
    void search(const Pass& pass, const kernels::IndexQueries& queries, const Task& task,
                std::span<const int64_t> nRows, const Scratch& scratch);
    void finish(int64_t token, int64_t nRows, std::span<const Task> tasks,
                std::vector<uint64_t>& all);
    BestRows bestOf(const Task& task, int64_t token) const;

    Keys keys_;
    IndexScores scores_;
    int64_t tileTokens_;
    int64_t tokensAtOnce_;
    uint8_t* codes_ = nullptr;     // [token][head][headDim]: rounded queries
    float* weights_ = nullptr;     // [token][head]: times the scales of the queries
    uint64_t* best_ = nullptr;     // [slot][token of the tile][BestRows::capacity]
    float* thresholds_ = nullptr;  // [slot][token of the tile]
    int64_t* counts_ = nullptr;    // the same
    float* perWorker_ = nullptr;
    int64_t perWorkerFloats_ = 0;
    int32_t* chosen_ = nullptr;  // [token][topK]
    std::vector<size_t> nChosen_;
};

}  // namespace moxie::engine
