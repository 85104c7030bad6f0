// The part of Scopes for C#: which types a file sees by the namespaces around it and those it uses.
#include <algorithm>

#include "indexer/links/scopes.h"

namespace moxie::indexer {
namespace {

std::string_view lastOfDotted(std::string_view name) {
    return name.substr(name.rfind('.') + 1);
}

std::string_view restOfDotted(std::string_view name) {
    const size_t dot = name.rfind('.');
    return dot == name.npos ? std::string_view() : name.substr(0, dot);
}

bool isStaticMember(const LinkSymbol& symbol) {
    return symbol.kind == SymbolKind::method || symbol.kind == SymbolKind::field;
}

}  // namespace

// `none`: it does not see it.
LinkRule Scopes::seesNamespace(int32_t blob, std::string_view space) const {
    for (const int32_t at : table_.symbolsOf(blob)) {
        if (table_.symbol(at).kind != SymbolKind::module) continue;
        const std::string_view own = table_.name(table_.symbol(at).name);
        if (own.starts_with(space) && (own.size() == space.size() || own[space.size()] == '.'))
            return LinkRule::samePackage;
    }
    for (const Binding& binding : table_.imports().bindingsOf(blob))
        if (binding.here == "*" &&
            table_.imports().importsOf(blob)[size_t(binding.import)].target == space)
            return LinkRule::imported;
    return LinkRule::none;
}

// "namespace A;" stands beside its types, not around them.
LinkRule Scopes::seesNamespaceOf(int32_t blob, const LinkSymbol& symbol) const {
    if (symbol.parent != 0) return seesNamespace(blob, table_.name(symbol.parent));
    bool isGlobal = true;
    for (const int32_t at : table_.symbolsOf(symbol.blob)) {
        if (table_.symbol(at).kind != SymbolKind::module) continue;
        isGlobal = false;
        const LinkRule rule = seesNamespace(blob, table_.name(table_.symbol(at).name));
        if (rule != LinkRule::none) return rule;
    }
    return isGlobal ? LinkRule::samePackage : LinkRule::none;
}

// What "using here = there" names, or "using static" gives.
Meaning Scopes::usedAs(const Binding& binding, std::string_view target, int32_t name) const {
    const bool isAlias = binding.there != "static";
    const int32_t wanted = isAlias ? table_.nameOf(lastOfDotted(target)) : name;
    const std::string_view parent = isAlias ? restOfDotted(target) : lastOfDotted(target);
    Meaning found = {isAlias ? Meaning::Kind::outside : Meaning::Kind::unknown, LinkRule::imported};
    for (const int32_t at : table_.symbolsNamed(wanted)) {
        const LinkSymbol& symbol = table_.symbol(at);
        const bool fits = isAlias ? isTypeKind(symbol) : isStaticMember(symbol);
        const bool isThere =
            table_.name(symbol.parent) == parent || (isAlias && symbol.parent == 0);
        if (!fits || !isThere || table_.worldOf(symbol.blob) != NameWorld::csharp) continue;
        found.kind = Meaning::Kind::symbols;
        found.found.push_back(at);
    }
    return found;
}

Meaning Scopes::inNamespaces(int32_t blob, int32_t name) const {
    for (const Binding& binding : table_.imports().bindingsOf(blob)) {
        const bool isStatic = binding.here == "static" && binding.there == "static";
        if (!isStatic && binding.here != table_.name(name)) continue;
        const auto& target = table_.imports().importsOf(blob)[size_t(binding.import)].target;
        if (Meaning used = usedAs(binding, target, name); used.kind != Meaning::Kind::unknown)
            return used;
    }
    Meaning own = {Meaning::Kind::unknown, LinkRule::samePackage},
            used = {Meaning::Kind::unknown, LinkRule::imported};
    for (const int32_t at : table_.symbolsNamed(name)) {
        const LinkSymbol& symbol = table_.symbol(at);
        if (!isTypeKind(symbol) || table_.worldOf(symbol.blob) != NameWorld::csharp) continue;
        const LinkRule rule = seesNamespaceOf(blob, symbol);
        if (rule == LinkRule::none) continue;
        Meaning& seen = rule == LinkRule::imported ? used : own;
        seen.kind = Meaning::Kind::symbols;
        seen.found.push_back(at);
    }
    return own.kind == Meaning::Kind::symbols ? own : used;
}

}  // namespace moxie::indexer
