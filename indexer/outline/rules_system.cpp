#include "indexer/outline/rules.h"

namespace moxie::indexer {
namespace {

using K = SymbolKind;
using S = Shape;
using R = Role;

// ---- Go
constexpr DefinitionRule kGoDefinitions[] = {
    {"function_declaration", K::function},
    {"method_declaration", K::method, S::goMethod},
    {"type_spec", K::typeAlias, S::goType},
    {"type_alias", K::typeAlias},
    {"const_spec", K::constant, S::variable},
    {"var_spec", K::variable, S::variable},
    {"field_declaration", K::field},
    {"method_elem", K::method},
    {"method_spec", K::method},
};
constexpr RoleRule kGoRoles[] = {
    {"call_expression", "function", R::call},
    {"selector_expression", "field", R::same},
    {"parenthesized_expression", "", R::same},
    {"assignment_statement", "left", R::write},
    {"inc_statement", "", R::write},
    {"dec_statement", "", R::write},
    {"expression_list", "", R::same},
    {"short_var_declaration", "left", R::local},
    {"range_clause", "left", R::local},
    {"var_spec", "name", R::local},
    {"parameter_declaration", "name", R::local},
    {"variadic_parameter_declaration", "name", R::local},
    {"import_spec", "", R::import},
};
constexpr ImportRule kGoImports[] = {{"import_spec", "path"}};
constexpr const char* kGoNames[] = {"identifier", "field_identifier", "package_identifier"};
constexpr const char* kGoTypeNames[] = {"type_identifier"};

// ---- Rust
constexpr DefinitionRule kRustDefinitions[] = {
    {"function_item", K::function},
    {"function_signature_item", K::function},
    {"struct_item", K::type},
    {"union_item", K::type},
    {"enum_item", K::enumeration},
    {"enum_variant", K::enumerator},
    {"trait_item", K::interface},
    {"impl_item", K::type, S::container, "type"},
    {"mod_item", K::module, S::namedWithBody},
    {"const_item", K::constant, S::variable},
    {"static_item", K::variable, S::variable},
    {"type_item", K::typeAlias},
    {"associated_type", K::typeAlias},
    {"macro_definition", K::macro},
    {"field_declaration", K::field},
};
constexpr RoleRule kRustRoles[] = {
    {"call_expression", "function", R::call},
    {"macro_invocation", "macro", R::call},
    {"field_expression", "field", R::same},
    {"scoped_identifier", "name", R::same},
    {"scoped_type_identifier", "name", R::same},
    {"generic_function", "function", R::same},
    {"generic_type", "type", R::same},
    {"impl_item", "trait", R::inherit},
    {"trait_bounds", "", R::inherit},
    {"assignment_expression", "left", R::write},
    {"compound_assignment_expr", "left", R::write},
    {"let_declaration", "pattern", R::local},
    {"for_expression", "pattern", R::local},
    {"parameter", "pattern", R::local},
    {"closure_parameters", "", R::local},
    {"tuple_pattern", "", R::same},
    {"mut_pattern", "", R::same},
    {"ref_pattern", "", R::same},
    {"reference_pattern", "", R::same},
    {"use_declaration", "", R::import},
};
constexpr ImportRule kRustImports[] = {{"use_declaration", "argument"}};
constexpr const char* kRustNames[] = {"identifier", "field_identifier",
                                      "shorthand_field_identifier"};
constexpr const char* kRustTypeNames[] = {"type_identifier"};

// ---- Java
constexpr DefinitionRule kJavaDefinitions[] = {
    {"class_declaration", K::type},
    {"record_declaration", K::type},
    {"interface_declaration", K::interface},
    {"annotation_type_declaration", K::interface},
    {"enum_declaration", K::enumeration},
    {"enum_constant", K::enumerator},
    {"method_declaration", K::method},
    {"annotation_type_element_declaration", K::method},
    {"constructor_declaration", K::constructor},
    {"compact_constructor_declaration", K::constructor},
    {"field_declaration", K::field, S::javaField},
    {"constant_declaration", K::constant, S::javaField},
};
constexpr RoleRule kJavaRoles[] = {
    {"method_invocation", "name", R::call},
    {"method_reference", "", R::call},
    {"object_creation_expression", "type", R::call},
    {"generic_type", "", R::same},
    {"field_access", "field", R::same},
    {"annotation", "name", R::call},
    {"marker_annotation", "name", R::call},
    {"superclass", "", R::inherit},
    {"super_interfaces", "", R::inherit},
    {"extends_interfaces", "", R::inherit},
    {"assignment_expression", "left", R::write},
    {"update_expression", "", R::write},
    {"variable_declarator", "name", R::local},
    {"formal_parameter", "name", R::local},
    {"catch_formal_parameter", "name", R::local},
    {"enhanced_for_statement", "name", R::local},
    {"inferred_parameters", "", R::local},
    {"lambda_expression", "parameters", R::local},
    {"import_declaration", "", R::import},
    {"package_declaration", "", R::import},
};
constexpr ImportRule kJavaImports[] = {{"import_declaration", ""}};
constexpr const char* kJavaNames[] = {"identifier"};
constexpr const char* kJavaTypeNames[] = {"type_identifier"};

}  // namespace

const Rules& goRules() {
    static const Rules rules = {kGoDefinitions, kGoRoles, kGoImports, kGoNames, kGoTypeNames, {}};
    return rules;
}

const Rules& rustRules() {
    static const Rules rules = {kRustDefinitions, kRustRoles,     kRustImports,
                                kRustNames,       kRustTypeNames, {}};
    return rules;
}

const Rules& javaRules() {
    static const Rules rules = {kJavaDefinitions, kJavaRoles,     kJavaImports,
                                kJavaNames,       kJavaTypeNames, {}};
    return rules;
}

}  // namespace moxie::indexer
