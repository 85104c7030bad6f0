#include "engine/safetensors/safetensors_model.h"

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/weights/open_source.h"
#include "tests/catch.h"
#include "tests/engine/safetensors/safetensors_bytes.h"
#include "tests/engine/weights/model_folder.h"

using namespace moxie;
using namespace moxie::engine;
using kernels::DType;
using kernels::ScaleType;
using moxie::tests::ModelFolder;
using moxie::tests::SafetensorsBytes;
using moxie::tests::smallSafetensors;

namespace {

base::Error errorOf(const SafetensorsBytes& builder, std::string_view config = "{}") {
    const auto bytes = builder.bytes();
    const auto model = SafetensorsModel::parse(bytes, config);
    REQUIRE_FALSE(model.has_value());
    return model.error();
}

bool contains(const base::Error& error, std::string_view part) {
    UNSCOPED_INFO(error.message());
    return error.message().find(part) != std::string::npos;
}

// A tensor alone.
SafetensorsBytes single(std::string_view name, std::string_view type,
                        const std::vector<int64_t>& shape, int64_t bytes) {
    SafetensorsBytes builder;
    builder.tensor(name, type, shape, bytes);
    return builder;
}

}  // namespace

TEST_CASE("plain tensors are listed with the last size as columns", "[engine][safetensors]") {
    const auto bytes = smallSafetensors().bytes();
    const auto model = SafetensorsModel::parse(bytes, "{}");
    REQUIRE(model.has_value());
    REQUIRE(model->kind() == SourceKind::safetensors);
    REQUIRE(model->tensors().size() == 10);

    const StoredTensor* bias = model->findTensor("bias");
    REQUIRE(bias->nDims == 2);
    REQUIRE(bias->dims == std::array<int64_t, 4>{3, 2, 1, 1});
    REQUIRE(bias->weights.dtype == DType::f32);
    REQUIRE(bias->weights.rows == 2);
    REQUIRE(bias->weights.cols == 3);
    REQUIRE(bias->weights.rowBytes == 12);
    REQUIRE(bias->weights.scaleType == ScaleType::none);
    REQUIRE(model->findTensor("norm.weight")->weights.dtype == DType::bf16);
    REQUIRE(model->findTensor("norm.weight")->nDims == 1);
    REQUIRE(model->findTensor("half")->weights.dtype == DType::f16);
    REQUIRE(model->findTensor("ids")->weights.dtype == DType::i64);
    const StoredTensor* scalar = model->findTensor("scalar");
    REQUIRE(scalar->nDims == 0);
    REQUIRE(scalar->weights.rows == 1);
    REQUIRE(scalar->weights.cols == 1);
}

TEST_CASE("FP8 weights are listed with the scales of their tiles, whatever their name",
          "[engine][safetensors]") {
    const auto bytes = smallSafetensors().bytes();
    const auto model = SafetensorsModel::parse(bytes, "{}");
    REQUIRE(model.has_value());
    const StoredTensor* a = model->findTensor("a.weight");
    REQUIRE(a->weights.dtype == DType::fp8E4m3);
    REQUIRE(a->dims == std::array<int64_t, 4>{129, 130, 1, 1});
    REQUIRE(a->bytes == 130 * 129 + 16);
    REQUIRE(a->weights.rowBytes == 129);
    REQUIRE(a->weights.scaleType == ScaleType::f32);
    REQUIRE(a->weights.scaleRows == 128);
    REQUIRE(a->weights.scaleCols == 128);
    REQUIRE(a->weights.scaleRowBytes == 8);
    REQUIRE(a->weights.scales[0] == 6);
    REQUIRE(model->findTensor("a.weight_scale_inv") == nullptr);

    const StoredTensor* b = model->findTensor("b.weight");
    REQUIRE(b->weights.scaleType == ScaleType::e8m0);
    REQUIRE(b->weights.scaleRowBytes == 1);
    REQUIRE(model->findTensor("b.scale") == nullptr);
}

