#include "indexer/outline/rules.h"

namespace moxie::indexer {
namespace {

using K = SymbolKind;
using S = Shape;
using R = Role;

// C and C++ share most node names; what a grammar lacks is simply never met.
constexpr DefinitionRule kDefinitions[] = {
    {"function_definition", K::function, S::cFunction},
    {"inline_method_definition", K::method, S::cFunction},
    {"declaration", K::variable, S::cDeclaration},
    {"field_declaration", K::field, S::cField},
    {"type_definition", K::typeAlias, S::cTypedef},
    {"struct_specifier", K::type, S::namedWithBody},
    {"class_specifier", K::type, S::namedWithBody},
    {"union_specifier", K::type, S::namedWithBody},
    {"enum_specifier", K::enumeration, S::namedWithBody},
    {"enumerator", K::enumerator},
    {"namespace_definition", K::module, S::namedWithBody},
    {"alias_declaration", K::typeAlias},
    {"concept_definition", K::type},
    {"preproc_def", K::macro},
    {"preproc_function_def", K::macro},
};

constexpr RoleRule kRoles[] = {
    {"call_expression", "function", R::call},
    {"field_expression", "field", R::same},
    {"qualified_identifier", "name", R::same},
    {"template_function", "name", R::same},
    {"template_method", "name", R::same},
    {"template_type", "name", R::same},
    {"parenthesized_expression", "", R::same},
    {"base_class_clause", "", R::inherit},
    {"field_initializer", "", R::write},
    {"assignment_expression", "left", R::write},
    {"update_expression", "argument", R::write},
    {"preproc_include", "", R::import},
    {"parameter_declaration", "declarator", R::local},
    {"optional_parameter_declaration", "declarator", R::local},
    {"declaration", "declarator", R::local},
    {"for_range_loop", "declarator", R::local},
    {"init_declarator", "declarator", R::same},
    {"pointer_declarator", "declarator", R::same},
    {"array_declarator", "declarator", R::same},
    {"function_declarator", "declarator", R::same},
    {"reference_declarator", "", R::same},
    {"parenthesized_declarator", "", R::same},
    {"structured_binding_declarator", "", R::same},
    {"function_definition", "declarator", R::local},
};

constexpr ImportRule kImports[] = {{"preproc_include", "path"}};
constexpr const char* kNames[] = {"identifier", "field_identifier", "namespace_identifier"};
constexpr const char* kTypeNames[] = {"type_identifier"};
constexpr const char* kWrappers[] = {"template_declaration"};

}  // namespace

const Rules& cRules() {
    static const Rules rules = {kDefinitions, kRoles, kImports, kNames, kTypeNames, kWrappers};
    return rules;
}

}  // namespace moxie::indexer
