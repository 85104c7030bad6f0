#include "indexer/outline/outline.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "indexer/outline/definitions.h"
#include "indexer/outline/evidence.h"
#include "indexer/outline/local_types.h"
#include "indexer/outline/merge.h"
#include "indexer/outline/ruby_methods.h"
#include "indexer/outline/rules.h"
#include "indexer/outline/scanner.h"
#include "indexer/outline/use_table.h"
#include "indexer/syntax_core.h"
#include "indexer/syntax_memory.h"
#include "indexer/syntax_tree.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kSignatureBytesMax = 200;
constexpr size_t kRawReceiverBytesMax = 64;
constexpr size_t kLargeTextBytes = 100'000;
constexpr size_t kSymbolsMax = 200'000;  // of one file: more is generated data

bool isFunctionLike(SymbolKind kind) {
    return kind == SymbolKind::function || kind == SymbolKind::method ||
           kind == SymbolKind::constructor;
}

bool isTypeLike(SymbolKind kind) {
    return kind == SymbolKind::type || kind == SymbolKind::interface ||
           kind == SymbolKind::enumeration;
}

bool isNameTooLong(std::string_view name) {
    return name.empty() || name.size() > 128;
}

bool isWorthless(std::string_view name) {
    static constexpr std::array<std::string_view, 10> kWords = {
        "self", "cls", "this", "NULL", "nullptr", "None", "True", "False", "undefined", "std"};
    return name.size() < 2 || isNameTooLong(name) ||
           std::find(kWords.begin(), kWords.end(), name) != kWords.end();
}

// One line, white space collapsed, without the opening brace.
std::string signatureOf(TSNode node, std::string_view text) {
    const TSNode body = childByField(node, "body");
    std::string_view whole = textOf(node, text);
    if (!ts_node_is_null(body)) {
        const uint32_t first = ts_node_start_byte(node), end = ts_node_start_byte(body);
        if (end > first && end <= text.size()) whole = text.substr(first, end - first);
    }
    std::string line;
    for (const char c : whole.substr(0, 1000)) {
        const bool isSpace = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (isSpace && (line.empty() || line.back() == ' ')) continue;
        line.push_back(isSpace ? ' ' : c);
        if (int64_t(line.size()) > kSignatureBytesMax) break;
    }
    while (!line.empty() && (line.back() == ' ' || line.back() == '{' || line.back() == ':' ||
                             line.back() == ';' || line.back() == '\\'))
        line.pop_back();
    line = base::toValidUtf8(line);
    return std::string(base::cutUtf8(line, kSignatureBytesMax));
}

// Ruby: what stands in class << self is written as outside of it.
void sayOwn(OutlineSymbol& symbol) {
    std::string& line = symbol.signature;
    if (line.starts_with("def ") && !line.starts_with("def self."))
        line.insert(4, "self.");
    else if (symbol.kind == SymbolKind::field)
        line.insert(0, "singleton_class.");
}

// One walk over one tree.
class Walk {
public:
    Walk(const CompiledRules& rules, std::string_view text)
        : rules_(rules),
          text_(text),
          fields_(rules.language),
          locals_(fields_) {
        frames_.reserve(128);
    }

    base::Result<Outline> run(TSNode root, const std::stop_token& stop);

private:
    struct Frame {
        const CompiledRules::Node* rules = nullptr;
        TSNode node = {};
        Role role = Role::none;
        int32_t symbol = -1;      // innermost enclosing symbol
        std::string_view parent;  // its name
        bool inFunction = false;
        bool inType = false;
        bool inSingleton = false;  // Ruby: class << self
        size_t wrapper = 0;  // of the wrappers (decorators, template<…>) up to here the outermost
    };

