#include "tests/engine/weights/fuzz_inputs.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/families/families.h"
#include "engine/gguf/gguf_file.h"
#include "engine/safetensors/safetensors_index.h"
#include "engine/safetensors/safetensors_model.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/weights/model_config.h"
#include "tests/engine/safetensors/safetensors_bytes.h"

namespace moxie::tests {

using namespace moxie::engine;

namespace {

volatile uint64_t touchedSum = 0;  // keeps the reads from being optimised away

// Reads what it is given, so that a sanitizer sees bytes that are not there.
class Toucher {
public:
    ~Toucher() { touchedSum = sum_; }

    void text(std::string_view text) { bytes(text.data(), std::ssize(text)); }

    void bytes(const void* data, int64_t count) {
        const auto* at = static_cast<const uint8_t*>(data);
        for (int64_t i = 0; i < count; ++i)
            sum_ += at[i];
    }

    void value(uint64_t value) { sum_ += value; }

private:
    uint64_t sum_ = 0;
};

void require(bool condition) {
    if (!condition) std::abort();
}

std::string_view asText(std::span<const uint8_t> input) {
    return {reinterpret_cast<const char*>(input.data()), input.size()};
}

bool isInside(std::span<const uint8_t> input, const uint8_t* data, int64_t bytes) {
    return bytes >= 0 && data >= input.data() && data <= input.data() + input.size() &&
           bytes <= input.data() + input.size() - data;
}

void touchTensors(Toucher& toucher, const TensorSource& source, std::span<const uint8_t> file) {
    for (const StoredTensor& tensor : source.tensors()) {
        toucher.text(tensor.name);
        const kernels::WeightsView& view = tensor.weights;
        int64_t dataBytes = 0;
        require(!__builtin_mul_overflow(view.rows, view.rowBytes, &dataBytes));
        require(view.rows > 0 && view.cols > 0 && isInside(file, view.data, dataBytes));
        require(view.rows == tensor.dims[1] * tensor.dims[2] * tensor.dims[3]);
        require(view.cols == tensor.dims[0] && view.data == file.data() + tensor.offset);
        toucher.bytes(view.data, dataBytes);
        int64_t scaleBytes = 0;
        if (view.scaleType != kernels::ScaleType::none) {
            require(view.scaleRows > 0 && view.scaleCols > 0);
            scaleBytes = (view.rows + view.scaleRows - 1) / view.scaleRows * view.scaleRowBytes;
            require(isInside(file, view.scales, scaleBytes));
            toucher.bytes(view.scales, scaleBytes);
        }
        require(tensor.bytes == dataBytes + scaleBytes);
        require(source.findTensor(tensor.name) == &tensor);
    }
}

void touchSafetensors(std::span<const uint8_t> file, std::string_view config) {
    Toucher toucher;
    const auto model = SafetensorsModel::parse(std::as_bytes(file), config);
    if (model)
        touchTensors(toucher, *model, file);
    else
        toucher.text(model.error().message());
}

}  // namespace

void fuzzGguf(std::span<const uint8_t> input) {
    Toucher toucher;
    const auto file = GgufFile::parse(std::as_bytes(input));
    if (!file) return toucher.text(file.error().message());
    for (const GgufEntry& entry : file->entries()) {
        toucher.text(entry.key);
        toucher.text(entry.text);
        toucher.bytes(entry.raw.data(), std::ssize(entry.raw));
        for (const std::string_view text : entry.strings)
            toucher.text(text);
        toucher.value(file->numbers(entry.key).size() + file->integers(entry.key).size());
        toucher.value(file->integer(entry.key).has_value() ? 1 : 0);
        toucher.value(file->number(entry.key).has_value() ? 1 : 0);
    }
    touchTensors(toucher, *file, input);
}

void fuzzSafetensors(std::span<const uint8_t> input) {
    constexpr size_t kDataBytes = 4096;
    std::vector<uint8_t> file(input.begin(), input.end());
    if (!input.empty() && input[0] == '{') {
        const uint64_t length = input.size();
        file.assign(sizeof length + input.size() + kDataBytes, 0);
        std::memcpy(file.data(), &length, sizeof length);
        std::memcpy(file.data() + sizeof length, input.data(), input.size());
    }
    touchSafetensors(file, "{}");
    touchSafetensors(file, R"({"quantization_config": {"weight_block_size": [3, 32]}})");
}

void fuzzModelConfig(std::span<const uint8_t> input) {
    Toucher toucher;
    const auto config = ModelConfig::parse(asText(input));
    if (!config) return toucher.text(config.error().message());
    for (const std::string_view key : {"a", "a.b", "a.b.c", "b", "b.a", ".", "..", ""}) {
        toucher.value(config->contains(key) ? 1 : 0);
        toucher.value(static_cast<uint64_t>(config->integer(key).value_or(0)));
        toucher.value(config->number(key).has_value() ? 1 : 0);
        toucher.value(config->boolean(key).value_or(false) ? 1 : 0);
        toucher.text(config->string(key).value_or(""));
        toucher.value(config->integers(key).size() + config->numbers(key).size());
        for (const std::string_view text : config->strings(key))
            toucher.text(text);
        for (const std::string_view text : config->members(key))
            toucher.text(text);
        toucher.value(config->requireInteger(key, 0, 9).has_value() ? 1 : 0);
        toucher.value(config->requireNumber(key, 0, 9).has_value() ? 1 : 0);
    }
}

void fuzzSafetensorsIndex(std::span<const uint8_t> input) {
    Toucher toucher;
    const auto index = parseSafetensorsIndex(asText(input));
    if (!index) return toucher.text(index.error().message());
    for (const SafetensorsIndex::Place& place : index->places) {
        toucher.text(place.tensor);
        require(place.file.find('/') == std::string::npos);
    }
    const auto again = parseSafetensorsIndex(formatSafetensorsIndex(*index, 0));
    require(again.has_value() && again->places.size() == index->places.size());
}

void fuzzFamilyConfig(std::span<const uint8_t> input) {
    Toucher toucher;
    const auto file = SafetensorsBytes().bytes();
    const auto model = SafetensorsModel::parse(file, asText(input));
    if (!model) return toucher.text(model.error().message());
    const auto plan = makePlan(*model);
    require(!plan.has_value());
    toucher.text(plan.error().message());
}

namespace {

void touchTokenizer(const base::Result<std::unique_ptr<const Tokenizer>>& tokenizer) {
    Toucher toucher;
    if (!tokenizer) return toucher.text(tokenizer.error().message());
    const Vocabulary& vocabulary = (*tokenizer)->vocabulary();
    constexpr int64_t kTokensMax = 512;
    for (int64_t id = 0; id < std::min(vocabulary.size(), kTokensMax); ++id)
        toucher.text(vocabulary.bytes(static_cast<int32_t>(id)));
    for (const std::string_view text :
         {"", "a", "abc  de\n", "<|im_start|>user\n", "\xe9\xbb\x98 \xff"})
        for (const TextKind kind : {TextKind::plain, TextKind::markup})
            for (const int32_t token : (*tokenizer)->encode(text, kind)) {
                require(token >= 0 && token < vocabulary.size());
                toucher.text(vocabulary.bytes(token));
            }
}

}  // namespace

void fuzzTokenizerJson(std::span<const uint8_t> input) {
    touchTokenizer(Tokenizer::fromJson(asText(input)));
}

void fuzzGgufTokenizer(std::span<const uint8_t> input) {
    const auto file = GgufFile::parse(std::as_bytes(input));
    if (file) touchTokenizer(Tokenizer::fromGguf(*file));
}

}  // namespace moxie::tests
