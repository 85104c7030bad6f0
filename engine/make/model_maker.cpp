#include "engine/make/model_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/families/families.h"
#include "engine/make/blueprint.h"
#include "engine/make/stored_tensors.h"
#include "engine/make/tiny_config.h"
#include "engine/safetensors/safetensors_writer.h"
#include "engine/weights/byte_sink.h"
#include "engine/weights/gguf_writer.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

std::string joined(std::span<const std::string_view> words) {
    return fmt::format("{}", fmt::join(words, ", "));
}

// Every tensor the family asks for, in a plan made from its numbers alone.
Result<std::vector<PlannedTensor>> planTensors(const Blueprint& blueprint) {
    TRY(makePlan(blueprint));
    return std::vector<PlannedTensor>(blueprint.planned().begin(), blueprint.planned().end());
}

Result<GgufFile> headerOnly(const GgufMetadata& metadata, MemorySink& sink) {
    TRY_ASSIGN(GgufWriter writer, GgufWriter::begin(sink, metadata, {}));
    TRY(writer.finish());
    return GgufFile::parse(sink.bytes());
}

// Shows progress and hears the wish to stop between tensors.
class Watch {
public:
    Watch(const MakeModelRequest& request, int64_t total) : request_(request), total_(total) {}

    Status wrote(int64_t bytes) {
        done_ += bytes;
        if (request_.progress) request_.progress(done_, total_);
        if (request_.stop.stop_requested()) return fail(Errc::cancelled, "stopped");
        return {};
    }

private:
    const MakeModelRequest& request_;
    int64_t total_;
    int64_t done_ = 0;
};

MadeModel countModel(std::span<const StoredPart> parts, std::span<const PlannedTensor> tensors) {
    MadeModel made{.tensors = std::ssize(tensors)};
    for (const PlannedTensor& tensor : tensors)
        made.parameters += valuesIn(tensor);
    for (const StoredPart& part : parts)
        made.bytes += part.bytes;
    return made;
}

Result<MadeModel> makeGguf(const MakeModelRequest& request, const nlohmann::json& config) {
    TRY_ASSIGN(const kernels::DType type, ggufTypeFromName(request.type));
    GgufMetadata metadata = ggufMetadataOf(config);
    MemorySink header;
    TRY_ASSIGN(GgufFile file, headerOnly(metadata, header));
    const Blueprint blueprint(std::move(file));
    TRY_ASSIGN(const auto tensors, planTensors(blueprint));
    addByteTokenizer(config["vocab_size"].get<int64_t>(), metadata);
    std::vector<GgufTensorSpec> specs;
    std::vector<StoredPart> parts;
    for (const PlannedTensor& tensor : tensors) {
        const kernels::DType stored = ggufTypeFor(tensor, type);
        specs.push_back({.name = tensor.name, .dtype = stored, .dims = tensor.dims});
        TRY_ASSIGN(const int64_t bytes, ggufTensorBytes(specs.back()));
        parts.push_back({.name = tensor.name, .bytes = bytes});
    }
    const MadeModel made = countModel(parts, tensors);
    TRY_ASSIGN(FileSink sink, FileSink::create(request.out));
    TRY_ASSIGN(GgufWriter writer, GgufWriter::begin(sink, metadata, specs));
    Watch watch(request, made.bytes);
    for (size_t i = 0; i < tensors.size(); ++i) {
        const std::vector<uint8_t> bytes = ggufBytes(tensors[i], specs[i].dtype, request.seed);
        TRY(writer.write(tensors[i].name, std::as_bytes(std::span(bytes))));
        TRY(watch.wrote(std::ssize(bytes)));
    }
    TRY(writer.finish());
    TRY(sink.commit());
    return made;
}

Status writeText(const std::filesystem::path& path, const std::string& text) {
    TRY_ASSIGN(FileSink sink, FileSink::create(path));
    TRY(sink.write(std::as_bytes(std::span(text))));
    return sink.commit();
}

Result<MadeModel> makePublished(const MakeModelRequest& request, nlohmann::json config) {
    TRY_ASSIGN(const PublishedType type, publishedTypeFromName(request.type));
    TRY_ASSIGN(ModelConfig parsed, ModelConfig::parse(config.dump()));
    const Blueprint blueprint(std::move(parsed));
    TRY_ASSIGN(const auto tensors, planTensors(blueprint));
    describeQuantisation(type, config);
    std::error_code ec;
    if (!std::filesystem::create_directory(request.out, ec))
        return fail(Errc::invalidInput, fmt::format("{}: {}", request.out.string(),
                                                    ec ? ec.message() : "is there already"));
    std::vector<StoredPart> parts;
    std::vector<SafetensorsSpec> specs;
    for (const PlannedTensor& tensor : tensors)
        for (StoredPart& part :
             publishedParts(tensor, type, config["model_type"].get<std::string>())) {
            specs.push_back(part.spec);
            parts.push_back(std::move(part));
        }
    specs = inStorageOrder(std::move(specs));
    const MadeModel made = countModel(parts, tensors);
    TRY_ASSIGN(FileSink sink, FileSink::create(request.out / "model.safetensors"));
    const SafetensorsNote note = {.key = "format", .value = "pt"};
    TRY_ASSIGN(SafetensorsWriter writer,
               SafetensorsWriter::begin(sink, specs, std::span(&note, 1)));
    Watch watch(request, made.bytes);
    PublishedValues values(tensors, parts, request.seed);
    for (const SafetensorsSpec& spec : specs) {
        const std::vector<uint8_t> bytes = values.bytesOf(spec.name);
        TRY(writer.write(spec.name, std::as_bytes(std::span(bytes))));
        TRY(watch.wrote(std::ssize(bytes)));
    }
    TRY(writer.finish());
    TRY(sink.commit());
    TRY(writeText(request.out / "tokenizer.json",
                  byteTokenizerJson(config["vocab_size"].get<int64_t>())));
    TRY(writeText(request.out / "config.json", config.dump(2) + "\n"));
    return made;
}

}  // namespace

Result<MadeModel> makeModel(const MakeModelRequest& request) {
    const auto config = tinyConfig(request.family, request.size);
    if (!config)
        return fail(
            Errc::invalidInput,
            fmt::format("no {} model of family \"{}\"; families: {}; sizes: {}", request.size,
                        request.family, joined(makeableFamilies()), joined(makeableSizes())));
    std::error_code ec;
    if (std::filesystem::exists(request.out, ec))
        return fail(Errc::invalidInput, fmt::format("{} is there already", request.out.string()));
    return request.out.extension() == ".gguf" ? makeGguf(request, *config)
                                              : makePublished(request, *config);
}

std::vector<std::string_view> makeableFamilies() {
    return tinyFamilies();
}

std::vector<std::string_view> makeableSizes() {
    return {"tiny", "small", "medium", "large"};
}

}  // namespace moxie::engine
