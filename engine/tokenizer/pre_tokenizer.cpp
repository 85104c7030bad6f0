#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/tokenizer/pre_tokenizer.h"

#include <fmt/format.h>
#include <pcre2.h>

#include "base/text.h"

namespace moxie::engine {

namespace {

// The White_Space property of Unicode, for use inside a class.
#define MOXIE_WS                                                          \
    "\\x09-\\x0D\\x20\\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}" \
    "\\x{2029}\\x{202F}\\x{205F}\\x{3000}"
#define MOXIE_SPACES "[" MOXIE_WS "]+"

constexpr std::string_view kGpt2 =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^" MOXIE_WS "\\p{L}\\p{N}]+|" MOXIE_SPACES
    "(?![^" MOXIE_WS "])|" MOXIE_SPACES;

// Digits alone first, then GPT-2's pattern on what lies between: in one pattern, a digit ends the
// text before it just as the real end does.
constexpr std::string_view kSmolLm =
    "\\p{N}|'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?[^" MOXIE_WS "\\p{L}\\p{N}]+|" MOXIE_SPACES
    "(?![^" MOXIE_WS "\\p{N}])|" MOXIE_SPACES;

#define MOXIE_LLAMA3(digits)                                                              \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" digits "| ?[^" MOXIE_WS \
    "\\p{L}\\p{N}]+[\\r\\n]*|[" MOXIE_WS "]*[\\r\\n]+|" MOXIE_SPACES "(?![^" MOXIE_WS     \
    "])|" MOXIE_SPACES

constexpr std::string_view kLlama3 = MOXIE_LLAMA3("\\p{N}{1,3}");
constexpr std::string_view kQwen2 = MOXIE_LLAMA3("\\p{N}");

constexpr std::string_view kDeepSeek =
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?"
    "[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|[" MOXIE_WS "]*[\\r\\n]+|" MOXIE_SPACES
    "(?![^" MOXIE_WS "])|" MOXIE_SPACES;

const std::vector<PreTokenizerSpec>& table() {
    static const std::vector<PreTokenizerSpec> kTable = {
        {.names = {"smollm"}, .patterns = {kSmolLm}},
        {.names = {"gpt-2", "gpt2"}, .patterns = {kGpt2}},
        {.names = {"llama-bpe", "llama3", "glm4", "chatglm-bpe"},
         .patterns = {kLlama3},
         .wholePieceFirst = true},
        {.names = {"qwen2", "deepseek-r1-qwen"}, .patterns = {kQwen2}},
        {.names = {"deepseek-v3", "joyai-llm"},
         .patterns = {"\\p{N}{1,3}", "[\\x{4E00}-\\x{9FA5}\\x{3040}-\\x{309F}\\x{30A0}-\\x{30FF}]+",
                      kDeepSeek}},
    };
    return kTable;
}

// Long repeats keep no stack in these patterns; this is room for the groups.
constexpr size_t kJitStackBytesMin = 32 << 10;
constexpr size_t kJitStackBytesMax = 1 << 20;

}  // namespace

const PreTokenizerSpec* findPreTokenizer(std::string_view name) {
    for (const auto& spec : table())
        for (const auto& known : spec.names)
            if (known == name) return &spec;
    return nullptr;
}

std::string preTokenizerNames() {
    std::string names;
    for (const auto& spec : table())
        for (const auto& name : spec.names)
            names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    return names;
}

void PreTokenizer::Matcher::Free::operator()(pcre2_real_match_data_8* data) const {
    pcre2_match_data_free_8(data);
}

void PreTokenizer::Matcher::Free::operator()(pcre2_real_match_context_8* context) const {
    pcre2_match_context_free_8(context);
}

void PreTokenizer::Matcher::Free::operator()(pcre2_real_jit_stack_8* stack) const {
    pcre2_jit_stack_free_8(stack);
}

void PreTokenizer::FreeCode::operator()(pcre2_real_code_8* code) const {
    pcre2_code_free_8(code);
}