TEST_CASE("packed FP4, INT4 and blocks of gpt-oss are listed by their logical size",
          "[engine][safetensors]") {
    const auto bytes = smallSafetensors().bytes();
    const auto model = SafetensorsModel::parse(bytes, "{}");
    REQUIRE(model.has_value());
    const StoredTensor* c = model->findTensor("c.weight");
    REQUIRE(c->weights.dtype == DType::fp4E2m1);
    REQUIRE(c->dims == std::array<int64_t, 4>{64, 3, 1, 1});
    REQUIRE(c->weights.rowBytes == 32);
    REQUIRE(c->weights.scaleType == ScaleType::e8m0);
    REQUIRE(c->weights.scaleRows == 1);
    REQUIRE(c->weights.scaleCols == 32);
    REQUIRE(c->weights.scaleRowBytes == 2);

    const StoredTensor* d = model->findTensor("d.weight");
    REQUIRE(d->weights.dtype == DType::int4);
    REQUIRE(d->dims == std::array<int64_t, 4>{64, 5, 1, 1});
    REQUIRE(d->weights.rowBytes == 32);
    REQUIRE(d->weights.scaleType == ScaleType::bf16);
    REQUIRE(d->weights.scaleRowBytes == 4);
    REQUIRE(d->bytes == 180);
    REQUIRE(model->findTensor("d.weight_packed") == nullptr);
    REQUIRE(model->findTensor("d.weight_shape") == nullptr);

    const StoredTensor* e = model->findTensor("e");
    REQUIRE(e->weights.dtype == DType::fp4E2m1);
    REQUIRE(e->nDims == 3);
    REQUIRE(e->dims == std::array<int64_t, 4>{64, 3, 2, 1});
    REQUIRE(e->weights.rows == 6);
    REQUIRE(e->weights.rowBytes == 32);
    REQUIRE(e->weights.scaleType == ScaleType::e8m0);
    REQUIRE(model->findTensor("e_scales") == nullptr);
}

TEST_CASE("scales that do not fit their weights are refused by name", "[engine][safetensors]") {
    SafetensorsBytes tiles = single("x.weight", "F8_E4M3", {256, 256}, 65536);
    tiles.tensor("x.weight_scale_inv", "F32", {8, 8}, 256);
    REQUIRE(contains(errorOf(tiles),
                     "tensor x.weight_scale_inv F32 [8, 8] does not fit x.weight "
                     "F8_E4M3 [256, 256]: expected scales [2, 2] of tiles 128 x "
                     "128"));
    const auto bytes = tiles.bytes();
    const auto byConfig = SafetensorsModel::parse(
        bytes, R"({"quantization_config": {"weight_block_size": [32, 32]}})");
    REQUIRE(byConfig.has_value());
    REQUIRE(byConfig->findTensor("x.weight")->weights.scaleRows == 32);
    REQUIRE(contains(errorOf(tiles, R"({"quantization_config": {"weight_block_size": [1, 7]}})"),
                     "quantization_config.weight_block_size"));

    REQUIRE(contains(errorOf(single("x.weight", "F8_E4M3", {2, 2}, 4)),
                     "tensor x.weight F8_E4M3 [2, 2] has no scales, expected "
                     "x.weight_scale_inv or x.scale"));
    SafetensorsBytes flat = single("x.weight", "F8_E4M3", {4}, 4);
    flat.tensor("x.scale", "F32", {1}, 4);
    REQUIRE(contains(errorOf(flat), "expected 2 to 4 dimensions"));
    SafetensorsBytes odd = single("x.weight", "F8_E4M3", {2, 2}, 4);
    odd.tensor("x.scale", "I64", {1, 1}, 8);
    REQUIRE(contains(errorOf(odd), "tensor x.scale I64 [1, 1]: expected scales in F32"));
    SafetensorsBytes stacked = single("x", "F8_E4M3", {2, 130, 4}, 1040);
    stacked.tensor("x_scale_inv", "F32", {2, 2, 1}, 16);
    REQUIRE(contains(errorOf(stacked), "130 rows of each matrix, expected a multiple of 128"));
}

