#include "indexer/languages/disambiguation.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace moxie::indexer {
namespace {

constexpr uint32_t kStepsMax = 200'000;

struct RuleText {
    std::string_view extensions;  // separated by '|'
    std::string_view language;
    std::string_view conditions;  // lines: + pattern that must match, - that must not
};

constexpr RuleText kRules[] = {
#define RULE(extensions, language, conditions) {extensions, language, conditions},
#include "indexer/languages/heuristics.def"
#undef RULE
};

struct FreePattern {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};

struct FreeMatch {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

struct FreeContext {
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

struct Condition {
    std::unique_ptr<pcre2_code, FreePattern> pattern;
    bool isWanted = true;
};

// Compiled when its extension is met first.
struct Rule {
    std::once_flag once;
    std::vector<Condition> conditions;
};

std::unique_ptr<pcre2_code, FreePattern> compilePattern(std::string_view pattern) {
    int error = 0;
    PCRE2_SIZE at = 0;
    std::unique_ptr<pcre2_code, FreePattern> made(
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), PCRE2_MULTILINE,
                      &error, &at, nullptr));
    // Where machine code may not be made, the pattern is interpreted.
    if (made) (void)pcre2_jit_compile(made.get(), PCRE2_JIT_COMPLETE);
    return made;
}

void compileRule(const RuleText& text, Rule& rule) {
    std::string_view rest = text.conditions;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        Condition condition = {.pattern = compilePattern(line.substr(1)),
                               .isWanted = line.front() == '+'};
        BASE_CHECK(condition.pattern != nullptr);
        rule.conditions.push_back(std::move(condition));
    }
}

bool matches(const pcre2_code* pattern, std::string_view text) {
    const std::unique_ptr<pcre2_match_context, FreeContext> context(
        pcre2_match_context_create(nullptr));
    pcre2_set_match_limit(context.get(), kStepsMax);
    const std::unique_ptr<pcre2_match_data, FreeMatch> data(
        pcre2_match_data_create_from_pattern(pattern, nullptr));
    const auto match = [&](uint32_t options) {
        return pcre2_match(pattern, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0,
                           options, data.get(), context.get());
    };
    const int matched = match(0);
    // The stack of the machine code is smaller than the interpreter's.
    return (matched == PCRE2_ERROR_JIT_STACKLIMIT ? match(PCRE2_NO_JIT) : matched) > 0;
}

bool fits(size_t index, std::string_view text) {
    static std::array<Rule, std::size(kRules)> rules;
    Rule& rule = rules[index];
    std::call_once(rule.once, [&] { compileRule(kRules[index], rule); });
    return std::all_of(rule.conditions.begin(), rule.conditions.end(), [&](const Condition& each) {
        return matches(each.pattern.get(), text) == each.isWanted;
    });
}

using RulesByExtension = std::unordered_map<std::string_view, std::vector<size_t>>;

const RulesByExtension& rulesByExtension() {
    static const RulesByExtension made = [] {
        RulesByExtension map;
        for (size_t i = 0; i < std::size(kRules); i++) {
            std::string_view rest = kRules[i].extensions;
            while (!rest.empty()) {
                const std::string_view one = rest.substr(0, rest.find('|'));
                rest.remove_prefix(std::min(one.size() + 1, rest.size()));
                map[one].push_back(i);
            }
        }
        return map;
    }();
    return made;
}

}  // namespace

std::string_view disambiguate(std::string_view extension, std::string_view text) {
    const auto found = rulesByExtension().find(extension);
    if (found == rulesByExtension().end()) return {};
    text = text.substr(0, kDisambiguationBytesMax);
    for (const size_t rule : found->second)
        if (fits(rule, text)) return kRules[rule].language;
    return {};
}

}  // namespace moxie::indexer