PreTokenizer::Matcher::Matcher()
    : stack_(pcre2_jit_stack_create_8(kJitStackBytesMin, kJitStackBytesMax, nullptr)),
      context_(pcre2_match_context_create_8(nullptr)),
      data_(pcre2_match_data_create_8(1, nullptr)) {
    BASE_CHECK(context_ != nullptr && data_ != nullptr);
    // The patterns go back over a run of blanks once at most, so time is linear without a limit.
    pcre2_set_match_limit_8(context_.get(), UINT32_MAX);
    // Without a stack of our own (no memory, no JIT) PCRE2 takes 32 kB of the machine stack.
    if (stack_) pcre2_jit_stack_assign_8(context_.get(), nullptr, stack_.get());
}

base::Result<PreTokenizer> PreTokenizer::make(const PreTokenizerSpec& spec) {
    PreTokenizer result;
    for (const auto& pattern : spec.patterns) {
        int errorCode = 0;
        size_t errorPos = 0;
        Code code(pcre2_compile_8(reinterpret_cast<PCRE2_SPTR8>(pattern.data()), pattern.size(),
                                  PCRE2_UTF | PCRE2_UCP, &errorCode, &errorPos, nullptr));
        if (!code)
            return base::fail(base::Errc::internal,
                              fmt::format("pre-tokeniser pattern: PCRE2 error {} at {} of {}",
                                          errorCode, errorPos, pattern));
        // Where the system forbids executable memory this fails and matching is interpreted.
        const bool isJit = pcre2_jit_compile_8(code.get(), PCRE2_JIT_COMPLETE) == 0;
        result.steps_.push_back({.code = std::move(code), .isJit = isJit});
    }
    return result;
}

void PreTokenizer::split(Matcher& matcher, std::string_view text,
                         const std::function<void(std::string_view)>& onPiece) const {
    while (!text.empty()) {
        const auto valid = size_t(base::validUtf8Prefix(text));
        if (valid > 0) splitBy(0, matcher, text.substr(0, valid), onPiece);
        text.remove_prefix(valid);
        size_t malformed = 0;
        while (malformed < text.size() && base::validUtf8Prefix(text.substr(malformed, 4)) == 0)
            ++malformed;
        if (malformed > 0) onPiece(text.substr(0, malformed));
        text.remove_prefix(malformed);
    }
}

bool PreTokenizer::matchFrom(size_t begin, const Step& step, Matcher& matcher,
                             std::string_view text) {
    const auto* subject = reinterpret_cast<PCRE2_SPTR8>(text.data());
    int rc = PCRE2_ERROR_JIT_STACKLIMIT;
    if (step.isJit)
        rc = pcre2_jit_match_8(step.code.get(), subject, text.size(), begin, 0, matcher.data_.get(),
                               matcher.context_.get());
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
        rc = pcre2_match_8(step.code.get(), subject, text.size(), begin,
                           PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, matcher.data_.get(),
                           matcher.context_.get());
    return rc >= 0;
}

void PreTokenizer::splitBy(size_t step, Matcher& matcher, std::string_view text,
                           const std::function<void(std::string_view)>& onPiece) const {
    if (step == steps_.size()) return onPiece(text);
    size_t done = 0;
    while (done < text.size()) {
        // No match: the rest is one piece.
        if (!matchFrom(done, steps_[step], matcher, text)) break;
        const size_t* range = pcre2_get_ovector_pointer_8(matcher.data_.get());
        const size_t begin = range[0];
        const size_t end = range[1];
        if (end <= begin) break;
        if (begin > done) splitBy(step + 1, matcher, text.substr(done, begin - done), onPiece);
        splitBy(step + 1, matcher, text.substr(begin, end - begin), onPiece);
        done = end;
    }
    if (done < text.size()) splitBy(step + 1, matcher, text.substr(done), onPiece);
}

}  // namespace moxie::engine
