#include "indexer/outline/rules.h"

namespace moxie::indexer {
namespace {

using K = SymbolKind;
using S = Shape;
using R = Role;

// ---- Python
constexpr DefinitionRule kPythonDefinitions[] = {
    {"function_definition", K::function},
    {"class_definition", K::type},
    {"assignment", K::variable, S::assignment, "left"},
};
constexpr RoleRule kPythonRoles[] = {
    {"call", "function", R::call},
    {"attribute", "attribute", R::same},
    {"class_definition", "superclasses", R::inherit},
    {"type", "", R::type},
    {"decorator", "", R::call},
    {"assignment", "left", R::local},
    {"augmented_assignment", "left", R::write},
    {"named_expression", "name", R::local},
    {"for_statement", "left", R::local},
    {"for_in_clause", "left", R::local},
    {"pattern_list", "", R::same},
    {"tuple_pattern", "", R::same},
    {"parameters", "", R::local},
    {"lambda_parameters", "", R::local},
    {"default_parameter", "name", R::local},
    {"typed_default_parameter", "name", R::local},
    {"typed_parameter", "", R::local},
    {"list_splat_pattern", "", R::same},
    {"dictionary_splat_pattern", "", R::same},
    {"keyword_argument", "name", R::local},
    {"import_statement", "", R::import},
    {"import_from_statement", "", R::import},
};
constexpr ImportRule kPythonImports[] = {{"import_statement", "name"},
                                         {"import_from_statement", "module_name"}};
constexpr const char* kPythonNames[] = {"identifier"};
constexpr const char* kPythonWrappers[] = {"decorated_definition"};

// ---- JavaScript, TypeScript, TSX
constexpr DefinitionRule kScriptDefinitions[] = {
    {"function_declaration", K::function},
    {"generator_function_declaration", K::function},
    {"function_signature", K::function},
    {"class_declaration", K::type},
    {"abstract_class_declaration", K::type},
    {"class", K::type, S::namedWithBody},
    {"interface_declaration", K::interface},
    {"type_alias_declaration", K::typeAlias},
    {"enum_declaration", K::enumeration},
    {"enum_body", K::enumerator, S::enumBody},
    {"enum_assignment", K::enumerator},
    {"internal_module", K::module},
    {"module", K::module, S::namedWithBody},
    {"method_definition", K::method},
    {"method_signature", K::method},
    {"abstract_method_signature", K::method},
    {"field_definition", K::field, S::named, "property"},
    {"public_field_definition", K::field},
    {"property_signature", K::field},
    {"variable_declarator", K::variable, S::variable},
    {"assignment_expression", K::function, S::jsAssignment, "left"},
    {"pair", K::function, S::jsPair, "key"},
};
constexpr RoleRule kScriptRoles[] = {
    {"call_expression", "function", R::call},
    {"new_expression", "constructor", R::call},
    {"member_expression", "property", R::same},
    {"class_heritage", "", R::inherit},
    {"extends_type_clause", "", R::inherit},
    {"decorator", "", R::call},
    {"assignment_expression", "left", R::write},
    {"augmented_assignment_expression", "left", R::write},
    {"update_expression", "argument", R::write},
    {"variable_declarator", "name", R::local},
    {"required_parameter", "pattern", R::local},
    {"optional_parameter", "pattern", R::local},
    {"formal_parameters", "", R::local},
    {"arrow_function", "parameter", R::local},
    {"catch_clause", "parameter", R::local},
    {"for_in_statement", "left", R::local},
    {"object_pattern", "", R::same},
    {"array_pattern", "", R::same},
    {"rest_pattern", "", R::same},
    {"assignment_pattern", "left", R::same},
    {"object_assignment_pattern", "left", R::same},
    {"pair_pattern", "value", R::same},
    {"import_statement", "", R::import},
    {"jsx_opening_element", "name", R::call},
    {"jsx_self_closing_element", "name", R::call},
};
constexpr ImportRule kScriptImports[] = {{"import_statement", "source"},
                                         {"export_statement", "source"}};
constexpr const char* kScriptNames[] = {
    "identifier", "property_identifier", "shorthand_property_identifier",
    "shorthand_property_identifier_pattern", "private_property_identifier"};
constexpr const char* kScriptTypeNames[] = {"type_identifier"};
constexpr const char* kScriptWrappers[] = {"export_statement"};

}  // namespace

const Rules& pythonRules() {
    static const Rules rules = {kPythonDefinitions, kPythonRoles, kPythonImports,
                                kPythonNames,       {},           kPythonWrappers};
    return rules;
}

const Rules& scriptRules() {
    static const Rules rules = {kScriptDefinitions, kScriptRoles,     kScriptImports,
                                kScriptNames,       kScriptTypeNames, kScriptWrappers};
    return rules;
}

}  // namespace moxie::indexer
