#include "engine/plan/cost.h"

#include <algorithm>

namespace moxie::engine {

namespace {

constexpr double kFlopsPerMultiplyAdd = 2;
constexpr double kBf16Weight = 2;
constexpr double kFp4Weight = 0.5;

struct Size {
    int64_t parameters = 0, bytes = 0;

    Size& operator+=(Size other) {
        parameters += other.parameters;
        bytes += other.bytes;
        return *this;
    }

    friend Size operator+(Size a, Size b) { return a += b; }

    friend Size operator*(int64_t n, Size size) { return {n * size.parameters, n * size.bytes}; }
};

Size sizeOf(const kernels::WeightsView& weights) {
    const int64_t scaleRows = (weights.rows + weights.scaleRows - 1) / weights.scaleRows;
    const bool hasScales = weights.scaleType != kernels::ScaleType::none;
    return {weights.rows * weights.cols,
            weights.rows * weights.rowBytes + (hasScales ? scaleRows * weights.scaleRowBytes : 0)};
}

Size sizeOf(const Linear& linear) {
    return sizeOf(linear.weights);
}

Size sizeOf(const Compressor& step) {
    return sizeOf(step.kv) + sizeOf(step.gate);
}

Size sizeOf(const DenseFfn& step) {
    return sizeOf(step.gate) + sizeOf(step.up) + sizeOf(step.down);
}

Size activeIn(const GqaAttention& step) {
    return sizeOf(step.q) + sizeOf(step.k) + sizeOf(step.v) + sizeOf(step.out);
}

Size activeIn(const MlaAttention& step) {
    Size n = sizeOf(step.qUp) + sizeOf(step.kvDown) + sizeOf(step.out);
    if (step.qDown) n += sizeOf(*step.qDown);
    for (const MlaHead& head : step.heads)
        n += sizeOf(head.kUp) + sizeOf(head.vUp);
    if (step.indexer)
        n +=
            sizeOf(step.indexer->qUp) + sizeOf(step.indexer->k) + sizeOf(step.indexer->headWeights);
    return n;
}

Size activeIn(const CompressedAttention& step) {
    Size n = sizeOf(step.qDown) + sizeOf(step.qUp) + sizeOf(step.kv) + sizeOf(step.outUp);
    for (const kernels::WeightsView& group : step.outDown)
        n += sizeOf(group);
    if (step.compressor) n += sizeOf(*step.compressor);
    if (step.indexer)
        n += sizeOf(step.indexer->qUp) + sizeOf(step.indexer->headWeights) +
             sizeOf(step.indexer->keys);
    return n;
}

Size activeIn(const Identity&) {
    return {};
}

Size activeIn(const DenseFfn& step) {
    return sizeOf(step);
}

Size activeIn(const MoeFfn& step) {
    const Expert& expert = step.experts.front();
    const Size one = sizeOf(expert.gate) + sizeOf(expert.up) + sizeOf(expert.down);
    return sizeOf(step.router) + step.topK * one + (step.shared ? sizeOf(*step.shared) : Size());
}

Size activeIn(const Block& block) {
    const auto active = [](const auto& step) { return activeIn(step); };
    Size n = std::visit(active, block.attention) + std::visit(active, block.ffn);
    for (const auto* connection : {&block.attentionConnection, &block.ffnConnection})
        if (*connection) n += sizeOf((*connection)->mix);
    if (block.engram) {
        n += sizeOf(block.engram->value);
        for (const Linear& key : block.engram->keys)
            n += sizeOf(key);
    }
    return n;
}

Size activeIn(const ModelPlan& plan) {
    Size n = sizeOf(plan.head);
    for (const Block& block : plan.blocks)
        n += activeIn(block);
    if (plan.headConnection) n += sizeOf(plan.headConnection->mix);
    return n;
}

// ---- the widest input of a product

int64_t widestIn(const Linear& linear) {
    return linear.weights.cols;
}

int64_t widestIn(const Identity&) {
    return 0;
}

int64_t widestIn(const GqaAttention& step) {
    return std::max(widestIn(step.q), widestIn(step.out));
}

int64_t widestIn(const MlaAttention& step) {
    int64_t n = std::max({widestIn(step.qUp), widestIn(step.kvDown), widestIn(step.out)});
    if (step.qDown) n = std::max(n, widestIn(*step.qDown));
    if (step.indexer) n = std::max(n, widestIn(step.indexer->qUp));
    return n;
}

int64_t widestIn(const CompressedAttention& step) {
    return std::max({widestIn(step.qDown), widestIn(step.qUp), widestIn(step.outUp)});
}

int64_t widestIn(const DenseFfn& step) {
    return std::max(widestIn(step.gate), widestIn(step.down));
}

int64_t widestIn(const MoeFfn& step) {
    return step.shared ? widestIn(*step.shared) : 0;
}

int64_t widestIn(const Block& block) {
    const auto widest = [](const auto& step) { return widestIn(step); };
    int64_t n = std::max(std::visit(widest, block.attention), std::visit(widest, block.ffn));
    if (block.engram) n = std::max(n, widestIn(block.engram->value));
    return n;
}

// Scores over and sums of `rows` rows by nHeads heads.
double attentionFlops(int64_t nHeads, int64_t keyDim, int64_t valueDim, double rows) {
    return kFlopsPerMultiplyAdd * kBf16Weight * static_cast<double>(nHeads * (keyDim + valueDim)) *
           rows;
}

double scoreFlops(int64_t nHeads, int64_t headDim, double rows) {
    return kFlopsPerMultiplyAdd * static_cast<double>(nHeads * headDim) * rows;
}

void addRows(const GqaAttention& step, int64_t context, DecodeFlops& flops) {
    const int64_t rows = step.window > 0 ? std::min(step.window, context) : context;
    flops.attention +=
        attentionFlops(step.nHeads, step.headDim, step.headDim, static_cast<double>(rows));
}

void addRows(const Identity&, int64_t, DecodeFlops&) {}

void addRows(const MlaAttention& step, int64_t context, DecodeFlops& flops) {
    const int64_t rows = step.indexer ? std::min(step.indexer->topK, context) : context;
    flops.attention += attentionFlops(step.nHeads(), step.rank + step.ropeDim, step.rank,
                                      static_cast<double>(rows));
    if (step.indexer)
        flops.indexer +=
            scoreFlops(step.indexer->nHeads, step.indexer->headDim, static_cast<double>(context));
}

void addRows(const CompressedAttention& step, int64_t context, DecodeFlops& flops) {
    auto rows = static_cast<double>(std::min(step.window, context));
    const double entries =
        step.compressor ? static_cast<double>(context) / static_cast<double>(step.compressor->ratio)
                        : 0;
    if (step.indexer) {
        rows += std::min(static_cast<double>(step.indexer->topK), entries);
        flops.indexer +=
            kFp4Weight * scoreFlops(step.indexer->nHeads, step.indexer->headDim, entries);
    } else {
        rows += entries;
    }
    flops.attention += attentionFlops(step.nHeads, step.headDim, step.headDim, rows);
}

}  // namespace

int64_t activeParameters(const ModelPlan& plan) {
    return activeIn(plan).parameters;
}

int64_t expertBytes(const ModelPlan& plan) {
    int64_t bytes = 0;
    const auto add = [&](const Block& block) {
        const auto* moe = std::get_if<MoeFfn>(&block.ffn);
        if (moe == nullptr) return;
        for (const Expert& expert : moe->experts)
            for (const auto* w : {&expert.gate, &expert.up, &expert.down}) {
                bytes += w->rows * w->rowBytes;
                if (w->scales == nullptr) continue;
                bytes += (w->rows + w->scaleRows - 1) / w->scaleRows * w->scaleRowBytes;
            }
    };
    for (const Block& block : plan.blocks)
        add(block);
    for (const Block* block : draftBlocks(plan))
        add(*block);
    return bytes;
}

int64_t activeBytes(const ModelPlan& plan) {
    return activeIn(plan).bytes;
}

int64_t widestInput(const ModelPlan& plan) {
    int64_t n = plan.hiddenDim;
    for (const Block& block : plan.blocks)
        n = std::max(n, widestIn(block));
    for (const Block* block : draftBlocks(plan))
        n = std::max(n, widestIn(*block));
    return plan.blockDrafter ? std::max(n, plan.blockDrafter->targetProjection.cols()) : n;
}

DecodeFlops decodeFlops(const ModelPlan& plan, int64_t contextTokens) {
    DecodeFlops flops = {.weights =
                             kFlopsPerMultiplyAdd * static_cast<double>(activeParameters(plan))};
    for (const Block& block : plan.blocks)
        std::visit([&](const auto& step) { addRows(step, contextTokens, flops); }, block.attention);
    return flops;
}

double kvBytesPerToken(const ModelPlan& plan, KvFormat format) {
    double bytes = 0;
    for (const KvLayer& layer : makeKvLayout(plan, format).layers)
        for (const KvStream& stream : layer.streams)
            bytes += static_cast<double>(stream.lanes * stream.format.bytes) /
                     static_cast<double>(stream.tokensPerRow);
    return bytes;
}

}  // namespace moxie::engine
