#include "engine/adapters/adapter_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/weights/open_source.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr double kAdapterScaleMax = 1e4;

Status checkShape(const LoraPair& pair, const AdapterTarget& target) {
    const int64_t in = pair.isTurned ? pair.down.rows : pair.down.cols;
    const int64_t out = pair.up.rows / pair.count;
    if (in == target.cols && out == target.rows && pair.count == target.count &&
        pair.up.rows % pair.count == 0 && pair.down.rows % pair.count == 0 &&
        (!pair.isTurned || target.form == AdapterForm::embedding))
        return {};
    return fail(
        Errc::corrupt,
        fmt::format("{}: factors for {} x {} (stack of {}), the weights are {} x {} "
                    "(stack of {})",
                    pair.target, out, in, pair.count, target.rows, target.cols, target.count));
}

Status checkArchitecture(const LoraFile& file, const TensorSource& source) {
    const GgufFile* gguf = asGguf(source);
    if (gguf == nullptr || file.architecture().empty()) return {};
    const std::string_view own = gguf->string("general.architecture").value_or("");
    if (own == file.architecture()) return {};
    return fail(Errc::unsupported, fmt::format("an adapter for architecture {}, the model is {}",
                                               file.architecture(), own));
}

std::string_view kindName(SourceKind kind) {
    return kind == SourceKind::gguf ? "GGUF" : "safetensors";
}

tl::unexpected<base::Error> noSuchTarget(const LoraPair& pair, const LoraFile& file,
                                         const TensorSource& source) {
    std::string why;
    if (file.kind() != source.kind())
        why = fmt::format(" (names of {} files; the model is {})", kindName(file.kind()),
                          kindName(source.kind()));
    return fail(Errc::unsupported,
                fmt::format("{}: the model has no product of that name that adapters reach{}",
                            pair.target.substr(0, 200), why));
}

void insertPair(const LoraPair& pair, const AdapterTarget& target, double scale,
                LoraAdapters& adapters) {
    const auto factor = static_cast<float>(scale);
    const LoraFactors whole = {.down = pair.down, .up = pair.up, .scale = factor};
    if (target.form == AdapterForm::product) return adapters.insert(pair.target, whole);
    if (target.form == AdapterForm::head) return adapters.insertHead(pair.target, whole);
    const int64_t rank = pair.down.rows / pair.count;
    const int64_t rows = pair.up.rows / pair.count;
    for (int64_t i = 0; i < pair.count; ++i)
        adapters.insertExpert(target.experts->name, target.expert + i, target.part,
                              {.down = kernels::rowsOf(pair.down, i * rank, rank),
                               .up = kernels::rowsOf(pair.up, i * rows, rows),
                               .scale = factor});
}

// What an adapter brings along of the model must be the model's: looked at in some rows.
Status checkBaseCopy(const LoraBaseCopy& copy, const TensorSource& source) {
    constexpr int64_t kRowsSeen = 16;
    const StoredTensor* own = source.findTensor(copy.target + ".weight");
    const auto refuse = [&](std::string_view why) {
        return fail(Errc::unsupported,
                    fmt::format("{}: the adapter brings weights of its own, {}; merge it into the "
                                "model first",
                                copy.target.substr(0, 200), why));
    };
    if (own == nullptr) return refuse("which the model does not have");
    if (own->weights.rows != copy.weights.rows || own->weights.cols != copy.weights.cols)
        return refuse(fmt::format("{} x {} where the model has {} x {}", copy.weights.rows,
                                  copy.weights.cols, own->weights.rows, own->weights.cols));
    const kernels::Dispatch& scalar = kernels::dispatchFor(kernels::Isa::scalar);
    std::vector<float> ours(static_cast<size_t>(copy.weights.cols));
    std::vector<float> theirs(ours.size());
    const int64_t seen = std::min(kRowsSeen, copy.weights.rows);
    for (int64_t i = 0; i < seen; ++i) {
        const int64_t row = i * copy.weights.rows / seen;
        scalar.dequantiseRow(own->weights, row, ours);
        scalar.dequantiseRow(copy.weights, row, theirs);
        if (ours != theirs) return refuse("other than the model's");
    }
    return {};
}

}  // namespace

// A row for each token.
void AdapterSet::addEmbedding(const LoraPair& pair, double scale) {
    LoraFactors factors = {.down = pair.down, .up = pair.up, .scale = static_cast<float>(scale)};
    if (!pair.isTurned) {
        const int64_t tokens = pair.down.cols;
        const int64_t rank = pair.down.rows;
        std::vector<float> row(static_cast<size_t>(tokens));
        std::vector<float>& own = repacked_.emplace_back(static_cast<size_t>(tokens * rank));
        for (int64_t r = 0; r < rank; ++r) {
            kernels::dispatchFor(kernels::Isa::scalar).dequantiseRow(pair.down, r, row);
            for (int64_t t = 0; t < tokens; ++t)
                own[static_cast<size_t>(t * rank + r)] = row[static_cast<size_t>(t)];
        }
        factors.down = {.data = reinterpret_cast<const uint8_t*>(own.data()),
                        .rows = tokens,
                        .cols = rank,
                        .rowBytes = rank * int64_t{sizeof(float)}};
    }
    factors_.insertEmbedding(pair.target, factors);
}

