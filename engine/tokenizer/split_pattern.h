// Regular expressions as tokenizer.json writes them (Oniguruma), rewritten for PCRE2 where both
// mean the same. Not here: matching (PreTokenizer). Threads: any thread.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace moxie::engine {

// One spelling of a pattern: line ends inside it as \r and \n, so that two files can be compared.
std::string canonicalPattern(std::string_view pattern);

// A pattern that matches exactly `text`.
std::string literalPattern(std::string_view text);

// The pattern for PCRE2 with UTF and UCP. Fails: unsupported (too long; not in the subset:
// literals, \r \n \t \s \S \d \p{X}, classes without intersection, groups (?: (?i: (?= (?!,
// alternation, $, quantifiers; a quantifier of a group that holds another one, whose time could be
// exponential).
base::Result<std::string> pcre2Pattern(std::string_view pattern);

}  // namespace moxie::engine
