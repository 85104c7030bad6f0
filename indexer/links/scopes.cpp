#include "indexer/links/scopes.h"

#include <algorithm>
#include <string>

#include "indexer/outline/evidence.h"

namespace moxie::indexer {
namespace {

constexpr int kDepthMax = 8;
constexpr size_t kFoundMax = 64;

using Kind = Meaning::Kind;

Meaning symbolsBy(LinkRule rule, std::vector<int32_t> found) {
    if (found.empty()) return {};
    return {Kind::symbols, rule, std::move(found)};
}

// Worlds whose methods are called without naming the object.
bool hasImpliedThis(NameWorld world) {
    return world == NameWorld::c || world == NameWorld::java || world == NameWorld::csharp;
}

// Worlds where files of a folder see each other's names.
bool sharesFolder(NameWorld world) {
    return world == NameWorld::go || world == NameWorld::java;
}

// What files of one package have in common: in Java the folder below the root of the sources, so
// that src/test/java/a is the package of src/main/java/a.
std::string_view packageOf(NameWorld world, std::string_view path) {
    const std::string_view folder = folderOf(path);
    if (world != NameWorld::java) return folder;
    for (const std::string_view root : {"/java/", "/kotlin/", "/scala/"})
        if (const size_t at = folder.rfind(root); at != folder.npos)
            return folder.substr(at + root.size());
    return folder;
}

// Worlds whose methods may stand outside of the type's lines.
bool hasDistantMethods(NameWorld world) {
    return world == NameWorld::c || world == NameWorld::go || world == NameWorld::rust ||
           world == NameWorld::csharp;
}

bool isSelf(NameWorld world, std::string_view word) {
    if (word == "this") return world != NameWorld::python;
    return (word == "self" || word == "cls" || word == "Self") &&
           (world == NameWorld::python || world == NameWorld::rust);
}

bool isMemberKind(const LinkSymbol& symbol) {
    return symbol.kind == SymbolKind::method || symbol.kind == SymbolKind::constructor ||
           symbol.kind == SymbolKind::field;
}

}  // namespace

std::vector<int32_t> Scopes::typesAround(const Place& place) const {
    std::vector<int32_t> types;
    if (place.symbol < 0) return types;
    const LinkSymbol& here = table_.symbol(place.symbol);
    if (isTypeKind(here)) types.push_back(place.symbol);
    for (const int32_t at : table_.symbolsOf(place.blob)) {
        const LinkSymbol& type = table_.symbol(at);
        if (type.lineFirst > here.lineFirst) break;
        if (isTypeKind(type) && at != place.symbol && type.lineLast >= here.lineLast &&
            type.kind != SymbolKind::typeAlias)
            types.insert(types.begin(), at);
    }
    // Foo::bar outside of Foo's lines.
    if (types.empty() && here.parent != 0 && hasDistantMethods(table_.worldOf(place.blob)))
        for (const int32_t at : table_.symbolsNamed(here.parent))
            if (isTypeKind(table_.symbol(at)) && !table_.symbol(at).isDeclaration &&
                table_.worldOf(table_.symbol(at).blob) == table_.worldOf(place.blob))
                types.push_back(at);
    return types;
}

std::vector<int32_t> Scopes::membersOf(int32_t type, int32_t name) const {
    const LinkSymbol& owner = table_.symbol(type);
    const NameWorld world = table_.worldOf(owner.blob);
    std::vector<int32_t> found;
    for (const int32_t at : table_.symbolsNamed(name)) {
        const LinkSymbol& member = table_.symbol(at);
        if (member.parent != owner.name) continue;
        const bool isInside = member.blob == owner.blob && member.lineFirst >= owner.lineFirst &&
                              member.lineLast <= owner.lineLast;
        if (!isInside && !(hasDistantMethods(world) && table_.worldOf(member.blob) == world &&
                           table_.vendoredRoot(member.blob) == table_.vendoredRoot(owner.blob)))
            continue;
        found.push_back(at);
    }
    return found;
}

Meaning Scopes::basesOf(const std::vector<int32_t>& types, int depth) const {
    Meaning bases = {Kind::instance, LinkRule::local};
    for (const int32_t type : types)
        for (const LinkUse& use : table_.basesOf(type)) {
            const Place place = {use.blob, -1};
            const Meaning base = use.receiver == 0
                                     ? plain(place, use.name, depth + 1)
                                     : member(receiver(place, table_.name(use.receiver), depth + 1),
                                              use.name, depth + 1);
            if (base.kind == Kind::symbols)
                for (const int32_t at : base.found)
                    if (isTypeKind(table_.symbol(at)) && at != type) bases.found.push_back(at);
            if (base.kind == Kind::outside || base.kind == Kind::unknown)
                bases.name = -1;  // a base that we do not see
        }
    return bases;
}

Meaning Scopes::inTypes(const std::vector<int32_t>& types, int32_t name, int depth) const {
    std::vector<int32_t> found;
    for (const int32_t type : types) {
        const auto members = membersOf(type, name);
        found.insert(found.end(), members.begin(), members.end());
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (!found.empty()) return symbolsBy(LinkRule::local, std::move(found));
    if (depth > kDepthMax) return {};
    // self.x = value, in a method.
    for (const int32_t type : types)
        for (const LinkUse& typed : table_.typedMembersOf(type))
            if (typed.name == name) return {Kind::unknown, LinkRule::local, {}, typed.receiver};
    const Meaning bases = basesOf(types, depth);
    if (!bases.found.empty()) {
        const Meaning inherited = inTypes(bases.found, name, depth + 1);
        if (inherited.kind != Kind::unknown || inherited.name != 0) return inherited;
    }
    if (bases.name < 0) return {Kind::outside, LinkRule::local};
    return {};
}

Meaning Scopes::inSpace(int32_t space, int32_t name) const {
    std::vector<int32_t> found;
    for (const int32_t at : table_.symbolsNamed(name))
        if (table_.symbol(at).parent == space &&
            table_.worldOf(table_.symbol(at).blob) == NameWorld::c)
            found.push_back(at);
    return symbolsBy(LinkRule::imported, std::move(found));
}

// Functions inside the function around the place, then members of the type around it.
Meaning Scopes::inFunction(const Place& place, int32_t name) const {
    if (place.symbol < 0) return {};
    const LinkSymbol& here = table_.symbol(place.symbol);
    std::vector<int32_t> found;
    for (const int32_t at : table_.symbolsNamed(name)) {
        const LinkSymbol& inner = table_.symbol(at);
        if (inner.blob != place.blob || !(isCallableKind(inner) || isTypeKind(inner))) continue;
        if (isMemberKind(inner) || inner.parent == 0) continue;
        // Its own function: what encloses both.
        for (const int32_t outer : table_.symbolsNamed(inner.parent)) {
            const LinkSymbol& owner = table_.symbol(outer);
            if (owner.blob == place.blob && isCallableKind(owner) &&
                owner.lineFirst <= inner.lineFirst && owner.lineLast >= inner.lineLast &&
                owner.lineFirst <= here.lineFirst && owner.lineLast >= here.lineLast) {
                found.push_back(at);
                break;
            }
        }
    }
    if (!found.empty()) return symbolsBy(LinkRule::local, std::move(found));
    if (!hasImpliedThis(table_.worldOf(place.blob))) return {};
    const Meaning own = inTypes(typesAround(place), name, 0);
    return own.kind == Kind::symbols ? own : Meaning();
}

Meaning Scopes::inFile(int32_t blob, int32_t name) const {
    const NameWorld world = table_.worldOf(blob);
    std::vector<int32_t> found;
    for (const int32_t at : table_.symbolsNamed(name)) {
        const LinkSymbol& symbol = table_.symbol(at);
        if (symbol.blob != blob || symbol.kind == SymbolKind::module) continue;
        const bool isTop = symbol.parent == 0 || world == NameWorld::c || world == NameWorld::rust;
        const bool hasTopMembers = world == NameWorld::rust || world == NameWorld::ruby;
        if (!isTop || (isMemberKind(symbol) && !hasTopMembers)) continue;
        found.push_back(at);
    }
    return symbolsBy(LinkRule::sameFile, std::move(found));
}

// JavaScript's default export is not marked: what is called like the import or the file, else the
// only thing there.
Meaning Scopes::defaultOf(int32_t blob, std::string_view here) const {
    std::string_view stem = fileNameOf(table_.pathOf(blob));
    stem = stem.substr(0, stem.find('.'));
    for (const std::string_view wanted : {here, stem})
        if (const int32_t name = table_.nameOf(wanted); name != 0)
            if (Meaning found = inFile(blob, name); found.kind == Kind::symbols) return found;
    std::vector<int32_t> tops;
    for (const int32_t at : table_.symbolsOf(blob))
        if (table_.symbol(at).parent == 0 && !isMemberKind(table_.symbol(at))) tops.push_back(at);
    return tops.size() == 1 ? symbolsBy(LinkRule::imported, tops) : Meaning();
}

Meaning Scopes::inModule(int32_t blob, std::string_view name, int depth, Walked* walked) const {
    if (depth > kDepthMax) return {};
    Walked own;
    if (walked == nullptr) walked = &own;
    // Modules that import all of each other: where a walk was with as many steps left, nothing is
    // new.
    const auto [at, isNew] = walked->try_emplace(blob, depth);
    if (!isNew && at->second <= depth) return {};
    at->second = depth;
    const int32_t number = table_.nameOf(name);
    if (number != 0) {
        Meaning here = inFile(blob, number);
        if (here.kind != Kind::unknown) return here;
    }
    for (const Binding& binding : table_.imports().bindingsOf(blob))
        if (binding.here == name)
            if (Meaning found = bound(blob, binding, depth + 1); found.kind != Kind::unknown)
                return found;
    if (const int32_t module = table_.imports().submodule(blob, name); module >= 0)
        return {Kind::modules, LinkRule::imported, {module}};
    for (const Binding& binding : table_.imports().bindingsOf(blob)) {
        if (binding.here != "*") continue;
        const Import& import = table_.imports().importsOf(blob)[size_t(binding.import)];
        for (const int32_t module : import.modules)
            if (Meaning found = inModule(module, name, depth + 1, walked);
                found.kind != Kind::unknown)
                return found;
    }
    return {};
}

Meaning Scopes::bound(int32_t blob, const Binding& binding, int depth) const {
    const Import& import = table_.imports().importsOf(blob)[size_t(binding.import)];
    if (import.modules.empty()) return {Kind::outside, LinkRule::imported};
    if (binding.there.empty()) return {Kind::modules, LinkRule::imported, import.modules};
    for (const int32_t module : import.modules) {
        Meaning found = binding.there == "default" ? defaultOf(module, binding.here)
                                                   : inModule(module, binding.there, depth + 1);
        if (found.kind == Kind::unknown) continue;
        found.rule = LinkRule::imported;
        return found;
    }
    // Rust: the last part of the path may be the file itself.
    if (table_.worldOf(blob) == NameWorld::rust)
        return {Kind::modules, LinkRule::imported, import.modules};
    return {};
}

Meaning Scopes::imported(int32_t blob, int32_t name, int depth) const {
    const std::string_view text = table_.name(name);
    for (const Binding& binding : table_.imports().bindingsOf(blob))
        if (binding.here == text && !binding.passesOn) return bound(blob, binding, depth);
    for (const Binding& binding : table_.imports().bindingsOf(blob)) {
        if (binding.here != "*" || binding.passesOn) continue;
        const Import& import = table_.imports().importsOf(blob)[size_t(binding.import)];
        for (const int32_t module : import.modules) {
            Meaning found = inModule(module, text, depth + 1);
            found.rule = LinkRule::imported;
            if (found.kind != Kind::unknown) return found;
        }
    }
    return {};
}

Meaning Scopes::included(int32_t blob, int32_t name) const {
    const auto reached = table_.imports().reachedFrom(blob);
    std::vector<int32_t> found;
    for (const int32_t at : table_.symbolsNamed(name)) {
        const LinkSymbol& symbol = table_.symbol(at);
        if (symbol.kind == SymbolKind::module) continue;
        // Ruby: a function is a method of no type.
        const bool isRubyFunction =
            symbol.parent == 0 && table_.worldOf(symbol.blob) == NameWorld::ruby;
        if (isMemberKind(symbol) && !isRubyFunction) continue;
        if (std::binary_search(reached->begin(), reached->end(), symbol.blob)) found.push_back(at);
    }
    return symbolsBy(LinkRule::imported, std::move(found));
}

Meaning Scopes::inFolder(int32_t blob, int32_t name) const {
    const NameWorld world = table_.worldOf(blob);
    const std::string_view package = packageOf(world, table_.pathOf(blob));
    std::vector<int32_t> found;
    for (const int32_t at : table_.symbolsNamed(name)) {
        const LinkSymbol& symbol = table_.symbol(at);
        if (symbol.parent == 0 && table_.worldOf(symbol.blob) == world &&
            packageOf(world, table_.pathOf(symbol.blob)) == package)
            found.push_back(at);
    }
    return symbolsBy(LinkRule::samePackage, std::move(found));
}

Meaning Scopes::plain(const Place& place, int32_t name, int depth) const {
    if (name == 0 || depth > kDepthMax) return {};
    const NameWorld world = table_.worldOf(place.blob);
    if (world == NameWorld::ruby) return rubyPlain(place, name);
    if (Meaning found = inFunction(place, name); found.kind != Kind::unknown) return found;
    Meaning here = inFile(place.blob, name);
    if (here.kind == Kind::symbols && world != NameWorld::c) return here;
    if (world == NameWorld::c) {
        Meaning through = included(place.blob, name);
        if (here.kind != Kind::symbols) return through;
        // A prototype or an overload: what is included counts too.
        here.found.insert(here.found.end(), through.found.begin(), through.found.end());
        return here;
    }
    if (world == NameWorld::csharp) return inNamespaces(place.blob, name);
    if (Meaning found = imported(place.blob, name, depth); found.kind != Kind::unknown)
        return found;
    return sharesFolder(world) ? inFolder(place.blob, name) : Meaning();
}

Meaning Scopes::member(const Meaning& owner, int32_t name, int depth) const {
    if (depth > kDepthMax) return {};
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
    if (depth > kDepthMax || text.empty() || text[0] == '?') return {};
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
