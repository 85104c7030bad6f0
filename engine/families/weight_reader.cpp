#include "engine/families/weight_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using kernels::DType;
using kernels::WeightsView;

namespace {

bool isIntegerType(DType type) {
    return type == DType::i8 || type == DType::i32 || type == DType::i64;
}

Status checkShape(const StoredTensor& tensor, int64_t rows, int64_t cols) {
    if (tensor.weights.rows == rows && tensor.weights.cols == cols) return {};
    return fail(Errc::corrupt, fmt::format("tensor {} is {} x {}, expected {} x {}", tensor.name,
                                           tensor.weights.rows, tensor.weights.cols, rows, cols));
}

Status checkWeights(const StoredTensor& tensor) {
    if (!isIntegerType(tensor.weights.dtype)) return {};
    return fail(Errc::unsupported,
                fmt::format("tensor {} holds integers, expected weights", tensor.name));
}

}  // namespace

TensorName layerTensor(int64_t layer, std::string_view gguf, std::string_view published) {
    return {fmt::format("blk.{}.{}", layer, gguf),
            fmt::format("model.layers.{}.{}", layer, published)};
}

Result<WeightsView> columnsOf(const WeightsView& weights, int64_t begin, int64_t count) {
    const kernels::BlockFormat* format = kernels::blockFormat(static_cast<uint32_t>(weights.dtype));
    const bool hasTiles = weights.scaleType != kernels::ScaleType::none;
    if (begin % format->blockValues != 0 || count % format->blockValues != 0 ||
        (hasTiles && begin % weights.scaleCols != 0))
        return fail(Errc::unsupported,
                    fmt::format("columns {} to {} begin or end inside a block of {} values", begin,
                                begin + count, format->blockValues));
    WeightsView part = weights;
    part.cols = count;
    part.data += begin / format->blockValues * format->blockBytes;
    if (hasTiles) part.scales += begin / weights.scaleCols * kernels::scaleBytes(weights.scaleType);
    return part;
}

WeightReader::WeightReader(const TensorSource& source, std::string label)
    : source_(source),
      label_(std::move(label)),
      blueprint_(asBlueprint(source)) {}

std::string WeightReader::nameOf(const TensorName& name, std::string_view suffix) const {
    return fmt::format("{}{}", isGguf() ? name.gguf : name.published, suffix);
}

bool WeightReader::contains(const TensorName& name, std::string_view suffix) const {
    const std::string full = nameOf(name, suffix);
    return blueprint_ ? blueprint_->wants(full) : source_.findTensor(full) != nullptr;
}

std::optional<DType> WeightReader::typeOf(const TensorName& name, std::string_view suffix) const {
    const StoredTensor* tensor = source_.findTensor(nameOf(name, suffix));
    if (tensor == nullptr) return std::nullopt;
    return tensor->weights.dtype;
}

Result<int64_t> WeightReader::rowsOf(const TensorName& name) const {
    if (blueprint_) return blueprint_->vocabularySize();
    const StoredTensor* tensor = source_.findTensor(nameOf(name));
    if (tensor == nullptr)
        return fail(Errc::corrupt, fmt::format("tensor {} is missing", nameOf(name)));
    return tensor->weights.rows;
}

Result<int64_t> WeightReader::colsOf(const TensorName& name) const {
    const StoredTensor* tensor = source_.findTensor(nameOf(name));
    if (tensor == nullptr)
        return fail(Errc::corrupt, fmt::format("tensor {} is missing", nameOf(name)));
    return tensor->weights.cols;
}

Result<const StoredTensor*> WeightReader::find(const TensorName& name, std::string_view suffix,
                                               std::initializer_list<int64_t> dims,
                                               TensorRole role) {
    const std::string full = nameOf(name, suffix);
    const StoredTensor* tensor =
        blueprint_ ? blueprint_->declare(full, dims, role) : source_.findTensor(full);
    if (tensor == nullptr) return fail(Errc::corrupt, fmt::format("tensor {} is missing", full));
    if (seen_.insert(full).second) {
        bytes_ += tensor->bytes;
        parameters_ += tensor->weights.rows * tensor->weights.cols;
    }
    return tensor;
}

Result<WeightsView> WeightReader::matrix(const TensorName& name, int64_t rows, int64_t cols,
                                         std::string_view suffix) {
    TRY_ASSIGN(const StoredTensor* tensor, find(name, suffix, {cols, rows}, TensorRole::matrix));
    TRY(checkShape(*tensor, rows, cols));
    TRY(checkWeights(*tensor));
    return tensor->weights;
}

