#include "indexer/highlight/generic_token_rules.h"

#include <algorithm>
#include <array>
#include <optional>

namespace moxie::indexer {
namespace {

using T = TokenKind;
using Is = CompiledTokenRules::Is;

struct TokenWord {
    std::string_view part;
    TokenKind kind;
    Paint paint;
};

// The first that is part of the name decides, so exceptions stand before their rule.
constexpr TokenWord kTokenWords[] = {
    {"interpolation", T::text, Paint::reset},
    {"substitution", T::text, Paint::reset},
    {"interpolated_expression", T::text, Paint::reset},
    {"comment", T::comment, Paint::solid},
    {"escape", T::escape, Paint::solid},
    {"string", T::string, Paint::ground},
    {"heredoc_body", T::string, Paint::ground},
    {"heredoc_content", T::string, Paint::ground},
    {"raw_text", T::text, Paint::reset},
    {"char_literal", T::string, Paint::ground},
    {"character_literal", T::string, Paint::ground},
    {"character_constant", T::string, Paint::ground},
    {"quoted_attribute_value", T::string, Paint::ground},
    {"attribute_value", T::string, Paint::ground},
    {"regex", T::string, Paint::ground},
    {"hash_bang", T::preprocessor, Paint::solid},
    {"shebang", T::preprocessor, Paint::solid},
};

constexpr std::array<std::string_view, 16> kNumbers = {
    "integer",       "float",          "number",          "integer_literal",
    "float_literal", "number_literal", "real_literal",    "numeric_literal",
    "int_literal",   "hex_literal",    "decimal_literal", "bin_literal",
    "integer_value", "float_value",    "numeric",         "decimal_integer_literal"};

constexpr std::array<std::string_view, 14> kConstants = {
    "true",         "false",         "null",    "nil",          "none",
    "boolean",      "bool",          "unit",    "bool_literal", "boolean_literal",
    "null_literal", "boolean_value", "nothing", "undefined"};

constexpr std::array<std::string_view, 10> kNames = {
    "identifier", "simple_identifier", "variable_name", "name",     "word",
    "variable",   "field_name",        "ident",         "bare_key", "symbol_name"};

template <size_t n>
bool isOneOf(std::string_view name, const std::array<std::string_view, n>& all) {
    return std::find(all.begin(), all.end(), name) != all.end();
}

// Nothing for kinds that are no leaf of this sort.
std::optional<TokenKind> nameKind(std::string_view name) {
    if (name == "type_identifier" || name == "primitive_type" || name == "predefined_type" ||
        name == "builtin_type")
        return T::type;
    if (name == "property_identifier" || name == "field_identifier" || name == "property_name" ||
        name == "attribute_name" || name == "bare_key")
        return T::property;
    if (name == "tag_name" || name == "Name") return T::tag;
    if (name == "constant") return T::constant;
    if (name == "command_name" || name == "function_name") return T::function;
    if (isOneOf(name, kNames) || name.ends_with("_identifier")) return T::variable;
    return std::nullopt;
}

TSFieldId wishField(const TSLanguage* language, std::string_view field) {
    return ts_language_field_id_for_name(language, field.data(), uint32_t(field.size()));
}

void addWish(const TSLanguage* language, std::string_view field, TokenKind kind,
             CompiledTokenRules::Node& node) {
    const TSFieldId id = wishField(language, field);
    if (id != 0) node.wishes.push_back({id, kind, false});
}

bool holds(std::string_view name, std::string_view part) {
    return name.find(part) != name.npos;
}

void addWishes(const TSLanguage* language, std::string_view name, CompiledTokenRules::Node& node) {
    if (holds(name, "call") || holds(name, "invocation")) {
        for (const std::string_view field : {"function", "name", "method", "callee"})
            addWish(language, field, T::function, node);
        return;
    }
    const bool defines = holds(name, "definition") || holds(name, "declaration") ||
                         name == "method" || name == "class" || name == "module";
    if (!defines) return;
    const bool isFunction =
        holds(name, "function") || holds(name, "method") || holds(name, "procedure");
    const bool isType = holds(name, "class") || holds(name, "struct") || holds(name, "type") ||
                        holds(name, "interface") || holds(name, "enum") || name == "module";
    if (isFunction)
        addWish(language, "name", T::function, node);
    else if (isType)
        addWish(language, "name", T::type, node);
}

}  // namespace

CompiledTokenRules::Node genericTokenNode(const TSLanguage* language, std::string_view name) {
    CompiledTokenRules::Node node;
    if (name.starts_with("keyword_") || name == "keyword") {
        node.is = Is::painted;
        node.kind = T::keyword;
        return node;
    }
    if (isOneOf(name, kNumbers) || isOneOf(name, kConstants)) {
        node.is = Is::painted;
        node.kind = isOneOf(name, kNumbers) ? T::number : T::constant;
        return node;
    }
    for (const TokenWord& known : kTokenWords) {
        if (!holds(name, known.part)) continue;
        node.is = Is::painted;
        node.kind = known.kind;
        node.paint = known.paint;
        return node;
    }
    if (const auto kind = nameKind(name)) {
        node.is = Is::name;
        node.kind = *kind;
        return node;
    }
    addWishes(language, name, node);
    return node;
}

}  // namespace moxie::indexer
