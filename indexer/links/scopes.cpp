#include "indexer/links/scopes.h"

#include <algorithm>

namespace moxie::indexer {
namespace {

using Kind = Meaning::Kind;

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

}  // namespace

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

Meaning Scopes::plain(const Place& place, int32_t name, int depth) const {
    if (name == 0 || depth > kScopeDepthMax) return {};
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

}  // namespace moxie::indexer
