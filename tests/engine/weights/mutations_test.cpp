#include "tests/engine/weights/mutations.h"

#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/engine/gguf/gguf_bytes.h"
#include "tests/engine/safetensors/safetensors_bytes.h"
#include "tests/engine/weights/fuzz_inputs.h"

using namespace moxie::tests;

namespace {

struct Reader {
    const char* name;
    void (*read)(std::span<const uint8_t>);
    std::vector<std::byte> whole;
    std::vector<std::string_view> words;
};

std::vector<std::byte> bytesOfText(std::string_view text) {
    const auto view = std::as_bytes(std::span(text));
    return {view.begin(), view.end()};
}

// The header alone, which fuzzSafetensors gives a length and data.
std::vector<std::byte> headerOf(const std::vector<std::byte>& file) {
    uint64_t length = 0;
    std::memcpy(&length, file.data(), sizeof length);
    const auto begin = file.begin() + sizeof length;
    return {begin, begin + static_cast<int64_t>(length)};
}

std::vector<Reader> readers() {
    const std::vector<std::string_view> kJson = {
        "{}",  "[]", "\"", ",", ":", "null", "-1", "1e999", "\\ud800", "18446744073709551615",
        "true"};
    std::vector<std::string_view> tensors = kJson;
    for (const std::string_view word : {"F8_E4M3", "F8_E8M0", "I8", "U8", ".weight", ".scale",
                                        "_scales", "_blocks", "_packed", "data_offsets", "shape"})
        tensors.push_back(word);
    const auto file = smallSafetensors().bytes();
    return {
        {"GGUF", fuzzGguf, smallGguf().bytes(), {}},
        {"safetensors", fuzzSafetensors, file, tensors},
        {"safetensors header", fuzzSafetensors, headerOf(file), tensors},
        {"config.json", fuzzModelConfig,
         bytesOfText(R"({"a": {"b": {"c": 5}}, "b": [1, 2.5, "x"], "x": 1e-6, "y": "默"})"), kJson},
        {"index.json", fuzzSafetensorsIndex,
         bytesOfText(R"({"weight_map": {"a.weight": "m-1.safetensors", "b": "m-2.safetensors"},)"
                     R"( "metadata": {"total_size": 5}})"),
         kJson}};
}

void tryMutations(const Reader& reader, int64_t count, uint32_t seed) {
    INFO(reader.name << ", seed " << seed);
    Mutations mutations(reader.whole, reader.words, seed);
    for (int64_t i = 0; i < count; ++i) {
        // Of exactly this size, so that a sanitizer sees every byte too many.
        std::vector<uint8_t> input = mutations.next();
        input.shrink_to_fit();
        reader.read(input);
    }
    SUCCEED("no crash, no view outside of the file");
}

}  // namespace

TEST_CASE("thousands of damaged files and configurations leave their readers safe",
          "[engine][weights][gguf][safetensors]") {
    for (const Reader& reader : readers())
        tryMutations(reader, 8'000, 1);
}

TEST_CASE("a million damaged files of each kind leave their readers safe",
          "[engine][weights][gguf][safetensors][.slow]") {
    for (const Reader& reader : readers())
        tryMutations(reader, 1'000'000, 2);
}

TEST_CASE("every byte changed to every interesting value leaves the readers safe",
          "[engine][weights][gguf][safetensors]") {
    for (const Reader& reader : readers()) {
        INFO(reader.name);
        for (size_t at = 0; at < std::min<size_t>(reader.whole.size(), 2000); ++at)
            for (const int value : {0, 1, 2, 8, 9, 12, 13, 0x22, 0x5c, 0x7d, 0x7f, 0x80, 0xff}) {
                std::vector<uint8_t> input;
                for (const std::byte byte : reader.whole)
                    input.push_back(static_cast<uint8_t>(byte));
                input[at] = static_cast<uint8_t>(value);
                reader.read(input);
            }
        SUCCEED("no crash, no view outside of the file");
    }
}
