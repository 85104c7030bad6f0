// What a node kind of any grammar most likely is as a token, told by its name ("line_comment",
// "string_literal", "integer"). Used for grammars without a table. Threads: any thread.
#pragma once
#include "indexer/highlight/token_rules.h"

namespace moxie::indexer {

// Of a named kind; anonymous kinds are signs and keywords by their own text.
CompiledTokenRules::Node genericTokenNode(const TSLanguage* language, std::string_view name);

}  // namespace moxie::indexer
