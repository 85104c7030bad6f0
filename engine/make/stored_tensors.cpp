#include "engine/make/stored_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "engine/tokenizer/byte_alphabet.h"
#include "kernels/float_formats.h"
#include "kernels/quantise.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using kernels::DType;
using kernels::ScaleType;

namespace {

constexpr int64_t kLargeRows = 16;  // smaller matrices are routers and mixers: kept wide
constexpr int32_t kTile = 128;
constexpr int32_t kGroup = 32;

// FNV-1a of the name, then splitmix64 over the index: as in DeepSeek V4's golden test.
class Draw {
public:
    Draw(std::string_view name, uint64_t seed) : hash_(0xcbf29ce484222325U ^ seed) {
        for (const char c : name)
            hash_ = (hash_ ^ static_cast<uint8_t>(c)) * 0x100000001b3U;
    }

    uint64_t raw(int64_t i) const {
        uint64_t z = hash_ + (static_cast<uint64_t>(i) + 1) * 0x9E3779B97F4A7C15U;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31);
    }

    double unit(int64_t i) const {  // in [-1, 1)
        return 2.0 * (static_cast<double>(raw(i) >> 40) / 16777216.0) - 1.0;
    }

private:
    uint64_t hash_;
};

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// value = offset + scale * u
struct Spread {
    double offset = 0, scale = 1;
};

Spread spreadOf(const PlannedTensor& tensor, SourceKind kind) {
    const std::string_view name = tensor.name;
    if (contains(name, "hc_") && contains(name, "scale")) return {0.75, 0.25};
    if (contains(name, "hc_") && contains(name, "base")) return {0, 0.5};
    if (contains(name, "_ape") || name.ends_with(".ape")) return {0, 0.5};
    if (contains(name, "sink")) return {0, 1};
    if (contains(name, "norm") && !name.ends_with(".bias")) return {1, 0.25};
    if (tensor.role == TensorRole::vector) return {0, 0.1};
    if (contains(name, "embd") || contains(name, "embed")) return {0, 1};
    // Published stacks are [expert, in, out].
    const bool isTransposed = kind == SourceKind::safetensors && tensor.dims.size() == 3;
    return {0, std::sqrt(3.0 / static_cast<double>(tensor.dims[isTransposed ? 1 : 0]))};
}

std::vector<float> drawValues(const PlannedTensor& tensor, SourceKind kind, uint64_t seed) {
    const Draw draw(tensor.name, seed);
    const Spread spread = spreadOf(tensor, kind);
    std::vector<float> values(static_cast<size_t>(valuesIn(tensor)));
    for (size_t i = 0; i < values.size(); ++i)
        values[i] =
            static_cast<float>(spread.offset + spread.scale * draw.unit(static_cast<int64_t>(i)));
    return values;
}

// Distinct experts of 8 for each token.
template <class Integer>
std::vector<uint8_t> drawTable(const PlannedTensor& tensor, uint64_t seed) {
    const Draw draw(tensor.name, seed);
    constexpr uint64_t kExperts = 8;
    std::vector<Integer> table;
    for (int64_t row = 0; row < tensor.dims[1]; ++row)
        for (int64_t i = 0; i < tensor.dims[0]; ++i)
            table.push_back(static_cast<Integer>(
                (draw.raw(row) % kExperts + static_cast<uint64_t>(i) * 3) % kExperts));
    std::vector<uint8_t> bytes(table.size() * sizeof(Integer));
    std::memcpy(bytes.data(), table.data(), bytes.size());
    return bytes;
}

