// A permission rule: "tool" or "tool(pattern)", where * in the pattern stands for any text and the
// pattern is held against the path or the command: "bash(git push*)", "edit(src/*)".
// Threads: any thread; pure functions.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace moxie::agent {

struct PermissionRule {
    std::string text, tool, pattern;  // pattern "*": anything
};

// Fails: invalidInput, in one sentence.
base::Result<PermissionRule> parsePermissionRule(std::string_view text);

// `pattern` with * for any text.
bool matchesPattern(std::string_view pattern, std::string_view text);

}  // namespace moxie::agent
