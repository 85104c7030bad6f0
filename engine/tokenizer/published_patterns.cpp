// What each family has published: the patterns of its tokenizer.json.
#include <fmt/format.h>

#include "engine/tokenizer/pre_tokenizer.h"

namespace moxie::engine {

namespace {

#define MOXIE_LINES_AND_SPACES R"(|\s*[\r\n]+|\s+(?!\S)|\s+)"
#define MOXIE_CONTRACTIONS "(?i:'s|'t|'re|'ve|'m|'ll|'d)"

constexpr std::string_view kNumber = R"(\p{N})";
constexpr std::string_view kNumbersBy3 = R"(\p{N}{1,3})";
constexpr std::string_view kLineEnd = R"([\r\n])";

constexpr std::string_view kGpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

#define MOXIE_LLAMA3(digits)                                  \
    MOXIE_CONTRACTIONS R"(|[^\r\n\p{L}\p{N}]?\p{L}+|)" digits \
                       R"(| ?[^\s\p{L}\p{N}]+[\r\n]*)" MOXIE_LINES_AND_SPACES

constexpr std::string_view kLlama3 = MOXIE_LLAMA3(R"(\p{N}{1,3})");
constexpr std::string_view kQwen2 = MOXIE_LLAMA3(R"(\p{N})");
constexpr std::string_view kQwen35 = MOXIE_CONTRACTIONS
    R"(|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*)" MOXIE_LINES_AND_SPACES;

constexpr std::string_view kGpt4o =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)" MOXIE_CONTRACTIONS
    R"(?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)" MOXIE_CONTRACTIONS
    R"(?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*)" MOXIE_LINES_AND_SPACES;

// pat_str of tokenization_kimi.py.
constexpr std::string_view kKimi =
    R"([\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*)"
    R"([\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+)" MOXIE_CONTRACTIONS
    R"(?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+)"
    R"([\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*)" MOXIE_CONTRACTIONS
    R"(?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*)" MOXIE_LINES_AND_SPACES;

constexpr std::string_view kDeepSeekHan = "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";
constexpr std::string_view kDeepSeek3 =
    R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)"
    R"(| ?[\p{P}\p{S}]+[\r\n]*)" MOXIE_LINES_AND_SPACES;

// The first DeepSeek models (also V2): letters with case, signs, then Chinese to Korean.
// Formatting would break the literal at another place each time.
// clang-format off
constexpr std::string_view kDeepSeekLlmLetters =
    "\\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿ"
    "ᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-"
    "ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]+";
// clang-format on
constexpr std::string_view kDeepSeekLlmSigns =
    "\\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+";
constexpr std::string_view kDeepSeekLlmHan = "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+";

std::vector<PreTokenizerSpec> makePreTokenizers() {
    return {
        {.names = {"gpt-2", "gpt2"}, .patterns = {kGpt2}, .rule = PieceRule::gpt2},
        {.names = {"smollm"}, .patterns = {kNumber, kGpt2}, .rule = PieceRule::singleDigit},
        {.names = {"llama-bpe", "llama3", "llama-v3", "glm4", "glm5"},
         .patterns = {kLlama3},
         .rule = PieceRule::llama3,
         .wholePieceFirst = true},
        {.names = {"chatglm-bpe"}, .patterns = {kLlama3}, .rule = PieceRule::llama3},
        {.names = {"qwen2"}, .patterns = {kQwen2}, .rule = PieceRule::qwen2, .composes = true},
        {.names = {"deepseek-r1-qwen"}, .patterns = {kQwen2}, .rule = PieceRule::qwen2},
        {.names = {"qwen35"}, .patterns = {kQwen35}, .rule = PieceRule::qwen35, .composes = true},
        {.names = {"gpt-4o", "llama4"},
         .patterns = {kGpt4o},
         .rule = PieceRule::gpt4o,
         .wholePieceFirst = true},
        {.names = {"minimax-m2"}, .patterns = {kGpt4o}, .rule = PieceRule::gpt4o},
        {.names = {"kimi-k2"},
         .patterns = {kKimi},
         .rule = PieceRule::kimi,
         .wholePieceFirst = true},
        {.names = {"deepseek-v3", "joyai-llm"},
         .patterns = {kNumbersBy3, kDeepSeekHan, kDeepSeek3},
         .rule = PieceRule::deepseek3},
        {.names = {"deepseek-llm"},
         .patterns = {kLineEnd, kDeepSeekLlmLetters, kDeepSeekLlmSigns, R"(\s+$)", kDeepSeekLlmHan,
                      kNumber}},
        {.names = {"deepseek-coder"},
         .patterns = {kLineEnd, R"(\s?\p{L}+)", R"(\s?\p{P}+)", kDeepSeekLlmHan, kNumber}},
    };
}

}  // namespace

const std::vector<PreTokenizerSpec>& preTokenizers() {
    static const std::vector<PreTokenizerSpec> kSpecs = makePreTokenizers();
    return kSpecs;
}

const PreTokenizerSpec* findPreTokenizer(std::string_view name) {
    for (const auto& spec : preTokenizers())
        for (const auto& known : spec.names)
            if (known == name) return &spec;
    return nullptr;
}

std::string preTokenizerNames() {
    std::string names;
    for (const auto& spec : preTokenizers())
        for (const auto& name : spec.names)
            names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    return names;
}

}  // namespace moxie::engine