TEST_CASE("packed weights that do not fit are refused by name", "[engine][safetensors]") {
    SafetensorsBytes fp4 = single("x.weight", "I8", {3, 32}, 96);
    fp4.tensor("x.scale", "F8_E8M0", {3, 1}, 3);
    REQUIRE(contains(errorOf(fp4), "expected scales [3, 2] of 32 values each"));
    SafetensorsBytes ragged = single("x.weight", "U8", {3, 31}, 93);
    ragged.tensor("x.scale", "F8_E8M0", {3, 2}, 6);
    REQUIRE(contains(errorOf(ragged), "rows of a multiple of 16 bytes"));

    SafetensorsBytes alone = single("x.weight_packed", "I32", {5, 8}, 160);
    REQUIRE(contains(errorOf(alone), "expected x.weight_scale and x.weight_shape beside it"));
    alone.tensor("x.weight_scale", "BF16", {5, 2}, 20);
    SafetensorsBytes asymmetric = alone;
    asymmetric.tensor("x.weight_zero_point", "I32", {1, 2}, 8);
    REQUIRE(contains(errorOf(asymmetric), "tensor x.weight_zero_point: expected symmetric INT4"));
    alone.tensor("x.weight_shape", "I32", {2}, {5, 0, 0, 0, 96, 0, 0, 0});
    REQUIRE(contains(errorOf(alone), "tensor x.weight_shape holds 5 x 96, which does not fit"));

    SafetensorsBytes blocks = single("x_blocks", "U8", {2, 3, 2, 16}, 192);
    REQUIRE(contains(errorOf(blocks), "tensor x_blocks U8 [2, 3, 2, 16] at offset"));
    blocks.tensor("x_scales", "U8", {2, 3, 1}, 6);
    REQUIRE(contains(errorOf(blocks), "tensor x_scales U8 [2, 3, 1] does not fit x_blocks"));
}

TEST_CASE("tensors without a view are refused by name, type, shape and place",
          "[engine][safetensors]") {
    for (const char* type : {"BOOL", "U8", "F8_E8M0", "F8_E5M2"})
        REQUIRE(contains(errorOf(single("x", type, {2, 2}, 4)),
                         fmt::format("tensor x {} [2, 2] at offset ", type)));
    for (const char* type : {"F64", "U64"})
        REQUIRE(errorOf(single("x", type, {1}, 8)).kind() == base::Errc::unsupported);
    REQUIRE(contains(errorOf(single("x", "F32", {1, 1, 1, 1, 1}, 4)), "at most 4 dimensions"));
    SafetensorsBytes both = smallSafetensors();
    both.tensor("d.weight", "F32", {1}, 4);
    REQUIRE(contains(errorOf(both), "tensor d.weight is there packed and as itself"));
}

TEST_CASE("a folder of shards with an index is one model", "[engine][safetensors]") {
    ModelFolder folder;
    folder.write("config.json", R"({"model_type": "tiny"})");
    folder.write("one.safetensors", single("x.weight", "F8_E4M3", {2, 2}, 4).bytes());
    folder.write("two.safetensors", single("x.weight_scale_inv", "F32", {1, 1}, 4).bytes());
    folder.write("model.safetensors.index.json", R"({"weight_map": {"x.weight": "one.safetensors",)"
                                                 R"( "x.weight_scale_inv": "two.safetensors"}})");
    const auto model = SafetensorsModel::open(folder.path());
    REQUIRE(model.has_value());
    REQUIRE(model->tensors().size() == 1);
    REQUIRE(model->findTensor("x.weight")->weights.scaleType == ScaleType::f32);
    REQUIRE(model->config().string("model_type") == "tiny");
    REQUIRE(model->folder() == folder.path());

    const auto byShard = SafetensorsModel::open(folder.path() / "two.safetensors");
    REQUIRE(byShard.has_value());
    REQUIRE(byShard->findTensor("x.weight") != nullptr);

    folder.remove("model.safetensors.index.json");
    folder.write("._one.safetensors", "what other systems leave behind");
    REQUIRE(SafetensorsModel::open(folder.path()).has_value());
    REQUIRE(contains(SafetensorsModel::open(folder.path() / "one.safetensors").error(),
                     "x.weight F8_E4M3 [2, 2] has no scales"));
}

