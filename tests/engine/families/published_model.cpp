#include "tests/engine/families/published_model.h"

#include <unistd.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <stdexcept>

#include "engine/safetensors/safetensors_writer.h"
#include "kernels/float_formats.h"

namespace moxie::engine {

namespace {

uint64_t fnv1a(const std::string& text) {
    uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : text)
        hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3U;
    return hash;
}

uint64_t rawNumber(uint64_t hash, uint64_t i) {
    uint64_t z = hash + (i + 1) * 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

double unit(uint64_t hash, uint64_t i) {
    return 2.0 * (static_cast<double>(rawNumber(hash, i) >> 40) / 16777216.0) - 1.0;
}

bool endsWith(const std::string& text, const char* end) {
    return text.ends_with(end);
}

// value = offset + scale * u
struct Rule {
    double offset = 0, scale = 1;
};

Rule ruleFor(const std::string& name, const std::vector<int64_t>& shape) {
    const std::string last = name.substr(name.rfind('.') + 1);
    const bool isHc = last.find("hc_") != std::string::npos;
    if (endsWith(name, "embed_tokens.weight") || endsWith(name, "embed.weight") ||
        last == "attn_sink" || last == "sinks")
        return {0, 1};
    if (last == "ape" || last == "position_bias" || (isHc && endsWith(last, "base")))
        return {0, 0.5};
    if (isHc && endsWith(last, "scale")) return {0.75, 0.25};
    if (endsWith(last, "bias")) return {0, 0.1};
    if (shape.size() == 1) return {1, 0.25};
    const bool isConvolution = shape.size() == 3 && shape[1] == 1;
    return {0, std::sqrt(3.0 / static_cast<double>(isConvolution ? shape[2] : shape[1]))};
}

int64_t count(const std::vector<int64_t>& shape) {
    int64_t n = 1;
    for (const int64_t dim : shape)
        n *= dim;
    return n;
}

std::vector<std::byte> bytesOfHashTable(const std::vector<int64_t>& shape) {
    std::vector<int64_t> table;
    for (int64_t v = 0; v < shape[0]; ++v) {
        table.push_back(v % 8);
        table.push_back((v % 8 + 1 + v % 7) % 8);
    }
    std::vector<std::byte> bytes(table.size() * 8);
    std::memcpy(bytes.data(), table.data(), bytes.size());
    return bytes;
}

template <class T>
std::vector<std::byte> bytesOf(const std::vector<T>& values) {
    std::vector<std::byte> bytes(values.size() * sizeof(T));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

std::vector<std::byte> bf16Bytes(const std::vector<float>& values) {
    std::vector<uint16_t> bits;
    for (const float value : values)
        bits.push_back(kernels::floatToBf16(value));
    return bytesOf(bits);
}

// One value for each raw number of the tensor's name.
template <class Make>
auto fromRaw(const std::string& name, const std::vector<int64_t>& shape, const Make& make) {
    std::vector<decltype(make(uint64_t{}))> values;
    const uint64_t hash = fnv1a(name);
    for (int64_t i = 0; i < count(shape); ++i)
        values.push_back(make(rawNumber(hash, static_cast<uint64_t>(i))));
    return values;
}

uint8_t scaleByte(const std::string& name, uint64_t z) {
    const bool isFp4 = endsWith(name, "_scales") || name.find(".ffn.experts.") != std::string::npos;
    return static_cast<uint8_t>((isFp4 ? 121 : 116) + (z >> 40) % 3);
}

// What the files of quantised models hold.
std::vector<std::byte> storedBytes(const std::string& name, SafetensorsType type,
                                   const std::vector<int64_t>& shape) {
    if (endsWith(name, "weight_packed"))
        return bytesOf(fromRaw(name, shape, [](uint64_t z) { return uint32_t(z >> 32); }));
    if (endsWith(name, "weight_scale"))
        return bf16Bytes(fromRaw(
            name, shape, [](uint64_t z) { return float((1 + double(z >> 40 & 127) / 128) / 64); }));
    if (endsWith(name, "scale_inv"))
        return bytesOf(fromRaw(name, shape, [](uint64_t z) {
            return float((1 + double((z >> 40) % 1024) / 1024) / 2048);
        }));
    if (endsWith(name, "_scales") || type == SafetensorsType::f8E8m0)
        return bytesOf(fromRaw(name, shape, [&](uint64_t z) { return scaleByte(name, z); }));
    const bool isE4m3 = type == SafetensorsType::f8E4m3;
    return bytesOf(fromRaw(name, shape, [&](uint64_t z) {
        const auto byte = static_cast<uint8_t>(z >> 56);
        return static_cast<uint8_t>(isE4m3 && (byte & 0x7f) == 0x7f ? byte & 0xfe : byte);
    }));
}

bool isStored(const std::string& name, SafetensorsType type) {
    return endsWith(name, "weight_packed") || endsWith(name, "weight_scale") ||
           endsWith(name, "scale_inv") || type == SafetensorsType::u8 ||
           type == SafetensorsType::i8 || type == SafetensorsType::f8E4m3 ||
           type == SafetensorsType::f8E8m0;
}

std::vector<std::byte> bytesOfTensor(const std::string& name, SafetensorsType type,
                                     const std::vector<int64_t>& shape) {
    if (isStored(name, type)) return storedBytes(name, type, shape);
    if (type == SafetensorsType::i64) return bytesOfHashTable(shape);
    const std::vector<float> values = publishedValues(name, shape);
    if (type == SafetensorsType::f32) return bytesOf(values);
    if (type != SafetensorsType::bf16) throw std::runtime_error("type of " + name);
    return bf16Bytes(values);
}

void require(const base::Status& status) {
    if (!status) throw std::runtime_error(status.error().message());
}

}  // namespace

std::vector<float> publishedValues(const std::string& name, const std::vector<int64_t>& shape) {
    const Rule rule = ruleFor(name, shape);
    const uint64_t hash = fnv1a(name);
    std::vector<float> values(static_cast<size_t>(count(shape)));
    for (size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(rule.offset + rule.scale * unit(hash, i));
    return values;
}

PublishedModel::PublishedModel(const nlohmann::json& golden, const std::string& config) {
    std::string pattern = (std::filesystem::temp_directory_path() / "moxie-family-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = pattern;
    std::ofstream(folder_ / "config.json") << golden.at(config).dump();
    std::vector<SafetensorsSpec> specs;
    std::map<std::string, std::string> valuesOf;
    for (const auto& tensor : golden.at("tensors")) {
        SafetensorsSpec spec = {.name = tensor[0],
                                .type = safetensorsTypeFromName(std::string(tensor[1])).value(),
                                .shape = tensor[2]};
        // A fourth entry is a twin's name; in quantised models a digest of the bytes.
        const bool hasTwin =
            tensor.size() > 3 && std::string(tensor[3]).find('.') != std::string::npos;
        valuesOf[spec.name] = hasTwin ? std::string(tensor[3]) : spec.name;
        specs.push_back(std::move(spec));
    }
    std::map<std::string, std::vector<int64_t>> shapeOf;
    for (const SafetensorsSpec& spec : specs)
        shapeOf[spec.name] = spec.shape;
    specs = inStorageOrder(std::move(specs));
    FileSink sink = FileSink::create(folder_ / "model.safetensors").value();
    SafetensorsWriter writer = SafetensorsWriter::begin(sink, specs, {}).value();
    for (const SafetensorsSpec& spec : specs) {
        if (endsWith(spec.name, "weight_shape")) {  // rows and columns of the packed matrix
            const std::string stem = spec.name.substr(0, spec.name.size() - std::strlen("shape"));
            const std::vector<int64_t>& packed = shapeOf.at(stem + "packed");
            require(
                writer.write(spec.name, bytesOf(std::vector<int64_t>{packed[0], 8 * packed[1]})));
            continue;
        }
        require(writer.write(spec.name, bytesOfTensor(valuesOf[spec.name], spec.type, spec.shape)));
    }
    require(writer.finish());
    require(sink.commit());
}

PublishedModel::~PublishedModel() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

nlohmann::json readGolden(const std::string& name) {
    std::ifstream file(std::string(MOXIE_SOURCE_DIR) + "/tests/data/engine/families/" + name +
                       ".json");
    return nlohmann::json::parse(file);
}

}  // namespace moxie::engine
