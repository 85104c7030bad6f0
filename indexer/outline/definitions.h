// The names that one definition node introduces. Threads: any thread.
#pragma once
#include <tree_sitter/api.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "indexer/outline/rules.h"

namespace moxie::indexer {

struct Definition {
    TSNode node = {};  // the range of the symbol
    TSNode name = {};
    std::string_view parent;  // "" : the enclosing one
    SymbolKind kind = SymbolKind::function;
    bool isDeclaration = false;
    bool isMacroCall = false;  // looks like a function, may be MACRO(...) { }
    bool isContainer = false;  // no symbol: only a parent for those inside
    bool isSingleton = false;  // no symbol: those inside are the type's own
    bool hasSign = false;      // the name has one letter before it: Ruby's :name
};

// Where the node stands.
struct Surroundings {
    bool inFunction = false;
    bool inType = false;
    TSNode above = {};  // the node around it; to look for it would begin at the root each time
};

std::string_view textOf(TSNode node, std::string_view text);
// Null of a null node, which tree-sitter itself does not look for.
TSNode childByField(TSNode node, std::string_view field);
TSNode namedChild(TSNode node, uint32_t at);

// Empty if the node defines nothing after all.
std::vector<Definition> definitionsAt(const DefinitionRule& rule, TSNode node,
                                      std::string_view text, const Surroundings& around);

}  // namespace moxie::indexer
