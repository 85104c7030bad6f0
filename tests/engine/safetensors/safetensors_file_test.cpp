#include "engine/safetensors/safetensors_file.h"

#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/engine/safetensors/safetensors_bytes.h"

using namespace moxie;
using namespace moxie::engine;
using moxie::tests::SafetensorsBytes;
using moxie::tests::smallSafetensors;

namespace {

base::Error errorOf(const std::vector<std::byte>& bytes) {
    const auto file = SafetensorsFile::parse(bytes);
    REQUIRE_FALSE(file.has_value());
    return file.error();
}

base::Error errorOf(const SafetensorsBytes& builder) {
    return errorOf(builder.bytes());
}

base::Error errorOfEntry(const std::string& entry) {
    SafetensorsBytes builder;
    builder.entry(entry);
    return errorOf(builder);
}

}  // namespace

TEST_CASE("a safetensors file gives tensors in place, as they are stored",
          "[engine][safetensors]") {
    const auto bytes = smallSafetensors().bytes();
    const auto file = SafetensorsFile::parse(bytes);
    REQUIRE(file.has_value());
    REQUIRE(file->tensors().size() == 16);
    REQUIRE(file->notes().size() == 1);
    REQUIRE(file->notes()[0].key == "format");
    REQUIRE(file->notes()[0].value == "pt");

    const SafetensorsTensor* bias = file->findTensor("bias");
    REQUIRE(bias != nullptr);
    REQUIRE(bias->type == SafetensorsType::f32);
    REQUIRE(shapeText(*bias) == "[2, 3]");
    REQUIRE(bias->bytes == 24);
    REQUIRE(bias->data == reinterpret_cast<const uint8_t*>(bytes.data()) + bias->offset);
    REQUIRE(bias->data[0] == 1);
    REQUIRE(bias->data[1] == 8);
    REQUIRE(file->findTensor("scalar")->nDims == 0);
    REQUIRE(file->findTensor("nothing") == nullptr);
}

TEST_CASE("names with escapes and other scripts are read as they are meant",
          "[engine][safetensors]") {
    SafetensorsBytes builder;
    builder.tensor("\\u8bcd\\u5143.weight", "U8", {1}, 1);
    builder.tensor("😀\\n", "U8", {1}, 1);
    const auto bytes = builder.bytes();
    const auto file = SafetensorsFile::parse(bytes);
    REQUIRE(file.has_value());
    REQUIRE(file->findTensor("词元.weight") != nullptr);
    REQUIRE(file->findTensor("😀\n") != nullptr);
}

TEST_CASE("holes between tensors are allowed, shared bytes are not", "[engine][safetensors]") {
    SafetensorsBytes hole;
    hole.entry(R"("a":{"dtype":"U8","shape":[2],"data_offsets":[3,5]})");
    hole.tensor("b", "U8", {8}, 8);
    REQUIRE(errorOf(hole).message() == "tensor a at offset 116 lies over b, which ends at 121");

    SafetensorsBytes apart;
    apart.tensor("b", "U8", {2}, std::vector<uint8_t>(8));
    REQUIRE(errorOf(apart).message().find("bytes 0 to 8 for U8 [2], expected 2 bytes") !=
            std::string::npos);

    SafetensorsBytes gap;
    gap.entry(R"("a":{"dtype":"U8","shape":[2],"data_offsets":[8,10]})");
    gap.tensor("b", "U8", {6}, 6);
    auto bytes = gap.bytes();
    bytes.resize(bytes.size() + 4);
    REQUIRE(SafetensorsFile::parse(bytes).has_value());
}

