// A permission rule: "tool" or "tool(pattern)", where * in the pattern stands for any text and the
// pattern is held against the path or the command: "bash(git push*)", "edit(src/*)". A backslash
// before * or another backslash takes the sign itself: "bash(ls \\*.txt)".
// Threads: any thread; pure functions.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace moxie::agent {

struct PermissionRule {
    std::string text, tool, pattern;  // pattern "*": anything
};

// Fails: invalidInput, in one sentence.
base::Result<PermissionRule> parsePermissionRule(std::string_view text);

bool matchesPattern(std::string_view pattern, std::string_view text);

// The pattern that only `text` matches.
std::string escapedPattern(std::string_view text);

// The one text that `pattern` matches; nullopt if there are more.
std::optional<std::string> literalOf(std::string_view pattern);

}  // namespace moxie::agent
