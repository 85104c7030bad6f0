// What names mean where they stand: plain names by scope and import (scopes.cpp, module_scopes.cpp,
// namespaces.cpp), members by type (type_scopes.cpp, receivers.cpp), Ruby's (ruby_scopes.cpp).
// Threads: any thread.
#pragma once
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "indexer/links/link_table.h"

namespace moxie::indexer {

// Where a name is used.
struct Place {
    int32_t blob = 0;
    int32_t symbol = -1;  // enclosing
};

// What a name or a receiver stands for. Several symbols: it cannot be told, or one defined twice.
struct Meaning {
    enum class Kind {
        unknown,   // nothing can be said
        outside,   // of a library or the language
        symbols,   // themselves
        instance,  // a value of these types
        modules,   // files, as a whole
        space,     // a C++ namespace; `name`
    };

    Kind kind = Kind::unknown;
    LinkRule rule = LinkRule::none;
    std::vector<int32_t> found = {};  // symbols, or blobs of modules
    int32_t name = 0;
};

// Of a walk from name to name, through imports, bases and values.
inline constexpr int kScopeDepthMax = 8;

inline Meaning symbolsBy(LinkRule rule, std::vector<int32_t> found) {
    if (found.empty()) return {};
    return {Meaning::Kind::symbols, rule, std::move(found)};
}

class Scopes {
public:
    explicit Scopes(const LinkTable& table) : table_(table) {}

    // A name without receiver.
    Meaning plain(const Place& place, int32_t name, int depth = 0) const;
    // A receiver as outline/evidence.h writes it.
    Meaning receiver(const Place& place, std::string_view text, int depth = 0) const;
    // A member of what a receiver means, used at a place.
    Meaning member(const Place& place, const Meaning& owner, int32_t name) const;
    Meaning member(const Meaning& owner, int32_t name, int depth = 0) const;
    // The types around a place, innermost first.
    std::vector<int32_t> typesAround(const Place& place) const;

private:
    struct Step;

    Meaning inFunction(const Place& place, int32_t name) const;
    Meaning inFile(int32_t blob, int32_t name) const;
    Meaning imported(int32_t blob, int32_t name, int depth) const;
    Meaning bound(int32_t blob, const Binding& binding, int depth) const;
    Meaning included(int32_t blob, int32_t name) const;
    Meaning inFolder(int32_t blob, int32_t name) const;
    // C#: by the namespaces around a file and those that it uses.
    Meaning inNamespaces(int32_t blob, int32_t name) const;
    Meaning usedAs(const Binding& binding, std::string_view target, int32_t name) const;
    LinkRule seesNamespace(int32_t blob, std::string_view space) const;
    LinkRule seesNamespaceOf(int32_t blob, const LinkSymbol& symbol) const;
    // Modules that a walk over imports of everything was in, each with its least depth.
    using Walked = std::map<int32_t, int>;
    Meaning inModule(int32_t blob, std::string_view name, int depth,
                     Walked* walked = nullptr) const;
    Meaning defaultOf(int32_t blob, std::string_view here) const;
    Meaning inTypes(const std::vector<int32_t>& types, int32_t name, int depth) const;
    Meaning inSpace(int32_t space, int32_t name) const;
    Meaning head(const Place& place, std::string_view text, int depth) const;
    Meaning space(const Place& place, std::string_view text, int depth) const;
    Meaning typeNamed(const Place& place, std::string_view path, int depth) const;
    Meaning modulePath(int32_t blob, std::string_view text, size_t& used) const;
    Meaning basesOf(const std::vector<int32_t>& types, int depth) const;
    // What a call of it, or a read of it, gives.
    Meaning valueOf(const Meaning& meaning, bool isCalled, int depth) const;
    std::vector<int32_t> membersOf(int32_t type, int32_t name) const;

    // Ruby.
    RubyTypes::Methods rubyMethods(int32_t type, int32_t name, RubyTypes::Side side) const;
    Meaning rubyPlain(const Place& place, int32_t name) const;
    Meaning rubyConstant(const Place& place, int32_t name) const;
    Meaning rubySelf(const Place& place) const;
    Meaning rubyMember(const Place& place, const Meaning& owner, int32_t name) const;
    Meaning rubyReceiver(const Place& place, std::string_view text, int depth) const;
    Meaning rubyHead(const Place& place, std::string_view text, int depth) const;
    Meaning rubyTyped(const Place& place, std::string_view member, int depth) const;
    Meaning rubyValue(const Place& place, const Meaning& meaning, int depth) const;
    Meaning rubyFound(const Place& place, LinkRule rule, std::vector<int32_t> found) const;

    const LinkTable& table_;
};

}  // namespace moxie::indexer
