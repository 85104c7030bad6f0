#include "indexer/links/ruby_types.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "indexer/links/link_table.h"

namespace moxie::indexer {
namespace {

constexpr int kBaseDepthMax = 32;
// What is looked at for one question, so that a class with ten thousand mixins, or as many
// definitions of one method, makes no question slow.
constexpr size_t kTypesMax = 64, kWalkedMax = 1'000, kMembersMax = 64;

bool isRubyType(const LinkSymbol& symbol) {
    return symbol.kind == SymbolKind::type || symbol.kind == SymbolKind::module;
}

bool isRubyMember(const LinkSymbol& symbol) {
    return isCallableKind(symbol) || symbol.kind == SymbolKind::field;
}

}  // namespace

std::string_view rubyPathAround(std::string_view path) {
    const size_t at = path.rfind("::");
    return at == path.npos ? std::string_view() : path.substr(0, at);
}

std::string rubyPathInside(std::string_view outer, std::string_view name) {
    if (name.starts_with("::")) return std::string(name.substr(2));
    return outer.empty() ? std::string(name) : std::string(outer) + "::" + std::string(name);
}

// A walk over bases that sees each type once.
class RubyTypes::Search {
public:
    Search(const RubyTypes& types, int32_t name) : types_(types), name_(name) {}

    void walk(int32_t type, Side side, int depth = 0);