TEST_CASE("a header that lies is refused with the tensor's name", "[engine][safetensors]") {
    REQUIRE(errorOfEntry(R"("a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]})")
                .message()
                .find("tensor a has dtype F4 at 0 of the data, expected one of BOOL, U8") == 0);
    REQUIRE(errorOfEntry(R"("a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]})").kind() ==
            base::Errc::unsupported);
    REQUIRE(errorOfEntry(R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})")
                .message()
                .find("tensor a: 8 bytes at 0 end behind the file's 0 data bytes") == 0);
    for (const char* shape : {"4294967296,4294967296,4", "0", "1099511627777",
                              "1099511627776,1099511627776", "9223372036854775807"}) {
        CAPTURE(shape);
        const base::Error error = errorOfEntry(
            fmt::format(R"("a":{{"dtype":"F32","shape":[{}],"data_offsets":[0,0]}})", shape));
        REQUIRE(error.kind() == base::Errc::corrupt);
        REQUIRE(error.message().find("tensor a: shape [") == 0);
    }
    for (const char* offsets :
         {"5,4", "0", "0,1,2", "-1,0", "0,1.5", "0,\"1\"", "18446744073709551615,3", "[0],1",
          "9223372036854775807,9223372036854775807", "null,null", ""}) {
        CAPTURE(offsets);
        const base::Error error = errorOfEntry(
            fmt::format(R"("a":{{"dtype":"U8","shape":[1],"data_offsets":[{}]}})", offsets));
        REQUIRE(error.kind() == base::Errc::corrupt);
        REQUIRE(error.message().find("tensor a") == 0);
    }
    for (const char* entry :
         {R"("a":{})", R"("a":{"dtype":"U8"})", R"("a":{"dtype":"U8","shape":[1]})",
          R"("a":{"shape":[1],"data_offsets":[0,1]})",
          R"("a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]})",
          R"("a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]})",
          R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"more":[1]})",
          R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"more":{}})",
          R"("a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]})"}) {
        CAPTURE(entry);
        REQUIRE(errorOfEntry(entry).message().find("tensor a") == 0);
    }
    REQUIRE(errorOfEntry(R"("a":3)").message().find("header: a number at \"a\"") == 0);
    REQUIRE(errorOfEntry(R"("__metadata__":{"a":3})").message().find("header: a number") == 0);
}

TEST_CASE("names that are there twice are refused", "[engine][safetensors]") {
    SafetensorsBytes builder;
    builder.tensor("a", "U8", {1}, 1);
    builder.tensor("a", "U8", {1}, 1);
    REQUIRE(errorOf(builder).message() == "tensor a is there twice");
}

TEST_CASE("a header that is no JSON object is refused with its place", "[engine][safetensors]") {
    const auto file = [](const std::string& header) {
        std::vector<std::byte> bytes(8 + header.size());
        const uint64_t length = header.size();
        std::memcpy(bytes.data(), &length, sizeof length);
        std::memcpy(bytes.data() + 8, header.data(), header.size());
        return bytes;
    };
    REQUIRE(errorOf(file("{\"a\":")).message() == "header: no JSON at offset 6 of it");
    REQUIRE(errorOf(file("[]")).message() == "expected \"{\" at 8");
    REQUIRE(errorOf(file("{\"\xff\":1}")).message().find("header: no JSON at offset") == 0);
    REQUIRE(errorOf(file("{} {}")).message().find("header: no JSON at offset") == 0);
    REQUIRE(errorOf(file(std::string(100'000, '{'))).kind() == base::Errc::corrupt);
    REQUIRE(SafetensorsFile::parse(file("{}   \n")).has_value());

    auto huge = file("{}");
    huge[5] = std::byte{1};
    REQUIRE(errorOf(huge).message().find("header of 1099511627778 bytes at 8") == 0);
    REQUIRE(errorOf(std::vector<std::byte>()).message().find("file ends at 0") == 0);
}

TEST_CASE("a safetensors file cut anywhere is an error, never a crash", "[engine][safetensors]") {
    const auto whole = smallSafetensors().bytes();
    for (size_t size = 0; size < whole.size(); size += size < 2000 ? 1 : 97) {
        const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<int64_t>(size));
        CAPTURE(size);
        REQUIRE_FALSE(SafetensorsFile::parse(cut).has_value());
    }
}