    Frame enter(const MoxieVisit& visit, const Frame& above);
    Role roleOf(const Frame& above, TSFieldId field) const;
    void define(TSNode node, const Frame& above, Frame& here);
    void use(TSNode node, const Frame& above, const Frame& here);
    void useLocal(TSNode node, std::string_view name, const Frame& above);
    void useMember(TSNode node, std::string_view name, const Frame& above);
    void addTyped(TSNode declared, std::string_view name, std::span<const TSNode> around,
                  const Frame& above);
    bool useOfType(TSNode node, std::string_view name, const Frame& above, const Frame& here);
    // Ruby: a name that stands alone calls a method, unless it turns out to be a local.
    bool isBareCall(std::string_view name, const Frame& above, const Frame& here) const;
    bool isMember(TSNode node, const Frame& above) const;
    // The outermost node that still is what is called, or the leaf itself; and the call around it.
    std::pair<TSNode, TSNode> called(TSNode leaf) const;
    int32_t typeAround(const Frame& above) const;
    int32_t receiverNumber(std::string_view raw);
    int32_t newReceiver(std::string_view raw);
    int32_t arityOf(TSNode call) const;
    void addImports(TSNode node, const ImportRule& rule, const Frame& above);
    void addImport(TSNode target, std::string names);
    void addRequired(TSNode call);
    void addMixins(TSNode call, const Frame& above);
    void addUnnamed(TSNode node, int32_t type);
    void addOwnFunctions(TSNode node, const Frame& above);
    void shrinkMacroCalls();
    void settleBareCalls();
    void finish();

    const CompiledRules& rules_;
    std::string_view text_;
    Outline out_;
    std::vector<Frame> frames_;
    std::vector<int32_t> functionAbove_;  // per symbol: the enclosing symbol, or -1
    std::vector<size_t> macroCalls_;      // symbols that may be MACRO(...) { }
    PlaceSet nameStarts_;
    UseTable uses_;
    std::vector<std::string> receivers_ = {""};
    std::unordered_map<std::string, int32_t> receiverNumbers_ = {{"", 0}};
    TextTable rawReceivers_;               // short ones as they are written
    std::vector<int32_t> ofRawReceiver_;   // in receivers_
    std::unordered_set<int32_t> unnamed_;  // symbols of types with kUnnamedMethods
    const EvidenceFields fields_;
    LocalTypes locals_;
};

Role Walk::roleOf(const Frame& above, TSFieldId field) const {
    // Ruby: in "class A < B::C" B is no base.
    const bool isPathToBase = rules_.hasMixins && above.rules->passesToAField;
    if (above.role == Role::import || (above.role == Role::inherit && !isPathToBase))
        return above.role;
    for (const CompiledRules::FieldRole& rule : above.rules->roles) {
        if (rule.field != 0 && rule.field != field) continue;
        return rule.role == Role::same ? above.role : rule.role;
    }
    return Role::none;
}

void Walk::define(TSNode node, const Frame& above, Frame& here) {
    const Surroundings around = {.inFunction = above.inFunction, .inType = above.inType};
    const auto found = definitionsAt(*here.rules->definition, node, text_, around);
    for (const Definition& made : found) {
        std::string_view name = textOf(made.name, text_);
        if (made.hasSign && !name.empty()) name.remove_prefix(1);
        if (made.isContainer) {
            here.parent = made.parent;
            here.inType = true;
            here.inFunction = false;
            continue;
        }
        if (made.isSingleton) {
            here.inSingleton = true;
            continue;
        }
        if (name.empty() || name.size() > 256 || out_.symbols.size() >= kSymbolsMax) continue;
        nameStarts_.add(ts_node_start_byte(made.name));
        const TSNode range =
            above.wrapper == 0 || found.size() > 1 ? made.node : frames_[above.wrapper].node;
        OutlineSymbol symbol;
        symbol.name = name;
        symbol.parent = made.parent.empty() ? above.parent : made.parent;
        symbol.kind = made.kind;
        if (made.kind == SymbolKind::method && name == symbol.parent)
            symbol.kind = SymbolKind::constructor;
        symbol.isDeclaration = made.isDeclaration;
        symbol.byteFirst = ts_node_start_byte(range);
        symbol.byteLast = ts_node_end_byte(range);
        symbol.lineFirst = int32_t(ts_node_start_point(range).row) + 1;
        const TSPoint end = ts_node_end_point(range);
        // A node that ends at the start of a line (macros) does not include that line.
        symbol.lineLast = std::max(symbol.lineFirst, int32_t(end.row) + (end.column > 0 ? 1 : 0));
        symbol.signature = signatureOf(made.node, text_);
        if (above.inSingleton) sayOwn(symbol);
        out_.symbols.push_back(std::move(symbol));
        functionAbove_.push_back(above.symbol);
        if (found.size() != 1 || made.isDeclaration) continue;
        if (!isFunctionLike(out_.symbols.back().kind) && !isTypeLike(made.kind) &&
            made.kind != SymbolKind::module)
            continue;
        here.symbol = int32_t(out_.symbols.size()) - 1;
        if (made.isMacroCall) macroCalls_.push_back(size_t(here.symbol));
        here.parent = made.isMacroCall ? above.parent : name;
        here.inFunction = isFunctionLike(out_.symbols.back().kind);
        here.inType = isTypeLike(made.kind);
        here.inSingleton = false;
        if (rules_.hasMixins && hasComputedBase(made.node, text_)) addUnnamed(node, here.symbol);
    }
}

