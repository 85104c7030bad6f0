#include "indexer/existence/ruby_doubts.h"

#include <algorithm>

#include "indexer/links/signature.h"
#include "indexer/outline/evidence.h"

namespace moxie::indexer {
namespace {

using Side = OpenTypes::Side;

constexpr std::string_view kNoType = "called on something of unknown type";
constexpr std::string_view kAtTop = "at the top of a script, where what runs it adds methods";
constexpr std::string_view kInBlock = "in a block that may run with another self";
constexpr std::string_view kNotOurs = "in a type that is not of the repository";

bool isRubyWord(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool runsWithOtherSelf(std::string_view method) {
    return isRubyWord(method,
                      {"instance_eval", "instance_exec", "class_eval", "class_exec", "module_eval",
                       "module_exec", "define_method", "define_singleton_method"});
}

bool isRubyFunction(const OutlineSymbol& symbol) {
    return symbol.kind == SymbolKind::function || symbol.kind == SymbolKind::method ||
           symbol.kind == SymbolKind::constructor;
}

// "A::B" of "A::B::", "A::B" and "::A::B"; "" if it is no path of constants.
std::string_view constantPath(std::string_view receiver) {
    while (receiver.ends_with(':'))
        receiver.remove_suffix(1);
    for (size_t at = 0; at < receiver.size(); at++) {
        const bool isFirst = at == 0 || receiver[at - 1] == ':';
        if (isFirst && receiver[at] != ':' && !isRubyConstant(receiver.substr(at))) return {};
        if (receiver[at] == '.' || receiver[at] == '(' || receiver[at] == '[') return {};
    }
    return receiver;
}

}  // namespace

RubyDoubts::RubyDoubts(const LinkTable& links, const NameTable& names, std::vector<Text> texts,
                       const std::stop_token& stop)
    : links_(links),
      names_(names),
      texts_(std::move(texts)),
      stop_(stop),
      types_(links, names) {
    for (const Text& text : texts_) {
        paths_.push_back(types_.add(*text.outline));
        for (const OutlineSymbol& symbol : text.outline->symbols)
            if (isRubyFunction(symbol))
                (takesBlock(NameWorld::ruby, symbol.signature) ? blockTakers_ : blockIgnorers_)
                    .insert(symbol.name);
    }
}

const RubyText& RubyDoubts::treeOf(size_t text) {
    const auto at = trees_.find(text);
    return at != trees_.end() ? at->second
                              : trees_.try_emplace(text, texts_[text].text, stop_).first->second;
}

std::string_view RubyDoubts::doubtOf(const Owner& owner) {
    const auto [at, isNew] = doubts_.try_emplace({owner.path, owner.side});
    if (isNew) at->second = types_.doubt(owner.path, owner.side);
    return at->second;
}

RubyDoubts::Owner RubyDoubts::self(size_t text, const OutlineReference& use) const {
    if (use.symbol < 0) return {};
    const OutlineSymbol& symbol = texts_[text].outline->symbols[size_t(use.symbol)];
    const bool isValue = isRubyFunction(symbol) && !isOwnMethod(NameWorld::ruby, symbol.signature);
    return {paths_[text][size_t(use.symbol)], isValue ? Side::values : Side::own};
}

// "A::B", "A::B.new()", ":A/B".
RubyDoubts::Owner RubyDoubts::typed(std::string_view around, std::string_view receiver) const {
    if (receiver.starts_with(':')) {
        std::string path(receiver.substr(1));
        for (size_t at; (at = path.find('/')) != path.npos;)
            path.replace(at, 1, "::");
        return {types_.resolved(around, path), Side::values};
    }
    Side side = Side::own;
    for (const std::string_view made : {".new()", ".new"})
        if (side == Side::own && receiver.ends_with(made)) {
            receiver.remove_suffix(made.size());
            side = Side::values;
        }
    const std::string_view path = constantPath(receiver);
    return {path.empty() ? std::string() : types_.resolved(around, path), side};
}

// What the text gives the @x that a name is called on, if it is one thing.
std::string_view RubyDoubts::typeOfMember(size_t text, const OutlineReference& use) const {
    std::string_view type;
    const std::string& path = paths_[text][size_t(use.symbol)];
    for (const OutlineReference& typed : texts_[text].outline->references) {
        if (typed.role != Role::typed || typed.name != use.receiver || typed.symbol < 0) continue;
        if (paths_[text][size_t(typed.symbol)] != path) continue;
        if (!type.empty() && type != typed.receiver) return {};
        type = typed.receiver;
    }
    return type;
}

RubyDoubts::Owner RubyDoubts::ownerOf(size_t text, const OutlineReference& use) const {
    const Owner own = self(text, use);
    std::string_view receiver = use.receiver;
    if (receiver == "self.class" || receiver == "self.class()")
        return {own.side == Side::values ? own.path : std::string(), Side::own};
    if (receiver.starts_with('@') && use.symbol >= 0) receiver = typeOfMember(text, use);
    return receiver.empty() ? Owner() : typed(own.path, receiver);
}

// A constant: of the type that it is asked of, or of what is around it.
std::string_view RubyDoubts::ofConstant(size_t text, const OutlineReference& use) const {
    const Owner own = self(text, use);
    if (!use.receiver.empty()) {
        const std::string_view path = constantPath(use.receiver);
        const std::string owner = path.empty() ? std::string() : types_.resolved(own.path, path);
        return owner.empty() ? kNotOurs : types_.doubtOfConstants(owner);
    }
    if (names_.isPackageLike(use.name)) return "called like a package";
    return own.path.empty() ? std::string_view() : types_.doubtOfConstants(own.path);
}

size_t RubyDoubts::beginOfType(size_t text, const OutlineReference& use) const {
    const auto& symbols = texts_[text].outline->symbols;
    for (auto at = size_t(use.symbol) + 1; at-- > 0;) {
        const OutlineSymbol& symbol = symbols[at];
        const bool isType = symbol.kind == SymbolKind::type || symbol.kind == SymbolKind::module;
        if (isType && symbol.byteLast >= symbols[size_t(use.symbol)].byteLast)
            return symbol.byteFirst;
    }
    return 0;
}

// Blocks of Ruby's own methods do, and of those that only yield.
bool RubyDoubts::keepsSelf(const BlockCall& call) const {
    if (runsWithOtherSelf(call.method)) return false;
    if (call.method == "new")
        return isRubyWord(call.receiver,
                          {"Thread", "Proc", "Hash", "Array", "Fiber", "Enumerator"});
    bool takes = blockTakers_.contains(call.method);
    bool isDefined = takes || blockIgnorers_.contains(call.method);
    for (const int32_t at : links_.symbolsNamed(links_.nameOf(call.method))) {
        const LinkSymbol& symbol = links_.symbol(at);
        if (links_.worldOf(symbol.blob) != NameWorld::ruby || !isCallableKind(symbol)) continue;
        isDefined = true;
        takes = takes || symbol.takesBlock;
        for (const int32_t inside : links_.callsIn(at))
            if (runsWithOtherSelf(links_.name(links_.call(inside).name))) return false;
    }
    return isBuiltInName(NameWorld::ruby, call.method) || (isDefined && !takes);
}

std::string_view RubyDoubts::ofSelf(size_t text, const OutlineReference& use, size_t at) {
    const Owner own = self(text, use);
    if (own.path.empty()) return kAtTop;
    if (const std::string_view why = doubtOf(own); !why.empty()) return why;
    const RubyPlace place = treeOf(text).placeOf(at, beginOfType(text, use));
    if (!place.isKnown) return kInBlock;
    const auto keeps = [&](const BlockCall& call) { return keepsSelf(call); };
    return std::all_of(place.blocks.begin(), place.blocks.end(), keeps) ? std::string_view()
                                                                        : kInBlock;
}

std::string_view RubyDoubts::of(size_t text, const OutlineReference& use, size_t at) {
    if (isRubyConstant(use.name) && use.role != Role::call) return ofConstant(text, use);
    if (use.receiver.empty() || use.receiver == "self") return ofSelf(text, use, at);
    const Owner owner = ownerOf(text, use);
    if (owner.path.empty()) return kNoType;
    return doubtOf(owner);
}

std::string_view RubyDoubts::ofModule(size_t text, size_t at) {
    if (!names_.hasManifest(NameWorld::ruby)) return "no manifest names the packages";
    const RubyPlace place = treeOf(text).placeOf(at, 0);
    return place.isRescued || !place.isKnown ? "a package that need not be there"
                                             : std::string_view();
}

}  // namespace moxie::indexer
