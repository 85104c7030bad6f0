#include "indexer/highlight/token_rules.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "indexer/highlight/generic_token_rules.h"
#include "indexer/outline/rules.h"

namespace moxie::indexer {
namespace {

// Null: the names of the kinds say what they are.
const TokenRules* tokenRulesOf(Grammar grammar) {
    switch (grammar) {
        case Grammar::python:
            return &pythonTokenRules();
        case Grammar::javascript:
        case Grammar::typescript:
        case Grammar::tsx:
            return &scriptTokenRules();
        case Grammar::go:
            return &goTokenRules();
        case Grammar::rust:
            return &rustTokenRules();
        case Grammar::java:
            return &javaTokenRules();
        case Grammar::c:
        case Grammar::cpp:
        case Grammar::cuda:
        case Grammar::arduino:
            return &cTokenRules();
        default:
            return nullptr;
    }
}

bool isWordByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// A token that stands in the grammar by its own text: "while", "->", "(".
TokenKind kindOfSign(std::string_view sign) {
    if (sign.empty() || sign.find_first_of("\"'`\n") != sign.npos) return TokenKind::text;
    if (sign.front() == '#' && sign.size() > 1) return TokenKind::preprocessor;
    if (std::any_of(sign.begin(), sign.end(), isWordByte)) return TokenKind::keyword;
    return sign.find_first_not_of("()[]{},;.:") == sign.npos ? TokenKind::punctuation
                                                             : TokenKind::op;
}

CompiledTokenRules::Node compileTokenNode(const TSLanguage* language, const TokenRules& rules,
                                          std::string_view name) {
    CompiledTokenRules::Node node;
    for (const NameRule& rule : rules.names)
        if (name == rule.node) {
            node.is = CompiledTokenRules::Is::name;
            node.kind = rule.kind;
        }
    for (const PaintRule& rule : rules.paints)
        if (name == rule.node) {
            node.is = CompiledTokenRules::Is::painted;
            node.kind = rule.kind;
            node.paint = rule.paint;
        }
    for (const WishRule& rule : rules.wishes) {
        if (name != rule.node) continue;
        const std::string_view field = rule.field;
        const TSFieldId id = field.empty() ? TSFieldId(0)
                                           : ts_language_field_id_for_name(language, field.data(),
                                                                           uint32_t(field.size()));
        // A field that this grammar does not have must not become "any field".
        if (field.empty() || id != 0) node.wishes.push_back({id, rule.kind, rule.passes});
    }
    return node;
}

CompiledTokenRules compileTokenRules(Grammar grammar) {
    CompiledTokenRules made;
    const TSLanguage* language = treeSitterLanguage(grammar);
    const TokenRules* rules = tokenRulesOf(grammar);
    if (rules) made.spelling = rules->spelling;
    made.nodes.resize(ts_language_symbol_count(language));
    for (size_t id = 0; id < made.nodes.size(); id++) {
        const char* name = ts_language_symbol_name(language, TSSymbol(id));
        if (!name) continue;
        CompiledTokenRules::Node& node = made.nodes[id];
        const TSSymbolType type = ts_language_symbol_type(language, TSSymbol(id));
        if (type == TSSymbolTypeRegular) {
            node =
                rules ? compileTokenNode(language, *rules, name) : genericTokenNode(language, name);
        } else if (type == TSSymbolTypeAnonymous) {
            node.is = CompiledTokenRules::Is::sign;
            node.kind = kindOfSign(name);
        }
    }
    return made;
}

}  // namespace

const CompiledTokenRules& compiledTokenRules(Grammar grammar) {
    struct Slot {
        std::once_flag once;
        CompiledTokenRules rules;
    };

    static std::array<Slot, size_t(kGrammarCount)> slots;
    Slot& slot = slots[size_t(grammar)];
    std::call_once(slot.once, [&] { slot.rules = compileTokenRules(grammar); });
    return slot.rules;
}

}  // namespace moxie::indexer
