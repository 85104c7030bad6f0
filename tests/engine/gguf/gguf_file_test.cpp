#include "engine/gguf/gguf_file.h"

#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/engine/gguf/gguf_bytes.h"

using namespace moxie;
using namespace moxie::engine;
using moxie::tests::GgufBytes;
using moxie::tests::smallGguf;

namespace {

base::Error errorOf(const GgufBytes& builder) {
    const auto bytes = builder.bytes();
    const auto file = GgufFile::parse(bytes);
    REQUIRE_FALSE(file.has_value());
    return file.error();
}

}  // namespace

TEST_CASE("a GGUF file gives typed values and tensor views", "[engine][gguf]") {
    const auto bytes = smallGguf().bytes();
    const auto file = GgufFile::parse(bytes);
    REQUIRE(file.has_value());
    REQUIRE(file->version() == 3);
    REQUIRE(file->string("general.architecture") == "llama");
    REQUIRE(file->integer("a.u32") == 7);
    REQUIRE(file->integer("a.i64") == -5);
    REQUIRE(file->number("a.f32") == 0.5);
    REQUIRE(file->number("a.u32") == 7.0);
    REQUIRE(file->boolean("a.bool") == true);
    REQUIRE(file->strings("a.strings").size() == 3);
    REQUIRE(file->strings("a.strings")[2] == "three");
    REQUIRE(file->numbers("a.floats") == std::vector<float>{1, 2, 3});
    REQUIRE(file->integers("a.ints") == std::vector<int64_t>{-1, 2});
    REQUIRE_FALSE(file->integer("a.f32").has_value());
    REQUIRE_FALSE(file->string("missing").has_value());
    REQUIRE(file->requireInteger("a.u32", 0, 6).error().kind() == base::Errc::corrupt);

    const StoredTensor* matrix = file->findTensor("matrix");
    REQUIRE(matrix != nullptr);
    REQUIRE(matrix->weights.dtype == kernels::DType::q4_1);
    REQUIRE(matrix->weights.rows == 3);
    REQUIRE(matrix->weights.cols == 64);
    REQUIRE(matrix->weights.rowBytes == 40);
    REQUIRE(matrix->weights.data[0] == 0x21);
    REQUIRE(file->findTensor("nothing") == nullptr);
}

TEST_CASE("a tensor type we do not have is refused by its name", "[engine][gguf]") {
    GgufBytes builder = smallGguf();
    builder.tensor("odd", 11, {256, 1}, std::vector<uint8_t>(110));
    const base::Error error = errorOf(builder);
    REQUIRE(error.kind() == base::Errc::unsupported);
    REQUIRE(error.message().find("tensor odd has type Q3_K (11) at offset") != std::string::npos);
    REQUIRE(error.message().find("Q8_0") != std::string::npos);
}

TEST_CASE("other versions, doubled names and bad shapes are refused", "[engine][gguf]") {
    REQUIRE(errorOf(GgufBytes(1)).kind() == base::Errc::unsupported);
    REQUIRE(errorOf(GgufBytes(0x03000000)).message().find("big-endian") != std::string::npos);

    GgufBytes doubled = smallGguf();
    doubled.number<uint32_t>("a.u32", GgufType::u32, 8);
    REQUIRE(errorOf(doubled).message() == "key a.u32 is there twice");

    GgufBytes doubledTensor = smallGguf();
    doubledTensor.floats("vector", {5}, {1, 2, 3, 4, 5});
    REQUIRE(errorOf(doubledTensor).message() == "tensor vector is there twice");

    GgufBytes ragged;
    ragged.tensor("t", 3, {33, 1}, std::vector<uint8_t>(40));
    REQUIRE(errorOf(ragged).message().find("no multiple of 32") != std::string::npos);

    GgufBytes huge;
    huge.tensor("t", 0, {uint64_t(1) << 40, uint64_t(1) << 40}, {});
    REQUIRE(errorOf(huge).message().find("overflows") != std::string::npos);

    GgufBytes behindTheEnd;
    behindTheEnd.tensor("t", 0, {1000}, std::vector<uint8_t>(64));
    REQUIRE(errorOf(behindTheEnd).message().find("end behind") != std::string::npos);

    for (const uint32_t alignment : {0U, 3U, 1U << 30}) {
        GgufBytes odd = smallGguf();
        odd.number<uint32_t>("general.alignment", GgufType::u32, alignment);
        REQUIRE(errorOf(odd).kind() == base::Errc::corrupt);
    }
}

TEST_CASE("a file cut anywhere is an error, never a crash", "[engine][gguf]") {
    const auto whole = smallGguf().bytes();
    // Behind the last tensor's 20 bytes only padding follows.
    for (size_t size = 0; size < whole.size() - 12; ++size) {
        const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<int64_t>(size));
        CAPTURE(size);
        REQUIRE_FALSE(GgufFile::parse(cut).has_value());
    }
}