// Whether the node is what stands behind the dot.
bool Walk::isMember(TSNode node, const Frame& above) const {
    if (!above.rules->passesToAField) return false;
    if (ts_node_start_byte(above.node) == ts_node_start_byte(node)) return false;
    // *name and {key: name} are declarations.
    return !above.rules->isPattern &&
           ts_node_start_byte(namedChild(above.node, 0)) != ts_node_start_byte(node);
}

std::pair<TSNode, TSNode> Walk::called(TSNode leaf) const {
    TSNode top = leaf;
    for (size_t i = frames_.size(); i-- > 1;) {
        const Frame& frame = frames_[i];
        if (frame.role != Role::call || !frame.rules->passesRoleOn) return {top, frame.node};
        top = frame.node;
    }
    return {top, top};
}

int32_t Walk::receiverNumber(std::string_view raw) {
    if (raw.size() > kRawReceiverBytesMax) return newReceiver(raw);
    const auto [number, isNew] = rawReceivers_.add(raw);
    if (isNew) ofRawReceiver_.push_back(newReceiver(raw));
    return ofRawReceiver_[size_t(number)];
}

int32_t Walk::newReceiver(std::string_view raw) {
    const auto [at, isNew] =
        receiverNumbers_.try_emplace(receiverText(raw), int32_t(receivers_.size()));
    if (isNew) receivers_.push_back(at->first);
    return at->second;
}

// The type that the method around the node belongs to, or -1.
int32_t Walk::typeAround(const Frame& above) const {
    int32_t symbol = above.symbol;
    for (int depth = 0; symbol >= 0 && depth < 8; depth++) {
        const SymbolKind kind = out_.symbols[size_t(symbol)].kind;
        if (isTypeLike(kind) || (rules_.hasMixins && kind == SymbolKind::module)) return symbol;
        symbol = functionAbove_[size_t(symbol)];
    }
    return -1;
}

void Walk::useLocal(TSNode node, std::string_view name, const Frame& above) {
    if (!above.inFunction) return;
    const size_t count = std::min<size_t>(frames_.size() - 1, 5);
    std::array<TSNode, 5> around;
    for (size_t i = 0; i < count; i++)
        around[i] = frames_[frames_.size() - 1 - i].node;
    std::string type = locals_.typeOf(node, {around.data(), count}, text_);
    // TypeScript: a parameter with "private" is a field too.
    const int32_t owner = typeAround(above);
    if (owner >= 0 && !type.empty() && LocalTypes::isField(around[0], text_))
        out_.references.push_back({.name = name,
                                   .symbol = owner,
                                   .role = Role::typed,
                                   .line = int32_t(ts_node_start_point(node).row) + 1,
                                   .count = 0,
                                   .receiver = type});
    locals_.add(name, above.symbol, std::move(type));
}

// self.x = value: what type x has.
void Walk::useMember(TSNode node, std::string_view name, const Frame& above) {
    const size_t first = ts_node_start_byte(above.node);
    const std::string_view object = text_.substr(first, ts_node_start_byte(node) - first);
    if (object != "self." && object != "this.") return;
    if (frames_.size() < 2) return;
    const std::array<TSNode, 1> around = {frames_[frames_.size() - 2].node};
    addTyped(above.node, name, around, above);
}

