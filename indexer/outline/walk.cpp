#include "indexer/outline/walk.h"

#include <algorithm>
#include <memory>

#include "base/text.h"
#include "indexer/outline/definitions.h"
#include "indexer/outline/merge.h"
#include "indexer/outline/ruby_methods.h"
#include "indexer/syntax_tree.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kSignatureBytesMax = 200;
constexpr size_t kSymbolsMax = 200'000;  // of one file: more is generated data

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

}  // namespace

Role OutlineWalk::roleOf(const Frame& above, TSFieldId field) const {
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

void OutlineWalk::define(TSNode node, const Frame& above, Frame& here) {
    const Surroundings around = {
        .inFunction = above.inFunction, .inType = above.inType, .above = above.node};
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

OutlineWalk::Frame OutlineWalk::enter(const MoxieVisit& visit, const Frame& above) {
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
void OutlineWalk::shrinkMacroCalls() {
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

void OutlineWalk::finish() {
    shrinkMacroCalls();
    if (rules_.hasMixins) settleBareCalls();
    settleLocals();
    sortByPlace(out_);
}

// Drops what is bound to a parameter or local of an enclosing function, but marks calls of one; of
// what is called on one, says its type instead of its name.
void OutlineWalk::settleLocals() {
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

base::Result<Outline> OutlineWalk::run(TSNode root, const std::stop_token& stop) {
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

}  // namespace moxie::indexer
