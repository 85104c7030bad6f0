#include "tests/engine/adapters/adapter_files.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "engine/safetensors/safetensors_writer.h"
#include "engine/weights/byte_sink.h"
#include "tests/engine/families/published_model.h"
#include "tests/kernels/random_values.h"

namespace moxie::engine {

void writePeftAdapter(const tests::ModelFolder& folder, const nlohmann::json& adapter,
                      const std::vector<OtherTensor>& others) {
    folder.write("adapter_config.json", adapter.at("config").dump());
    std::vector<SafetensorsSpec> specs;
    for (const auto& tensor : adapter.at("tensors"))
        specs.push_back({.name = tensor[0], .shape = tensor[2]});
    for (const OtherTensor& other : others)
        specs.push_back({.name = other.name, .shape = other.shape});
    MemorySink sink;
    SafetensorsWriter writer = SafetensorsWriter::begin(sink, specs, {}).value();
    for (const SafetensorsSpec& spec : specs) {
        const auto other = std::ranges::find(others, spec.name, &OtherTensor::name);
        const std::vector<float> values =
            other != others.end() ? other->values : publishedValues(spec.name, spec.shape);
        if (!writer.write(spec.name, std::as_bytes(std::span(values))))
            throw std::runtime_error("write " + spec.name);
    }
    if (!writer.finish()) throw std::runtime_error("finish");
    folder.write("adapter_model.safetensors", sink.bytes());
}

tests::GgufBytes ggufAdapter(const std::string& architecture, float alpha) {
    tests::GgufBytes file;
    file.string("general.type", "adapter");
    file.string("general.architecture", architecture);
    file.string("adapter.type", "lora");
    file.number<float>("adapter.lora.alpha", GgufType::f32, alpha);
    return file;
}

FactorValues addFactors(tests::GgufBytes& file, const FactorShape& s) {
    const auto dims = [&](int64_t cols, int64_t rows) {
        std::vector<uint64_t> all = {static_cast<uint64_t>(cols), static_cast<uint64_t>(rows)};
        if (s.count > 1) all.push_back(static_cast<uint64_t>(s.count));
        return all;
    };
    const auto seed = static_cast<uint32_t>(s.rows * 31 + s.cols + s.rank);
    FactorValues values = {.down = tests::uniform(s.count * s.rank * s.cols, seed, 0.3F),
                           .up = tests::uniform(s.count * s.rows * s.rank, seed + 1, 0.3F)};
    file.floats(s.weights + ".weight.lora_a", dims(s.cols, s.rank), values.down);
    file.floats(s.weights + ".weight.lora_b", dims(s.rank, s.rows), values.up);
    return values;
}

}  // namespace moxie::engine