void Walk::addTyped(TSNode declared, std::string_view name, std::span<const TSNode> around,
                    const Frame& above) {
    const int32_t owner = typeAround(above);
    if (owner < 0) return;
    const std::string type = locals_.typeOf(declared, around, text_);
    if (type.empty() || type.starts_with('?')) return;
    out_.references.push_back({.name = name,
                               .symbol = owner,
                               .role = Role::typed,
                               .line = int32_t(ts_node_start_point(declared).row) + 1,
                               .count = 0,
                               .receiver = locals_.replaced(type, above.symbol, functionAbove_)});
}

// Ruby: @x = value, and module_function alone. True: it is no use of a name.
bool Walk::useOfType(TSNode node, std::string_view name, const Frame& above, const Frame& here) {
    if (here.rules->leaf == CompiledRules::Leaf::member) {
        const std::array<TSNode, 1> around = {above.node};
        if (here.role == Role::local) addTyped(node, name, around, above);
        return true;
    }
    const bool isInType = above.symbol >= 0 && !above.inFunction;
    if (isInType && name == "module_function" && here.role != Role::call)
        addOwnFunctions(node, above);
    return false;
}

bool Walk::isBareCall(std::string_view name, const Frame& above, const Frame& here) const {
    if (!here.rules->isBareCall || !above.inFunction) return false;
    return name[0] == '_' || (name[0] >= 'a' && name[0] <= 'z');
}

void Walk::use(TSNode node, const Frame& above, const Frame& here) {
    const uint32_t start = ts_node_start_byte(node);
    if (nameStarts_.has(start)) return;
    const std::string_view name = textOf(node, text_);
    if (isNameTooLong(name)) return;
    Role role = here.role;
    if (rules_.hasMixins && useOfType(node, name, above, here)) return;
    const bool isBehindDot = isMember(node, above);
    if (role == Role::local && !isBehindDot) return useLocal(node, name, above);
    if (isWorthless(name)) return;
    if (role == Role::local) role = Role::write;
    if (role == Role::write && isBehindDot) useMember(node, name, above);
    if (role == Role::none || role == Role::same)
        role = here.rules->leaf == CompiledRules::Leaf::typeName ? Role::type : Role::read;
    // What of them is a local is known at the end.
    if (role == Role::read && !isBehindDot && isBareCall(name, above, here)) role = Role::same;
    Use made = {name, above.symbol, role};
    TSNode call = {};
    if (role == Role::call) {
        const auto [top, around] = called(node);
        call = around;
        const TSNode object = objectOf(fields_, around);
        const uint32_t first = ts_node_start_byte(ts_node_is_null(object) ? top : object);
        if (first < start) made.receiver = receiverNumber(text_.substr(first, start - first));
    } else if (isBehindDot && (role == Role::read || role == Role::write) && !rules_.hasMixins) {
        made.receiver = receiverNumber("?");
    } else if (isBehindDot) {
        const uint32_t first = ts_node_start_byte(above.node);
        made.receiver = receiverNumber(text_.substr(first, start - first));
    }
    const size_t at = uses_.add(made, out_.references.size());
    if (at != out_.references.size()) {
        out_.references[at].count++;
        return;
    }
    out_.references.push_back({.name = name,
                               .symbol = above.symbol,
                               .role = role,
                               .line = int32_t(ts_node_start_point(node).row) + 1,
                               .count = 1,
                               .receiver = receivers_[size_t(made.receiver)],
                               .arity = role == Role::call ? arityOf(call) : -1});
}

// Ruby: a call without a list has no arguments, unless it is assigned to.
int32_t Walk::arityOf(TSNode call) const {
    if (!rules_.hasMixins || !ts_node_is_null(childByField(call, "arguments")))
        return argumentCount(fields_, call);
    const bool isAssigned = !frames_.empty() && frames_.back().role == Role::local;
    return isAssigned ? 1 : 0;
}

