// GGUF files as llama.cpp writes and reads them (tests/bench/peers/gguf_families.py,
// converted_families.py): shapes, keys and the layouts that its converter can choose.
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "engine/families/families.h"
#include "engine/loaded_model.h"
#include "engine/logits.h"
#include "engine/make/blueprint.h"
#include "engine/make/model_maker.h"
#include "engine/make/tiny_config.h"
#include "engine/weights/byte_sink.h"
#include "engine/weights/gguf_writer.h"
#include "engine/weights/open_source.h"
#include "tests/catch.h"
#include "tests/engine/weights/model_folder.h"

namespace moxie::engine {

namespace {

using Logits = std::vector<std::vector<float>>;

Logits logitsOf(const std::filesystem::path& model, const LogitsOptions& options = {}) {
    const std::vector<int32_t> tokens = {5, 300, 17, 256, 9, 9, 511};
    Logits rows;
    REQUIRE(computeLogits(model, tokens, options, [&](int64_t, std::span<const float> row) {
        rows.emplace_back(row.begin(), row.end());
    }));
    return rows;
}

std::vector<int64_t> dimsOf(const TensorSource& source, std::string_view name) {
    const StoredTensor* tensor = source.findTensor(name);
    REQUIRE(tensor != nullptr);
    return {tensor->dims.begin(), tensor->dims.begin() + tensor->nDims};
}

std::vector<std::byte> bytesOf(const StoredTensor& tensor) {
    const auto bytes = std::as_bytes(std::span(
        tensor.weights.data, static_cast<size_t>(tensor.weights.rows * tensor.weights.rowBytes)));
    return {bytes.begin(), bytes.end()};
}

// Gate and up of each expert one after the other: [2 ffn, hidden] by expert.
std::vector<std::byte> fused(const StoredTensor& gate, const StoredTensor& up) {
    const std::vector<std::byte> gates = bytesOf(gate);
    const std::vector<std::byte> ups = bytesOf(up);
    const auto perExpert = std::ssize(gates) / gate.dims[2];
    std::vector<std::byte> both;
    for (int64_t e = 0; e < gate.dims[2]; ++e)
        for (const auto* half : {&gates, &ups})
            both.insert(both.end(), half->begin() + e * perExpert,
                        half->begin() + (e + 1) * perExpert);
    return both;
}

struct NewTensor {
    GgufTensorSpec spec;
    std::vector<std::byte> bytes;
};

// The tensors of a file, gate and up of the experts fused.
std::vector<NewTensor> fusedTensors(const TensorSource& source) {
    std::vector<NewTensor> tensors;
    for (const StoredTensor& tensor : source.tensors()) {
        const size_t at = tensor.name.find("ffn_gate_exps");
        if (tensor.name.find("ffn_up_exps") != std::string::npos) continue;
        NewTensor made = {{.name = std::string(tensor.name),
                           .dtype = tensor.weights.dtype,
                           .dims = dimsOf(source, tensor.name)},
                          bytesOf(tensor)};
        if (at != std::string::npos) {
            const std::string block(tensor.name.substr(0, at));
            made.bytes = fused(tensor, *source.findTensor(block + "ffn_up_exps.weight"));
            made.spec.name = block + "ffn_gate_up_exps.weight";
            made.spec.dims[1] *= 2;
        }
        tensors.push_back(std::move(made));
    }
    return tensors;
}

void writeGguf(const std::filesystem::path& path, const GgufMetadata& metadata,
               const std::vector<NewTensor>& tensors) {
    std::vector<GgufTensorSpec> specs;
    for (const NewTensor& tensor : tensors)
        specs.push_back(tensor.spec);
    FileSink sink = FileSink::create(path).value();
    GgufWriter writer = GgufWriter::begin(sink, metadata, specs).value();
    for (const NewTensor& tensor : tensors)
        REQUIRE(writer.write(tensor.spec.name, tensor.bytes));
    REQUIRE(writer.finish());
    REQUIRE(sink.commit());
}

std::vector<std::byte> headerOf(std::string_view family) {
    MemorySink sink;
    GgufWriter writer =
        GgufWriter::begin(sink, ggufMetadataOf(*tinyConfig(family, "tiny")), {}).value();
    REQUIRE(writer.finish());
    return {sink.bytes().begin(), sink.bytes().end()};
}

// Writes `limit` into every element of an array of floats.
void setFloats(std::vector<std::byte>& header, std::string_view key, float limit) {
    const std::string_view text(reinterpret_cast<const char*>(header.data()), header.size());
    size_t at = text.find(key);
    REQUIRE(at != std::string_view::npos);
    at += key.size() + 2 * sizeof(uint32_t);  // array, of floats
    uint64_t count = 0;
    std::memcpy(&count, header.data() + at, sizeof count);
    for (uint64_t i = 0; i < count; ++i)
        std::memcpy(header.data() + at + sizeof count + i * sizeof limit, &limit, sizeof limit);
}

}  // namespace

TEST_CASE("GGUF: gate and up of the experts in one tensor are the same model, bit for bit",
          "[engine][families][gguf]") {
    const tests::ModelFolder folder;
    const auto apart = folder.path() / "apart.gguf";
    const auto together = folder.path() / "together.gguf";
    for (const char* family : {"qwen3_moe", "deepseek_v3"}) {
        CAPTURE(family);
        std::filesystem::remove(apart);
        makeModel({.family = family, .type = "q8_0", .out = apart}).value();
        writeGguf(together, ggufMetadataOf(*tinyConfig(family, "tiny")),
                  fusedTensors(*openTensorSource(apart).value()));
        REQUIRE(openTensorSource(together).value()->findTensor("blk.1.ffn_gate_exps.weight") ==
                nullptr);
        REQUIRE(logitsOf(together) == logitsOf(apart));
    }
}

TEST_CASE("GGUF: tensors of made models have llama.cpp's shapes", "[engine][families][gguf]") {
    const tests::ModelFolder folder;
    const auto made = [&](const char* family) {
        const auto path = folder.path() / (std::string(family) + ".gguf");
        makeModel({.family = family, .type = "q8_0", .out = path}).value();
        return openTensorSource(path).value();
    };
    using Dims = std::vector<int64_t>;
    const auto gptOss = made("gpt_oss");
    CHECK(dimsOf(*gptOss, "blk.0.ffn_gate_exps.bias") == Dims{256, 8});
    CHECK(dimsOf(*gptOss, "blk.0.ffn_down_exps.bias") == Dims{256, 8});
    const auto v4 = made("deepseek_v4");
    CHECK(dimsOf(*v4, "blk.2.attn_compressor_ape.weight") == Dims{1024, 4});
    CHECK(dimsOf(*v4, "blk.3.attn_compressor_ape.weight") == Dims{512, 128});
    CHECK(dimsOf(*v4, "blk.2.indexer_compressor_ape.weight") == Dims{256, 4});
    CHECK(asGguf(*v4)->integer("deepseek4.embedding_length_out") == 1024);
    CHECK(asGguf(*made("deepseek_v2"))->integer("deepseek2.attention.q_lora_rank") == 0);
}

TEST_CASE("GGUF: V4's shared expert has a clamp of its own", "[engine][families][gguf]") {
    const auto limits = [](const std::vector<std::byte>& header) {
        const Blueprint blueprint(GgufFile::parse(header).value());
        const auto plan = makePlan(blueprint).value();
        const auto& ffn = std::get<MoeFfn>(plan.blocks[0].ffn);
        return std::pair(ffn.limit, ffn.shared->limit);
    };
    std::vector<std::byte> header = headerOf("deepseek_v4");
    CHECK(limits(header) == std::pair(10.0F, 10.0F));
    setFloats(header, "deepseek4.swiglu_clamp_shexp", 7.0F);
    CHECK(limits(header) == std::pair(10.0F, 7.0F));
    setFloats(header, "deepseek4.swiglu_clamp_exp", -1.0F);
    CHECK_FALSE(makePlan(Blueprint(GgufFile::parse(header).value())).has_value());
}

namespace {

// The tensors of a file whose names `keeps` wants.
std::vector<NewTensor> tensorsOf(const TensorSource& source,
                                 const std::function<bool(std::string_view)>& keeps) {
    std::vector<NewTensor> tensors;
    for (const StoredTensor& tensor : source.tensors())
        if (keeps(tensor.name))
            tensors.push_back({{.name = std::string(tensor.name),
                                .dtype = tensor.weights.dtype,
                                .dims = dimsOf(source, tensor.name)},
                               bytesOf(tensor)});
    return tensors;
}

GgufMetadata v4Metadata(int64_t nDraftBlocks) {
    auto config = *tinyConfig("deepseek_v4", "tiny");
    config["num_nextn_predict_layers"] = nDraftBlocks;
    return ggufMetadataOf(config);
}

}  // namespace

TEST_CASE("GGUF: V4's draft block is the same in the model's file and in one of its own",
          "[engine][families][gguf][drafter]") {
    const tests::ModelFolder folder;
    const auto both = folder.path() / "both.gguf";
    const auto model = folder.path() / "model.gguf";
    const auto drafter = folder.path() / "drafter.gguf";
    makeModel({.family = "deepseek_v4", .type = "q8_0", .out = both}).value();
    const auto source = openTensorSource(both).value();
    const auto isDraft = [](std::string_view name) { return name.starts_with("blk.8."); };
    writeGguf(model, v4Metadata(0),
              tensorsOf(*source, [&](std::string_view name) { return !isDraft(name); }));
    writeGguf(drafter, v4Metadata(1), tensorsOf(*source, [&](std::string_view name) {
                  return isDraft(name) || !name.starts_with("blk.");
              }));
    const LogitsOptions drafts = {.threads = 1, .part = LogitsPart::draft};
    LogitsOptions apart = drafts;
    apart.draftFile = drafter;
    REQUIRE(logitsOf(both, drafts).size() == 6);
    REQUIRE(logitsOf(both, drafts) == logitsOf(model, apart));
    REQUIRE(logitsOf(both) == logitsOf(model));
    REQUIRE_FALSE(computeLogits(model, std::vector<int32_t>{1, 2}, drafts,
                                [](int64_t, std::span<const float>) {})
                      .has_value());
}

TEST_CASE("a file that is no drafter of the model is refused, and says what it is",
          "[engine][families][gguf][drafter]") {
    const tests::ModelFolder folder;
    const auto made = [&](const std::string& family) {
        const auto path = folder.path() / (family + ".gguf");
        if (!std::filesystem::exists(path))
            makeModel({.family = family, .type = "q8_0", .out = path}).value();
        return path;
    };
    const auto refusal = [&](const std::filesystem::path& model,
                             const std::filesystem::path& drafter) {
        const auto loaded = loadModel(model, drafter);
        return loaded ? "taken" : loaded.error().message();
    };
    const auto v4 = made("deepseek_v4");
    const auto llama = made("llama");
    CHECK_THAT(refusal(v4, llama), Catch::Contains("llama is no drafter's architecture"));
    CHECK_THAT(refusal(llama, v4), Catch::Contains("4 streams of 256 values, the model has 1"));
    CHECK_THAT(refusal(v4, v4), Catch::Contains("is not part of a DeepSeek V4 drafter"));
    CHECK_THAT(refusal(v4, made("deepseek_v4_0731")), Catch::Contains("is missing"));
}

}  // namespace moxie::engine