    Methods methods = {};

private:
    const RubyTypes& types_;
    const int32_t name_;
    std::vector<std::pair<int32_t, Side>> seen_;
};

void RubyTypes::Search::walk(int32_t type, Side side, int depth) {
    if (!methods.found.empty() || depth > kBaseDepthMax || seen_.size() == kWalkedMax) return;
    if (std::find(seen_.begin(), seen_.end(), std::pair(type, side)) != seen_.end()) return;
    seen_.emplace_back(type, side);
    methods.found = types_.membersOf(type, name_, side);
    const Type& here = types_.types_[size_t(type)];
    if (side == Side::own)
        for (const int32_t mixedIn : here.mixedIn)
            walk(mixedIn, Side::values, depth + 1);
    // The own methods of a module are not passed on.
    for (const int32_t base : here.bases)
        if (side == Side::values || !types_.isModule(base)) walk(base, side, depth + 1);
    methods.hasUnseen |= side == Side::own
                             ? here.hasUnseenOwn || (here.hasUnseenBase && !here.isModule)
                             : here.hasUnseenBase;
}

std::unique_ptr<const RubyTypes> RubyTypes::make(const LinkTable& table) {
    auto made = std::make_unique<RubyTypes>();
    const int32_t blobs = table.blobCount();
    for (int32_t blob = 0; blob < blobs; blob++)
        if (table.worldOf(blob) == NameWorld::ruby) made->addFile(table, blob);
    if (made->typeOf_.empty()) return nullptr;
    std::sort(made->members_.begin(), made->members_.end(), [](const Member& a, const Member& b) {
        return std::tie(a.type, a.name, a.side, a.symbol) <
               std::tie(b.type, b.name, b.side, b.symbol);
    });
    for (size_t type = 0; type < made->types_.size(); type++)
        made->addBases(table, int32_t(type));
    made->addUsers();
    made->findMakers(table);
    for (size_t type = 0; type < made->types_.size(); type++)
        if (isBuiltInName(NameWorld::ruby, made->types_[type].path))
            made->core_.push_back(made->types_[type].symbols.front());
    for (const std::string_view path : {"Object", "Kernel", "BasicObject"})
        if (const int32_t type = made->find(path); type >= 0) made->forValues_.push_back(type);
    for (const std::string_view path : {"Class", "Module", "Object", "Kernel"})
        if (const int32_t type = made->find(path); type >= 0) made->forTypes_.push_back(type);
    return made;
}

int32_t RubyTypes::find(std::string_view path) const {
    const auto at = byPath_.find(std::string(path));
    return at == byPath_.end() ? -1 : at->second;
}

// "class A::B" inside M opens M::A::B if there is an M::A, else A::B.
int32_t RubyTypes::open(const LinkTable& table, int32_t symbol, int32_t outer) {
    const LinkSymbol& here = table.symbol(symbol);
    const std::string_view name = table.name(here.name);
    std::string_view around = outer < 0 ? std::string_view() : types_[size_t(outer)].path;
    if (const size_t scope = name.find("::"); scope != name.npos && scope > 0)
        while (!around.empty() && find(rubyPathInside(around, name.substr(0, scope))) < 0)
            around = rubyPathAround(around);
    std::string path = rubyPathInside(around, name);
    const auto [at, isNew] = byPath_.try_emplace(path, int32_t(types_.size()));
    if (isNew)
        types_.push_back({.path = std::move(path), .isModule = here.kind == SymbolKind::module});
    types_[size_t(at->second)].symbols.push_back(symbol);
    return at->second;
}

void RubyTypes::addFile(const LinkTable& table, int32_t blob) {
    if (typeOf_.empty()) typeOf_.assign(size_t(table.symbolCount()), -1);
    std::vector<int32_t> around;  // symbols of the types whose lines are open
    for (const int32_t at : table.symbolsOf(blob)) {
        const LinkSymbol& here = table.symbol(at);
        while (!around.empty() && table.symbol(around.back()).lineLast < here.lineLast)
            around.pop_back();
        const int32_t outer = around.empty() ? -1 : typeOf_[size_t(around.back())];
        typeOf_[size_t(at)] = outer;
        if (isRubyMember(here)) {
            const Side side = here.isOwn ? Side::own : Side::values;
            members_.push_back({outer, here.name, at, side});
        } else if (isRubyType(here)) {
            const int32_t type = open(table, at, outer);
            typeOf_[size_t(at)] = type;
            around.push_back(at);
            constants_[types_[size_t(type)].path].push_back(at);
        } else if (here.kind == SymbolKind::constant) {
            const std::string_view path =
                outer < 0 ? std::string_view() : std::string_view(types_[size_t(outer)].path);
            constants_[rubyPathInside(path, table.name(here.name))].push_back(at);
        }
    }
}

void RubyTypes::addBases(const LinkTable& table, int32_t type) {
    Type& here = types_[size_t(type)];
    for (const int32_t symbol : here.symbols)
        for (const LinkUse& use : table.basesOf(symbol)) {
            const bool isOwn = use.role == Role::extend;
            const std::string text =
                std::string(table.name(use.receiver)) + std::string(table.name(use.name));
            if (text == "self") {
                here.mixedIn.insert(here.mixedIn.begin(), type);
                continue;
            }
            if (text == kUnnamedMethods) here.makesMethods = true;
            if (!isRubyConstant(text)) continue;
            int32_t base = -1;
            for (const int32_t found : constant(type, text))
                if (isRubyType(table.symbol(found)) && typeOf(found) != type) base = typeOf(found);
            if (base < 0) {
                (isOwn ? here.hasUnseenOwn : here.hasUnseenBase) |=
                    !isBuiltInName(NameWorld::ruby, text);
                here.makesMethods |= hasAnyMethod(text);
            } else {  // what is included later comes first, a superclass last; once is enough
                std::vector<int32_t>& taken = isOwn ? here.mixedIn : here.bases;
                if (std::find(taken.begin(), taken.end(), base) == taken.end())
                    taken.insert(taken.begin(), base);
            }
        }
}

// method_missing answers to any name, and what a class body calls that nobody here defines may be a
// gem's has_many.
void RubyTypes::findMakers(const LinkTable& table) {
    const int32_t missing = table.nameOf("method_missing");
    const auto isKnown = [&](int32_t name) {
        if (isBuiltInName(NameWorld::ruby, table.name(name))) return true;
        const auto named = table.symbolsNamed(name);
        return std::any_of(named.begin(), named.end(), [&](int32_t at) {
            return table.worldOf(table.symbol(at).blob) == NameWorld::ruby;
        });
    };
    for (size_t type = 0; type < types_.size(); type++) {
        Type& here = types_[type];
        for (const Side side : {Side::values, Side::own})
            here.makesMethods |= missing > 0 && !membersOf(int32_t(type), missing, side).empty();
        for (const int32_t symbol : here.symbols)
            for (const int32_t at : table.callsIn(symbol))
                here.makesMethods |= table.call(at).receiver == 0 && !isKnown(table.call(at).name);
    }
}

bool RubyTypes::isClosed() const {
    return std::none_of(types_.begin(), types_.end(), [](const Type& type) {
        return type.hasUnseenBase || type.hasUnseenOwn || type.makesMethods;
    });
}

void RubyTypes::addUsers() {
    for (size_t type = 0; type < types_.size(); type++) {
        for (const int32_t base : types_[type].bases)
            types_[size_t(base)].users.push_back(int32_t(type));
        for (const int32_t mixedIn : types_[type].mixedIn)
            types_[size_t(mixedIn)].ownUsers.push_back(int32_t(type));
    }
}

std::vector<int32_t> RubyTypes::membersOf(int32_t type, int32_t name, Side side) const {
    std::vector<int32_t> found;
    const auto keyOf = [](const Member& member) {
        return std::tuple(member.type, member.name, member.side);
    };
    const std::tuple key(type, name, side);
    auto at = std::lower_bound(
        members_.begin(), members_.end(), key,
        [&](const Member& member, const auto& wanted) { return keyOf(member) < wanted; });
    for (; at != members_.end() && keyOf(*at) == key && found.size() < kMembersMax; ++at)
        found.push_back(at->symbol);
    return found;
}

std::vector<int32_t> RubyTypes::constantOf(int32_t type, std::string_view text) const {
    // A base may name itself by what it inherits: each is looked at once.
    std::vector<int32_t> queue = {type};
    for (size_t i = 0; i < queue.size(); i++) {
        const Type& here = types_[size_t(queue[i])];
        const auto at = constants_.find(rubyPathInside(here.path, text));
        if (at != constants_.end()) return at->second;
        for (const int32_t base : here.bases) {
            if (queue.size() == kTypesMax) break;
            if (std::find(queue.begin(), queue.end(), base) == queue.end()) queue.push_back(base);
        }
    }
    return {};
}

std::vector<int32_t> RubyTypes::constant(int32_t type, std::string_view text) const {
    std::string_view around = type < 0 ? std::string_view() : types_[size_t(type)].path;
    for (; !around.empty(); around = rubyPathAround(around))
        if (const auto at = constants_.find(rubyPathInside(around, text)); at != constants_.end())
            return at->second;
    if (type >= 0)
        if (auto inherited = constantOf(type, text); !inherited.empty()) return inherited;
    const auto top = constants_.find(rubyPathInside({}, text));
    return top == constants_.end() ? std::vector<int32_t>() : top->second;
}

RubyTypes::Methods RubyTypes::methods(int32_t type, int32_t name, Side side) const {
    Search search(*this, name);
    search.walk(type, side);
    for (const int32_t last : side == Side::own ? forTypes_ : forValues_)
        search.walk(last, Side::values);
    return search.methods;
}

std::vector<int32_t> RubyTypes::methodsOfUsers(int32_t type, int32_t name, Side side) const {
    std::vector<std::pair<int32_t, Side>> queue = {{type, side}};
    std::vector<int32_t> found;
    const auto add = [&](int32_t user, Side of) {
        if (queue.size() == kTypesMax) return;
        if (std::find(queue.begin(), queue.end(), std::pair(user, of)) == queue.end())
            queue.emplace_back(user, of);
    };
    for (size_t i = 0; i < queue.size(); i++) {
        const auto [here, of] = queue[i];
        if (i > 0)
            for (const int32_t method : methods(here, name, of).found)
                if (std::find(found.begin(), found.end(), method) == found.end())
                    found.push_back(method);
        for (const int32_t user : types_[size_t(here)].users)
            if (of == Side::values || !types_[size_t(here)].isModule) add(user, of);
        if (of == Side::values)
            for (const int32_t user : types_[size_t(here)].ownUsers)
                add(user, Side::own);
    }
    return found;
}

}  // namespace moxie::indexer
