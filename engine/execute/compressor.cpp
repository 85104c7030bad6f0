#include "engine/execute/compressor.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "kernels/microscaling.h"

namespace moxie::engine {

namespace {

constexpr int64_t kEntryFp8Block = 64;

// The parts of the frontier that belong to one compressor.
struct OpenBlock {
    float *values, *gates;              // [ratio][width]
    float *valuesBefore, *gatesBefore;  // [ratio][dim]; only with overlap
};

OpenBlock openBlock(const Compressor& step, std::span<float> state) {
    const int64_t open = step.ratio * step.width();
    const int64_t before = step.ratio * step.dim;
    float* at = state.data();
    OpenBlock block = {at, at + open, at + 2 * open, nullptr};
    block.gatesBefore = block.valuesBefore + before;
    return block;
}

// One row of candidates for an entry: values and gates of `dim` channels.
struct PooledRow {
    const float *values, *gates;
};

std::vector<PooledRow> pooledRows(const Compressor& step, const OpenBlock& open, int64_t entry) {
    std::vector<PooledRow> rows;
    if (step.hasOverlap && entry > 0)
        for (int64_t r = 0; r < step.ratio; ++r)
            rows.push_back({open.valuesBefore + r * step.dim, open.gatesBefore + r * step.dim});
    const int64_t own = step.hasOverlap ? step.dim : 0;
    for (int64_t r = 0; r < step.ratio; ++r)
        rows.push_back({open.values + r * step.width() + own, open.gates + r * step.width() + own});
    return rows;
}

constexpr int64_t kPooledMax = 256;  // rows of an entry: a page's tokens
constexpr int64_t kChannelsAtOnce = 64;

// Channels [begin, begin + count): entry[c] = sum over rows of softmax(gates)[c] * values[c].
void poolChannels(const kernels::Dispatch& dispatch, const std::vector<PooledRow>& rows,
                  int64_t begin, int64_t count, float* entry) {
    float powers[kPooledMax * kChannelsAtOnce];
    float max[kChannelsAtOnce], sum[kChannelsAtOnce] = {}, weighted[kChannelsAtOnce] = {};
    std::fill_n(max, count, -std::numeric_limits<float>::infinity());
    for (const PooledRow& row : rows)
        for (int64_t c = 0; c < count; ++c)
            max[c] = std::max(max[c], row.gates[begin + c]);
    float* power = powers;
    for (const PooledRow& row : rows)
        for (int64_t c = 0; c < count; ++c)
            *power++ = row.gates[begin + c] - max[c];
    dispatch.expSubtract(powers, std::ssize(rows) * count, 0);
    power = powers;
    for (const PooledRow& row : rows)
        for (int64_t c = 0; c < count; ++c) {
            const float e = *power++;
            sum[c] += e;
            weighted[c] += e * row.values[begin + c];
        }
    for (int64_t c = 0; c < count; ++c)
        entry[begin + c] = weighted[c] / sum[c];
}

void pool(const kernels::Dispatch& dispatch, const std::vector<PooledRow>& rows, int64_t dim,
          float* entry) {
    BASE_CHECK(std::ssize(rows) <= kPooledMax);
    for (int64_t c = 0; c < dim; c += kChannelsAtOnce)
        poolChannels(dispatch, rows, c, std::min(kChannelsAtOnce, dim - c), entry);
}

void finishEntry(Pass& pass, const Compressor& step, const EntrySink& sink, int64_t entry,
                 float* values) {
    const int64_t nPairs = pass.plan.ropes[static_cast<size_t>(sink.rope)].nPairs();
    const int64_t kept = step.dim - 2 * nPairs;
    pass.dispatch.rmsNorm(values, step.norm.weight.data(), step.norm.epsilon, values, step.dim);
    turnAt(pass, sink.rope, entry * step.ratio, values + kept);
    if (sink.isIndexKey) {
        kernels::hadamard(values, step.dim);
        if (pass.simulation == QuantSimulation::on) kernels::fp4Sim(values, step.dim);
    } else if (pass.simulation == QuantSimulation::on) {
        kernels::fp8Sim(values, kept, kEntryFp8Block);
    }
    pass.kv->write(sink.layer, sink.stream, 0, entry, values);
}

void keepFirstHalves(const Compressor& step, const OpenBlock& open) {
    for (int64_t r = 0; r < step.ratio; ++r) {
        std::copy_n(open.values + r * step.width(), step.dim, open.valuesBefore + r * step.dim);
        std::copy_n(open.gates + r * step.width(), step.dim, open.gatesBefore + r * step.dim);
    }
}

}  // namespace

void compress(Pass& pass, const Compressor& step, const EntrySink& sink, const float* x,
              std::span<float> state) {
    const Arena::Mark mark(pass.arena);
    const int64_t width = step.width();
    float* values = pass.arena.take(pass.nTokens * width);
    float* gates = pass.arena.take(pass.nTokens * width);
    float* entry = pass.arena.take(step.dim);
    if (pass.isCounting()) return;
    multiply(pass, step.kv, x, pass.nTokens, values);
    multiply(pass, step.gate, x, pass.nTokens, gates);
    const OpenBlock open = openBlock(step, state);
    for (int64_t t = 0; t < pass.nTokens; ++t) {
        const int64_t position = pass.begin + t;
        const int64_t phase = position % step.ratio;
        float* openValues = open.values + phase * width;
        float* openGates = open.gates + phase * width;
        keepOld(pass, t, openValues, openValues, width);
        keepOld(pass, t, openGates, openGates, width);
        std::copy_n(values + t * width, width, openValues);
        for (int64_t c = 0; c < width; ++c)
            openGates[c] =
                gates[t * width + c] + step.positionBias[static_cast<size_t>(phase * width + c)];
        if (phase != step.ratio - 1) continue;
        const int64_t index = position / step.ratio;
        pool(pass.dispatch, pooledRows(step, open, index), step.dim, entry);
        finishEntry(pass, step, sink, index, entry);
        if (!step.hasOverlap) continue;
        // Values and gates lie side by side.
        keepOld(pass, t, open.valuesBefore, open.valuesBefore, 2 * step.ratio * step.dim);
        keepFirstHalves(step, open);
    }
}

}  // namespace moxie::engine
