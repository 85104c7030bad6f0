// The tables of the nine grammars. What a row names and a grammar lacks is simply never met.
#include "indexer/highlight/token_rules.h"

namespace moxie::indexer {
namespace {

using T = TokenKind;

// ---- C and C++

constexpr PaintRule kCPaints[] = {
    {"comment", T::comment},
    {"string_literal", T::string, Paint::ground},
    {"raw_string_literal", T::string, Paint::ground},
    {"char_literal", T::string, Paint::ground},
    {"system_lib_string", T::string},
    {"escape_sequence", T::escape},
    {"literal_suffix", T::keyword},
    {"number_literal", T::number},
    {"true", T::constant},
    {"false", T::constant},
    {"null", T::constant},
    {"this", T::keyword},
    {"auto", T::keyword},
    {"primitive_type", T::type},
    {"sized_type_specifier", T::type, Paint::ground},
    {"preproc_directive", T::preprocessor},
    {"preproc_arg", T::preprocessor},
    {"attribute_declaration", T::attribute, Paint::ground},
    {"operator_name", T::function},
    {"storage_class_specifier", T::keyword},
    {"type_qualifier", T::keyword, Paint::ground},
    {"virtual_specifier", T::keyword},
    {"access_specifier", T::keyword},
};
constexpr NameRule kCNames[] = {
    {"identifier"},
    {"field_identifier", T::property},
    {"namespace_identifier", T::type},
    {"type_identifier", T::type},
    {"statement_identifier", T::label},
};
constexpr WishRule kCWishes[] = {
    {"call_expression", "function", T::function},
    {"function_declarator", "declarator", T::function},
    {"field_expression", "field", T::property, true},
    {"qualified_identifier", "name", T::text, true},
    {"template_function", "name", T::function},
    {"template_method", "name", T::function},
    {"pointer_declarator", "declarator", T::text, true},
    {"reference_declarator", "", T::text, true},
    {"parenthesized_declarator", "", T::text, true},
    {"destructor_name", "", T::function},
    {"dependent_name", "", T::text, true},
    {"preproc_def", "name", T::constant},
    {"preproc_function_def", "name", T::function},
    {"preproc_ifdef", "name", T::constant},
    {"preproc_defined", "", T::constant},
    {"enumerator", "name", T::constant},
    {"attribute", "", T::attribute},
    {"concept_definition", "name", T::type},
};

// ---- Python

constexpr PaintRule kPythonPaints[] = {
    {"comment", T::comment},
    {"string", T::string, Paint::ground},
    {"escape_sequence", T::escape},
    {"escape_interpolation", T::escape},
    {"interpolation", T::text, Paint::reset},
    {"format_specifier", T::string, Paint::ground},
    {"type_conversion", T::escape},
    {"integer", T::number},
    {"float", T::number},
    {"true", T::constant},
    {"false", T::constant},
    {"none", T::constant},
    {"ellipsis", T::constant},
    {"decorator", T::attribute, Paint::ground},
    {"wildcard_import", T::op},
    {"argument_list", T::text, Paint::reset},  // of a decorator
};
constexpr NameRule kPythonNames[] = {{"identifier"}};
constexpr WishRule kPythonWishes[] = {
    {"call", "function", T::function},
    {"attribute", "attribute", T::property, true},
    {"function_definition", "name", T::function},
    {"class_definition", "name", T::type},
    {"decorator", "", T::attribute},
    {"type", "", T::type},
    {"generic_type", "", T::type},
    {"member_type", "", T::type},
    {"binary_operator", "left", T::text, true},
    {"binary_operator", "right", T::text, true},
};

// ---- JavaScript, TypeScript, TSX

constexpr PaintRule kScriptPaints[] = {
    {"comment", T::comment},
    {"html_comment", T::comment},
    {"hash_bang_line", T::preprocessor},
    {"string", T::string, Paint::ground},
    {"template_string", T::string, Paint::ground},
    {"template_literal_type", T::string, Paint::ground},
    {"template_substitution", T::text, Paint::reset},
    {"template_type", T::text, Paint::reset},
    {"regex", T::string, Paint::ground},
    {"escape_sequence", T::escape},
    {"html_character_reference", T::escape},
    {"number", T::number},
    {"true", T::constant},
    {"false", T::constant},
    {"null", T::constant},
    {"undefined", T::constant},
    {"this", T::keyword},
    {"super", T::keyword},
    {"this_type", T::keyword},
    {"meta_property", T::keyword},
    {"optional_chain", T::punctuation},
    {"predefined_type", T::type},
    {"decorator", T::attribute, Paint::ground},
    {"arguments", T::text, Paint::reset},  // of a decorator
    {"jsx_opening_element", T::tag, Paint::ground},
    {"jsx_closing_element", T::tag, Paint::ground},
    {"jsx_self_closing_element", T::tag, Paint::ground},
    {"jsx_attribute", T::text, Paint::reset},
    {"jsx_expression", T::text, Paint::reset},
};
constexpr NameRule kScriptNames[] = {
    {"identifier"},
    {"property_identifier", T::property},
    {"private_property_identifier", T::property},
    {"shorthand_property_identifier", T::property},
    {"shorthand_property_identifier_pattern"},
    {"statement_identifier", T::label},
    {"type_identifier", T::type},
};
constexpr WishRule kScriptWishes[] = {
    {"call_expression", "function", T::function},
    {"new_expression", "constructor", T::type},
    {"member_expression", "property", T::property, true},
    {"function_declaration", "name", T::function},
    {"function_expression", "name", T::function},
    {"function_signature", "name", T::function},
    {"generator_function", "name", T::function},
    {"generator_function_declaration", "name", T::function},
    {"method_definition", "name", T::function},
    {"method_signature", "name", T::function},
    {"abstract_method_signature", "name", T::function},
    {"class", "name", T::type},
    {"class_declaration", "name", T::type},
    {"class_heritage", "", T::type},
    {"extends_clause", "value", T::type},
    {"enum_declaration", "name", T::type},
    {"enum_body", "name", T::constant},
    {"enum_assignment", "name", T::constant},
    {"internal_module", "name", T::type},
    {"nested_type_identifier", "module", T::type},
    {"decorator", "", T::attribute},
    {"jsx_opening_element", "name", T::tag},
    {"jsx_closing_element", "name", T::tag},
    {"jsx_self_closing_element", "name", T::tag},
    {"jsx_namespace_name", "", T::tag},
    {"jsx_attribute", "", T::attribute},
};

// ---- Go

constexpr PaintRule kGoPaints[] = {
    {"comment", T::comment},
    {"interpreted_string_literal", T::string, Paint::ground},
    {"raw_string_literal", T::string, Paint::ground},
    {"rune_literal", T::string, Paint::ground},
    {"escape_sequence", T::escape},
    {"int_literal", T::number},
    {"float_literal", T::number},
    {"imaginary_literal", T::number},
    {"nil", T::constant},
    {"true", T::constant},
    {"false", T::constant},
    {"iota", T::constant},
    {"dot", T::punctuation},
};
constexpr NameRule kGoNames[] = {
    {"identifier"},
    {"blank_identifier"},
    {"field_identifier", T::property},
    {"package_identifier", T::type},
    {"type_identifier", T::type},
    {"label_name", T::label},
};
constexpr WishRule kGoWishes[] = {
    {"call_expression", "function", T::function},
    {"selector_expression", "field", T::property, true},
    {"function_declaration", "name", T::function},
    {"method_declaration", "name", T::function},
    {"method_elem", "name", T::function},
    {"const_spec", "name", T::constant},
};

// ---- Rust

constexpr PaintRule kRustPaints[] = {
    {"line_comment", T::comment},
    {"block_comment", T::comment},
    {"shebang", T::preprocessor},
    {"string_literal", T::string, Paint::ground},
    {"raw_string_literal", T::string, Paint::ground},
    {"char_literal", T::string, Paint::ground},
    {"escape_sequence", T::escape},
    {"integer_literal", T::number},
    {"float_literal", T::number},
    {"boolean_literal", T::constant},
    {"primitive_type", T::type},
    {"fragment_specifier", T::type},
    {"lifetime", T::label},
    {"label", T::label},
    {"attribute_item", T::attribute},
    {"inner_attribute_item", T::attribute},
    {"self", T::keyword},
    {"super", T::keyword},
    {"crate", T::keyword},
    {"mutable_specifier", T::keyword},
};
constexpr NameRule kRustNames[] = {
    {"identifier"},
    {"metavariable"},
    {"field_identifier", T::property},
    {"shorthand_field_identifier", T::property},
    {"type_identifier", T::type},
};
constexpr WishRule kRustWishes[] = {
    {"call_expression", "function", T::function},
    {"generic_function", "function", T::function},
    {"field_expression", "field", T::property, true},
    {"scoped_identifier", "name", T::text, true},
    {"scoped_identifier", "path", T::type},
    {"scoped_type_identifier", "path", T::type},
    {"function_item", "name", T::function},
    {"function_signature_item", "name", T::function},
    {"macro_invocation", "macro", T::function},
    {"macro_definition", "name", T::function},
    {"const_item", "name", T::constant},
    {"static_item", "name", T::constant},
    {"enum_variant", "name", T::constant},
    {"mod_item", "name", T::type},
};

// ---- Java

constexpr PaintRule kJavaPaints[] = {
    {"line_comment", T::comment},
    {"block_comment", T::comment},
    {"string_literal", T::string, Paint::ground},
    {"character_literal", T::string, Paint::ground},
    {"escape_sequence", T::escape},
    {"string_interpolation", T::text, Paint::reset},
    {"decimal_integer_literal", T::number},
    {"hex_integer_literal", T::number},
    {"octal_integer_literal", T::number},
    {"binary_integer_literal", T::number},
    {"decimal_floating_point_literal", T::number},
    {"hex_floating_point_literal", T::number},
    {"true", T::constant},
    {"false", T::constant},
    {"null_literal", T::constant},
    {"this", T::keyword},
    {"super", T::keyword},
    {"boolean_type", T::type},
    {"void_type", T::type},
    {"integral_type", T::type},
    {"floating_point_type", T::type},
    {"marker_annotation", T::attribute, Paint::ground},
    {"annotation", T::attribute, Paint::ground},
    {"annotation_argument_list", T::text, Paint::reset},
};
constexpr NameRule kJavaNames[] = {
    {"identifier"},
    {"type_identifier", T::type},
};
constexpr WishRule kJavaWishes[] = {
    {"method_invocation", "name", T::function},
    {"method_declaration", "name", T::function},
    {"constructor_declaration", "name", T::function},
    {"compact_constructor_declaration", "name", T::function},
    {"class_declaration", "name", T::type},
    {"interface_declaration", "name", T::type},
    {"enum_declaration", "name", T::type},
    {"record_declaration", "name", T::type},
    {"annotation_type_declaration", "name", T::type},
    {"enum_constant", "name", T::constant},
    {"field_access", "field", T::property},
    {"marker_annotation", "name", T::attribute},
    {"annotation", "name", T::attribute},
    {"labeled_statement", "", T::label},
    {"break_statement", "", T::label},
    {"continue_statement", "", T::label},
};

}  // namespace

const TokenRules& cTokenRules() {
    static const TokenRules rules = {kCPaints, kCNames, kCWishes, Spelling::capitals};
    return rules;
}

const TokenRules& pythonTokenRules() {
    static const TokenRules rules = {kPythonPaints, kPythonNames, kPythonWishes,
                                     Spelling::capitalsAndType};
    return rules;
}

const TokenRules& scriptTokenRules() {
    static const TokenRules rules = {kScriptPaints, kScriptNames, kScriptWishes,
                                     Spelling::capitalsAndType};
    return rules;
}

const TokenRules& goTokenRules() {
    static const TokenRules rules = {kGoPaints, kGoNames, kGoWishes, Spelling::nothing};
    return rules;
}

const TokenRules& rustTokenRules() {
    static const TokenRules rules = {kRustPaints, kRustNames, kRustWishes,
                                     Spelling::capitalsAndType};
    return rules;
}

const TokenRules& javaTokenRules() {
    static const TokenRules rules = {kJavaPaints, kJavaNames, kJavaWishes,
                                     Spelling::capitalsAndType};
    return rules;
}

}  // namespace moxie::indexer
