#include "engine/execute/row_selection.h"

#include <algorithm>
#include <numeric>

namespace moxie::engine {

namespace {

constexpr int64_t kBlockRows = 256;

}  // namespace

RowSelection::RowSelection(Pass& pass, const Keys& keys, int64_t nRowsMax)
    : keys_(keys),
      nRowsMax_(nRowsMax),
      scores_(pass.arena.take(kTokensMax * nRowsMax)),
      perWorkerFloats_(kBlockRows * (keys.nHeads + keys.headDim)),
      chosen_(static_cast<size_t>(kTokensMax)) {
    perWorker_ = pass.arena.take(pass.pool.threads() * perWorkerFloats_);
}

void RowSelection::scoreBlock(Pass& pass, const float* queries, const float* weights,
                              const Block& block, float* scratch) {
    const auto [token, begin, count] = block;
    float* scores = scores_ + token * nRowsMax_ + begin;
    float* products = scratch;
    float* decoded = products + kBlockRows * keys_.nHeads;
    const float* keys = pass.kv->read(keys_.layer, keys_.stream, 0, begin, count, decoded);
    const kernels::WeightsView view = {.dtype = kernels::DType::f32,
                                       .data = reinterpret_cast<const uint8_t*>(keys),
                                       .rows = count,
                                       .cols = keys_.headDim,
                                       .rowBytes = keys_.headDim * int64_t{sizeof(float)}};
    pass.dispatch.matmul(view, 0, count, queries, keys_.headDim, keys_.nHeads, products,
                         kBlockRows);
    for (int64_t row = 0; row < count; ++row) {
        double sum = 0;
        for (int64_t h = 0; h < keys_.nHeads; ++h)
            sum += double{weights[h]} * double{std::max(0.0F, products[h * kBlockRows + row])};
        scores[row] = static_cast<float>(sum);
    }
}

void RowSelection::choose(int64_t i, int64_t nRows) {
    std::vector<int32_t>& rows = chosen_[static_cast<size_t>(i)];
    rows.resize(static_cast<size_t>(nRows));
    std::iota(rows.begin(), rows.end(), 0);
    if (nRows <= keys_.topK) return;
    const float* scores = scores_ + i * nRowsMax_;
    const auto isBetter = [&](int32_t a, int32_t b) {
        return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
    };
    std::nth_element(rows.begin(), rows.begin() + keys_.topK, rows.end(), isBetter);
    rows.resize(static_cast<size_t>(keys_.topK));
    std::sort(rows.begin(), rows.end());
}

void RowSelection::select(Pass& pass, const float* queries, const float* weights,
                          std::span<const int64_t> nRows) {
    BASE_CHECK(std::ssize(nRows) <= kTokensMax);

    std::vector<Block> tasks;
    const KvStream& stream = pass.kv->layout()
                                 .layers[static_cast<size_t>(keys_.layer)]
                                 .streams[static_cast<size_t>(keys_.stream)];
    const int64_t blockRows = std::min(kBlockRows, stream.rowsPerPage());
    for (int64_t i = 0; i < std::ssize(nRows); ++i) {
        const int64_t n = nRows[static_cast<size_t>(i)];
        if (n <= keys_.topK) continue;
        for (int64_t row = 0; row < n; row += blockRows)
            tasks.push_back({i, row, std::min(blockRows, n - row)});
    }
    pass.pool.run(std::ssize(tasks), [&](int64_t index, int32_t worker) {
        const Block& block = tasks[static_cast<size_t>(index)];
        scoreBlock(pass, queries + block.token * keys_.nHeads * keys_.headDim,
                   weights + block.token * keys_.nHeads, block,
                   perWorker_ + worker * perWorkerFloats_);
    });
    forRanges(pass.pool, std::ssize(nRows), 1,
              [&](int64_t i, int64_t, int32_t) { choose(i, nRows[static_cast<size_t>(i)]); });
}

}  // namespace moxie::engine
