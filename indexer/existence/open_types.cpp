#include "indexer/existence/open_types.h"

#include <algorithm>

namespace moxie::indexer {
namespace {

// What is looked at for one question; of a type with more, nothing is said.
constexpr size_t kPlacesMax = 64, kBasesMax = 256;

constexpr std::string_view kMade = "a type around or below it makes methods while it runs";
constexpr std::string_view kUnseen = "a base or mixin is not in the repository";
constexpr std::string_view kOutside = "a type that a package opens too";
constexpr std::string_view kUnused = "a module that is mixed in elsewhere";

bool isTypeOfRuby(const OutlineSymbol& symbol) {
    return symbol.kind == SymbolKind::type || symbol.kind == SymbolKind::module;
}

// "a/my_type.rb" of A::MyType.
std::string rubyFileOf(std::string_view path) {
    const auto isUpper = [&](size_t at) {
        return at < path.size() && path[at] >= 'A' && path[at] <= 'Z';
    };
    std::string out;
    for (size_t i = 0; i < path.size(); i++) {
        const bool isHump = isUpper(i) && !isUpper(i + 1) && i + 1 < path.size();
        const bool isStep = i > 0 && path[i - 1] != ':' && isUpper(i);
        if (isStep && (isHump || !isUpper(i - 1))) out.push_back('_');
        if (path[i] != ':')
            out.push_back(isUpper(i) ? char(path[i] - 'A' + 'a') : path[i]);
        else if (!out.ends_with('/'))
            out.push_back('/');
    }
    return out + ".rb";
}

void addPlace(std::vector<std::pair<std::string, RubyTypes::Side>>& places, std::string path,
              RubyTypes::Side side) {
    if (places.size() > kPlacesMax) return;
    std::pair place(std::move(path), side);
    if (std::find(places.begin(), places.end(), place) == places.end())
        places.push_back(std::move(place));
}

}  // namespace

int32_t OpenTypes::find(std::string_view path) const {
    return links_.hasRuby() ? links_.ruby().find(path) : -1;
}

bool OpenTypes::has(std::string_view path) const {
    return opened_.contains(std::string(path)) || find(path) >= 0;
}

bool OpenTypes::isModule(std::string_view path) const {
    if (const auto at = opened_.find(std::string(path)); at != opened_.end())
        return at->second.isModule;
    const int32_t type = find(path);
    return type >= 0 && links_.ruby().isModule(type);
}

std::string OpenTypes::resolved(std::string_view around, std::string_view text) const {
    for (;; around = rubyPathAround(around)) {
        std::string path = rubyPathInside(around, text);
        if (has(path)) return path;
        if (around.empty()) break;
    }
    return {};
}

// has_many: what a class body calls, of which nobody here knows what it does.
bool OpenTypes::callsStranger(const OutlineReference& use) const {
    return use.role == Role::call && use.receiver.empty() &&
           names_.find(NameWorld::ruby, use.name).kinds == 0 &&
           !isBuiltInName(NameWorld::ruby, use.name);
}

std::vector<std::string> OpenTypes::add(const Outline& outline) {
    std::vector<std::string> paths(outline.symbols.size());
    std::vector<size_t> around;  // symbols of the types that are open
    for (size_t i = 0; i < outline.symbols.size(); i++) {
        const OutlineSymbol& symbol = outline.symbols[i];
        while (!around.empty() && outline.symbols[around.back()].byteLast <= symbol.byteFirst)
            around.pop_back();
        const std::string_view outer =
            around.empty() ? std::string_view() : std::string_view(paths[around.back()]);
        paths[i] = outer;
        if (!isTypeOfRuby(symbol)) continue;
        const std::string_view name = symbol.name;
        const size_t scope = name.find("::");
        const std::string owner = scope == name.npos || scope == 0
                                      ? std::string()
                                      : resolved(outer, name.substr(0, scope));
        paths[i] =
            owner.empty() ? rubyPathInside(outer, name) : owner + std::string(name.substr(scope));
        opened_[paths[i]].isModule |= symbol.kind == SymbolKind::module;
        around.push_back(i);
    }
    for (const std::string& module : outline.imports)
        for (std::string& part : names_.outsideParts(module))
            outside_.insert(std::move(part));
    for (size_t i = 0; i < outline.symbols.size(); i++)
        if (outline.symbols[i].name == "method_missing" && !paths[i].empty())
            opened_[paths[i]].makesMethods = true;
    for (const OutlineReference& use : outline.references) {
        if (use.symbol < 0 || paths[size_t(use.symbol)].empty()) continue;
        const std::string& path = paths[size_t(use.symbol)];
        Opened& here = opened_[path];
        if (isTypeOfRuby(outline.symbols[size_t(use.symbol)]) && callsStranger(use))
            here.makesMethods = true;
        if (use.role != Role::inherit && use.role != Role::extend) continue;
        if (use.name == kUnnamedMethods) {
            here.makesMethods = true;
            continue;
        }
        const std::string text = use.receiver + std::string(use.name);
        if (!isRubyConstant(text)) continue;
        here.bases.push_back({text, use.role == Role::extend});
        here.makesMethods |= hasAnyMethod(text);
        if (std::string base = resolved(path, text); !base.empty() && base != path)
            opened_[base].users.emplace_back(path,
                                             use.role == Role::extend ? Side::own : Side::values);
    }
    return paths;
}

bool OpenTypes::isOutside(std::string_view path) const {
    return names_.isOutsideType(path) || outside_.contains(rubyModuleOf(path));
}

// A package defines it, or what is around it: nobody opens A::B before there is an A. What stands
// in a package's module may be ours, if it has a file.
bool OpenTypes::isOpenedOutside(std::string_view path) const {
    if (isOutside(path)) return true;
    const std::string_view around = rubyPathAround(path);
    if (around.empty()) return false;
    return !has(around) || (isOutside(around) && !names_.hasPath(rubyFileOf(path)));
}

// What a text of the edit takes from others.
std::string_view OpenTypes::addOpened(const std::string& path, Side side, Places& places) const {
    const auto at = opened_.find(path);
    if (at == opened_.end()) return {};
    if (at->second.bases.size() > kBasesMax) return kUnseen;
    for (const Base& base : at->second.bases) {
        if (base.isOwn && side == Side::values) continue;
        const std::string found = resolved(path, base.text);
        if (found.empty()) {
            if (!isBuiltInName(NameWorld::ruby, base.text)) return kUnseen;
        } else if (base.isOwn) {
            addPlace(places, found, Side::values);
        } else if (side == Side::values || !isModule(found)) {
            addPlace(places, found, side);
        }
    }
    return {};
}

std::string_view OpenTypes::addIndexed(const std::string& path, Side side, Places& places) const {
    const int32_t type = find(path);
    if (type < 0) return {};
    const RubyTypes& ruby = links_.ruby();
    const RubyTypes::Type& here = ruby.type(type);
    if (here.bases.size() > kBasesMax || here.mixedIn.size() > kBasesMax) return kUnseen;
    const bool isOwn = side == Side::own;
    if (isOwn ? here.hasUnseenOwn || (here.hasUnseenBase && !here.isModule) : here.hasUnseenBase)
        return kUnseen;
    if (isOwn)
        for (const int32_t mixedIn : here.mixedIn)
            addPlace(places, ruby.type(mixedIn).path, Side::values);
    for (const int32_t base : here.bases)
        if (!isOwn || !ruby.isModule(base)) addPlace(places, ruby.type(base).path, side);
    return {};
}

bool OpenTypes::makesMethods(const std::string& path) const {
    const auto at = opened_.find(path);
    const int32_t type = find(path);
    return (at != opened_.end() && at->second.makesMethods) ||
           (type >= 0 && links_.ruby().type(type).makesMethods);
}

std::string_view OpenTypes::doubtOfChain(std::string_view path, Side side, Wanted wanted) const {
    Places places = {{std::string(path), side}};
    // What every value has, and every type.
    for (const std::string_view last : {"Object", "Kernel"})
        if (has(last)) addPlace(places, std::string(last), Side::values);
    for (const std::string_view last : {"Class", "Module"})
        if (side == Side::own && has(last)) addPlace(places, std::string(last), Side::values);
    for (size_t i = 0; i < places.size(); i++) {
        if (i == kPlacesMax) return kUnseen;
        const auto [here, of] = places[i];  // copied: the list grows
        if (isOpenedOutside(here)) return kOutside;
        if (wanted == Wanted::methods && makesMethods(here)) return kMade;
        if (const std::string_view why = addOpened(here, of, places); !why.empty()) return why;
        if (const std::string_view why = addIndexed(here, of, places); !why.empty()) return why;
    }
    return {};
}

std::string_view OpenTypes::doubtOfConstants(std::string_view path) const {
    for (std::string_view outer = rubyPathAround(path); !outer.empty();
         outer = rubyPathAround(outer))
        if (isOpenedOutside(outer)) return kOutside;
    return doubtOfChain(path, Side::values, Wanted::constants);
}

OpenTypes::Places OpenTypes::usersOf(std::string_view path) const {
    Places users;
    if (const auto at = opened_.find(std::string(path)); at != opened_.end())
        for (size_t i = 0; i < std::min(at->second.users.size(), kBasesMax); i++)
            addPlace(users, at->second.users[i].first, at->second.users[i].second);
    const int32_t type = find(path);
    if (type < 0) return users;
    const RubyTypes& ruby = links_.ruby();
    const auto addUsers = [&](const std::vector<int32_t>& types, Side side) {
        for (size_t i = 0; i < std::min(types.size(), kBasesMax); i++)
            addPlace(users, ruby.type(types[i]).path, side);
    };
    addUsers(ruby.type(type).users, Side::values);
    addUsers(ruby.type(type).ownUsers, Side::own);
    return users;
}

std::string_view OpenTypes::doubt(std::string_view path, Side side) const {
    if (const std::string_view why = doubtOfChain(path, side, Wanted::methods); !why.empty())
        return why;
    if (side == Side::own || !isModule(path)) return {};
    // self is a value of whoever mixes the module in.
    Places users = usersOf(path);
    bool isUsed = false;
    for (size_t i = 0; i < users.size(); i++) {
        if (i == kPlacesMax) return kUnused;
        const auto [user, of] = users[i];
        if (const std::string_view why = doubtOfChain(user, of, Wanted::methods); !why.empty())
            return why;
        if (of == Side::own || !isModule(user)) {
            isUsed = true;
            continue;
        }
        for (const auto& [next, nextSide] : usersOf(user))
            addPlace(users, next, nextSide);
    }
    return isUsed ? std::string_view() : kUnused;
}

}  // namespace moxie::indexer