TEST_CASE("an index that does not fit its shards is refused", "[engine][safetensors]") {
    ModelFolder folder;
    folder.write("config.json", "{}");
    folder.write("one.safetensors", single("a", "F32", {1}, 4).bytes());
    folder.write("two.safetensors", single("b", "F32", {1}, 4).bytes());
    const auto errorWith = [&](const std::string& map) {
        folder.write("model.safetensors.index.json", R"({"weight_map": )" + map + "}");
        const auto model = SafetensorsModel::open(folder.path());
        REQUIRE_FALSE(model.has_value());
        return model.error();
    };
    REQUIRE(contains(errorWith(R"({"a": "one.safetensors", "b": "one.safetensors"})"),
                     "tensor b is not in one.safetensors, where the index has it"));
    REQUIRE(contains(errorWith(R"({"a": "two.safetensors", "b": "two.safetensors"})"),
                     "tensor a is not in two.safetensors, where the index has it"));
    REQUIRE(contains(errorWith(R"({"b": "two.safetensors", "a": "two.safetensors",)"
                               R"( "c": "one.safetensors"})"),
                     "tensor a is in one.safetensors, but by the index in two.safetensors"));
    REQUIRE(errorWith(R"({"a": "three.safetensors"})").kind() == base::Errc::notFound);
    for (const char* name : {"../one.safetensors", "/etc/passwd", "x\\\\y.safetensors", "one"})
        REQUIRE(contains(errorWith(fmt::format(R"({{"a": "{}"}})", name)),
                         "model.safetensors.index.json: weight_map: a is in "));
    REQUIRE(contains(errorWith("{}"), "weight_map: expected an object"));
    REQUIRE(contains(errorWith("3"), "weight_map: expected an object"));
}

TEST_CASE("a shard that is a pointer of Git LFS says so", "[engine][safetensors]") {
    ModelFolder folder;
    folder.write("config.json", "{}");
    folder.write("model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    REQUIRE(contains(SafetensorsModel::open(folder.path()).error(),
                     "model.safetensors: a pointer of Git LFS instead of the file: run `git lfs "
                     "pull`"));
}

TEST_CASE("a broken file is not taken for another kind because of its header's length",
          "[engine][safetensors]") {
    ModelFolder folder;
    folder.write("config.json", "{}");
    // 0x0280 as the first two bytes is also how a pickle begins, 0x7b is "{".
    for (const size_t headerBytes : {size_t{0x0280}, size_t{0x7b}}) {
        std::string file(8, '\0');
        std::memcpy(file.data(), &headerBytes, sizeof headerBytes);
        file += R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
        file.resize(8 + headerBytes, ' ');
        folder.write("model.safetensors", file);
        for (const auto& path : {folder.path(), folder.path() / "model.safetensors"}) {
            const auto source = openTensorSource(path);
            REQUIRE_FALSE(source.has_value());
            REQUIRE(contains(source.error(), "tensor a: 8 bytes at 0 end behind"));
        }
        folder.write("model.safetensors", std::string_view(file).substr(0, 100));
        REQUIRE(contains(openTensorSource(folder.path() / "model.safetensors").error(),
                         fmt::format("header of {} bytes at 8", headerBytes)));
    }
}