std::string lowered(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

constexpr std::array kGgufTypes = {DType::f32,    DType::f16,  DType::bf16,    DType::q8_0,
                                   DType::q4_0,   DType::q4_1, DType::q2_K,    DType::q4_K,
                                   DType::q5_K,   DType::q6_K, DType::iq2_xxs, DType::iq4_nl,
                                   DType::iq4_xs, DType::mxfp4};

bool fits(const PlannedTensor& tensor, DType type) {
    return tensor.dims[0] % kernels::blockFormat(type).blockValues == 0;
}

// Kept in float32 or BF16 whatever is asked for: what every token's result hangs on, and is small.
bool isKeptWide(const PlannedTensor& tensor) {
    return tensor.role != TensorRole::matrix || tensor.dims.size() < 2 ||
           tensor.dims[1] < kLargeRows || contains(tensor.name, "hc_") ||
           contains(tensor.name, "ffn_gate_inp") || contains(tensor.name, "compressor") ||
           contains(tensor.name, "weights_proj") || contains(tensor.name, "indexer.proj");
}

bool isRouter(std::string_view name) {
    return name.ends_with("mlp.gate.weight") || name.ends_with("ffn.gate.weight") ||
           name.ends_with("block_sparse_moe.gate.weight") || name.ends_with("router.weight");
}

bool isEnd(std::string_view name) {
    return contains(name, "embed") || contains(name, "head.weight") ||
           contains(name, "markov_head");
}

bool isRoutedExpert(std::string_view name) {
    return contains(name, ".experts.");
}

SafetensorsSpec specOf(const PlannedTensor& tensor, SafetensorsType type) {
    return {.name = tensor.name, .type = type, .shape = {tensor.dims.rbegin(), tensor.dims.rend()}};
}

int64_t bytesIn(const SafetensorsSpec& spec) {
    int64_t bytes = bytesOf(spec.type);
    for (const int64_t dim : spec.shape)
        bytes *= dim;
    return bytes;
}

kernels::ApartFormat apartFormat(const StoredPart& part) {
    const bool isFp8 = part.dtype == DType::fp8E4m3;
    return {.dtype = part.dtype,
            .scaleType = part.scales,
            .scaleRows = isFp8 ? kTile : 1,
            .scaleCols = isFp8 ? kTile : kGroup};
}

}  // namespace

int64_t valuesIn(const PlannedTensor& tensor) {
    int64_t values = 1;
    for (const int64_t dim : tensor.dims)
        values *= dim;
    return values;
}

Result<DType> ggufTypeFromName(std::string_view name) {
    if (name.empty()) return DType::bf16;
    std::string known;
    for (const DType type : kGgufTypes) {
        const std::string candidate = lowered(kernels::blockFormat(type).name);
        if (candidate == lowered(name)) return type;
        known += (known.empty() ? "" : ", ") + candidate;
    }
    return fail(Errc::invalidInput,
                fmt::format("type \"{}\" for a GGUF file, expected one of {}", name, known));
}

DType ggufTypeFor(const PlannedTensor& tensor, DType wanted) {
    if (tensor.role == TensorRole::table) return DType::i32;
    if (isKeptWide(tensor)) return DType::f32;
    if (fits(tensor, wanted)) return wanted;
    return fits(tensor, DType::q8_0) ? DType::q8_0 : DType::f16;
}

std::vector<uint8_t> ggufBytes(const PlannedTensor& tensor, DType type, uint64_t seed) {
    if (type == DType::i32) return drawTable<int32_t>(tensor, seed);
    const std::vector<float> values = drawValues(tensor, SourceKind::gguf, seed);
    const kernels::BlockFormat& format = kernels::blockFormat(type);
    std::vector<uint8_t> bytes(values.size() / static_cast<size_t>(format.blockValues) *
                               static_cast<size_t>(format.blockBytes));
    kernels::quantiseRow(type, values, bytes.data());
    return bytes;
}

