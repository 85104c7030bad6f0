#include "engine/adapters/lora_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "engine/weights/foreign_file.h"
#include "engine/weights/model_config.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using kernels::DType;
using kernels::WeightsView;

namespace {

constexpr int64_t kAdapterConfigBytesMax = 1 << 20;

// Both factors of one target, as far as they were met.
struct FoundPair {
    std::optional<WeightsView> down, up;
    int64_t downCount = 1, upCount = 1;
    bool isTurned = false;
};

using FoundPairs = std::map<std::string, FoundPair, std::less<>>;

enum class Factor { down, up };

Status addFactor(std::string_view target, Factor factor, const WeightsView& view, int64_t count,
                 FoundPairs& found) {
    if (count < 1 || view.rows < count || view.cols < 1)
        return fail(Errc::corrupt, fmt::format("{}: an empty factor", target));
    FoundPair& pair = found[std::string(target)];
    std::optional<WeightsView>& place = factor == Factor::down ? pair.down : pair.up;
    if (place) return fail(Errc::corrupt, fmt::format("{} is adapted twice", target));
    place = view;
    (factor == Factor::down ? pair.downCount : pair.upCount) = count;
    return {};
}

Status checkPair(const std::string& target, const FoundPair& pair) {
    if (!pair.down || !pair.up)
        return fail(Errc::corrupt,
                    fmt::format("{}: factor {} is missing", target, pair.down ? "B" : "A"));
    if (pair.downCount != pair.upCount)
        return fail(Errc::corrupt, fmt::format("{}: factor A is a stack of {}, B of {}", target,
                                               pair.downCount, pair.upCount));
    const int64_t rank = pair.isTurned ? pair.down->cols : pair.down->rows / pair.downCount;
    if (pair.up->cols != rank)
        return fail(Errc::corrupt,
                    fmt::format("{}: factor A has rank {}, B has {}", target, rank, pair.up->cols));
    if (rank < 1 || rank > kLoraRankMax)
        return fail(Errc::corrupt,
                    fmt::format("{}: rank {}, expected 1 to {}", target, rank, kLoraRankMax));
    return {};
}

Result<std::vector<LoraPair>> finishPairs(FoundPairs found) {
    if (found.empty()) return fail(Errc::corrupt, "no factors of a LoRA adapter");
    std::vector<LoraPair> pairs;
    for (auto& [target, pair] : found) {
        TRY(checkPair(target, pair));
        pairs.push_back({.target = target,
                         .down = *pair.down,
                         .up = *pair.up,
                         .count = pair.downCount,
                         .isTurned = pair.isTurned});
    }
    return pairs;
}

Status checkFactorType(std::string_view name, std::optional<DType> type) {
    if (type == DType::f32 || type == DType::f16 || type == DType::bf16) return {};
    return fail(Errc::unsupported,
                fmt::format("tensor {}: factors are F32, F16 or BF16, not another type", name));
}

Result<double> checkedAlpha(double alpha) {
    if (std::isfinite(alpha) && alpha >= 0 && alpha <= 1e6) return alpha;
    return fail(Errc::corrupt, fmt::format("alpha {}, expected 0 to 1000000", alpha));
}

// "NAME.weight.lora_a" -> NAME.
std::optional<std::pair<std::string_view, Factor>> ggufFactor(std::string_view name) {
    for (const auto& [suffix, factor] :
         {std::pair(std::string_view(".weight.lora_a"), Factor::down),
          std::pair(std::string_view(".weight.lora_b"), Factor::up)})
        if (name.ends_with(suffix))
            return std::pair(name.substr(0, name.size() - suffix.size()), factor);
    return std::nullopt;
}

// "base_model.model.NAME.lora_A.weight" -> NAME; older files name the adapter in between.
std::optional<std::pair<std::string_view, Factor>> peftFactor(std::string_view name) {
    constexpr std::string_view kPrefix = "base_model.model.";
    if (!name.starts_with(kPrefix)) return std::nullopt;
    name.remove_prefix(kPrefix.size());
    for (const auto& [suffix, factor] :
         {std::pair(std::string_view(".lora_embedding_A"), Factor::down),
          std::pair(std::string_view(".lora_embedding_B"), Factor::up),
          std::pair(std::string_view(".lora_A.weight"), Factor::down),
          std::pair(std::string_view(".lora_B.weight"), Factor::up),
          std::pair(std::string_view(".lora_A.default.weight"), Factor::down),
          std::pair(std::string_view(".lora_B.default.weight"), Factor::up)})
        if (name.ends_with(suffix))
            return std::pair(name.substr(0, name.size() - suffix.size()), factor);
    return std::nullopt;
}

// "base_model.model.NAME.base_layer.weight" -> NAME.
std::optional<std::string_view> peftBaseCopy(std::string_view name) {
    constexpr std::string_view kPrefix = "base_model.model.";
    constexpr std::string_view kSuffix = ".base_layer.weight";
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
    if (name.size() <= kPrefix.size() + kSuffix.size()) return std::nullopt;
    name.remove_suffix(kSuffix.size());
    return name.substr(kPrefix.size());
}

Status strayTensor(std::string_view name) {
    return fail(Errc::unsupported,
                fmt::format("tensor {} is no factor of a LoRA adapter", name.substr(0, 200)));
}

std::optional<DType> factorType(SafetensorsType type) {
    switch (type) {
        case SafetensorsType::f32:
            return DType::f32;
        case SafetensorsType::f16:
            return DType::f16;
        case SafetensorsType::bf16:
            return DType::bf16;
        default:
            return std::nullopt;
    }
}

Result<WeightsView> factorView(const SafetensorsTensor& tensor) {
    const std::optional<DType> type = factorType(tensor.type);
    TRY(checkFactorType(tensor.name, type));
    if (tensor.nDims != 2 || tensor.shape[0] < 1 || tensor.shape[1] < 1)
        return fail(Errc::corrupt, fmt::format("tensor {} is {}, expected two dimensions",
                                               tensor.name, shapeText(tensor)));
    return WeightsView{.dtype = *type,
                       .data = tensor.data,
                       .rows = tensor.shape[0],
                       .cols = tensor.shape[1],
                       .rowBytes = tensor.shape[1] * bytesOf(tensor.type)};
}

// What of PEFT's options we cannot honour by adding products.
Status checkPeftOptions(const ModelConfig& config) {
    const auto refuse = [](std::string_view what) {
        return fail(Errc::unsupported, fmt::format("adapter_config.json: {}", what));
    };
    TRY_ASSIGN(const std::string_view type, config.requireString("peft_type"));
    if (type != "LORA")
        return refuse(fmt::format("peft_type {}, expected LORA", type.substr(0, 40)));
    for (const std::string_view flag : {"use_dora", "fan_in_fan_out", "lora_bias", "use_qalora"})
        if (config.boolean(flag).value_or(false)) return refuse(fmt::format("{} is set", flag));
    if (const auto bias = config.string("bias"); bias && *bias != "none")
        return refuse(fmt::format("bias {}, expected none", bias->substr(0, 40)));
    for (const std::string_view list :
         {"modules_to_save", "layer_replication", "trainable_token_indices"})
        if (!config.strings(list).empty() || !config.members(list).empty())
            return refuse(fmt::format("{} is set", list));
    return {};
}

// ".*\\.gate_up_proj" and "o_proj" are endings of names; other regular expressions are refused.
Result<std::string> endingOf(std::string_view pattern) {
    constexpr std::string_view kAnything = ".*\\.";
    std::string ending;
    std::string_view rest = pattern;
    if (rest.starts_with(kAnything)) rest.remove_prefix(kAnything.size());
    for (size_t i = 0; i < rest.size(); ++i) {
        if (rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == '.') continue;
        if (std::string_view("\\*+?()[]{}|^$").find(rest[i]) != std::string_view::npos)
            return fail(Errc::unsupported,
                        fmt::format("adapter_config.json: alpha_pattern {} is more than the "
                                    "ending of a name",
                                    pattern.substr(0, 100)));
        ending += rest[i];
    }
    return ending;
}

bool endsAs(std::string_view name, std::string_view ending) {
    if (!name.ends_with(ending)) return false;
    return name.size() == ending.size() || name[name.size() - ending.size() - 1] == '.';
}

bool isGgufFile(std::span<const std::byte> bytes) {
    return bytes.size() >= 4 && std::memcmp(bytes.data(), "GGUF", 4) == 0;
}

}  // namespace

