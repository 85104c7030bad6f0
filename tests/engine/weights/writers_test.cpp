#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "engine/safetensors/safetensors_index.h"
#include "engine/safetensors/safetensors_model.h"
#include "engine/safetensors/safetensors_writer.h"
#include "engine/weights/gguf_writer.h"
#include "engine/weights/open_source.h"
#include "tests/catch.h"
#include "tests/engine/weights/model_folder.h"

using namespace moxie;
using namespace moxie::engine;
using kernels::DType;
using moxie::tests::ModelFolder;

namespace {

std::vector<std::byte> randomBytes(int64_t count, uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<std::byte> bytes(static_cast<size_t>(count));
    for (std::byte& byte : bytes)
        byte = static_cast<std::byte>(random());
    return bytes;
}

// In three parts, of which the first is empty.
template <class Writer>
void writeInParts(Writer& writer, std::string_view name, std::span<const std::byte> bytes) {
    REQUIRE(writer.write(name, {}));
    REQUIRE(writer.write(name, bytes.first(bytes.size() / 3)));
    REQUIRE(writer.write(name, bytes.subspan(bytes.size() / 3)));
}

bool holds(const StoredTensor* tensor, const std::vector<std::byte>& bytes) {
    return tensor != nullptr &&
           tensor->weights.rows * tensor->weights.rowBytes == std::ssize(bytes) &&
           std::memcmp(tensor->weights.data, bytes.data(), bytes.size()) == 0;
}

const std::vector<DType> kGgufTypes = {
    DType::f32,  DType::f16,  DType::q4_0, DType::q4_1,    DType::q8_0,   DType::q2_K,
    DType::q4_K, DType::q5_K, DType::q6_K, DType::iq2_xxs, DType::iq4_nl, DType::iq4_xs,
    DType::i8,   DType::i32,  DType::i64,  DType::bf16,    DType::mxfp4};

// Fails once, at the write of this number.
class FailingSink final : public ByteSink {
public:
    explicit FailingSink(int failAt) : failAt_(failAt) {}

    base::Status write(std::span<const std::byte>) override {
        if (nWrites_++ == failAt_) return base::fail(base::Errc::io, "disk full");
        return {};
    }

    bool hasFailed() const { return nWrites_ > failAt_; }

private:
    int failAt_;
    int nWrites_ = 0;
};

base::Status writeTwoTensors(ByteSink& sink, SourceKind kind) {
    const auto bytes = randomBytes(8, 1);
    if (kind == SourceKind::gguf) {
        TRY_ASSIGN(auto writer,
                   GgufWriter::begin(sink, {},
                                     std::vector<GgufTensorSpec>{{"a", DType::f32, {2}},
                                                                 {"b", DType::f32, {2}}}));
        TRY(writer.write("a", bytes));
        TRY(writer.write("b", bytes));
        return writer.finish();
    }
    TRY_ASSIGN(auto writer, SafetensorsWriter::begin(
                                sink,
                                std::vector<SafetensorsSpec>{{"a", SafetensorsType::f32, {2}},
                                                             {"b", SafetensorsType::f32, {2}}},
                                {}));
    TRY(writer.write("a", bytes));
    TRY(writer.write("b", bytes));
    return writer.finish();
}

// A file whose header declares 64 GiB, of which the disk holds the header only.
void writeHollowModel(const std::filesystem::path& path, SourceKind kind) {
    constexpr int64_t kRows = 16384;
    constexpr int64_t kCols = 1 << 20;
    auto sink = FileSink::create(path).value();
    if (kind == SourceKind::gguf)
        REQUIRE(GgufWriter::begin(
            sink, {}, std::vector<GgufTensorSpec>{{"big", DType::f32, {kCols, kRows}}}));
    else
        REQUIRE(SafetensorsWriter::begin(
            sink, std::vector<SafetensorsSpec>{{"big", SafetensorsType::f32, {kRows, kCols}}}, {}));
    REQUIRE(sink.commit());
    std::error_code ec;
    const auto headerBytes = std::filesystem::file_size(path, ec);
    std::filesystem::resize_file(path, headerBytes + kRows * kCols * 4, ec);
    REQUIRE_FALSE(ec);
}

}  // namespace

