#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/tokenizer/pre_tokenizer.h"

#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>

#include "base/text.h"
#include "engine/tokenizer/split_pattern.h"

namespace moxie::engine {

namespace {

// Long repeats keep no stack in these patterns; this is room for the groups.
constexpr size_t kJitStackBytesMin = 32 << 10;
constexpr size_t kJitStackBytesMax = 1 << 20;
constexpr size_t kPatternsMax = 16;

std::optional<PieceRule> ruleOf(const std::vector<std::string>& patterns) {
    for (const auto& spec : preTokenizers())
        if (spec.rule && std::equal(patterns.begin(), patterns.end(), spec.patterns.begin(),
                                    spec.patterns.end()))
            return spec.rule;
    return std::nullopt;
}

}  // namespace

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

base::Result<PreTokenizer::Step> PreTokenizer::compile(std::string_view pattern) {
    TRY_ASSIGN(const auto rewritten, pcre2Pattern(pattern));
    const std::string shown = base::stripTerminalControl(base::cutUtf8(pattern, 200));
    int errorCode = 0;
    size_t errorPos = 0;
    Step step;
    step.code.reset(pcre2_compile_8(reinterpret_cast<PCRE2_SPTR8>(rewritten.data()),
                                    rewritten.size(), PCRE2_UTF | PCRE2_UCP, &errorCode, &errorPos,
                                    nullptr));
    if (!step.code)
        return base::fail(base::Errc::unsupported, fmt::format("pattern {}: PCRE2 error {} at {}",
                                                               shown, errorCode, errorPos));
    uint32_t matchesEmpty = 0;
    pcre2_pattern_info_8(step.code.get(), PCRE2_INFO_MATCHEMPTY, &matchesEmpty);
    if (matchesEmpty != 0)
        return base::fail(base::Errc::unsupported,
                          fmt::format("pattern {} matches nothing at all", shown));
    // Where the system forbids executable memory this fails and matching is interpreted.
    step.isJit = pcre2_jit_compile_8(step.code.get(), PCRE2_JIT_COMPLETE) == 0;
    return step;
}

base::Result<PreTokenizer> PreTokenizer::make(const std::vector<std::string>& patterns,
                                              Matching matching) {
    if (patterns.empty() || patterns.size() > kPatternsMax)
        return base::fail(
            base::Errc::unsupported,
            fmt::format("{} split patterns, expected 1 to {}", patterns.size(), kPatternsMax));
    PreTokenizer result;
    if (matching == Matching::rules)
        if (const auto rule = ruleOf(patterns)) {
            result.steps_.push_back({.scanner = PieceScanner(*rule)});
            return result;
        }
    for (const auto& pattern : patterns) {
        const auto rule = matching == Matching::rules ? ruleOf({pattern}) : std::nullopt;
        if (rule) {
            result.steps_.push_back({.scanner = PieceScanner(*rule)});
            continue;
        }
        TRY_ASSIGN(auto step, compile(pattern));
        result.steps_.push_back(std::move(step));
    }
    return result;
}

base::Result<PreTokenizer> PreTokenizer::make(const PreTokenizerSpec& spec) {
    return make(std::vector<std::string>(spec.patterns.begin(), spec.patterns.end()));
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
    if (const auto& scanner = steps_[step].scanner) {
        while (!text.empty()) {
            const size_t n = scanner->next(text);
            splitBy(step + 1, matcher, text.substr(0, n), onPiece);
            text.remove_prefix(n);
        }
        return;
    }
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
