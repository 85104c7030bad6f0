// What import statements bind, read from the text: tree-sitter tables keep an import's target only.
// Threads: any thread.
#pragma once
#include <string_view>
#include <unordered_set>

namespace moxie::indexer {

bool isNameByte(char c);

using NameSet = std::unordered_set<std::string_view>;

// Every identifier of `text`, also in comments and strings.
NameSet identifiersOf(std::string_view text);

// Adds the identifiers of every statement that imports `target`: "import {a, b as c} from 'x'",
// "from x import (a,\n b)", "const y = require('x')". `out` has views into `text`.
void addImportedNames(std::string_view text, std::string_view target, NameSet& out);

}  // namespace moxie::indexer