TEST_CASE("a model of 64 GiB opens by its header alone", "[engine][weights][gguf][safetensors]") {
    ModelFolder folder;
    folder.write("config.json", "{}");
    for (const SourceKind kind : {SourceKind::gguf, SourceKind::safetensors}) {
        writeHollowModel(folder.path() / "big", kind);
        // Reading it all would take minutes and fill the page tables.
        const auto source = openTensorSource(folder.path() / "big");
        REQUIRE(source.has_value());
        REQUIRE((*source)->kind() == kind);
        const StoredTensor* big = (*source)->findTensor("big");
        REQUIRE(big->bytes == int64_t(64) << 30);
        REQUIRE(big->weights.data[big->bytes - 1] == 0);
    }
}

TEST_CASE("a disk that fails at any write ends the writing of a model with that error",
          "[engine][weights][gguf][safetensors]") {
    for (const SourceKind kind : {SourceKind::gguf, SourceKind::safetensors}) {
        int nWrites = 0;
        for (bool hasFailed = true; hasFailed; ++nWrites) {
            FailingSink sink(nWrites);
            const auto done = writeTwoTensors(sink, kind);
            hasFailed = sink.hasFailed();
            REQUIRE(done.has_value() != hasFailed);
            if (hasFailed) REQUIRE(done.error().message() == "disk full");
        }
        REQUIRE(nWrites > 4);
    }
}

TEST_CASE("what the GGUF writer writes is read back, in every type", "[engine][weights][gguf]") {
    GgufMetadata metadata;
    metadata.setString("general.architecture", "tiny");
    metadata.setU32("tiny.block_count", 3);
    metadata.setU64("tiny.big", uint64_t(1) << 40);
    metadata.setF32("tiny.epsilon", 0.5F);
    metadata.setBool("tiny.flag", true);
    metadata.setI32s("tiny.ratios", std::vector<int32_t>{4, 0, -1});
    metadata.setF32s("tiny.clamps", std::vector<float>{10, 7});
    metadata.setStrings("tiny.words", std::vector<std::string>{"a", "", "默"});
    std::vector<GgufTensorSpec> specs;
    for (const DType dtype : kGgufTypes)
        specs.push_back({.name = fmt::format("t{}", static_cast<uint32_t>(dtype)),
                         .dtype = dtype,
                         .dims = {256, 3, 1, 2}});
    specs.push_back({.name = "last", .dtype = DType::f32, .dims = {5}});

    MemorySink sink;
    auto writer = GgufWriter::begin(sink, metadata, specs);
    REQUIRE(writer.has_value());
    std::vector<std::vector<std::byte>> data;
    for (const GgufTensorSpec& spec : specs) {
        data.push_back(randomBytes(ggufTensorBytes(spec).value(), uint32_t(data.size())));
        writeInParts(*writer, spec.name, data.back());
    }
    REQUIRE(writer->finish());

    const auto file = GgufFile::parse(sink.bytes());
    REQUIRE(file.has_value());
    REQUIRE(file->tensors().size() == specs.size());
    for (size_t i = 0; i < specs.size(); ++i) {
        CAPTURE(specs[i].name);
        REQUIRE(holds(file->findTensor(specs[i].name), data[i]));
        REQUIRE(file->findTensor(specs[i].name)->weights.dtype == specs[i].dtype);
        REQUIRE(file->findTensor(specs[i].name)->offset % 32 == 0);
    }
    REQUIRE(file->findTensor("t0")->dims == std::array<int64_t, 4>{256, 3, 1, 2});
    REQUIRE(file->string("general.architecture") == "tiny");
    REQUIRE(file->integer("tiny.block_count") == 3);
    REQUIRE(file->integer("tiny.big") == int64_t(1) << 40);
    REQUIRE(file->number("tiny.epsilon") == 0.5);
    REQUIRE(file->boolean("tiny.flag") == true);
    REQUIRE(file->integers("tiny.ratios") == std::vector<int64_t>{4, 0, -1});
    REQUIRE(file->numbers("tiny.clamps") == std::vector<float>{10, 7});
    REQUIRE(file->strings("tiny.words")[2] == "默");
}

