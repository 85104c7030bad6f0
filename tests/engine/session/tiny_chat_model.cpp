#include "tests/engine/session/tiny_chat_model.h"

#include <fstream>

#include "engine/tokenizer/byte_alphabet.h"

namespace moxie::engine {

namespace {

using nlohmann::json;

constexpr int kByteTokens = 254;  // 0xFE and 0xFF occur in no text

json controlToken(int id, const char* content) {
    return {{"id", id}, {"content", content}, {"special", true}, {"normalized", false}};
}

json byteTokenizer() {
    json vocabulary;
    for (int byte = 0; byte < kByteTokens; ++byte)
        vocabulary[alphabetOfBytes(std::string(1, static_cast<char>(byte)))] = byte;
    const json byteLevel = {
        {"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}};
    return {
        {"version", "1.0"},
        {"added_tokens",
         {controlToken(kByteTokens, "<|im_start|>"), controlToken(kByteTokens + 1, "<|im_end|>")}},
        {"normalizer", nullptr},
        {"pre_tokenizer", byteLevel},
        {"post_processor", nullptr},
        {"decoder", {{"type", "ByteLevel"}}},
        {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", json::array()}}}};
}

}  // namespace

TinyChatModel::TinyChatModel(const std::string& family) : files_(readGolden(family), "config") {
    std::ofstream(folder() / "tokenizer.json") << byteTokenizer().dump();
    const json config = {{"eos_token", "<|im_end|>"},
                         {"chat_template",
                          "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content "
                          "}}<|im_end|>\n{% endfor %}"}};
    std::ofstream(folder() / "tokenizer_config.json") << config.dump();
}

}  // namespace moxie::engine