// One statement may import several: "import a, b".
void Walk::addImports(TSNode node, const ImportRule& rule, const Frame& above) {
    if (std::string_view(rule.field).empty()) return addImport(node, {});
    if (std::string_view(rule.field) == "arguments") {
        if (rules_.hasMixins) {
            addMixins(node, above);
            const CallPlace place = above.inFunction ? CallPlace::inFunction : CallPlace::inType;
            if (above.symbol >= 0 && makesUnnamedMethods(node, text_, place))
                addUnnamed(node, typeAround(above));
        }
        return addRequired(node);
    }
    if (ts_node_is_null(childByField(node, rule.field))) return;  // export of one's own
    std::string names = boundNames(textOf(node, text_));
    // Go: import name "path".
    if (const TSNode name = childByField(node, "name");
        names.empty() && std::string_view(rule.field) == "path" && !ts_node_is_null(name))
        names = std::string(textOf(name, text_)) + "=*";
    const uint32_t count = ts_node_child_count(node);
    for (uint32_t i = 0; i < count; ++i) {
        const char* field = ts_node_field_name_for_child(node, i);
        if (field != nullptr && std::strcmp(field, rule.field) == 0)
            addImport(ts_node_child(node, i), names);
    }
}

// C#: what "using" binds, "*" for all of a namespace, "static" for the members of a type; `target`
// becomes what is named.
std::string takeUsing(std::string_view& target) {
    target = base::trim(target.substr(6, target.find(';') - 6));
    if (target.starts_with("static ")) return "static";
    const size_t equal = target.find('=');
    if (equal == target.npos) return "*";
    const std::string_view here = base::trim(target.substr(0, equal));
    target = base::trim(target.substr(equal + 1));
    return std::string(here) + "=" + std::string(target.substr(target.rfind('.') + 1));
}

// Ruby: require "a/b" and require_relative "b" are calls; the latter is written "./b".
void Walk::addRequired(TSNode call) {
    const std::string_view method = textOf(childByField(call, "method"), text_);
    if (method != "require" && method != "require_relative") return;
    const TSNode argument = namedChild(childByField(call, "arguments"), 0);
    if (ts_node_is_null(argument) || std::string_view(ts_node_type(argument)) != "string") return;
    std::string_view target = textOf(argument, text_);
    if (target.size() < 3 || target.size() > 300 || target.find('#') != target.npos) return;
    target = target.substr(1, target.size() - 2);
    out_.imports.push_back((method == "require" ? "" : "./") + base::toValidUtf8(target));
    out_.importNames.emplace_back("*");
}

// Ruby's module_function: the methods of a module are its own too.
void Walk::addOwnFunctions(TSNode node, const Frame& above) {
    out_.references.push_back({.name = "self",
                               .symbol = above.symbol,
                               .role = Role::extend,
                               .line = int32_t(ts_node_start_point(node).row) + 1,
                               .count = 0});
}

// Ruby: said once of a type.
void Walk::addUnnamed(TSNode node, int32_t type) {
    if (type < 0 || !unnamed_.insert(type).second) return;
    out_.references.push_back({.name = kUnnamedMethods,
                               .symbol = type,
                               .role = Role::inherit,
                               .line = int32_t(ts_node_start_point(node).row) + 1,
                               .count = 0});
}

