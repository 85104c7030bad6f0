// What a wider answer to a permission question could allow: a rule that covers the asked call and
// little more, for a person to read and to edit. Threads: any thread; pure functions.
#pragma once
#include <string>

#include "agent/policy.h"

namespace moxie::agent {

struct RuleSuggestion {
    std::string rule;         // "bash(ctest*)", "edit(src/*)"; empty: none would be right
    std::string whyOnlyOnce;  // where there is none
};

// For a command its program and first subcommand with a star, "bash(git status*)", where what may
// follow is harmless as far as its text tells; else exactly the command. For files their folder.
RuleSuggestion suggestRule(const PolicyCall& call);

}  // namespace moxie::agent
