// What a node kind of any grammar most likely means, told by its name: grammars follow the same
// habits ("function_definition" with a field "name", "call_expression", "identifier"). Used for
// grammars without a table, and for the kinds that a table does not name. Threads: any thread.
#pragma once
#include <optional>
#include <string_view>

#include "indexer/outline/rules.h"

namespace moxie::indexer {

// "method_declaration" is a method, "class" a type; nothing for kinds that define nothing.
std::optional<SymbolKind> genericKind(std::string_view node);

// Fills in what the name of `node` says and the tables did not. `rule` is where the rule of a
// definition is kept.
void addGenericRules(const TSLanguage* language, const char* node, DefinitionRule& rule,
                     CompiledRules::Node& compiled);

}  // namespace moxie::indexer
