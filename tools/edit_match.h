// Finds where an edit (old text -> new text) belongs in a file, from strict to loose, and stops at
// the first way that fits one place only. Never guesses between two places. Threads: functions on
// values. Cost: linear in the file
// while lines match, more for step 7 to 9; the [.bench] test measures it. Source: the chain of
// Codex, Aider, Crush, opencode and Gemini CLI, put in one order; kept lines take the file's bytes,
// which none of them does.
//
//   1 exact   2 white space at line ends   3 indentation, re-applied   4 Unicode punctuation
//   5 escapes typed literally   6 elision (...)   7 first and last line, middle at least 70 % alike
//   8 at most 10 % different   9 a refusal that shows the nearest places
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "tools/text_file.h"

namespace moxie::tools {

enum class MatchCount { one, all };

struct EditRequest {
    std::string_view text;  // of the file; line ends are '\n' in all three
    std::string_view oldText;
    std::string_view newText;
    MatchCount count = MatchCount::one;
    int64_t line = 0;  // 1-based hint among several equal places; 0: none
};

struct EditMatch {
    std::vector<Splice> splices;  // sorted
    std::string fallback;         // what had to be overlooked; empty: exact
};

// Why there is no match: a code, the fact and what to do, for the model.
struct EditMiss {
    std::string code, fact, advice;
};

using EditOutcome = tl::expected<EditMatch, EditMiss>;

EditOutcome matchEdit(const EditRequest& request);

}  // namespace moxie::tools
