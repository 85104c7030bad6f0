// The part of Scopes for types, their members and bases.
#include <algorithm>

#include "indexer/links/scopes.h"

namespace moxie::indexer {
namespace {

using Kind = Meaning::Kind;

// Worlds whose methods may stand outside of the type's lines.
bool hasDistantMethods(NameWorld world) {
    return world == NameWorld::c || world == NameWorld::go || world == NameWorld::rust ||
           world == NameWorld::csharp;
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
    if (depth > kScopeDepthMax) return {};
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

}  // namespace moxie::indexer