Result<LoraFile> LoraFile::open(const std::filesystem::path& path) {
    LoraFile adapter;
    std::error_code ec;
    const bool isFolder = std::filesystem::is_directory(path, ec);
    const std::filesystem::path file = isFolder ? path / "adapter_model.safetensors" : path;
    const std::filesystem::path config = file.parent_path() / "adapter_config.json";
    bool isGguf = false;
    {
        TRY_ASSIGN(const base::MappedFile mapping, base::MappedFile::open(file));
        isGguf = isGgufFile(mapping.bytes());
        if (!isGguf && !beginsAsSafetensors(mapping.bytes()))
            return fail(
                Errc::unsupported,
                fmt::format(
                    "{} is {}; expected an adapter in GGUF or the folder that "
                    "PEFT saves",
                    file.string(),
                    describeForeignFile(mapping.bytes()).value_or("no adapter that we know")));
    }
    if (isGguf) {
        TRY_ASSIGN(adapter.gguf_, GgufFile::open(file));
        TRY(adapter.readGguf());
    } else {
        TRY_ASSIGN(adapter.safetensors_, SafetensorsFile::open(file));
        TRY(adapter.readPeft(config));
    }
    return adapter;
}

Status LoraFile::readGguf() {
    TRY_ASSIGN(const std::string_view kind, gguf_->requireString("general.type"));
    if (kind != "adapter")
        return fail(Errc::unsupported,
                    fmt::format("a GGUF file of type {}, expected adapter", kind.substr(0, 40)));
    TRY_ASSIGN(const std::string_view type, gguf_->requireString("adapter.type"));
    if (type != "lora")
        return fail(Errc::unsupported,
                    fmt::format("an adapter of type {}, expected lora", type.substr(0, 40)));
    TRY_ASSIGN(const std::string_view architecture, gguf_->requireString("general.architecture"));
    architecture_ = architecture;
    TRY_ASSIGN(alpha_, checkedAlpha(gguf_->number("adapter.lora.alpha").value_or(0)));
    FoundPairs found;
    for (const StoredTensor& tensor : gguf_->tensors()) {
        const auto factor = ggufFactor(tensor.name);
        if (!factor) return strayTensor(tensor.name);
        TRY(checkFactorType(tensor.name, tensor.weights.dtype));
        TRY(addFactor(factor->first, factor->second, tensor.weights,
                      tensor.dims[2] * tensor.dims[3], found));
        if (factor->first == "token_embd") found.find(factor->first)->second.isTurned = true;
    }
    TRY_ASSIGN(pairs_, finishPairs(std::move(found)));
    return {};
}