TEST_CASE("the GGUF writer refuses what no reader could read", "[engine][weights][gguf]") {
    MemorySink sink;
    const auto errorFor = [&](std::vector<GgufTensorSpec> specs) {
        const auto writer = GgufWriter::begin(sink, {}, specs);
        REQUIRE_FALSE(writer.has_value());
        REQUIRE(sink.bytes().empty());
        return writer.error().message();
    };
    REQUIRE(errorFor({{"a", DType::f32, {1}}, {"a", DType::f32, {1}}}) ==
            "tensor a is there twice");
    REQUIRE(errorFor({{"", DType::f32, {1}}}) == "a tensor without a name");
    REQUIRE(errorFor({{"a", DType::fp8E4m3, {128}}}) == "tensor a: type 1000 has no place in GGUF");
    REQUIRE(errorFor({{"a", DType::q4_K, {128}}}).find("a multiple of 256 (Q4_K)") !=
            std::string::npos);
    REQUIRE(errorFor({{"a", DType::f32, {}}}).find("one to four") != std::string::npos);
    REQUIRE(errorFor({{"a", DType::f32, {4, 0}}}) == "tensor a: dimension 1 is 0");
    REQUIRE(errorFor({{"a", DType::f32, {int64_t(1) << 40, int64_t(1) << 40}}}) ==
            "tensor a: dimension 1 is 1099511627776");
    GgufMetadata twice;
    twice.setU32("k", 1);
    twice.setU32("k", 1);
    REQUIRE(GgufWriter::begin(sink, twice, {}).error().message() == "key k is there twice");
}

TEST_CASE("writers take tensors in their turn and with all of their bytes",
          "[engine][weights][gguf][safetensors]") {
    MemorySink sink;
    const std::vector<GgufTensorSpec> specs = {{"a", DType::f32, {2}}, {"b", DType::f32, {1}}};
    auto writer = GgufWriter::begin(sink, {}, specs).value();
    const auto bytes = randomBytes(12, 1);
    REQUIRE(writer.write("b", bytes).error().message() == "data of tensor b, expected a");
    REQUIRE(writer.write("a", bytes).error().message() == "tensor a: 12 bytes, expected at most 8");
    REQUIRE(writer.write("a", std::span(bytes).first(6)));
    REQUIRE(writer.finish().error().message() == "tensor a ends at 6 of 8 bytes");
    REQUIRE(writer.write("a", std::span(bytes).first(2)));
    REQUIRE(writer.write("b", std::span(bytes).first(4)));
    REQUIRE(writer.finish());
    REQUIRE(writer.write("b", bytes).error().message() == "data of tensor b, expected no more");
}