// Ruby: include, prepend and extend, module_function, and the base that Class.new names.
void Walk::addMixins(TSNode call, const Frame& above) {
    if (above.symbol < 0 || above.inFunction) return;
    const std::string_view method = textOf(childByField(call, "method"), text_);
    const std::string_view object = textOf(childByField(call, "receiver"), text_);
    const bool isBase = object == "Class" && method == "new";
    if (!object.empty() && object != "self" && !isBase) return;
    if (object.empty() && method == "module_function") return addOwnFunctions(call, above);
    if (!isBase && method != "include" && method != "prepend" && method != "extend") return;
    const TSNode list = childByField(call, "arguments");
    const uint32_t count = ts_node_is_null(list) ? 0 : ts_node_named_child_count(list);
    for (uint32_t i = 0; i < (isBase ? std::min(count, 1U) : count); i++) {
        const TSNode named = namedChild(list, i);
        const std::string_view kind = ts_node_type(named), whole = textOf(named, text_);
        if (kind != "constant" && kind != "scope_resolution" && kind != "self") continue;
        const size_t last = whole.rfind(':') == whole.npos ? 0 : whole.rfind(':') + 1;
        const bool isOwn = above.inSingleton || method == "extend";
        out_.references.push_back({.name = whole.substr(last),
                                   .symbol = above.symbol,
                                   .role = isOwn ? Role::extend : Role::inherit,
                                   .line = int32_t(ts_node_start_point(named).row) + 1,
                                   .count = 0,
                                   .receiver = receiverText(whole.substr(0, last))});
    }
}

void Walk::addImport(TSNode node, std::string names) {
    // "a as b" is called b here, but a is what is imported.
    if (const TSNode alias = childByField(node, "alias"); !ts_node_is_null(alias)) {
        if (names.empty()) names = std::string(textOf(alias, text_)) + "=*";
        for (const std::string_view field : {"name", "path"})
            if (const TSNode named = childByField(node, field); !ts_node_is_null(named))
                node = named;
    }
    std::string_view target = textOf(node, text_);
    if (target.starts_with("global ")) target.remove_prefix(7);
    if (target.starts_with("using ")) names = takeUsing(target);
    for (const std::string_view word : {"import ", "static "})
        if (target.starts_with(word)) target.remove_prefix(word.size());
    const size_t first = target.find_first_not_of("\"'<`; \t\n");
    const size_t last = target.find_last_not_of("\"'>`; \t\r\n");
    if (first == target.npos || last == target.npos || last < first) return;
    target = target.substr(first, last - first + 1);
    if (target.size() > 300) return;
    out_.imports.push_back(base::toValidUtf8(target));
    out_.importNames.push_back(base::toValidUtf8(names));
}

Walk::Frame Walk::enter(const MoxieVisit& visit, const Frame& above) {
    Frame here;
    const TSNode node = visit.node;
    here.rules =
        visit.kind < rules_.nodes.size() ? &rules_.nodes[visit.kind] : frames_.front().rules;
    here.node = node;
    here.role = roleOf(above, visit.field);
    here.symbol = above.symbol;
    here.parent = above.parent;
    here.inFunction = above.inFunction;
    here.inType = above.inType;
    here.inSingleton = above.inSingleton;
    if (here.rules->isWrapper) here.wrapper = above.wrapper ? above.wrapper : frames_.size();
    if (here.rules->definition) define(node, above, here);
    if (here.rules->import) addImports(node, *here.rules->import, above);
    if (here.rules->leaf != CompiledRules::Leaf::none) use(node, above, here);
    return here;
}

// A macro call with functions inside is a damaged parse that swallowed the rest of the file: it
// must not hide them. One without (TEST_CASE) stands for a function.
void Walk::shrinkMacroCalls() {
    for (const size_t at : macroCalls_) {
        OutlineSymbol& call = out_.symbols[at];
        for (size_t i = at + 1; i < out_.symbols.size(); i++) {
            const OutlineSymbol& inside = out_.symbols[i];
            if (inside.byteFirst >= call.byteLast) break;
            if (!isFunctionLike(inside.kind) || inside.isDeclaration) continue;
            call.kind = SymbolKind::macro;
            call.lineLast = call.lineFirst;
            break;
        }
    }
}

void Walk::settleBareCalls() {
    for (OutlineReference& reference : out_.references) {
        if (reference.role != Role::same) continue;
        const bool isLocal = locals_.has(reference.name, reference.symbol, functionAbove_);
        reference.role = isLocal ? Role::read : Role::call;
        reference.arity = isLocal ? -1 : 0;
    }
}

