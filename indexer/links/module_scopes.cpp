// The part of Scopes for what files import from each other.
#include "indexer/links/scopes.h"

namespace moxie::indexer {
namespace {

using Kind = Meaning::Kind;

}  // namespace

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
    if (depth > kScopeDepthMax) return {};
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

}  // namespace moxie::indexer