TEST_CASE("what the safetensors writer writes is read back, in every type",
          "[engine][weights][safetensors]") {
    std::vector<SafetensorsSpec> specs = {
        {"u8 \"quoted\"", SafetensorsType::u8, {3}}, {"scalar", SafetensorsType::f32, {}},
        {"f16", SafetensorsType::f16, {2, 3}},       {"i64", SafetensorsType::i64, {2}},
        {"词", SafetensorsType::bf16, {1, 2, 3}},    {"fp8", SafetensorsType::f8E4m3, {4, 5}}};
    specs = inStorageOrder(specs);
    REQUIRE(specs.front().name == "i64");
    REQUIRE(specs.back().name == "fp8");
    MemorySink sink;
    auto writer =
        SafetensorsWriter::begin(sink, specs, std::vector<SafetensorsNote>{{"format", "pt"}});
    REQUIRE(writer.has_value());
    std::vector<std::vector<std::byte>> data;
    for (const SafetensorsSpec& spec : specs) {
        data.push_back(randomBytes(safetensorsBytes(spec).value(), uint32_t(data.size())));
        writeInParts(*writer, spec.name, data.back());
    }
    REQUIRE(writer->finish());
    const auto file = SafetensorsFile::parse(sink.bytes());
    REQUIRE(file.has_value());
    REQUIRE(file->notes().size() == 1);
    for (size_t i = 0; i < specs.size(); ++i) {
        CAPTURE(specs[i].name);
        const SafetensorsTensor* tensor = file->findTensor(specs[i].name);
        REQUIRE(tensor != nullptr);
        REQUIRE(tensor->type == specs[i].type);
        REQUIRE(tensor->bytes == std::ssize(data[i]));
        REQUIRE(tensor->offset % bytesOf(tensor->type) == 0);
        REQUIRE(std::memcmp(tensor->data, data[i].data(), data[i].size()) == 0);
    }
}

TEST_CASE("the safetensors writer refuses what no reader could read",
          "[engine][weights][safetensors]") {
    MemorySink sink;
    const auto errorFor = [&](std::vector<SafetensorsSpec> specs) {
        const auto writer = SafetensorsWriter::begin(sink, specs, {});
        REQUIRE_FALSE(writer.has_value());
        REQUIRE(sink.bytes().empty());
        return writer.error().message();
    };
    using enum SafetensorsType;
    REQUIRE(errorFor({{"a", f32, {1}}, {"a", f32, {1}}}) == "tensor a is there twice");
    REQUIRE(errorFor({{"\xff", f32, {1}}}).find("is no name of a tensor") != std::string::npos);
    REQUIRE(errorFor({{"__metadata__", f32, {1}}}).find("is no name") != std::string::npos);
    REQUIRE(errorFor({{"a", u8, {3}}, {"b", f32, {1}}}) ==
            "tensor b F32 at 3 of the data, expected a multiple of 4");
    REQUIRE(errorFor({{"a", f32, {0}}}) == "tensor a: shape [0]");
    REQUIRE(errorFor({{"a", f32, {int64_t(1) << 62, 2}}}).find("tensor a: shape") == 0);
}

TEST_CASE("files written in shards with an index open as one model",
          "[engine][weights][safetensors]") {
    ModelFolder folder;
    folder.write("config.json", "{}");
    SafetensorsIndex index;
    for (const char* name : {"a", "b"}) {
        const std::string file = fmt::format("model-{}.safetensors", name);
        auto sink = FileSink::create(folder.path() / file).value();
        const std::vector<SafetensorsSpec> specs = {{name, SafetensorsType::f32, {2}}};
        auto writer = SafetensorsWriter::begin(sink, specs, {}).value();
        REQUIRE(writer.write(name, randomBytes(8, 1)));
        REQUIRE(writer.finish());
        REQUIRE_FALSE(std::filesystem::exists(folder.path() / file));
        REQUIRE(sink.commit());
        index.places.push_back({name, file});
    }
    folder.write("model.safetensors.index.json", formatSafetensorsIndex(index, 16));
    const auto model = openTensorSource(folder.path());
    REQUIRE(model.has_value());
    REQUIRE((*model)->tensors().size() == 2);
}

TEST_CASE("a file that is not committed leaves nothing behind", "[engine][weights]") {
    ModelFolder folder;
    const auto count = [&] {
        return std::distance(std::filesystem::directory_iterator(folder.path()),
                             std::filesystem::directory_iterator());
    };
    {
        auto sink = FileSink::create(folder.path() / "x").value();
        REQUIRE(sink.write(randomBytes(1000, 1)));
        REQUIRE(count() == 1);
        FileSink moved = std::move(sink);
    }
    REQUIRE(count() == 0);
    REQUIRE(FileSink::create(folder.path() / "no" / "x").error().kind() == base::Errc::notFound);
}
