// Definitions of grammars whose kinds the general rule does not tell, or tells wrong. What a table
// does not name means what its name says.
#include <array>

#include "indexer/outline/rules.h"

namespace moxie::indexer {
namespace {

using K = SymbolKind;
using S = Shape;
using R = Role;

constexpr DefinitionRule kPhp[] = {
    {"property_element", K::field, S::generic},
    {"const_element", K::constant, S::generic, ""},
    {"enum_case", K::enumerator, S::generic},
    {"namespace_definition", K::module, S::generic},
};
constexpr DefinitionRule kKotlin[] = {
    {"property_declaration", K::variable, S::generic, ""},
    {"enum_entry", K::enumerator, S::generic, ""},
    {"type_alias", K::typeAlias, S::generic, "type"},
    {"companion_object", K::type, S::generic, ""},
};
constexpr DefinitionRule kSwift[] = {
    {"protocol_function_declaration", K::method, S::generic},
    {"protocol_property_declaration", K::field, S::generic},
    {"property_declaration", K::variable, S::generic},
    {"typealias_declaration", K::typeAlias, S::generic},
    {"associatedtype_declaration", K::typeAlias, S::generic},
};
constexpr DefinitionRule kScala[] = {
    {"val_definition", K::variable, S::generic, "pattern"},
    {"var_definition", K::variable, S::generic, "pattern"},
    {"val_declaration", K::variable, S::generic},
    {"trait_definition", K::interface, S::generic},
    {"package_clause", K::module, S::generic},
    {"simple_enum_case", K::enumerator, S::generic},
    {"full_enum_case", K::enumerator, S::generic},
};
constexpr DefinitionRule kObjc[] = {
    {"function_definition", K::function, S::cFunction},
    {"declaration", K::variable, S::cDeclaration},
    {"field_declaration", K::field, S::cField},
    {"type_definition", K::typeAlias, S::cTypedef},
    {"struct_specifier", K::type, S::namedWithBody},
    {"union_specifier", K::type, S::namedWithBody},
    {"enum_specifier", K::enumeration, S::namedWithBody},
    {"enumerator", K::enumerator},
    {"preproc_def", K::macro},
    {"preproc_function_def", K::macro},
    {"class_interface", K::type, S::generic, ""},
    {"class_implementation", K::type, S::generic, ""},
    {"category_interface", K::type, S::generic, ""},
    {"category_implementation", K::type, S::generic, ""},
    {"protocol_declaration", K::interface, S::generic, ""},
    {"method_definition", K::method, S::generic, ""},
    {"method_declaration", K::method, S::generic, ""},
};
constexpr DefinitionRule kRuby[] = {
    {"assignment", K::constant, S::rubyAssignment, "left"},
    {"call", K::field, S::rubyCall, "method"},
    {"alias", K::field, S::generic},
    {"singleton_class", K::type, S::singleton, "value"},
};
constexpr RoleRule kRubyRoles[] = {
    {"superclass", "", R::inherit},
    {"scope_resolution", "name", R::same},
    {"assignment", "left", R::local},
    {"operator_assignment", "left", R::local},
    {"left_assignment_list", "", R::same},
    {"destructured_left_assignment", "", R::same},
    {"rest_assignment", "", R::same},
    {"exception_variable", "", R::local},
    {"for", "pattern", R::local},
    {"optional_parameter", "name", R::local},
    {"keyword_parameter", "name", R::local},
};
constexpr ImportRule kRubyImports[] = {{"call", "arguments"}};  // require "a"
constexpr const char* kRubyMembers[] = {"instance_variable"};
constexpr const char* kRubyBareCalls[] = {"identifier"};
// The declarators are the names: a field's first name is its type.
constexpr DefinitionRule kCsharp[] = {
    {"variable_declarator", K::field, S::generic},
    {"field_declaration", K::field, S::variable, ""},
    {"event_field_declaration", K::field, S::variable, ""},
};
constexpr DefinitionRule kBash[] = {
    {"variable_assignment", K::variable, S::generic},
};
constexpr DefinitionRule kOcaml[] = {
    {"let_binding", K::function, S::generic, "pattern"},
    {"module_binding", K::module, S::generic, ""},
    {"module_type_definition", K::interface, S::generic, ""},
    {"type_binding", K::type, S::generic},
    {"constructor_declaration", K::enumerator, S::generic, ""},
    {"field_declaration", K::field, S::generic, ""},
    {"external", K::function, S::generic, ""},
    {"value_specification", K::function, S::generic, ""},
    {"class_binding", K::type, S::generic},
    {"exception_definition", K::type, S::generic, ""},
};
constexpr DefinitionRule kHaskell[] = {
    {"function", K::function, S::generic},
    {"bind", K::function, S::generic},
    {"signature", K::function, S::generic},
    {"data_type", K::type, S::generic},
    {"newtype", K::type, S::generic},
    {"class", K::interface, S::generic},
    {"type_synomym", K::typeAlias, S::generic},
    {"header", K::module, S::generic, "module"},
    {"data_constructor", K::enumerator, S::generic, ""},
};
constexpr DefinitionRule kSql[] = {
    {"create_table", K::type, S::generic, ""},
    {"create_view", K::type, S::generic, ""},
    {"create_materialized_view", K::type, S::generic, ""},
    {"create_function", K::function, S::generic, ""},
    {"create_trigger", K::function, S::generic, ""},
    {"create_type", K::type, S::generic, ""},
    {"create_index", K::field, S::generic, "column"},
    {"create_schema", K::module, S::generic, ""},
    {"column_definition", K::field, S::generic},
};
constexpr DefinitionRule kCss[] = {
    {"rule_set", K::type, S::eachName},
    {"mixin_statement", K::macro, S::generic},
    {"function_statement", K::function, S::generic},
};
constexpr DefinitionRule kToml[] = {
    {"table", K::module, S::firstChild},
    {"table_array_element", K::module, S::firstChild},
};
constexpr DefinitionRule kMake[] = {
    {"rule", K::function, S::firstChild},
    {"variable_assignment", K::variable, S::generic},
    {"define_directive", K::macro, S::generic},
};
constexpr DefinitionRule kStructuredText[] = {
    {"function_block_declaration", K::type, S::generic},
    {"program_declaration", K::module, S::generic},
    {"configuration_declaration", K::module, S::generic},
    {"resource_declaration", K::module, S::generic},
    {"type_definition", K::type, S::generic},
    {"enumerator", K::enumerator, S::generic, ""},
    {"structure_field", K::field, S::generic, ""},
    {"variable_declaration", K::field, S::generic, "names"},
};
constexpr DefinitionRule kGraphql[] = {
    {"object_type_definition", K::type, S::generic, ""},
    {"field_definition", K::field, S::generic, ""},
    {"enum_value_definition", K::enumerator, S::generic, ""},
};

struct ModuleTable {
    Grammar grammar;
    Rules rules;
};

Rules genericWith(std::span<const DefinitionRule> definitions,
                  std::span<const ImportRule> imports = {}) {
    Rules rules;
    rules.definitions = definitions;
    rules.imports = imports;
    rules.isGeneric = true;
    return rules;
}

Rules rubyRules() {
    Rules rules = genericWith(kRuby, kRubyImports);
    rules.roles = kRubyRoles;
    rules.memberNames = kRubyMembers;
    rules.bareCalls = kRubyBareCalls;
    rules.hasMixins = true;
    return rules;
}

}  // namespace

const Rules* moduleRules(Grammar grammar) {
    static const std::array<ModuleTable, 18> kTables = {{
        {Grammar::php, genericWith(kPhp)},
        {Grammar::kotlin, genericWith(kKotlin)},
        {Grammar::swift, genericWith(kSwift)},
        {Grammar::scala, genericWith(kScala)},
        {Grammar::objc, genericWith(kObjc)},
        {Grammar::ruby, rubyRules()},
        {Grammar::c_sharp, genericWith(kCsharp)},
        {Grammar::bash, genericWith(kBash)},
        {Grammar::ocaml, genericWith(kOcaml)},
        {Grammar::ocaml_interface, genericWith(kOcaml)},
        {Grammar::haskell, genericWith(kHaskell)},
        {Grammar::sql, genericWith(kSql)},
        {Grammar::css, genericWith(kCss)},
        {Grammar::scss, genericWith(kCss)},
        {Grammar::toml, genericWith(kToml)},
        {Grammar::make, genericWith(kMake)},
        {Grammar::structured_text, genericWith(kStructuredText)},
        {Grammar::graphql, genericWith(kGraphql)},
    }};
    for (const ModuleTable& table : kTables)
        if (table.grammar == grammar) return &table.rules;
    return nullptr;
}

}  // namespace moxie::indexer
