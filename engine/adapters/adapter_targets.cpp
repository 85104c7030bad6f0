#include "engine/adapters/adapter_targets.h"

#include <string_view>
#include <utility>
#include <variant>

namespace moxie::engine {

namespace {

void addTarget(const Linear& linear, AdapterTargets& targets) {
    if (!linear.name.empty()) targets[linear.name] = {.rows = linear.rows(), .cols = linear.cols()};
}

void addTargets(const GqaAttention& step, AdapterTargets& targets) {
    for (const Linear* linear : {&step.q, &step.k, &step.v, &step.out})
        addTarget(*linear, targets);
}

void addTargets(const MlaAttention& step, AdapterTargets& targets) {
    if (step.qDown) addTarget(*step.qDown, targets);
    for (const Linear* linear : {&step.qUp, &step.kvDown, &step.out})
        addTarget(*linear, targets);
    if (!step.kvUpName.empty())
        targets[step.kvUpName] = {.rows = step.nHeads() * (step.nopeDim + step.vDim),
                                  .cols = step.rank};
    if (!step.indexer) return;
    for (const Linear* linear : {&step.indexer->qUp, &step.indexer->k, &step.indexer->headWeights})
        addTarget(*linear, targets);
}

void addTargets(const CompressedAttention& step, AdapterTargets& targets) {
    for (const Linear* linear : {&step.qDown, &step.qUp, &step.kv, &step.outUp})
        addTarget(*linear, targets);
    const auto addCompressor = [&](const Compressor& compressor) {
        addTarget(compressor.kv, targets);
        addTarget(compressor.gate, targets);
    };
    if (step.compressor) addCompressor(*step.compressor);
    if (!step.indexer) return;
    addTarget(step.indexer->qUp, targets);
    addTarget(step.indexer->headWeights, targets);
    addCompressor(step.indexer->keys);
}

void addTargets(const Identity&, AdapterTargets&) {}

void addTargets(const DenseFfn& step, AdapterTargets& targets) {
    for (const Linear* linear : {&step.gate, &step.up, &step.down})
        addTarget(*linear, targets);
}

// `name` as ExpertTensors has it.
void addExperts(const MoeFfn& step, const std::string& name, ExpertPart part,
                AdapterTargets& targets) {
    if (name.empty() || step.isTransposed) return;
    const kernels::WeightsView& first = part == ExpertPart::gate ? step.experts.front().gate
                                        : part == ExpertPart::up ? step.experts.front().up
                                                                 : step.experts.front().down;
    AdapterTarget target = {.form = AdapterForm::experts,
                            .rows = first.rows,
                            .cols = first.cols,
                            .experts = &step,
                            .part = part};
    const size_t number = name.find('#');
    if (number == std::string::npos) {
        target.count = std::ssize(step.experts);
        targets[name] = target;
        return;
    }
    for (; target.expert < std::ssize(step.experts); ++target.expert)
        targets[name.substr(0, number) + std::to_string(target.expert) + name.substr(number + 1)] =
            target;
}

void addTargets(const MoeFfn& step, AdapterTargets& targets) {
    addTarget(step.router, targets);
    if (step.shared) addTargets(*step.shared, targets);
    addExperts(step, step.tensors.gate, ExpertPart::gate, targets);
    addExperts(step, step.tensors.up, ExpertPart::up, targets);
    addExperts(step, step.tensors.down, ExpertPart::down, targets);
    if (step.isTransposed || step.tensors.gate.find('#') == std::string::npos) return;
    // The second of two adapted parameters wraps the first.
    for (const char* suffix : {"", ".base_layer"})
        targets[step.name + suffix] = {.form = AdapterForm::fused, .experts = &step};
}

void addBlockTargets(const Block& block, AdapterTargets& targets) {
    std::visit([&](const auto& step) { addTargets(step, targets); }, block.attention);
    std::visit([&](const auto& step) { addTargets(step, targets); }, block.ffn);
}

}  // namespace

AdapterTargets adapterTargets(const ModelPlan& plan) {
    AdapterTargets targets;
    if (!plan.embeddingName.empty())
        targets[plan.embeddingName] = {
            .form = AdapterForm::embedding, .rows = plan.hiddenDim, .cols = plan.vocabularySize};
    if (!plan.headName.empty())
        targets[plan.headName] = {
            .form = AdapterForm::head, .rows = plan.vocabularySize, .cols = plan.hiddenDim};
    for (const Block& block : plan.blocks)
        addBlockTargets(block, targets);
    for (const Block* block : draftBlocks(plan))
        addBlockTargets(*block, targets);
    return targets;
}

}  // namespace moxie::engine