namespace {

constexpr int64_t kByteTokens = 256;
constexpr std::string_view kTurnBegin = "<|im_start|>";
constexpr std::string_view kTurnEnd = "<|im_end|>";

// The bytes, the markers of ChatML, fillers.
std::vector<std::string> byteVocabulary(int64_t size) {
    std::vector<std::string> tokens;
    for (int b = 0; b < kByteTokens; ++b) {
        const char byte = static_cast<char>(b);
        tokens.push_back(alphabetOfBytes(std::string_view(&byte, 1)));
    }
    tokens.emplace_back(kTurnBegin);
    tokens.emplace_back(kTurnEnd);
    while (std::ssize(tokens) < size)
        tokens.push_back(fmt::format("<|filler_{}|>", tokens.size()));
    return tokens;
}

constexpr std::string_view kChatTemplate =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + "
    "'<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' "
    "}}{% endif %}";

}  // namespace

void addByteTokenizer(int64_t vocabularySize, GgufMetadata& metadata) {
    constexpr int32_t kNormal = 1;
    constexpr int32_t kControl = 3;
    const std::vector<std::string> tokens = byteVocabulary(vocabularySize);
    std::vector<int32_t> kinds(tokens.size(), kControl);
    std::fill_n(kinds.begin(), kByteTokens, kNormal);
    metadata.setString("tokenizer.ggml.model", "gpt2");
    metadata.setString("tokenizer.ggml.pre", "gpt-2");
    metadata.setStrings("tokenizer.ggml.tokens", tokens);
    metadata.setI32s("tokenizer.ggml.token_type", kinds);
    metadata.setStrings("tokenizer.ggml.merges", {});
    metadata.setU32("tokenizer.ggml.bos_token_id", kByteTokens);
    metadata.setU32("tokenizer.ggml.eos_token_id", kByteTokens + 1);
    metadata.setBool("tokenizer.ggml.add_bos_token", false);
    metadata.setString("tokenizer.chat_template", kChatTemplate);
}

std::string byteTokenizerJson(int64_t vocabularySize) {
    const std::vector<std::string> tokens = byteVocabulary(vocabularySize);
    nlohmann::ordered_json vocabulary = nlohmann::ordered_json::object();
    nlohmann::ordered_json added = nlohmann::ordered_json::array();
    for (size_t i = 0; i < tokens.size(); ++i) {
        if (i < kByteTokens)
            vocabulary[tokens[i]] = i;
        else
            added.push_back({{"id", i},
                             {"content", tokens[i]},
                             {"single_word", false},
                             {"lstrip", false},
                             {"rstrip", false},
                             {"normalized", false},
                             {"special", true}});
    }
    const nlohmann::ordered_json byteLevel = {{"type", "ByteLevel"},
                                              {"add_prefix_space", false},
                                              {"trim_offsets", true},
                                              {"use_regex", true}};
    const nlohmann::ordered_json json = {{"version", "1.0"},
                                         {"truncation", nullptr},
                                         {"padding", nullptr},
                                         {"added_tokens", added},
                                         {"normalizer", nullptr},
                                         {"pre_tokenizer", byteLevel},
                                         {"post_processor", nullptr},
                                         {"decoder", byteLevel},
                                         {"model",
                                          {{"type", "BPE"},
                                           {"dropout", nullptr},
                                           {"unk_token", nullptr},
                                           {"continuing_subword_prefix", nullptr},
                                           {"end_of_word_suffix", nullptr},
                                           {"fuse_unk", false},
                                           {"byte_fallback", false},
                                           {"ignore_merges", false},
                                           {"vocab", vocabulary},
                                           {"merges", nlohmann::ordered_json::array()}}}};
    return json.dump() + "\n";
}

Result<PublishedType> publishedTypeFromName(std::string_view name) {
    constexpr std::array kNames = {
        std::pair{"f32", PublishedType::f32},   std::pair{"f16", PublishedType::f16},
        std::pair{"bf16", PublishedType::bf16}, std::pair{"fp8", PublishedType::fp8},
        std::pair{"fp4", PublishedType::fp4},   std::pair{"int4", PublishedType::int4}};
    if (name.empty()) return PublishedType::bf16;
    for (const auto& [known, type] : kNames)
        if (lowered(name) == known) return type;
    return fail(Errc::invalidInput,
                fmt::format("type \"{}\" for a folder with safetensors, expected one of f32, f16, "
                            "bf16, fp8, fp4, int4",
                            name));
}