// Drops what is bound to a parameter or local of an enclosing function, but marks calls of one; of
// what is called on one, says its type instead of its name.
void Walk::finish() {
    shrinkMacroCalls();
    if (rules_.hasMixins) settleBareCalls();
    if (locals_.isEmpty()) return;
    const auto isLocal = [&](const OutlineReference& reference) {
        return reference.receiver.empty() &&
               locals_.has(reference.name, reference.symbol, functionAbove_);
    };
    std::erase_if(out_.references, [&](const OutlineReference& reference) {
        return (reference.role == Role::read || reference.role == Role::write) &&
               isLocal(reference);
    });
    for (OutlineReference& reference : out_.references) {
        if (reference.role != Role::call) continue;
        if (isLocal(reference))
            reference.receiver = "=";
        else if (!reference.receiver.empty())
            reference.receiver =
                locals_.replaced(reference.receiver, reference.symbol, functionAbove_);
    }
}

base::Result<Outline> Walk::run(TSNode root, const std::stop_token& stop) {
    const std::unique_ptr<MoxieWalk, void (*)(MoxieWalk*)> walk(
        moxieWalkNew(root, rules_.visits.data(), uint32_t(rules_.visits.size())), moxieWalkDelete);
    if (!walk) return base::fail(base::Errc::outOfMemory, "no memory for walking over a tree");
    out_.isDamaged = ts_node_has_error(root);
    static const CompiledRules::Node kPlain;
    Frame top;
    top.rules = &kPlain;
    frames_.push_back(top);
    MoxieVisit visit = {};
    for (int64_t visited = 1; moxieWalkNext(walk.get(), &visit); visited++) {
        if ((visited & 0xffff) == 0 && stop.stop_requested())
            return base::fail(base::Errc::cancelled, "indexing was stopped");
        frames_.resize(size_t(visit.depth) + 1);
        frames_.push_back(enter(visit, frames_.back()));
    }
    finish();
    return std::move(out_);
}

}  // namespace

std::string_view toString(Role role) {
    static constexpr std::array<std::string_view, 11> kNames = {
        "none",   "call",  "type", "read",  "write", "inherit",
        "import", "local", "same", "typed", "extend"};
    const auto at = static_cast<size_t>(role);
    return at < kNames.size() ? kNames[at] : "unknown";
}

struct Outliner::Parser {
    SyntaxArena memory;
};

Outliner::Outliner() : parser_(std::make_unique<Parser>()) {}

Outliner::~Outliner() = default;

base::Result<Outline> Outliner::outline(Grammar grammar, std::string_view text,
                                        const std::stop_token& stop, int64_t timeLimitMs) {
    const CompiledRules* rules = compiledRules(grammar);
    if (!rules || !rules->language || text.empty()) return Outline();
    // A tree weighs 20 to 30 times its text: there is one large one at a time.
    static std::mutex largeTexts;
    std::unique_lock lock(largeTexts, std::defer_lock);
    if (text.size() > kLargeTextBytes) lock.lock();
    SyntaxArena::Use memory(parser_->memory);
    SyntaxParser parser = newSyntaxParser();
    if (!ts_parser_set_language(parser.get(), rules->language))
        return base::fail(base::Errc::unsupported, "grammar does not fit the tree-sitter core");
    SyntaxTree tree = parseText(*parser, text, {.stop = stop, .cpuMs = timeLimitMs});
    parser.reset();
    if (!tree) {
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "indexing was stopped");
        Outline cut;
        cut.isDamaged = cut.isCutShort = true;
        return cut;
    }
    auto found = Walk(*rules, text).run(ts_tree_root_node(tree.get()), stop);
    memory.drop(std::move(tree));
    return found;
}

base::Result<Outline> Outliner::outline(const Language& language, std::string_view text,
                                        const std::stop_token& stop, int64_t timeLimitMs) {
    const CompiledRules* rules = compiledRules(language.grammar);
    if (!rules) {
        Outline scanned = scanOutline(language.family, text, stop);
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "indexing was stopped");
        return scanned;
    }
    TRY_ASSIGN(Outline out, outline(language.grammar, text, stop, timeLimitMs));
    if (out.isDamaged || rules->isGeneric)
        addScannedSymbols(scanOutline(language.family, text, stop), out);
    return out;
}

}  // namespace moxie::indexer
