// What the node kinds of each grammar mean: tables, one per language, compiled into arrays by
// symbol id at first use. Threads: any thread; constant after the first use.
#pragma once
#include <tree_sitter/api.h>

#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "indexer/language.h"
#include "indexer/outline/outline.h"

namespace moxie::indexer {

// How the names of a definition are found below its node.
enum class Shape : int8_t {
    named,          // one name in nameField
    namedWithBody,  // the same, only if there is a field "body"
    cFunction,      // through the declarator chain
    cDeclaration,   // prototypes and variables, not inside functions
    cField,         // fields and method declarations
    cTypedef,
    goMethod,  // parent from the receiver
    goType,
    variable,      // nameField, not inside functions unless the value is a function
    assignment,    // Python: left side, not inside functions
    jsAssignment,  // x.y = function …
    jsPair,        // y: function …
    enumBody,      // TypeScript: bare names in an enum
    container,     // no symbol, but a parent for those inside (Rust impl)
    javaField,
    eachName,    // every child of the first child is a name
    firstChild,  // the text of the first child is the name: selectors, headings
    generic,     // nameField, else the first child that is a name; variables not inside functions
    rubyAssignment,  // generic; a type if the value makes one: Struct.new, Class.new
    rubyCall,        // methods made by calls: attr_reader, alias_method, define_method
    singleton,       // no symbol: methods inside are the type's own (class << self)
};

struct DefinitionRule {
    const char* node = "";
    SymbolKind kind = SymbolKind::function;
    Shape shape = Shape::named;
    const char* nameField = "name";
};

// The role of a child in field `field` ("": any field) of `node`. Role::same passes on the role
// that `node` itself has, as in a.b.c().
struct RoleRule {
    const char* node = "";
    const char* field = "";
    Role role = Role::none;
};

// A node that imports; the target is the text of `field`, or of the whole node.
struct ImportRule {
    const char* node = "";
    const char* field = "";
};

struct Rules {
    std::span<const DefinitionRule> definitions;
    std::span<const RoleRule> roles;
    std::span<const ImportRule> imports;
    std::span<const char* const> names;      // leaves that are uses of a name
    std::span<const char* const> typeNames;  // leaves that are uses of a type
    std::span<const char* const> wrappers;   // nodes whose range counts for the definition inside
    // Kinds that the tables do not name mean what their names say (generic_rules.h).
    bool isGeneric = false;
    std::span<const char* const> memberNames = {};  // leaves that name a member of self
    std::span<const char* const> bareCalls =
        {};                  // leaves that call a method unless they are locals
    bool hasMixins = false;  // calls give a type further bases: include, extend
};

const Rules& cRules();
const Rules& pythonRules();
const Rules& scriptRules();  // JavaScript, TypeScript, TSX
const Rules& goRules();
const Rules& rustRules();
const Rules& javaRules();
// Null: no table, the names of the kinds say all.
const Rules* moduleRules(Grammar grammar);

// The rules of one grammar by its numbers.
struct CompiledRules {
    enum class Leaf : int8_t { none, name, typeName, member };

    struct FieldRole {
        TSFieldId field = 0;  // 0: any
        Role role = Role::none;
    };

    struct Node {
        const DefinitionRule* definition = nullptr;
        const ImportRule* import = nullptr;
        Leaf leaf = Leaf::none;
        bool isWrapper = false;
        bool isBareCall = false;
        bool isPattern = false;       // by its name
        bool passesRoleOn = false;    // to children in any field, or
        bool passesToAField = false;  // in one that is named
        std::vector<FieldRole> roles;
    };

    const TSLanguage* language = nullptr;
    std::vector<Node> nodes;                    // by TSSymbol
    std::vector<uint8_t> visits;                // by TSSymbol: what a walk asks for (syntax_core.h)
    std::deque<DefinitionRule> generic;         // that `nodes` point to
    bool isGeneric = false, hasMixins = false;  // see Rules
};

// Null for Grammar::none and for modules that are not installed.
const CompiledRules* compiledRules(Grammar grammar);
const TSLanguage* treeSitterLanguage(Grammar grammar);

}  // namespace moxie::indexer
