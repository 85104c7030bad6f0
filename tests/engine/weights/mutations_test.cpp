#include "tests/engine/weights/mutations.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/chat/chat_family.h"
#include "engine/make/tiny_config.h"
#include "tests/catch.h"
#include "tests/engine/gguf/gguf_bytes.h"
#include "tests/engine/safetensors/safetensors_bytes.h"
#include "tests/engine/weights/fuzz_inputs.h"

using namespace moxie::engine;
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

// One of each family's, as `moxie model make` writes it.
std::vector<Reader> familyConfigs() {
    std::vector<Reader> readers;
    for (const std::string_view family : tinyFamilies())
        readers.push_back({"config.json of a family",
                           fuzzFamilyConfig,
                           bytesOfText(tinyConfig(family, "tiny")->dump()),
                           {"null", "-1", "0", "1e999", "18446744073709551615", "[]", "\"\"",
                            "rope_parameters", "rope_scaling", "layer_types", "yarn"}});
    return readers;
}

std::vector<Reader> tokenizerReaders() {
    GgufBytes gguf;
    gguf.string("tokenizer.ggml.model", "gpt2");
    gguf.string("tokenizer.ggml.pre", "qwen2");
    gguf.strings("tokenizer.ggml.tokens", {"a", "b", "ab", "\xc4\xa0", "<|im_start|>"});
    gguf.numbers<int32_t>("tokenizer.ggml.token_type", GgufType::i32, {1, 1, 1, 1, 3});
    gguf.strings("tokenizer.ggml.merges", {"a b"});
    gguf.number<uint32_t>("tokenizer.ggml.eos_token_id", GgufType::u32, 4);
    const std::string_view json =
        R"({"added_tokens": [{"id": 3, "content": "<|im_start|>", "special": true, "lstrip": true}],)"
        R"( "normalizer": {"type": "NFC"}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [)"
        R"({"type": "Split", "pattern": {"Regex": "\\p{N}{1,3}| ?\\p{L}+"}, "behavior": "Isolated",)"
        R"( "invert": false}, {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]},)"
        R"( "decoder": {"type": "ByteLevel"}, "model": {"type": "BPE", "vocab": {"a": 0, "b": 1,)"
        R"( "ab": 2}, "merges": [["a", "b"]], "ignore_merges": true}})";
    return {{"tokenizer.json",
             fuzzTokenizerJson,
             bytesOfText(json),
             {"null", "[]", "{}", "-1", "2147483648", "(?:", "\\\\p{Han}", "*", "+?", "[^", "BPE",
              "WordPiece", "\\ud800"}},
            {"tokenizer of a GGUF file",
             fuzzGgufTokenizer,
             gguf.bytes(),
             {"gpt2", "gpt-4o", "deepseek-v3", "kimi-k2", "\xc4\xa0", " "}}};
}

// An answer with every marker of each family, told by the first byte.
std::vector<Reader> answerReaders() {
    std::vector<Reader> readers;
    for (size_t i = 0; i < chatFamilies().size(); ++i) {
        std::string answer = {static_cast<char>(i), '\x05'};
        answer += "Think.</think>Text ";
        for (const std::string_view name : chatFamilies()[i].specials)
            answer.append(name).append(R"({"name": "read", "arguments": {"path": "a\n", "n": 1}})");
        std::vector<std::string_view> words = {"<think>",
                                               "</think>",
                                               "<tool_call>",
                                               "</tool_call>",
                                               "{",
                                               "}",
                                               "\"",
                                               "\\u12",
                                               "read",
                                               "functions.read:0",
                                               "<function=read>",
                                               "</function>",
                                               "\n\n"};
        const auto specials = chatFamilies()[i].specials;
        words.insert(words.end(), specials.begin(), specials.end());
        readers.push_back({"an answer", fuzzAnswerParser, bytesOfText(answer), std::move(words)});
    }
    return readers;
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

TEST_CASE("damaged settings of every family are refused, never followed", "[engine][families]") {
    for (const Reader& reader : familyConfigs())
        tryMutations(reader, 500, 3);
}

TEST_CASE("damaged tokenizers are refused or whole", "[engine][tokenizer]") {
    for (const Reader& reader : tokenizerReaders())
        tryMutations(reader, 4'000, 4);
}

TEST_CASE("what a model says means the same however it is cut", "[engine][chat]") {
    for (const Reader& reader : answerReaders())
        tryMutations(reader, 500, 5);
}

TEST_CASE("a million strange settings, tokenizers and answers leave their readers safe",
          "[engine][families][tokenizer][chat][.slow]") {
    for (const Reader& reader : familyConfigs())
        tryMutations(reader, 100'000, 6);
    for (const Reader& reader : tokenizerReaders())
        tryMutations(reader, 1'000'000, 7);
    for (const Reader& reader : answerReaders())
        tryMutations(reader, 100'000, 8);
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