void describeQuantisation(PublishedType type, nlohmann::json& config) {
    if (type == PublishedType::f32) config["torch_dtype"] = "float32";
    if (type == PublishedType::f16) config["torch_dtype"] = "float16";
    if (type == PublishedType::fp8 || type == PublishedType::fp4)
        config["quantization_config"] = {{"quant_method", "fp8"},
                                         {"fmt", "e4m3"},
                                         {"activation_scheme", "dynamic"},
                                         {"weight_block_size", {kTile, kTile}}};
    if (type == PublishedType::fp4) config["expert_dtype"] = "fp4";
    if (type == PublishedType::int4)
        config["quantization_config"] = {{"quant_method", "compressed-tensors"},
                                         {"format", "pack-quantized"}};
}

namespace {

std::vector<StoredPart> wholePart(const PlannedTensor& tensor, SafetensorsType type) {
    SafetensorsSpec spec = specOf(tensor, type);
    const int64_t bytes = bytesIn(spec);
    return {{.name = tensor.name, .bytes = bytes, .spec = std::move(spec), .of = tensor.name}};
}

StoredPart partOf(const PlannedTensor& tensor, SafetensorsSpec spec, DType dtype,
                  ScaleType scales) {
    const int64_t bytes = bytesIn(spec);
    return {.name = spec.name,
            .bytes = bytes,
            .spec = spec,
            .of = tensor.name,
            .dtype = dtype,
            .scales = scales};
}

std::string stemOf(const PlannedTensor& tensor) {
    return tensor.name.substr(0, tensor.name.size() - std::strlen("weight"));
}

std::vector<StoredPart> fp8Parts(const PlannedTensor& tensor, bool hasE8m0) {
    const int64_t rows = tensor.dims[1];
    const int64_t cols = tensor.dims[0];
    const ScaleType scales = hasE8m0 ? ScaleType::e8m0 : ScaleType::f32;
    return {partOf(tensor, {tensor.name, SafetensorsType::f8E4m3, {rows, cols}}, DType::fp8E4m3,
                   scales),
            partOf(tensor,
                   {stemOf(tensor) + (hasE8m0 ? "scale" : "weight_scale_inv"),
                    hasE8m0 ? SafetensorsType::f8E8m0 : SafetensorsType::f32,
                    {(rows + kTile - 1) / kTile, (cols + kTile - 1) / kTile}},
                   DType::fp8E4m3, scales)};
}

std::vector<StoredPart> fp4Parts(const PlannedTensor& tensor) {
    const int64_t rows = tensor.dims[1];
    const int64_t cols = tensor.dims[0];
    return {
        partOf(tensor, {tensor.name, SafetensorsType::i8, {rows, cols / 2}}, DType::fp4E2m1,
               ScaleType::e8m0),
        partOf(tensor, {stemOf(tensor) + "scale", SafetensorsType::f8E8m0, {rows, cols / kGroup}},
               DType::fp4E2m1, ScaleType::e8m0)};
}

std::vector<StoredPart> int4Parts(const PlannedTensor& tensor) {
    const int64_t rows = tensor.dims[1];
    const int64_t cols = tensor.dims[0];
    const std::string stem = stemOf(tensor);
    return {partOf(tensor, {stem + "weight_packed", SafetensorsType::i32, {rows, cols / 8}},
                   DType::int4, ScaleType::bf16),
            partOf(tensor, {stem + "weight_scale", SafetensorsType::bf16, {rows, cols / kGroup}},
                   DType::int4, ScaleType::bf16),
            partOf(tensor, {stem + "weight_shape", SafetensorsType::i64, {2}}, DType::int4,
                   ScaleType::bf16)};
}

}  // namespace