// Columns expert, expert + experts, ... as a matrix of their own.
kernels::WeightsView AdapterSet::expertColumns(const kernels::WeightsView& stacked, int64_t expert,
                                               int64_t experts) {
    const int64_t rank = stacked.cols / experts;
    std::vector<float> row(static_cast<size_t>(stacked.cols));
    std::vector<float>& own = repacked_.emplace_back();
    for (int64_t r = 0; r < stacked.rows; ++r) {
        kernels::dispatchFor(kernels::Isa::scalar).dequantiseRow(stacked, r, row);
        for (int64_t i = 0; i < rank; ++i)
            own.push_back(row[static_cast<size_t>(i * experts + expert)]);
    }
    return {.data = reinterpret_cast<const uint8_t*>(own.data()),
            .rows = stacked.rows,
            .cols = rank,
            .rowBytes = rank * int64_t{sizeof(float)}};
}

Status AdapterSet::addFused(const LoraFile& file, const LoraPair& pair, const MoeFfn& experts,
                            double scale) {
    const int64_t n = std::ssize(experts.experts);
    const int64_t ffn = experts.ffnDim;
    const int64_t hidden = experts.experts.front().gate.cols;
    const bool isDown = pair.down.cols == ffn && pair.up.rows == hidden;
    const bool isGateUp = pair.down.cols == hidden && pair.up.rows == 2 * ffn;
    if (pair.count != 1 || pair.down.rows % n != 0 || !(isDown || isGateUp))
        return fail(
            Errc::corrupt,
            fmt::format("{}: factors {} x {} and {} x {} fit no weights of {} experts", pair.target,
                        pair.down.rows, pair.down.cols, pair.up.rows, pair.up.cols, n));
    const int64_t rank = pair.down.rows / n;
    const std::string name = experts.name + (isDown ? ".down_proj" : ".gate_up_proj");
    LoraFactors factors = {.scale = static_cast<float>(scale * file.scaleOf(name, rank))};
    for (int64_t e = 0; e < n; ++e) {
        factors.down = kernels::rowsOf(pair.down, e * rank, rank);
        const kernels::WeightsView up = expertColumns(pair.up, e, n);
        factors.up = isDown ? up : kernels::rowsOf(up, 0, ffn);
        factors_.insertExpert(experts.name, e, isDown ? ExpertPart::down : ExpertPart::gate,
                              factors);
        if (isDown) continue;
        factors.up = kernels::rowsOf(up, ffn, ffn);
        factors_.insertExpert(experts.name, e, ExpertPart::up, factors);
    }
    return {};
}

Status AdapterSet::addFile(const LoraFile& file, double scale, const AdapterTargets& targets,
                           const TensorSource& source) {
    TRY(checkArchitecture(file, source));
    for (const LoraPair& pair : file.pairs()) {
        const auto target = targets.find(pair.target);
        if (target == targets.end()) return noSuchTarget(pair, file, source);
        if (target->second.form == AdapterForm::fused) {
            TRY(addFused(file, pair, *target->second.experts, scale));
            continue;
        }
        TRY(checkShape(pair, target->second));
        const double own = scale * file.scaleOf(pair.target, pair.rank());
        if (target->second.form == AdapterForm::embedding)
            addEmbedding(pair, own);
        else
            insertPair(pair, target->second, own, factors_);
    }
    for (const LoraBaseCopy& copy : file.baseCopies())
        TRY(checkBaseCopy(copy, source));
    return {};
}

Result<AdapterSet> AdapterSet::open(std::span<const AdapterFile> files, const LoadedModel& model) {
    AdapterSet set;
    if (files.empty()) return set;
    if (files.size() > kAdaptersMax)
        return fail(Errc::invalidInput,
                    fmt::format("{} adapters, expected at most {}", files.size(), kAdaptersMax));
    const AdapterTargets targets = adapterTargets(model.plan);
    for (const AdapterFile& wanted : files) {
        const std::string step = fmt::format("adapter {}", wanted.file.string());
        if (!std::isfinite(wanted.scale) || std::abs(wanted.scale) > kAdapterScaleMax)
            return fail(Errc::invalidInput,
                        fmt::format("{}: scale {}, expected -10000 to 10000", step, wanted.scale));
        auto file = LoraFile::open(wanted.file);
        if (!file) return fail(std::move(file).error().within(step));
        if (auto added = set.addFile(*file, wanted.scale, targets, *model.source); !added)
            return fail(std::move(added).error().within(step));
        set.files_.push_back(*std::move(file));
    }
    return set;
}

}  // namespace moxie::engine
