#include "engine/safetensors/scale_pairing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using kernels::DType;
using kernels::ScaleType;

namespace {

constexpr int64_t kGroupValues = 32;  // that share a scale in FP4 and INT4
constexpr int64_t kBlockBytes = 16;   // of such a group in FP4
constexpr int64_t kInt4PerWord = 8;   // values in one I32 of compressed-tensors
constexpr int64_t kTileSizeMax = 1 << 16;

struct Tile {
    int64_t rows = 128;
    int64_t cols = 128;
};

Result<Tile> tileOf(const ModelConfig& config) {
    constexpr std::string_view kKey = "quantization_config.weight_block_size";
    if (!config.contains(kKey)) return Tile{};
    const std::vector<int64_t> sizes = config.integers(kKey);
    if (sizes.size() != 2 || sizes[0] < 1 || sizes[0] > kTileSizeMax || sizes[1] < 1 ||
        sizes[1] > kTileSizeMax || sizes[1] % kGroupValues != 0)
        return fail(Errc::unsupported,
                    fmt::format("config.json: {}: expected two sizes up to {}, the second a "
                                "multiple of {}",
                                kKey, kTileSizeMax, kGroupValues));
    return Tile{sizes[0], sizes[1]};
}

std::optional<DType> plainType(SafetensorsType type) {
    switch (type) {
        case SafetensorsType::f32:
            return DType::f32;
        case SafetensorsType::f16:
            return DType::f16;
        case SafetensorsType::bf16:
            return DType::bf16;
        case SafetensorsType::i8:
            return DType::i8;
        case SafetensorsType::i32:
            return DType::i32;
        case SafetensorsType::i64:
            return DType::i64;
        default:
            return std::nullopt;
    }
}

ScaleType scaleTypeOf(SafetensorsType type) {
    switch (type) {
        case SafetensorsType::f32:
            return ScaleType::f32;
        case SafetensorsType::f16:
            return ScaleType::f16;
        case SafetensorsType::bf16:
            return ScaleType::bf16;
        case SafetensorsType::f8E8m0:
            return ScaleType::e8m0;
        default:
            return ScaleType::none;
    }
}

int64_t divideUp(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

std::span<const int64_t> shapeOf(const SafetensorsTensor& tensor) {
    return {tensor.shape.data(), static_cast<size_t>(tensor.nDims)};
}

std::string describe(const SafetensorsTensor& tensor) {
    return fmt::format("{} {} {}", tensor.name, toString(tensor.type), shapeText(tensor));
}

// "a.b.weight" and ".weight" give "a.b"; nullopt if the name has another end.
std::optional<std::string> stemOf(std::string_view name, std::string_view end) {
    if (!name.ends_with(end) || name.size() == end.size()) return std::nullopt;
    return std::string(name.substr(0, name.size() - end.size()));
}

bool isByte(const SafetensorsTensor& tensor) {
    return tensor.type == SafetensorsType::i8 || tensor.type == SafetensorsType::u8;
}

// Rows of `cols` values with the leading sizes as higher dimensions. Requires: at most four sizes.
StoredTensor storedTensor(const SafetensorsTensor& data, std::span<const int64_t> leading,
                          int64_t cols, DType dtype) {
    StoredTensor tensor{.name = data.name,
                        .nDims = static_cast<int32_t>(leading.size()) + 1,
                        .offset = data.offset,
                        .bytes = data.bytes};
    tensor.dims[0] = cols;
    int64_t rows = 1;
    for (size_t i = 0; i < leading.size(); ++i) {
        tensor.dims[leading.size() - i] = leading[i];
        rows *= leading[i];
    }
    tensor.weights = {.dtype = dtype,
                      .data = data.data,
                      .rows = rows,
                      .cols = cols,
                      .rowBytes = data.bytes / rows};
    return tensor;
}

class ScalePairing {
public:
    static Result<PairedTensors> run(std::span<const SafetensorsFile> files, Tile tile) {
        ScalePairing pairing(tile);
        for (const SafetensorsFile& file : files)
            for (const SafetensorsTensor& tensor : file.tensors())
                pairing.all_.push_back({&tensor, false});
        std::ranges::sort(pairing.all_, {}, &Seen::name);
        if (const auto twice = std::ranges::adjacent_find(pairing.all_, {}, &Seen::name);
            twice != pairing.all_.end())
            return fail(Errc::corrupt,
                        fmt::format("tensor {} is in two files", twice->tensor->name));
        for (Seen& seen : pairing.all_)
            TRY(pairing.addQuantised(seen));
        for (const Seen& seen : pairing.all_)
            if (!seen.isListed) TRY(pairing.addPlain(*seen.tensor));
        return std::move(pairing).result();
    }

private:
    struct Seen {
        const SafetensorsTensor* tensor = nullptr;
        bool isListed = false;  // itself or as part of another

        std::string_view name() const { return tensor->name; }
    };

    explicit ScalePairing(Tile tile) : tile_(tile) {}

    Seen* find(std::string_view name) {
        const auto at = std::ranges::lower_bound(all_, name, {}, &Seen::name);
        return at != all_.end() && at->name() == name ? &*at : nullptr;
    }

    Status addQuantised(Seen& seen) {
        const SafetensorsTensor& tensor = *seen.tensor;
        if (tensor.type == SafetensorsType::f8E4m3) return addFp8(seen);
        if (const auto stem = stemOf(tensor.name, ".weight_packed")) return addInt4(seen, *stem);
        if (!isByte(tensor)) return {};
        if (const auto stem = stemOf(tensor.name, ".weight"))
            if (Seen* scale = find(*stem + ".scale");
                scale != nullptr && scale->tensor->type == SafetensorsType::f8E8m0)
                return addPackedFp4(seen, *scale);
        if (const auto stem = stemOf(tensor.name, "_blocks"))
            if (Seen* scales = find(*stem + "_scales")) return addBlocks(seen, *scales, *stem);
        return {};
    }

    Seen* findFp8Scale(const SafetensorsTensor& weight) {
        if (Seen* scale = find(weight.name + "_scale_inv")) return scale;
        const auto stem = stemOf(weight.name, ".weight");
        return stem ? find(*stem + ".scale") : nullptr;
    }

    Status addFp8(Seen& seen) {
        const SafetensorsTensor& weight = *seen.tensor;
        Seen* scale = findFp8Scale(weight);
        if (scale == nullptr)
            return fail(Errc::unsupported,
                        fmt::format("tensor {} has no scales, expected {}_scale_inv or {}",
                                    describe(weight), weight.name,
                                    stemOf(weight.name, ".weight").value_or("...") + ".scale"));
        const auto shape = shapeOf(weight);
        if (shape.size() < 2 || shape.size() > 4)
            return fail(Errc::unsupported,
                        fmt::format("tensor {}: expected 2 to 4 dimensions", describe(weight)));
        const int64_t rows = shape[shape.size() - 2];
        const int64_t cols = shape.back();
        std::vector<int64_t> expected(shape.begin(), shape.end());
        expected[shape.size() - 2] = divideUp(rows, tile_.rows);
        expected.back() = divideUp(cols, tile_.cols);
        TRY(checkScales(weight, *scale->tensor, expected,
                        fmt::format(" of tiles {} x {}", tile_.rows, tile_.cols)));
        // A row of scales would else belong to two matrices.
        if (shape.size() > 2 && rows % tile_.rows != 0)
            return fail(Errc::unsupported, fmt::format("tensor {}: {} rows of each matrix, "
                                                       "expected a multiple of {}",
                                                       describe(weight), rows, tile_.rows));
        StoredTensor stored =
            storedTensor(weight, shape.first(shape.size() - 1), cols, DType::fp8E4m3);
        addScales(stored, *scale->tensor, tile_);
        return list(stored, {&seen, scale});
    }

    Status addPackedFp4(Seen& seen, Seen& scale) {
        const SafetensorsTensor& weight = *seen.tensor;
        const auto shape = shapeOf(weight);
        if (shape.size() < 2 || shape.size() > 4 || shape.back() % kBlockBytes != 0)
            return fail(Errc::unsupported,
                        fmt::format("tensor {}: expected 2 to 4 dimensions and rows of a multiple "
                                    "of {} bytes",
                                    describe(weight), kBlockBytes));
        std::vector<int64_t> expected(shape.begin(), shape.end());
        expected.back() = shape.back() / kBlockBytes;
        TRY(checkScales(weight, *scale.tensor, expected, " of 32 values each"));
        StoredTensor stored =
            storedTensor(weight, shape.first(shape.size() - 1), shape.back() * 2, DType::fp4E2m1);
        addScales(stored, *scale.tensor, {.rows = 1, .cols = kGroupValues});
        return list(stored, {&seen, &scale});
    }

    Status addBlocks(Seen& seen, Seen& scales, const std::string& name) {
        const SafetensorsTensor& blocks = *seen.tensor;
        const auto shape = shapeOf(blocks);
        if (shape.size() < 3 || shape.size() > 5 || shape.back() != kBlockBytes)
            return fail(Errc::unsupported,
                        fmt::format("tensor {}: expected 3 to 5 dimensions, the last of {}",
                                    describe(blocks), kBlockBytes));
        if (scales.tensor->type != SafetensorsType::u8 &&
            scales.tensor->type != SafetensorsType::f8E8m0)
            return fail(Errc::unsupported,
                        fmt::format("tensor {}: expected U8 or F8_E8M0", describe(*scales.tensor)));
        const auto groups = shape.first(shape.size() - 1);
        if (!std::ranges::equal(shapeOf(*scales.tensor), groups))
            return fail(Errc::corrupt, fmt::format("tensor {} does not fit {}",
                                                   describe(*scales.tensor), describe(blocks)));
        StoredTensor stored = storedTensor(blocks, groups.first(groups.size() - 1),
                                           groups.back() * kGroupValues, DType::fp4E2m1);
        addScales(stored, *scales.tensor, {.rows = 1, .cols = kGroupValues});
        stored.weights.scaleType = ScaleType::e8m0;
        stored.name = names_.emplace_back(name);
        return list(stored, {&seen, &scales});
    }

    Status addInt4(Seen& seen, const std::string& stem) {
        const SafetensorsTensor& packed = *seen.tensor;
        for (const std::string_view end : {".weight_zero_point", ".weight_g_idx"})
            if (find(stem + std::string(end)) != nullptr)
                return fail(Errc::unsupported, fmt::format("tensor {}{}: expected symmetric INT4 "
                                                           "in groups of {} in order",
                                                           stem, end, kGroupValues));
        Seen* scale = find(stem + ".weight_scale");
        Seen* shape = find(stem + ".weight_shape");
        if (scale == nullptr || shape == nullptr)
            return fail(Errc::unsupported, fmt::format("tensor {}: expected {}.weight_scale and "
                                                       "{}.weight_shape beside it",
                                                       describe(packed), stem, stem));
        TRY_ASSIGN(const int64_t cols, int4Columns(packed, *shape->tensor));
        TRY(checkScales(packed, *scale->tensor, {packed.shape[0], cols / kGroupValues},
                        " of 32 values each"));
        StoredTensor stored = storedTensor(packed, shapeOf(packed).first(1), cols, DType::int4);
        addScales(stored, *scale->tensor, {.rows = 1, .cols = kGroupValues});
        stored.name = names_.emplace_back(stem + ".weight");
        return list(stored, {&seen, scale, shape});
    }

    // The columns that `shape` says, checked against the words that hold them.
    static Result<int64_t> int4Columns(const SafetensorsTensor& packed,
                                       const SafetensorsTensor& shape) {
        if (packed.type != SafetensorsType::i32 || packed.nDims != 2)
            return fail(
                Errc::unsupported,
                fmt::format("tensor {}: expected I32 [rows, columns / 8]", describe(packed)));
        std::array<int64_t, 2> sizes = {};
        if (shape.type == SafetensorsType::i64 && shape.bytes == sizeof sizes) {
            std::memcpy(sizes.data(), shape.data, sizeof sizes);
        } else if (shape.type == SafetensorsType::i32 && shape.bytes == 2 * sizeof(int32_t)) {
            std::array<int32_t, 2> narrow = {};
            std::memcpy(narrow.data(), shape.data, sizeof narrow);
            sizes = {narrow[0], narrow[1]};
        } else {
            return fail(Errc::unsupported,
                        fmt::format("tensor {}: expected I64 [2] or I32 [2]", describe(shape)));
        }
        if (sizes[0] != packed.shape[0] || sizes[1] % kGroupValues != 0 ||
            sizes[1] / kInt4PerWord != packed.shape[1])
            return fail(
                Errc::corrupt,
                fmt::format("tensor {} holds {} x {}, which does not fit {}: expected "
                            "columns in groups of {}, 8 in a word",
                            shape.name, sizes[0], sizes[1], describe(packed), kGroupValues));
        return sizes[1];
    }

    static Status checkScales(const SafetensorsTensor& weight, const SafetensorsTensor& scales,
                              const std::vector<int64_t>& expected, const std::string& what) {
        if (scaleTypeOf(scales.type) == ScaleType::none)
            return fail(Errc::unsupported,
                        fmt::format("tensor {}: expected scales in F32, F16, BF16 or F8_E8M0",
                                    describe(scales)));
        if (!std::ranges::equal(shapeOf(scales), expected))
            return fail(Errc::corrupt, fmt::format("tensor {} does not fit {}: expected scales "
                                                   "[{}]{}",
                                                   describe(scales), describe(weight),
                                                   fmt::join(expected, ", "), what));
        return {};
    }

    static void addScales(StoredTensor& stored, const SafetensorsTensor& scales, Tile tile) {
        stored.bytes += scales.bytes;
        kernels::WeightsView& view = stored.weights;
        view.scaleType = scaleTypeOf(scales.type);
        view.scales = scales.data;
        view.scaleRowBytes = bytesOf(scales.type) * divideUp(view.cols, tile.cols);
        view.scaleRows = static_cast<int32_t>(tile.rows);
        view.scaleCols = static_cast<int32_t>(tile.cols);
    }

    Status list(const StoredTensor& stored, std::initializer_list<Seen*> parts) {
        for (Seen* part : parts) {
            if (part->isListed)
                return fail(Errc::corrupt, fmt::format("tensor {} belongs to {} and to another",
                                                       part->tensor->name, stored.name));
            part->isListed = true;
        }
        tensors_.push_back(stored);
        return {};
    }

    Status addPlain(const SafetensorsTensor& tensor) {
        const auto dtype = plainType(tensor.type);
        if (!dtype)
            return fail(Errc::unsupported,
                        fmt::format("tensor {} at offset {}: expected F32, F16, BF16, I8, I32 or "
                                    "I64, or packed weights and scales that belong together",
                                    describe(tensor), tensor.offset));
        if (tensor.nDims > 4)
            return fail(Errc::unsupported,
                        fmt::format("tensor {}: expected at most 4 dimensions", describe(tensor)));
        const auto shape = shapeOf(tensor);
        if (shape.empty()) {
            StoredTensor single = storedTensor(tensor, {}, 1, *dtype);
            single.nDims = 0;
            tensors_.push_back(single);
            return {};
        }
        tensors_.push_back(
            storedTensor(tensor, shape.first(shape.size() - 1), shape.back(), *dtype));
        return {};
    }

    Result<PairedTensors> result() && {
        std::ranges::sort(tensors_, {}, &StoredTensor::name);
        if (const auto twice = std::ranges::adjacent_find(tensors_, {}, &StoredTensor::name);
            twice != tensors_.end())
            return fail(Errc::corrupt,
                        fmt::format("tensor {} is there packed and as itself", twice->name));
        return PairedTensors{std::move(tensors_), std::move(names_)};
    }

    Tile tile_;
    std::vector<Seen> all_;  // sorted by name
    std::vector<StoredTensor> tensors_;
    std::deque<std::string> names_;
};

}  // namespace

Result<PairedTensors> pairScales(std::span<const SafetensorsFile> files,
                                 const ModelConfig& config) {
    TRY_ASSIGN(const Tile tile, tileOf(config));
    return ScalePairing::run(files, tile);
}

}  // namespace moxie::engine
