#include "indexer/outline/definitions.h"

#include <algorithm>

namespace moxie::indexer {
namespace {

std::string_view typeOf(TSNode node) {
    return ts_node_is_null(node) ? std::string_view() : std::string_view(ts_node_type(node));
}

bool isAnyOf(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool isFunctionValue(TSNode node) {
    return isAnyOf(typeOf(node), {"arrow_function", "function_expression", "function",
                                  "generator_function", "func_literal"});
}

bool looksConstant(std::string_view name) {
    return !name.empty() &&
           std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

// What a C declarator comes down to.
struct Declared {
    TSNode name = {};
    std::string_view scope;  // "Foo" of Foo::bar
    bool isFunction = false;
};

// Follows int (*f[3])(void), Foo::~Foo(), operator== … to the name.
Declared declaredBy(TSNode node, std::string_view text) {
    Declared found;
    for (int depth = 0; depth < 64 && !ts_node_is_null(node); depth++) {
        const std::string_view type = typeOf(node);
        if (isAnyOf(type, {"identifier", "field_identifier", "type_identifier", "destructor_name",
                           "operator_name", "operator_cast", "primitive_type"})) {
            found.name = node;
            return found;
        }
        if (type == "qualified_identifier") {
            const TSNode scope = childByField(node, "scope");
            const TSNode scopeName = childByField(scope, "name");
            found.scope = textOf(ts_node_is_null(scopeName) ? scope : scopeName, text);
            node = childByField(node, "name");
            continue;
        }
        if (isAnyOf(type, {"template_function", "template_method", "dependent_name"})) {
            const TSNode name = childByField(node, "name");
            node = ts_node_is_null(name) ? namedChild(node, 0) : name;
            continue;
        }
        if (type == "function_declarator") found.isFunction = true;
        // A pointer to a function is a variable.
        if (type == "parenthesized_declarator") found.isFunction = false;
        const TSNode inner = childByField(node, "declarator");
        node = ts_node_is_null(inner) ? namedChild(node, 0) : inner;
    }
    return found;
}

template <class Visit>
void forEachInField(TSNode node, std::string_view field, Visit visit) {
    TSTreeCursor cursor = ts_tree_cursor_new(node);
    if (ts_tree_cursor_goto_first_child(&cursor)) {
        do {
            const char* name = ts_tree_cursor_current_field_name(&cursor);
            const TSNode child = ts_tree_cursor_current_node(&cursor);
            if (name && field == name && ts_node_is_named(child)) visit(child);
        } while (ts_tree_cursor_goto_next_sibling(&cursor));
    }
    ts_tree_cursor_delete(&cursor);
}

bool startsConst(TSNode node, std::string_view text) {
    const std::string_view head = textOf(node, text).substr(0, 80);
    return head.find("const") != head.npos;
}

void addC(const DefinitionRule& rule, TSNode node, std::string_view text,
          const Surroundings& around, std::vector<Definition>& out) {
    forEachInField(node, "declarator", [&](TSNode declarator) {
        const Declared declared = declaredBy(declarator, text);
        if (ts_node_is_null(declared.name)) return;
        Definition made = {
            .node = node, .name = declared.name, .parent = declared.scope, .kind = rule.kind};
        if (rule.shape == Shape::cFunction) {
            // Without a type it is a macro call, or the damage that one does to the parse.
            const bool hasType = !ts_node_is_null(childByField(node, "type"));
            made.isMacroCall = !hasType && looksConstant(textOf(declared.name, text));
            if (around.inFunction && !hasType) return;
            const bool isMember = around.inType || !declared.scope.empty();
            made.kind = isMember ? SymbolKind::method : SymbolKind::function;
        } else if (declared.isFunction) {
            made.kind = around.inType ? SymbolKind::method : SymbolKind::function;
            made.isDeclaration = true;
        } else if (rule.shape == Shape::cDeclaration && startsConst(node, text)) {
            made.kind = SymbolKind::constant;
        }
        out.push_back(made);
    });
}

void addTypedef(TSNode node, std::string_view text, std::vector<Definition>& out) {
    const TSNode type = childByField(node, "type");
    const bool hasBody = !ts_node_is_null(childByField(type, "body"));
    const bool isNamed = !ts_node_is_null(childByField(type, "name"));
    forEachInField(node, "declarator", [&](TSNode declarator) {
        const Declared declared = declaredBy(declarator, text);
        if (ts_node_is_null(declared.name)) return;
        SymbolKind kind = SymbolKind::typeAlias;
        if (hasBody && !isNamed)
            kind = typeOf(type) == "enum_specifier" ? SymbolKind::enumeration : SymbolKind::type;
        out.push_back({.node = node, .name = declared.name, .parent = {}, .kind = kind});
    });
}

void addNamed(const DefinitionRule& rule, TSNode node, std::string_view text,
              const Surroundings& around, std::vector<Definition>& out) {
    TSNode name = childByField(node, rule.nameField);
    if (ts_node_is_null(name)) return;
    const bool hasBody = !ts_node_is_null(childByField(node, "body"));
    if (rule.shape == Shape::namedWithBody && !hasBody) return;
    Definition made = {.node = node, .name = name, .parent = {}, .kind = rule.kind};
    if (rule.kind == SymbolKind::function && around.inType) made.kind = SymbolKind::method;
    const std::string_view word = textOf(name, text);
    if (made.kind == SymbolKind::method && (word == "__init__" || word == "constructor"))
        made.kind = SymbolKind::constructor;
    made.isDeclaration = isAnyOf(typeOf(node), {"function_signature", "function_signature_item"});
    out.push_back(made);
}

// Go: func (s *Server) Run(): the parent is Server.
void addGoMethod(TSNode node, std::string_view text, std::vector<Definition>& out) {
    const TSNode name = childByField(node, "name");
    if (ts_node_is_null(name)) return;
    TSNode type = childByField(namedChild(childByField(node, "receiver"), 0), "type");
    for (int depth = 0; depth < 4 && typeOf(type) != "type_identifier"; depth++) {
        const TSNode inner = childByField(type, "type");
        type = ts_node_is_null(inner) ? namedChild(type, 0) : inner;
        if (ts_node_is_null(type)) break;
    }
    out.push_back(
        {.node = node, .name = name, .parent = textOf(type, text), .kind = SymbolKind::method});
}

void addVariable(const DefinitionRule& rule, TSNode node, std::string_view text,
                 const Surroundings& around, std::vector<Definition>& out) {
    const bool isFunction = isFunctionValue(childByField(node, "value"));
    if (around.inFunction && !isFunction) return;
    forEachInField(node, rule.nameField, [&](TSNode name) {
        if (!isAnyOf(typeOf(name), {"identifier", "type_identifier"})) return;
        SymbolKind kind = rule.kind;
        if (isFunction) kind = SymbolKind::function;
        if (kind == SymbolKind::variable && typeOf(node) == "variable_declarator" &&
            textOf(around.above, text).starts_with("const"))
            kind = SymbolKind::constant;
        out.push_back({.node = node, .name = name, .parent = {}, .kind = kind});
    });
}

void addAssignment(TSNode node, std::string_view text, const Surroundings& around,
                   std::vector<Definition>& out) {
    const TSNode left = childByField(node, "left");
    if (around.inFunction || typeOf(left) != "identifier") return;
    SymbolKind kind =
        looksConstant(textOf(left, text)) ? SymbolKind::constant : SymbolKind::variable;
    if (around.inType) kind = SymbolKind::field;
    out.push_back({.node = node, .name = left, .parent = {}, .kind = kind});
}

// exports.run = function …, Foo.prototype.bar = () => …
void addScriptFunction(const DefinitionRule& rule, TSNode node, std::vector<Definition>& out) {
    const bool isPair = rule.shape == Shape::jsPair;
    if (!isFunctionValue(childByField(node, isPair ? "value" : "right"))) return;
    TSNode name = childByField(node, rule.nameField);
    if (typeOf(name) == "member_expression") name = childByField(name, "property");
    if (!isAnyOf(typeOf(name), {"identifier", "property_identifier"})) return;
    out.push_back({.node = node, .name = name, .parent = {}, .kind = SymbolKind::function});
}

void addJavaFields(const DefinitionRule& rule, TSNode node, std::string_view text,
                   std::vector<Definition>& out) {
    const std::string_view head = textOf(node, text).substr(0, 120);
    const bool isConstant = head.find("static ") != head.npos && head.find("final ") != head.npos;
    forEachInField(node, "declarator", [&](TSNode declarator) {
        const TSNode name = childByField(declarator, "name");
        if (ts_node_is_null(name)) return;
        out.push_back({.node = node,
                       .name = name,
                       .parent = {},
                       .kind = isConstant ? SymbolKind::constant : rule.kind});
    });
}

void addContainer(const DefinitionRule& rule, TSNode node, std::string_view text,
                  std::vector<Definition>& out) {
    TSNode type = childByField(node, rule.nameField);
    const TSNode inner = childByField(type, "type");  // Foo of Foo<T>
    if (!ts_node_is_null(inner)) type = inner;
    out.push_back({.node = node,
                   .name = type,
                   .parent = textOf(type, text),
                   .kind = rule.kind,
                   .isContainer = true});
}

bool isNameLike(std::string_view type) {
    return type.find("identifier") != type.npos || type.ends_with("name") || type == "constant" ||
           type == "word" || type == "symbol";
}

// The first name on the way down, first children first.
TSNode firstName(TSNode node, int depth) {
    const uint32_t count = std::min<uint32_t>(ts_node_named_child_count(node), 8);
    for (uint32_t i = 0; i < count; i++) {
        const TSNode child = namedChild(node, i);
        const std::string_view type = typeOf(child);
        if (isNameLike(type) && ts_node_named_child_count(child) == 0) return child;
        const bool isWorthwhile =
            isNameLike(type) || type.find("declarator") != type.npos ||
            type.find("signature") != type.npos || type.find("header") != type.npos ||
            type.find("specification") != type.npos ||
            type.find("variable_declaration") != type.npos || type.find("reference") != type.npos ||
            type.find("type_head") != type.npos;
        if (depth == 0 || !isWorthwhile) continue;
        const TSNode inner = firstName(child, depth - 1);
        if (!ts_node_is_null(inner)) return inner;
    }
    return {};
}

// Every part of a list is a name: the selectors of a CSS rule.
void addEachName(const DefinitionRule& rule, TSNode node, std::vector<Definition>& out) {
    const TSNode list = namedChild(node, 0);
    if (ts_node_is_null(list)) return;
    const uint32_t count = std::min<uint32_t>(ts_node_named_child_count(list), 64);
    for (uint32_t i = 0; i < count; i++)
        out.push_back({.node = node, .name = namedChild(list, i), .parent = {}, .kind = rule.kind});
}

void addGeneric(const DefinitionRule& rule, TSNode node, std::string_view text,
                const Surroundings& around, std::vector<Definition>& out) {
    TSNode name = *rule.nameField ? childByField(node, rule.nameField) : TSNode();
    if (rule.shape == Shape::firstChild) name = namedChild(node, 0);
    if (ts_node_is_null(name)) name = firstName(node, 3);
    if (ts_node_is_null(name)) return;
    // PHP: $name is a name in a sign.
    if (textOf(name, text).starts_with("$") && ts_node_named_child_count(name) == 1)
        name = namedChild(name, 0);
    const std::string_view word = textOf(name, text);
    if (word.empty() || word.size() > 200 || word.find('\n') != word.npos) return;
    Definition made = {.node = node, .name = name, .parent = {}, .kind = rule.kind};
    made.hasSign = typeOf(name) == "simple_symbol";  // Ruby: alias :a :b
    const bool isValue = made.kind == SymbolKind::variable || made.kind == SymbolKind::constant ||
                         made.kind == SymbolKind::field;
    if (isValue && around.inFunction) return;
    if (made.kind == SymbolKind::field && !around.inType) made.kind = SymbolKind::variable;
    if (made.kind == SymbolKind::function && around.inType) made.kind = SymbolKind::method;
    out.push_back(made);
}

// Ruby: Struct.new(:a), Class.new(Base), Module.new, Data.define(:a).
bool makesRubyType(TSNode call, std::string_view text) {
    if (typeOf(call) != "call") return false;
    const std::string_view method = textOf(childByField(call, "method"), text);
    const std::string_view object = textOf(childByField(call, "receiver"), text);
    if (method == "define") return object == "Data";
    return method == "new" && isAnyOf(object, {"Struct", "Class", "Module"});
}

void addRubyAssignment(const DefinitionRule& rule, TSNode node, std::string_view text,
                       const Surroundings& around, std::vector<Definition>& out) {
    const std::string_view left = typeOf(childByField(node, "left"));
    if (!isAnyOf(left, {"constant", "identifier", "global_variable", "scope_resolution"})) return;
    addGeneric(rule, node, text, around, out);
    if (out.empty()) return;
    if (left == "identifier" || left == "global_variable")
        out.back().kind = SymbolKind::variable;
    else if (makesRubyType(childByField(node, "right"), text))
        out.back().kind = SymbolKind::type;
}

// Which arguments of a call name the methods that it makes.
struct RubyNames {
    uint32_t first = 0, count = 0;
    SymbolKind kind = SymbolKind::field;
};

RubyNames namesMadeBy(TSNode call, std::string_view text) {
    constexpr uint32_t kAll = 64;
    const std::string_view method = textOf(childByField(call, "method"), text);
    const std::string_view object = textOf(childByField(call, "receiver"), text);
    if (!object.empty() && object != "self")
        return makesRubyType(call, text) ? RubyNames{0, kAll} : RubyNames();
    if (isAnyOf(method, {"attr_reader", "attr_writer", "attr_accessor", "attr", "delegate"}))
        return {0, kAll};
    if (method == "alias_method") return {0, 1};
    if (method == "def_delegators") return {1, kAll};
    if (method == "def_delegator") return {1, kAll};
    if (method == "define_method" || method == "define_singleton_method")
        return {0, 1, SymbolKind::method};
    return {};
}

void addRubyCall(TSNode node, std::string_view text, const Surroundings& around,
                 std::vector<Definition>& out) {
    if (around.inFunction) return;
    const RubyNames names = namesMadeBy(node, text);
    if (names.count == 0) return;
    const TSNode list = childByField(node, "arguments");
    if (ts_node_is_null(list)) return;
    const uint32_t count = std::min(ts_node_named_child_count(list), names.first + names.count);
    for (uint32_t i = names.first; i < count; i++) {
        TSNode name = namedChild(list, i);
        const bool isSymbol = typeOf(name) == "simple_symbol";
        if (typeOf(name) == "string") name = namedChild(name, 0);
        if (!isSymbol && typeOf(name) != "string_content") continue;
        out.push_back({.node = node, .name = name, .parent = {}, .kind = names.kind});
        out.back().hasSign = isSymbol;
    }
}

SymbolKind goTypeKind(TSNode node) {
    const std::string_view type = typeOf(childByField(node, "type"));
    if (type == "struct_type") return SymbolKind::type;
    return type == "interface_type" ? SymbolKind::interface : SymbolKind::typeAlias;
}

}  // namespace

std::string_view textOf(TSNode node, std::string_view text) {
    if (ts_node_is_null(node)) return {};
    const size_t first = std::min<size_t>(ts_node_start_byte(node), text.size());
    const size_t last = std::min<size_t>(ts_node_end_byte(node), text.size());
    return text.substr(first, last - std::min(first, last));
}

TSNode childByField(TSNode node, std::string_view field) {
    if (ts_node_is_null(node)) return node;
    return ts_node_child_by_field_name(node, field.data(), uint32_t(field.size()));
}

TSNode namedChild(TSNode node, uint32_t at) {
    return ts_node_is_null(node) ? node : ts_node_named_child(node, at);
}

std::vector<Definition> definitionsAt(const DefinitionRule& rule, TSNode node,
                                      std::string_view text, const Surroundings& around) {
    std::vector<Definition> out;
    switch (rule.shape) {
        case Shape::named:
        case Shape::namedWithBody:
            addNamed(rule, node, text, around, out);
            break;
        case Shape::cDeclaration:
            if (around.inFunction) break;
            [[fallthrough]];
        case Shape::cFunction:
        case Shape::cField:
            addC(rule, node, text, around, out);
            break;
        case Shape::cTypedef:
            addTypedef(node, text, out);
            break;
        case Shape::goMethod:
            addGoMethod(node, text, out);
            break;
        case Shape::goType:
            addNamed(rule, node, text, around, out);
            for (Definition& made : out)
                made.kind = goTypeKind(node);
            break;
        case Shape::variable:
            addVariable(rule, node, text, around, out);
            break;
        case Shape::assignment:
            addAssignment(node, text, around, out);
            break;
        case Shape::jsAssignment:
        case Shape::jsPair:
            addScriptFunction(rule, node, out);
            break;
        case Shape::enumBody:
            forEachInField(node, "name", [&](TSNode name) {
                out.push_back({.node = name, .name = name, .parent = {}, .kind = rule.kind});
            });
            break;
        case Shape::container:
            addContainer(rule, node, text, out);
            break;
        case Shape::javaField:
            addJavaFields(rule, node, text, out);
            break;
        case Shape::eachName:
            addEachName(rule, node, out);
            break;
        case Shape::firstChild:
        case Shape::generic:
            addGeneric(rule, node, text, around, out);
            break;
        case Shape::rubyAssignment:
            addRubyAssignment(rule, node, text, around, out);
            break;
        case Shape::rubyCall:
            addRubyCall(node, text, around, out);
            break;
        case Shape::singleton:
            if (textOf(childByField(node, rule.nameField), text) == "self")
                out.push_back({.node = node, .name = {}, .parent = {}, .isSingleton = true});
            break;
    }
    return out;
}

}  // namespace moxie::indexer
