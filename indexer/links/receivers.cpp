// The part of Scopes for what stands before a name.
#include <algorithm>
#include <string>

#include "indexer/links/scopes.h"
#include "indexer/outline/evidence.h"

namespace moxie::indexer {
namespace {

using Kind = Meaning::Kind;

bool isSelf(NameWorld world, std::string_view word) {
    if (word == "this") return world != NameWorld::python;
    return (word == "self" || word == "cls" || word == "Self") &&
           (world == NameWorld::python || world == NameWorld::rust);
}

}  // namespace

Meaning Scopes::member(const Meaning& owner, int32_t name, int depth) const {
    if (depth > kScopeDepthMax) return {};
    switch (owner.kind) {
        case Kind::outside:
            return {Kind::outside, owner.rule};
        case Kind::modules:
            for (const int32_t module : owner.found) {
                Meaning found = inModule(module, table_.name(name), depth + 1);
                if (found.kind == Kind::unknown) continue;
                found.rule = LinkRule::imported;
                return found;
            }
            return {};
        case Kind::space:
            return inSpace(owner.name, name);
        case Kind::symbols:
        case Kind::instance: {
            std::vector<int32_t> types;
            for (const int32_t at : owner.found)
                if (isTypeKind(table_.symbol(at))) types.push_back(at);
            if (types.empty()) return {};
            Meaning found = inTypes(types, name, depth + 1);
            if (found.kind == Kind::symbols && owner.rule != LinkRule::local)
                found.rule = LinkRule::shape;
            return found;
        }
        case Kind::unknown:
            break;
    }
    return {};
}

Meaning Scopes::member(const Place& place, const Meaning& owner, int32_t name) const {
    const bool isOfType = owner.kind == Kind::symbols || owner.kind == Kind::instance;
    if (isOfType && table_.worldOf(place.blob) == NameWorld::ruby)
        return rubyMember(place, owner, name);
    return member(owner, name);
}

Meaning Scopes::valueOf(const Meaning& meaning, bool isCalled, int depth) const {
    if (meaning.kind == Kind::outside) return meaning;
    if (meaning.kind == Kind::modules || meaning.kind == Kind::space)
        return isCalled ? Meaning() : meaning;
    if (meaning.kind != Kind::symbols || meaning.found.empty()) return {};
    const int32_t first = meaning.found.front();
    const LinkSymbol& symbol = table_.symbol(first);
    if (isTypeKind(symbol) && symbol.kind != SymbolKind::typeAlias) {
        if (!isCalled) return meaning;
        return {Kind::instance, LinkRule::shape, meaning.found};
    }
    if (isCallableKind(symbol) && !isCalled && symbol.kind != SymbolKind::method) return {};
    const std::string_view type = table_.typeText(symbol);
    if (type.empty()) return {};
    return receiver({symbol.blob, first}, type, depth + 1);
}

// "a/T": T, as the file of the place sees it.
Meaning Scopes::typeNamed(const Place& place, std::string_view path, int depth) const {
    const size_t slash = path.find('/');
    Meaning found =
        plain({place.blob, place.symbol}, table_.nameOf(path.substr(0, slash)), depth + 1);
    if (slash != path.npos) {
        const std::string_view last = path.substr(path.rfind('/') + 1);
        if (table_.worldOf(place.blob) == NameWorld::c)
            found = inSpace(table_.nameOf(path.substr(0, slash)), table_.nameOf(last));
        else
            found = member(found, table_.nameOf(last), depth + 1);
    }
    if (found.kind == Kind::outside) return found;
    if (found.kind != Kind::symbols) {
        // A macro may stand where a type was read.
        const auto named = table_.symbolsNamed(table_.nameOf(path.substr(path.rfind('/') + 1)));
        const bool isOurs =
            table_.worldOf(place.blob) == NameWorld::c && !path.starts_with("std/") &&
            std::any_of(named.begin(), named.end(), [&](int32_t at) {
                return isTypeKind(table_.symbol(at)) || table_.symbol(at).kind == SymbolKind::macro;
            });
        return isOurs ? Meaning() : Meaning{Kind::outside};
    }
    std::erase_if(found.found, [&](int32_t at) { return !isTypeKind(table_.symbol(at)); });
    if (found.found.empty()) return {};
    const LinkSymbol& first = table_.symbol(found.found.front());
    if (const std::string_view alias = table_.typeText(first);
        first.kind == SymbolKind::typeAlias && alias.starts_with(':'))
        return receiver({first.blob, -1}, alias, depth + 1);
    return {Kind::instance, LinkRule::shape, found.found};
}

// "a.b.c" where "a.b" is imported: how much of the text names the module.
Meaning Scopes::modulePath(int32_t blob, std::string_view text, size_t& used) const {
    Meaning best;
    for (const Import& import : table_.imports().importsOf(blob)) {
        const std::string& target = import.target;
        if (target.size() <= used || target.find('.') == target.npos) continue;
        if (!text.starts_with(target)) continue;
        if (text.size() > target.size() && text[target.size()] != '.') continue;
        used = target.size();
        best = import.modules.empty() ? Meaning{Kind::outside, LinkRule::imported}
                                      : Meaning{Kind::modules, LinkRule::imported, import.modules};
    }
    return best;
}

// What a receiver begins with.
Meaning Scopes::head(const Place& place, std::string_view text, int depth) const {
    const NameWorld world = table_.worldOf(place.blob);
    if (text == "super") {
        const auto types = typesAround(place);
        if (types.empty()) return {};
        Meaning bases = basesOf({types.front()}, depth + 1);
        if (bases.found.empty()) return {Kind::outside, LinkRule::local};
        return bases;
    }
    if (isSelf(world, text)) {
        const auto types = typesAround(place);
        if (types.empty()) return {};
        return {Kind::instance, LinkRule::local, {types.front()}};
    }
    const int32_t name = table_.nameOf(text);
    Meaning found = plain(place, name, depth + 1);
    if (found.kind == Kind::symbols || found.kind == Kind::modules || found.kind == Kind::outside)
        return found;
    // import a.b binds a.
    for (const Import& import : table_.imports().importsOf(place.blob))
        if (world == NameWorld::python && headOf(import.target) == text)
            return import.modules.empty()
                       ? Meaning{Kind::outside, LinkRule::imported}
                       : Meaning{Kind::modules, LinkRule::imported, import.modules};
    return isBuiltInName(world, text) && world != NameWorld::c
               ? Meaning{Kind::outside, LinkRule::none}
               : Meaning();
}

// C++: "a::b::", where b is a type or else a namespace.
Meaning Scopes::space(const Place& place, std::string_view text, int depth) const {
    text.remove_suffix(2);
    if (text == "std" || text.starts_with("std::")) return {Kind::outside, LinkRule::imported};
    const size_t colon = text.rfind(':');
    const int32_t name = table_.nameOf(text.substr(colon == text.npos ? 0 : colon + 1));
    Meaning found = plain(place, name, depth + 1);
    std::erase_if(found.found, [&](int32_t at) { return !isTypeKind(table_.symbol(at)); });
    if (found.kind == Kind::symbols && !found.found.empty()) return found;
    for (const int32_t at : table_.symbolsNamed(name))
        if (table_.symbol(at).kind == SymbolKind::module &&
            table_.worldOf(table_.symbol(at).blob) == NameWorld::c)
            return {Kind::space, LinkRule::imported, {}, name};
    return {};
}

Meaning Scopes::receiver(const Place& place, std::string_view text, int depth) const {
    if (depth > kScopeDepthMax || text.empty() || text[0] == '?') return {};
    if (table_.worldOf(place.blob) == NameWorld::ruby) return rubyReceiver(place, text, depth);
    if (text.ends_with("::")) {
        if (table_.worldOf(place.blob) == NameWorld::c) return space(place, text, depth);
        text.remove_suffix(2);
    }
    if (text.starts_with("''")) return {Kind::outside, LinkRule::local};
    Meaning meaning;
    size_t at = 0;
    if (text[0] == ':') {
        at = std::min(text.find('.', 1), text.size());
        meaning = typeNamed(place, text.substr(1, at - 1), depth + 1);
    } else {
        meaning = modulePath(place.blob, text, at);
        if (at == 0) {
            const std::string_view first = headOf(text);
            at = first.size();
            meaning = head(place, first, depth + 1);
            const bool isCalled = text.substr(at).starts_with("()");
            if (isCalled) at += 2;
            if (first != "super" && meaning.kind == Kind::symbols)
                meaning = valueOf(meaning, isCalled, depth + 1);
        }
    }
    while (at < text.size()) {
        if (text.substr(at).starts_with("[]")) return {};
        const size_t first = text.find_first_not_of(".:", at);
        if (first == text.npos || first == at) return {};
        const std::string_view name = headOf(text.substr(first));
        at = first + name.size();
        const bool isCalled = text.substr(at).starts_with("()");
        if (isCalled) at += 2;
        const int32_t number = table_.nameOf(name);
        Meaning next = meaning.kind == Kind::outside ? meaning : member(meaning, number, depth + 1);
        // self.x, of which a method says what it is.
        if (next.kind == Kind::unknown && next.name != 0 && !isCalled && !meaning.found.empty())
            next = receiver({table_.symbol(meaning.found.front()).blob, meaning.found.front()},
                            table_.name(next.name), depth + 1);
        else
            next = valueOf(next, isCalled, depth + 1);
        meaning = std::move(next);
        if (meaning.kind == Kind::unknown) return {};
    }
    return meaning;
}

}  // namespace moxie::indexer