std::vector<StoredPart> publishedParts(const PlannedTensor& tensor, PublishedType type,
                                       std::string_view family) {
    if (tensor.role == TensorRole::table) return wholePart(tensor, SafetensorsType::i64);
    const bool isWide = isKeptWide(tensor);
    if (type == PublishedType::f32 || isWide) {
        const bool isBf16 = isWide && tensor.role == TensorRole::matrix &&
                            !contains(tensor.name, "hc_") && type != PublishedType::f32;
        return wholePart(tensor, isBf16 ? SafetensorsType::bf16 : SafetensorsType::f32);
    }
    if (type == PublishedType::f16) return wholePart(tensor, SafetensorsType::f16);
    const bool isPlain = type == PublishedType::bf16 || isRouter(tensor.name) ||
                         isEnd(tensor.name) || tensor.dims.size() != 2 ||
                         !tensor.name.ends_with(".weight");
    if (isPlain) return wholePart(tensor, SafetensorsType::bf16);
    const bool isV4 = family.starts_with("deepseek_v4");
    if (type == PublishedType::int4)
        return isRoutedExpert(tensor.name) ? int4Parts(tensor)
                                           : wholePart(tensor, SafetensorsType::bf16);
    if (type == PublishedType::fp4 && isRoutedExpert(tensor.name)) return fp4Parts(tensor);
    return fp8Parts(tensor, isV4);
}

PublishedValues::PublishedValues(std::span<const PlannedTensor> tensors,
                                 std::span<const StoredPart> parts, uint64_t seed)
    : seed_(seed) {
    for (const PlannedTensor& tensor : tensors)
        tensors_[tensor.name] = &tensor;
    for (const StoredPart& part : parts)
        parts_[part.name] = &part;
}

namespace {

template <class T>
std::vector<uint8_t> asBytes(const std::vector<T>& values) {
    std::vector<uint8_t> bytes(values.size() * sizeof(T));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

std::vector<uint8_t> plainBytes(const std::vector<float>& values, SafetensorsType type) {
    if (type == SafetensorsType::f32) return asBytes(values);
    std::vector<uint16_t> narrow;
    for (const float value : values)
        narrow.push_back(type == SafetensorsType::f16 ? kernels::floatToHalf(value)
                                                      : kernels::floatToBf16(value));
    return asBytes(narrow);
}

}  // namespace

std::vector<uint8_t> PublishedValues::bytesOf(const std::string& partName) const {
    const StoredPart& part = *parts_.at(partName);
    const PlannedTensor& tensor = *tensors_.at(part.of);
    if (tensor.role == TensorRole::table) return drawTable<int64_t>(tensor, seed_);
    if (partName.ends_with("weight_shape"))
        return asBytes(std::vector<int64_t>{tensor.dims[1], tensor.dims[0]});
    const std::vector<float> values = drawValues(tensor, SourceKind::safetensors, seed_);
    if (part.scales == ScaleType::none) return plainBytes(values, part.spec.type);
    const kernels::ApartFormat format = apartFormat(part);
    const kernels::BlockFormat& block = kernels::blockFormat(part.dtype);
    std::vector<uint8_t> codes(values.size() / static_cast<size_t>(block.blockValues) *
                               static_cast<size_t>(block.blockBytes));
    std::vector<uint8_t> scales(
        static_cast<size_t>(kernels::scalesBytes(format, tensor.dims[1], tensor.dims[0])));
    kernels::quantiseMatrix(format, values, tensor.dims[0], codes.data(), scales.data());
    const bool isCodes = part.spec.type == SafetensorsType::f8E4m3 ||
                         part.spec.type == SafetensorsType::i8 ||
                         part.spec.type == SafetensorsType::i32;
    return isCodes ? codes : scales;
}

}  // namespace moxie::engine
