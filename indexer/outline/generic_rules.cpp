#include "indexer/outline/generic_rules.h"

#include <algorithm>
#include <array>

namespace moxie::indexer {
namespace {

using K = SymbolKind;

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

template <size_t n>
bool hasAny(std::string_view text, const std::array<std::string_view, n>& parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view p) { return has(text, p); });
}

struct KindWord {
    std::string_view word;
    SymbolKind kind;
};

// The first that is part of the name decides.
constexpr KindWord kKindWords[] = {
    {"enum_case", K::enumerator},
    {"enum_entry", K::enumerator},
    {"enum_member", K::enumerator},
    {"enum_variant", K::enumerator},
    {"enum_constant", K::enumerator},
    {"enumerator", K::enumerator},
    {"enum", K::enumeration},
    {"constructor", K::constructor},
    {"init_declaration", K::constructor},
    {"method", K::method},
    {"rpc", K::method},
    {"function", K::function},
    {"func", K::function},
    {"procedure", K::function},
    {"subroutine", K::function},
    {"subprogram", K::function},
    {"sub_", K::function},
    {"proc_", K::function},
    {"task_", K::function},
    {"interface", K::interface},
    {"protocol", K::interface},
    {"trait", K::interface},
    {"signature_declaration", K::function},
    {"namespace", K::module},
    {"module", K::module},
    {"package", K::module},
    {"library", K::module},
    {"type_alias", K::typeAlias},
    {"typealias", K::typeAlias},
    {"typedef", K::typeAlias},
    {"class", K::type},
    {"struct", K::type},
    {"record", K::type},
    {"union", K::type},
    {"object", K::type},
    {"contract", K::type},
    {"message", K::type},
    {"service", K::type},
    {"entity", K::type},
    {"architecture", K::type},
    {"mixin", K::type},
    {"extension", K::type},
    {"actor", K::type},
    {"type", K::type},
    {"macro", K::macro},
    {"const", K::constant},
    {"property", K::field},
    {"field", K::field},
    {"event", K::field},
};

constexpr std::array<std::string_view, 12> kEnds = {
    "definition", "declaration", "_item", "_specifier", "_decl",  "_def",
    "_define",    "_declare",    "_spec", "_signature", "_block", "_statement"};

// Kinds that are definitions by their bare names (Ruby, Lua, Perl, Protocol Buffers …).
constexpr std::array<std::string_view, 14> kWholeNames = {
    "class",         "module",    "method", "singleton_method", "function", "procedure",
    "package",       "message",   "enum",   "service",          "rpc",      "macro",
    "type_instance", "enum_entry"};

constexpr std::array<std::string_view, 14> kNeverDefine = {
    "_call",      "import",     "type_parameter", "parameter", "forward", "using", "_type_spec",
    "expression", "_reference", "body",           "_list",     "_access", "_ref_", "modifier"};

constexpr std::array<std::string_view, 5> kLeafWords = {"identifier", "word", "symbol", "atom",
                                                        "simple_name"};

constexpr std::array<std::string_view, 4> kImportWords = {"import", "include", "using_directive",
                                                          "use_declaration"};

bool endsLikeDefinition(std::string_view node) {
    return std::any_of(kEnds.begin(), kEnds.end(),
                       [&](std::string_view end) { return node.ends_with(end); });
}

TSFieldId fieldOf(const TSLanguage* language, std::string_view name) {
    return ts_language_field_id_for_name(language, name.data(), uint32_t(name.size()));
}

void addRole(const TSLanguage* language, std::string_view field, Role role,
             CompiledRules::Node& node) {
    const TSFieldId id = fieldOf(language, field);
    if (id != 0) node.roles.push_back({id, role});
}

void addRoles(const TSLanguage* language, std::string_view name, CompiledRules::Node& node) {
    if (!node.roles.empty()) return;
    if (has(name, "call") || has(name, "invocation")) {
        for (const std::string_view field : {"function", "name", "method", "callee", "called"})
            addRole(language, field, Role::call, node);
    } else if (has(name, "parameter") && !has(name, "type")) {
        node.roles.push_back({0, Role::local});
    } else if (name.starts_with("import") || name.starts_with("include")) {
        node.roles.push_back({0, Role::import});
    } else if (has(name, "member") || has(name, "field_expression") || has(name, "navigation")) {
        for (const std::string_view field : {"field", "property", "name", "suffix"})
            addRole(language, field, Role::same, node);
    } else if (has(name, "assignment")) {
        addRole(language, "left", Role::write, node);
    }
}

const char* importField(const TSLanguage* language) {
    for (const char* field : {"source", "path"})
        if (fieldOf(language, field) != 0) return field;
    return "";
}

}  // namespace

std::optional<SymbolKind> genericKind(std::string_view node) {
    const bool isWhole =
        std::find(kWholeNames.begin(), kWholeNames.end(), node) != kWholeNames.end();
    if (!isWhole && !endsLikeDefinition(node)) return std::nullopt;
    if (!isWhole && hasAny(node, kNeverDefine)) return std::nullopt;
    for (const KindWord& known : kKindWords)
        if (has(node, known.word)) return known.kind;
    return std::nullopt;
}

void addGenericRules(const TSLanguage* language, const char* node, DefinitionRule& rule,
                     CompiledRules::Node& compiled) {
    const std::string_view name = node;
    if (!compiled.definition) {
        if (const auto kind = genericKind(name)) {
            const bool needsBody = name.ends_with("_statement") || name.ends_with("_block");
            rule = {node, *kind, needsBody ? Shape::namedWithBody : Shape::generic, "name"};
            compiled.definition = &rule;
        }
    }
    const bool isLeafName =
        hasAny(name, kLeafWords) || name == "name" || name == "constant" || name == "variable";
    if (compiled.leaf == CompiledRules::Leaf::none && isLeafName) {
        const bool isType = has(name, "type");
        compiled.leaf = isType ? CompiledRules::Leaf::typeName : CompiledRules::Leaf::name;
    }
    addRoles(language, name, compiled);
    const bool imports = hasAny(name, kImportWords) && !isLeafName && !has(name, "list") &&
                         !has(name, "clause") && !has(name, "spec");
    if (!compiled.import && imports) {
        static const std::array<ImportRule, 3> kRules = {
            ImportRule{"", "source"}, ImportRule{"", "path"}, ImportRule{"", ""}};
        const std::string_view field = importField(language);
        compiled.import = &kRules[field == "source" ? 0 : field == "path" ? 1 : 2];
    }
}

}  // namespace moxie::indexer