Status LoraFile::readPeft(const std::filesystem::path& configFile) {
    TRY_ASSIGN(const std::string text, base::readFile(configFile, kAdapterConfigBytesMax));
    TRY_ASSIGN(const ModelConfig config, ModelConfig::parse(text));
    TRY(checkPeftOptions(config));
    TRY_ASSIGN(const double alpha, config.requireNumber("lora_alpha", 0, 1e6));
    TRY_ASSIGN(alpha_, checkedAlpha(alpha));
    TRY(config.requireInteger("r", 1, kLoraRankMax));
    isRankStabilised_ = config.boolean("use_rslora").value_or(false);
    TRY(readPeftScales(text));
    FoundPairs found;
    for (const SafetensorsTensor& tensor : safetensors_->tensors()) {
        const auto factor = peftFactor(tensor.name);
        const auto base = peftBaseCopy(tensor.name);
        if (!factor && !base) return strayTensor(tensor.name);
        TRY_ASSIGN(const WeightsView view, factorView(tensor));
        if (base) {
            baseCopies_.push_back({.target = std::string(*base), .weights = view});
            continue;
        }
        TRY(addFactor(factor->first, factor->second, view, 1, found));
    }
    // Ranks of their own (rank_pattern) show in the shapes.
    TRY_ASSIGN(pairs_, finishPairs(std::move(found)));
    return {};
}

// The members' names are patterns, which ModelConfig would take for paths.
Status LoraFile::readPeftScales(std::string_view configText) {
    const auto config = nlohmann::json::parse(configText, nullptr, false);
    const auto patterns = config.find("alpha_pattern");
    if (patterns == config.end() || !patterns->is_object()) return {};
    for (const auto& [pattern, alpha] : patterns->items()) {
        if (!alpha.is_number())
            return fail(Errc::corrupt,
                        fmt::format("adapter_config.json: alpha_pattern {} is no number",
                                    pattern.substr(0, 100)));
        AlphaPattern known;
        TRY_ASSIGN(known.ending, endingOf(pattern));
        TRY_ASSIGN(known.alpha, checkedAlpha(alpha.get<double>()));
        alphaPatterns_.push_back(std::move(known));
    }
    return {};
}

double LoraFile::scaleOf(std::string_view name, int64_t rank) const {
    double alpha = alpha_;
    const auto own = std::ranges::find_if(
        alphaPatterns_, [&](const AlphaPattern& known) { return endsAs(name, known.ending); });
    if (own != alphaPatterns_.end()) alpha = own->alpha;
    if (gguf_ && alpha == 0) return 1;
    const auto r = static_cast<double>(rank);
    return alpha / (isRankStabilised_ ? std::sqrt(r) : r);
}

}  // namespace moxie::engine
