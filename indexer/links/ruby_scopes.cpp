// The part of Scopes for Ruby: a name that begins with a capital is a constant of what is around
// it, any other a method of self.
#include <algorithm>

#include "indexer/links/ruby_types.h"
#include "indexer/links/scopes.h"
#include "indexer/outline/evidence.h"

namespace moxie::indexer {
namespace {

using Kind = Meaning::Kind;
using Side = RubyTypes::Side;

constexpr int32_t kLiteral = -2;  // Meaning::name of what a literal gives
constexpr int kTypedDepth = 4;    // @x may be said to be of @y: followed once more
constexpr int kValuesMax = 16;

Side sideOf(const Meaning& meaning) {
    return meaning.kind == Kind::symbols ? Side::own : Side::values;
}

}  // namespace

// What is not of a test, seen from what is none.
Meaning Scopes::rubyFound(const Place& place, LinkRule rule, std::vector<int32_t> found) const {
    if (!table_.isTest(place.blob))
        std::erase_if(found, [&](int32_t at) { return table_.isTest(table_.symbol(at).blob); });
    if (found.empty()) return {};
    return {Kind::symbols, rule, std::move(found)};
}

Meaning Scopes::rubySelf(const Place& place) const {
    if (place.symbol < 0) return {};
    const LinkSymbol& here = table_.symbol(place.symbol);
    const int32_t type = table_.ruby().typeOf(place.symbol);
    if (type < 0) return {};
    const bool isValue = (isCallableKind(here) || here.kind == SymbolKind::field) && !here.isOwn;
    return {isValue ? Kind::instance : Kind::symbols, LinkRule::local,
            table_.ruby().symbolsOf(type)};
}

Meaning Scopes::rubyConstant(const Place& place, int32_t name) const {
    const int32_t type = place.symbol < 0 ? -1 : table_.ruby().typeOf(place.symbol);
    Meaning found =
        rubyFound(place, LinkRule::imported, table_.ruby().constant(type, table_.name(name)));
    const auto isHere = [&](int32_t at) { return table_.symbol(at).blob == place.blob; };
    if (found.kind == Kind::symbols && std::all_of(found.found.begin(), found.found.end(), isHere))
        found.rule = LinkRule::sameFile;
    return found;
}

// T.new runs initialize.
RubyTypes::Methods Scopes::rubyMethods(int32_t type, int32_t name, Side side) const {
    auto methods = table_.ruby().methods(type, name, side);
    if (methods.found.empty() && side == Side::own && table_.name(name) == "new")
        methods.found =
            table_.ruby().methods(type, table_.nameOf("initialize"), Side::values).found;
    return methods;
}

// Methods of self, then of no type: in the file, in what it requires, anywhere.
Meaning Scopes::rubyPlain(const Place& place, int32_t name) const {
    const bool isConstant = isRubyConstant(table_.name(name));
    if (isConstant)
        if (Meaning found = rubyConstant(place, name); found.kind != Kind::unknown) return found;
    const Meaning self = rubySelf(place);
    bool hasUnseen = false;
    if (self.kind != Kind::unknown) {
        const int32_t type = table_.ruby().typeOf(self.found.front());
        const auto own = rubyMethods(type, name, sideOf(self));
        hasUnseen = own.hasUnseen;
        if (Meaning found = rubyFound(place, LinkRule::local, own.found);
            found.kind != Kind::unknown)
            return found;
        // A method that a module leaves to those who include it, a class to those below it.
        if (Meaning found = rubyFound(place, LinkRule::unique,
                                      table_.ruby().methodsOfUsers(type, name, sideOf(self)));
            found.kind != Kind::unknown)
            return found;
    }
    for (Meaning found : {inFile(place.blob, name), included(place.blob, name)}) {
        // A variable at the top is a local of the file.
        std::erase_if(found.found,
                      [&](int32_t at) { return table_.symbol(at).kind == SymbolKind::variable; });
        if (!found.found.empty()) return found;
    }
    if (hasUnseen || isBuiltInName(NameWorld::ruby, table_.name(name)))
        return {Kind::outside, hasUnseen ? LinkRule::local : LinkRule::none};
    return {};
}

Meaning Scopes::rubyMember(const Place& place, const Meaning& owner, int32_t name) const {
    const RubyTypes& ruby = table_.ruby();
    bool hasUnseen = false;
    std::vector<int32_t> types;
    for (const int32_t at : owner.found)
        if (const int32_t type = ruby.typeOf(at);
            std::find(types.begin(), types.end(), type) == types.end())
            types.push_back(type);
    const LinkRule rule = owner.rule == LinkRule::local ? LinkRule::local : LinkRule::shape;
    std::vector<int32_t> found;
    const auto add = [&](const std::vector<int32_t>& more) {
        for (const int32_t at : more)
            if (std::find(found.begin(), found.end(), at) == found.end()) found.push_back(at);
    };
    for (const int32_t type : types) {
        if (type < 0) continue;
        if (owner.kind == Kind::symbols && isRubyConstant(table_.name(name)))
            add(ruby.constantOf(type, table_.name(name)));
        const auto methods = rubyMethods(type, name, sideOf(owner));
        add(methods.found);
        hasUnseen |= methods.hasUnseen;
    }
    if (found.empty() && rule == LinkRule::local && owner.name != kLiteral)
        for (const int32_t type : types)
            if (type >= 0) add(ruby.methodsOfUsers(type, name, sideOf(owner)));
    if (Meaning made = rubyFound(place, rule, std::move(found)); made.kind != Kind::unknown)
        return made;
    const bool isOutside =
        hasUnseen || owner.name == kLiteral || isBuiltInName(NameWorld::ruby, table_.name(name));
    return isOutside ? Meaning{Kind::outside, LinkRule::local} : Meaning();
}

// What the first word of a receiver means.
Meaning Scopes::rubyHead(const Place& place, std::string_view text, int depth) const {
    if (text == "''") return {Kind::instance, LinkRule::local, table_.ruby().coreTypes(), kLiteral};
    if (text == "self") return rubySelf(place);
    const int32_t name = table_.nameOf(text);
    if (isRubyConstant(text)) {
        const Meaning found = name == 0 ? Meaning() : rubyPlain(place, name);
        if (found.kind == Kind::symbols) return rubyValue(place, found, depth);
        return {Kind::outside, LinkRule::none};
    }
    if (text.starts_with('@')) return rubyTyped(place, text, depth);
    const Meaning found = name == 0 ? Meaning() : rubyPlain(place, name);
    return found.kind == Kind::symbols ? rubyValue(place, found, depth) : Meaning();
}

// What methods of the types around assign to @x.
Meaning Scopes::rubyTyped(const Place& place, std::string_view member, int depth) const {
    const Meaning self = rubySelf(place);
    const int32_t name = table_.nameOf(member);
    if (self.kind == Kind::unknown || name == 0) return {};
    Meaning known;
    int values = 0;
    for (const int32_t at : self.found)
        for (const LinkUse& typed : table_.typedMembersOf(at)) {
            if (typed.name != name) continue;
            if (++values > kValuesMax) return known;
            const Meaning value =
                receiver({typed.blob, at}, table_.name(typed.receiver), depth + kTypedDepth);
            if (value.kind == Kind::unknown || value.kind == Kind::outside) continue;
            if (known.kind != Kind::unknown && known.found != value.found) return {};
            known = value;
        }
    return known;
}

// What a read of a constant, or a call of a method, gives.
Meaning Scopes::rubyValue(const Place& place, const Meaning& meaning, int depth) const {
    if (meaning.kind != Kind::symbols) return meaning;
    const int32_t first = meaning.found.front();
    const LinkSymbol& symbol = table_.symbol(first);
    if (symbol.kind == SymbolKind::type || symbol.kind == SymbolKind::module) return meaning;
    if (symbol.kind == SymbolKind::field && table_.ruby().typeOf(first) >= 0)
        return rubyTyped({place.blob, first}, "@" + std::string(table_.name(symbol.name)), depth);
    if (symbol.kind != SymbolKind::constant) return {};
    return receiver({symbol.blob, first}, table_.typeText(symbol), depth + 1);
}

Meaning Scopes::rubyReceiver(const Place& place, std::string_view text, int depth) const {
    while (text.ends_with(':'))
        text.remove_suffix(1);
    const std::string_view first = text.starts_with("''") ? text.substr(0, 2) : headOf(text);
    size_t at = first.size();
    Meaning meaning = rubyHead(place, first, depth);
    if (text.substr(at).starts_with("()")) at += 2;
    while (at < text.size() && meaning.kind != Kind::unknown) {
        if (meaning.kind == Kind::outside || text.substr(at).starts_with("[]")) break;
        const size_t begin = text.find_first_not_of(".:", at);
        if (begin == text.npos || begin == at) return {};
        const std::string_view name = headOf(text.substr(begin));
        at = begin + name.size();
        if (text.substr(at).starts_with("()")) at += 2;
        const bool isType = meaning.kind == Kind::symbols;
        // The repository opens a module of a library, which has the constant.
        if (isType && isRubyConstant(name) &&
            rubyMember(place, meaning, table_.nameOf(name)).kind == Kind::unknown)
            meaning = {Kind::outside, LinkRule::local};
        else if (isType && (name == "new" || name == "allocate"))
            meaning = {Kind::instance, LinkRule::shape, meaning.found};
        else if (!isType && name == "class")
            meaning.kind = Kind::symbols;
        else if (name != "dup" && name != "clone" && name != "freeze" && name != "itself" &&
                 name != "tap")
            meaning = rubyValue(place, rubyMember(place, meaning, table_.nameOf(name)), depth);
    }
    return text.substr(std::min(at, text.size())).empty() || meaning.kind == Kind::outside
               ? meaning
               : Meaning();
}

}  // namespace moxie::indexer
