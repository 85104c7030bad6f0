#include "indexer/outline/rules.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <mutex>

#include "indexer/grammar_modules.h"
#include "indexer/outline/generic_rules.h"
#include "indexer/syntax_core.h"

extern "C" {
const TSLanguage* tree_sitter_c(void);
const TSLanguage* tree_sitter_cpp(void);
const TSLanguage* tree_sitter_python(void);
const TSLanguage* tree_sitter_javascript(void);
const TSLanguage* tree_sitter_typescript(void);
const TSLanguage* tree_sitter_tsx(void);
const TSLanguage* tree_sitter_go(void);
const TSLanguage* tree_sitter_rust(void);
const TSLanguage* tree_sitter_java(void);
}

namespace moxie::indexer {
namespace {

const Rules& rulesOf(Grammar grammar) {
    switch (grammar) {
        case Grammar::python:
            return pythonRules();
        case Grammar::javascript:
        case Grammar::typescript:
        case Grammar::tsx:
            return scriptRules();
        case Grammar::go:
            return goRules();
        case Grammar::rust:
            return rustRules();
        case Grammar::java:
            return javaRules();
        case Grammar::c:
        case Grammar::cpp:
        case Grammar::cuda:
        case Grammar::arduino:
        case Grammar::none:
            return cRules();
        default:
            break;
    }
    static const Rules generic = {{}, {}, {}, {}, {}, {}, true};
    const Rules* rules = moduleRules(grammar);
    return rules ? *rules : generic;
}

bool contains(std::span<const char* const> words, const char* word) {
    for (const char* each : words)
        if (std::strcmp(each, word) == 0) return true;
    return false;
}

CompiledRules::Node compileNode(const TSLanguage* language, const Rules& rules, const char* name) {
    CompiledRules::Node node;
    for (const DefinitionRule& rule : rules.definitions)
        if (std::strcmp(rule.node, name) == 0) node.definition = &rule;
    for (const ImportRule& rule : rules.imports)
        if (std::strcmp(rule.node, name) == 0) node.import = &rule;
    for (const RoleRule& rule : rules.roles) {
        if (std::strcmp(rule.node, name) != 0) continue;
        const auto length = uint32_t(std::strlen(rule.field));
        const TSFieldId field =
            length ? ts_language_field_id_for_name(language, rule.field, length) : TSFieldId(0);
        // A field that this grammar does not have must not become "any field".
        if (length == 0 || field != 0) node.roles.push_back({field, rule.role});
    }
    if (contains(rules.names, name)) node.leaf = CompiledRules::Leaf::name;
    if (contains(rules.typeNames, name)) node.leaf = CompiledRules::Leaf::typeName;
    if (contains(rules.memberNames, name)) node.leaf = CompiledRules::Leaf::member;
    node.isWrapper = contains(rules.wrappers, name);
    node.isBareCall = contains(rules.bareCalls, name);
    return node;
}

// What follows from the rules of a node.
void completeNode(const char* name, CompiledRules::Node& node) {
    node.isPattern = std::strstr(name, "pattern") != nullptr;
    for (const CompiledRules::FieldRole& rule : node.roles) {
        if (rule.role != Role::same) continue;
        node.passesRoleOn = true;
        if (rule.field != 0) node.passesToAField = true;
    }
}

uint8_t visitOf(const CompiledRules::Node& node) {
    const bool isLeaf = node.definition || node.import || node.leaf != CompiledRules::Leaf::none;
    return uint8_t((isLeaf ? kMoxieVisitLeaf : 0) | (node.roles.empty() ? 0 : kMoxieChildFields));
}

CompiledRules compile(Grammar grammar) {
    CompiledRules made;
    made.language = treeSitterLanguage(grammar);
    if (!made.language) return made;
    const uint32_t count = ts_language_symbol_count(made.language);
    made.nodes.resize(count);
    made.isGeneric = rulesOf(grammar).isGeneric;
    made.hasMixins = rulesOf(grammar).hasMixins;
    for (uint32_t id = 0; id < count; id++) {
        const auto symbol = TSSymbol(id);
        if (ts_language_symbol_type(made.language, symbol) != TSSymbolTypeRegular) continue;
        const char* name = ts_language_symbol_name(made.language, symbol);
        if (!name) continue;
        const Rules& rules = rulesOf(grammar);
        made.nodes[id] = compileNode(made.language, rules, name);
        if (rules.isGeneric) {
            made.generic.emplace_back();
            addGenericRules(made.language, name, made.generic.back(), made.nodes[id]);
        }
        completeNode(name, made.nodes[id]);
    }
    for (const CompiledRules::Node& node : made.nodes)
        made.visits.push_back(visitOf(node));
    return made;
}

}  // namespace

const TSLanguage* treeSitterLanguage(Grammar grammar) {
    switch (grammar) {
        case Grammar::none:
            return nullptr;
        case Grammar::c:
            return tree_sitter_c();
        case Grammar::cpp:
            return tree_sitter_cpp();
        case Grammar::python:
            return tree_sitter_python();
        case Grammar::javascript:
            return tree_sitter_javascript();
        case Grammar::typescript:
            return tree_sitter_typescript();
        case Grammar::tsx:
            return tree_sitter_tsx();
        case Grammar::go:
            return tree_sitter_go();
        case Grammar::rust:
            return tree_sitter_rust();
        case Grammar::java:
            return tree_sitter_java();
        default:
            return moduleLanguage(grammar);
    }
}

const CompiledRules* compiledRules(Grammar grammar) {
    struct Slot {
        std::once_flag once;
        CompiledRules rules;
    };

    static std::array<Slot, size_t(kGrammarCount)> slots;
    const auto at = static_cast<size_t>(grammar);
    if (grammar == Grammar::none || at >= slots.size()) return nullptr;
    Slot& slot = slots[at];
    std::call_once(slot.once, [&] { slot.rules = compile(grammar); });
    return slot.rules.language ? &slot.rules : nullptr;
}

base::Status checkGrammars() {
    for (int i = 1; i < kLinkedGrammarCount; i++) {
        const TSLanguage* language = treeSitterLanguage(Grammar(i));
        const uint32_t abi = language ? ts_language_abi_version(language) : 0;
        if (abi < TREE_SITTER_MIN_COMPATIBLE_LANGUAGE_VERSION || abi > TREE_SITTER_LANGUAGE_VERSION)
            return base::fail(
                base::Errc::unsupported,
                fmt::format("grammar {} has ABI {}, the tree-sitter core reads {} to {}", i, abi,
                            TREE_SITTER_MIN_COMPATIBLE_LANGUAGE_VERSION,
                            TREE_SITTER_LANGUAGE_VERSION));
    }
    return {};
}

}  // namespace moxie::indexer