Result<Linear> WeightReader::linear(const TensorName& name, int64_t rows, int64_t cols, Bias bias) {
    Linear linear;
    linear.name = stepName(name);
    TRY_ASSIGN(linear.weights, matrix(name, rows, cols));
    if (bias == Bias::required || (bias == Bias::ifPresent && contains(name, ".bias"))) {
        TRY_ASSIGN(linear.bias, vector(name, rows, ".bias"));
    }
    return linear;
}

Result<std::vector<float>> WeightReader::vector(const TensorName& name, int64_t size,
                                                std::string_view suffix) {
    TRY_ASSIGN(const StoredTensor* tensor, find(name, suffix, {size}, TensorRole::vector));
    return copyOf(*tensor, size);
}

Result<std::vector<float>> WeightReader::values(const TensorName& name, int64_t rows, int64_t cols,
                                                std::string_view suffix) {
    TRY_ASSIGN(const StoredTensor* tensor, find(name, suffix, {cols, rows}, TensorRole::vector));
    return copyOf(*tensor, rows * cols);
}

Result<std::vector<float>> WeightReader::copyOf(const StoredTensor& tensor, int64_t size) const {
    TRY(checkWeights(tensor));
    const WeightsView& view = tensor.weights;
    if (view.rows * view.cols != size)
        return fail(Errc::corrupt, fmt::format("tensor {} has {} values, expected {}", tensor.name,
                                               view.rows * view.cols, size));
    std::vector<float> values(static_cast<size_t>(size));
    for (int64_t r = 0; r < view.rows; ++r)
        kernels::dispatchFor(kernels::Isa::scalar)
            .dequantiseRow(view, r,
                           std::span(values).subspan(static_cast<size_t>(r * view.cols),
                                                     static_cast<size_t>(view.cols)));
    return values;
}

Result<RmsNorm> WeightReader::norm(const TensorName& name, int64_t size, float epsilon) {
    TRY_ASSIGN(std::vector<float> weight, vector(name, size));
    return RmsNorm{.weight = std::move(weight), .epsilon = epsilon};
}

Result<std::vector<WeightsView>> WeightReader::stack(const TensorName& name, int64_t count,
                                                     int64_t rows, int64_t cols,
                                                     std::string_view suffix) {
    TRY_ASSIGN(const StoredTensor* tensor,
               find(name, suffix, {cols, rows, count}, TensorRole::matrix));
    TRY(checkWeights(*tensor));
    if (tensor->dims[0] != cols || tensor->dims[1] != rows || tensor->weights.rows != count * rows)
        return fail(Errc::corrupt, fmt::format("tensor {} is {} x {} x {}, expected {} x {} x {}",
                                               tensor->name, tensor->dims[2], tensor->dims[1],
                                               tensor->dims[0], count, rows, cols));
    std::vector<WeightsView> matrices;
    for (int64_t i = 0; i < count; ++i)
        matrices.push_back(kernels::rowsOf(tensor->weights, i * rows, rows));
    return matrices;
}

Result<WeightsView> WeightReader::integers(const TensorName& name, int64_t rows, int64_t cols,
                                           std::string_view suffix) {
    TRY_ASSIGN(const StoredTensor* tensor, find(name, suffix, {cols, rows}, TensorRole::table));
    TRY(checkShape(*tensor, rows, cols));
    if (tensor->weights.dtype != DType::i32 && tensor->weights.dtype != DType::i64)
        return fail(Errc::unsupported,
                    fmt::format("tensor {}: expected integers of 32 or 64 bits", tensor->name));
    return tensor->weights;
}

void WeightReader::ignorePrefix(std::string_view prefix) {
    ignoredPrefixes_.emplace_back(prefix);
}

void WeightReader::ignoreSuffix(std::string_view suffix) {
    ignoredSuffixes_.emplace_back(suffix);
}

Status WeightReader::checkNothingLeft(std::string_view family) const {
    for (const StoredTensor& tensor : source_.tensors()) {
        const auto isIgnored = [&] {
            return std::any_of(ignoredPrefixes_.begin(), ignoredPrefixes_.end(),
                               [&](const auto& p) { return tensor.name.starts_with(p); }) ||
                   std::any_of(ignoredSuffixes_.begin(), ignoredSuffixes_.end(),
                               [&](const auto& s) { return tensor.name.ends_with(s); });
        };
        if (!seen_.contains(tensor.name) && !isIgnored())
            return fail(Errc::unsupported,
                        fmt::format("tensor {} is not part of a {} model", tensor.name, family));
    }
    return {};
}

}  // namespace moxie::engine
