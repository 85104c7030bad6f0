#include "agent/permission_rule.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace moxie::agent {

namespace {

constexpr size_t kRuleBytesMax = 65'536;

bool isToolLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':' || c == '/' || c == '*';
}

bool isEscape(std::string_view pattern, size_t at) {
    return at + 1 < pattern.size() && pattern[at] == '\\' &&
           (pattern[at + 1] == '*' || pattern[at + 1] == '\\');
}

}  // namespace

base::Result<PermissionRule> parsePermissionRule(std::string_view text) {
    const auto fail = [&](std::string_view what) {
        return base::fail(base::Errc::invalidInput,
                          fmt::format("\"{}\" is no rule such as edit(src/*) or bash(ctest*): {}",
                                      base::cutUtf8(base::toValidUtf8(text), 200), what));
    };
    if (text.size() > kRuleBytesMax) return fail("it is too long");
    const size_t open = text.find('(');
    const std::string_view tool = text.substr(0, open);
    if (tool.empty() || !std::all_of(tool.begin(), tool.end(), isToolLetter))
        return fail("it must begin with the name of a tool");
    PermissionRule rule{std::string(text), std::string(tool), "*"};
    if (open == std::string_view::npos) return rule;
    if (!text.ends_with(")")) return fail("the bracket is not closed");
    rule.pattern = text.substr(open + 1, text.size() - open - 2);
    if (rule.pattern.empty()) return fail("there is nothing between the brackets");
    return rule;
}

bool matchesPattern(std::string_view pattern, std::string_view text) {
    size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
    while (t < text.size()) {
        const size_t escape = isEscape(pattern, p) ? 1 : 0;
        if (p < pattern.size() && escape == 0 && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.size() && pattern[p + escape] == text[t]) {
            p += 1 + escape;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

std::string escapedPattern(std::string_view text) {
    std::string pattern;
    for (const char c : text) {
        if (c == '*' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern;
}

std::optional<std::string> literalOf(std::string_view pattern) {
    std::string text;
    for (size_t i = 0; i < pattern.size(); ++i) {
        if (isEscape(pattern, i))
            ++i;
        else if (pattern[i] == '*')
            return std::nullopt;
        text += pattern[i];
    }
    return text;
}

}  // namespace moxie::agent
