#include <algorithm>
#include <type_traits>

#include "engine/execute/lora.h"
#include "engine/execute/pass.h"

namespace moxie::engine {

namespace {

struct BlockBuffers {
    float *x, *normed, *y;
    StreamMix mix;
};

BlockBuffers takeBlockBuffers(Pass& pass) {
    const int64_t n = pass.nTokens * pass.plan.hiddenDim;
    const int64_t streams = pass.plan.nStreams;
    BlockBuffers b = {};
    b.x = pass.arena.take(n);
    b.normed = pass.arena.take(n);
    b.y = pass.arena.take(n);
    b.mix.post = pass.arena.take(pass.nTokens * streams);
    b.mix.combine = pass.arena.take(pass.nTokens * streams * streams);
    return b;
}

void normaliseInput(const Pass& pass, const RmsNorm& norm,
                    const std::optional<HyperConnection>& connection, const BlockBuffers& b,
                    const float* residual) {
    if (pass.isCounting()) return;
    if (connection) mixOut(pass, *connection, residual, b.mix, b.x);
    normalise(pass, norm, connection ? b.x : residual, pass.plan.hiddenDim, pass.nTokens, b.normed);
}

// residual += step(norm(residual)), or through hyper-connections.
template <class Step>
void runSubLayer(Pass& pass, const RmsNorm& norm, const std::optional<HyperConnection>& connection,
                 const BlockBuffers& b, float* residual, const Step& step) {
    normaliseInput(pass, norm, connection, b, residual);
    step(b.normed, b.y);
    if (pass.isCounting()) return;
    if (connection)
        mixIn(pass, *connection, b.mix, b.y, residual);
    else
        add(pass, b.y, pass.nTokens * pass.plan.hiddenDim, residual);
}

void addItself(const Pass& pass, float* residual) {
    if (pass.isCounting()) return;
    const int64_t n = pass.nTokens * residualDim(pass.plan);
    for (int64_t i = 0; i < n; ++i)
        residual[i] += residual[i];
}

void runAttention(Pass& pass, const Block& block, int64_t layer, const BlockBuffers& b,
                  float* residual) {
    std::visit(
        [&]<class Step>(const Step& step) {
            if constexpr (std::is_same_v<Step, Identity>)
                addItself(pass, residual);
            else
                runSubLayer(pass, block.attentionNorm, block.attentionConnection, b, residual,
                            [&](const float* x, float* y) { attend(pass, step, layer, x, y); });
        },
        block.attention);
}

void runFfn(Pass& pass, const Block& block, const BlockBuffers& b, float* residual) {
    std::visit(
        [&]<class Step>(const Step& step) {
            if constexpr (std::is_same_v<Step, Identity>)
                addItself(pass, residual);
            else
                runSubLayer(pass, block.ffnNorm, block.ffnConnection, b, residual,
                            [&](const float* x, float* y) { feedForward(pass, step, x, y); });
        },
        block.ffn);
}

// False: stopped.
bool runBlock(Pass& pass, const Block& block, int64_t layer, const std::function<bool()>& isStopped,
              float* residual) {
    const Arena::Mark mark(pass.arena);
    const BlockBuffers b = takeBlockBuffers(pass);
    if (block.engram) remember(pass, *block.engram, layer, residual);
    runAttention(pass, block, layer, b, residual);
    if (isStopped()) return false;
    runFfn(pass, block, b, residual);
    return !isStopped();
}

// What the block's attention keeps of the chunk.
void followBlock(Pass& pass, const Block& block, int64_t layer, float* residual) {
    const Arena::Mark mark(pass.arena);
    const BlockBuffers b = takeBlockBuffers(pass);
    if (block.engram) remember(pass, *block.engram, layer, residual);
    std::visit(
        [&]<class Step>(const Step& step) {
            if constexpr (!std::is_same_v<Step, Identity>) {
                normaliseInput(pass, block.attentionNorm, block.attentionConnection, b, residual);
                keepRows(pass, step, layer, b.normed);
            }
        },
        block.attention);
}

// out[t * stride ...] = the embedding of each token.
void embed(const Pass& pass, const kernels::WeightsView& embedding, std::span<const int32_t> tokens,
           int64_t stride, float* out) {
    const auto hidden = static_cast<size_t>(pass.plan.hiddenDim);
    const bool isAdapted = pass.adapters != nullptr && embedding.data == pass.plan.embedding.data;
    for (int64_t t = 0; t < std::ssize(tokens); ++t) {
        const int32_t token = tokens[static_cast<size_t>(t)];
        const std::span<float> embedded(out + t * stride, hidden);
        pass.dispatch.dequantiseRow(embedding, token, embedded);
        if (isAdapted) pass.adapters->addToEmbedding(pass, token, embedded);
    }
}

// Every stream of a token starts as its embedding.
void startResidual(const Pass& pass, std::span<const int32_t> tokens, float* residual) {
    const int64_t hidden = pass.plan.hiddenDim;
    const int64_t stride = residualDim(pass.plan);
    embed(pass, pass.plan.embedding, tokens, stride, residual);
    for (int64_t t = 0; t < pass.nTokens; ++t)
        for (int64_t s = 1; s < pass.plan.nStreams; ++s)
            std::copy_n(residual + t * stride, hidden, residual + t * stride + s * hidden);
}

// The mean over the streams of each token, where a block drafter reads this layer.
void keepTargets(const Pass& pass, int64_t layer, const float* residual) {
    if (pass.targets == nullptr) return;
    const std::vector<int64_t>& targets = pass.plan.blockDrafter->targets;
    const auto found = std::ranges::find(targets, layer);
    if (found == targets.end()) return;
    const int64_t hidden = pass.plan.hiddenDim;
    const int64_t streams = pass.plan.nStreams;
    float* out = pass.targets + (found - targets.begin()) * hidden;
    for (int64_t t = 0; t < pass.nTokens; ++t)
        for (int64_t i = 0; i < hidden; ++i) {
            float sum = 0;
            for (int64_t s = 0; s < streams; ++s)
                sum += residual[(t * streams + s) * hidden + i];
            out[t * targetsDim(pass.plan) + i] = sum / static_cast<float>(streams);
        }
}

// residual [token][streams][hidden] = both projections together: what the draft block goes on from.
float* startDraft(Pass& pass, const DraftInput& input) {
    const DraftBlock& draft = *pass.plan.draft;
    const int64_t hidden = pass.plan.hiddenDim;
    const int64_t streams = pass.plan.nStreams;
    const int64_t n = pass.nTokens;
    float* embedded = pass.arena.take(n * hidden);
    float* projected = pass.arena.take(n * hidden);
    float* normed = pass.arena.take(n * streams * hidden);
    float* residual = pass.arena.take(n * streams * hidden);
    if (pass.isCounting()) return residual;
    embed(pass, draft.embedding.value_or(pass.plan.embedding), input.next, hidden, embedded);
    normalise(pass, draft.embeddingNorm, embedded, hidden, n, embedded);
    multiplyExactly(pass, draft.embeddingProjection, embedded, n, projected);
    normalise(pass, draft.hiddenNorm, input.state, hidden, n * streams, normed);
    multiplyExactly(pass, draft.hiddenProjection, normed, n * streams, residual);
    for (int64_t t = 0; t < n; ++t)
        for (int64_t s = 0; s < streams; ++s)
            for (int64_t i = 0; i < hidden; ++i)
                residual[(t * streams + s) * hidden + i] += projected[t * hidden + i];
    return residual;
}

}  // namespace

bool runBlocks(Pass& pass, const std::function<bool()>& isStopped, float* residual) {
    if (!pass.isCounting())
        startResidual(pass, pass.history.subspan(static_cast<size_t>(pass.begin)), residual);
    if (isStopped()) return false;
    for (int64_t layer = 0; layer < std::ssize(pass.plan.blocks); ++layer) {
        if (!runBlock(pass, pass.plan.blocks[static_cast<size_t>(layer)], layer, isStopped,
                      residual))
            return false;
        keepTargets(pass, layer, residual);
    }
    return true;
}

void runFinalNorm(Pass& pass, const float* residual, int64_t nTokens, float* x) {
    const int64_t hidden = pass.plan.hiddenDim;
    const float* collapsed = residual;
    if (pass.plan.headConnection) {
        collapse(pass, *pass.plan.headConnection, residual, nTokens, x);
        collapsed = x;
    } else if (pass.plan.nStreams > 1) {  // the first stream stands for all
        for (int64_t t = 0; t < nTokens; ++t)
            std::copy_n(residual + t * residualDim(pass.plan), hidden, x + t * hidden);
        collapsed = x;
    }
    if (pass.plan.finalNorm.weight.empty()) {
        if (collapsed != x) std::copy_n(collapsed, nTokens * hidden, x);
        return;
    }
    normalise(pass, pass.plan.finalNorm, collapsed, hidden, nTokens, x);
}

void runDraft(Pass& pass, const DraftInput& input, float* x) {
    const Arena::Mark mark(pass.arena);
    const DraftBlock& draft = *pass.plan.draft;
    const int64_t n = pass.nTokens;
    float* residual = startDraft(pass, input);
    runBlock(
        pass, draft.block, std::ssize(pass.plan.blocks), [] { return false; }, residual);
    if (pass.isCounting()) return;
    const float* collapsed = residual;
    if (draft.headConnection) {
        collapse(pass, *draft.headConnection, residual, n, x);
        collapsed = x;
    }
    normalise(pass, draft.norm, collapsed, pass.plan.hiddenDim, n, x);
    if (input.deeper != nullptr)
        std::copy_n(draft.takesFinalNorm ? x : residual, n * residualDim(pass.plan), input.deeper);
}

void followDraft(Pass& pass, const DraftInput& input) {
    const Arena::Mark mark(pass.arena);
    float* residual = startDraft(pass, input);
    followBlock(pass, pass.plan.draft->block, std::ssize(pass.plan.blocks), residual);
}

void followTargets(Pass& pass, const float* targets) {
    const Arena::Mark mark(pass.arena);
    const BlockDrafter& drafter = *pass.plan.blockDrafter;
    float* read = pass.arena.take(pass.nTokens * pass.plan.hiddenDim);
    if (!pass.isCounting()) {
        multiply(pass, drafter.targetProjection, targets, pass.nTokens, read);
        normalise(pass, drafter.targetNorm, read, pass.plan.hiddenDim, pass.nTokens, read);
    }
    int64_t layer = std::ssize(pass.plan.blocks);
    for (const Block& block : drafter.blocks)
        keepRows(pass, std::get<CompressedAttention>(block.attention), layer++, read);
}

void runBlockDrafter(Pass& pass, std::span<const int32_t> tokens, const BlockDraftOutput& output) {
    const Arena::Mark mark(pass.arena);
    const BlockDrafter& drafter = *pass.plan.blockDrafter;
    float* residual = pass.arena.take(pass.nTokens * residualDim(pass.plan));
    if (!pass.isCounting()) startResidual(pass, tokens, residual);
    int64_t layer = std::ssize(pass.plan.blocks);
    for (const Block& block : drafter.blocks)
        runBlock(
            pass, block, layer++, [] { return false; }, residual);
    if (pass.isCounting()) return;
    collapse(pass, drafter.headConnection, residual, pass.nTokens, output.collapsed);
    normalise(pass, drafter.norm, output.collapsed, pass.plan.hiddenDim, pass.nTokens,
              output.normed);
}

}  // namespace moxie::engine
