// Ruby's classes and modules, put together from all the places that open them: what they have, what
// they take from others, and which names they see. Made once with the link table. Threads: any
// thread.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace moxie::indexer {

class LinkTable;

inline bool isRubyConstant(std::string_view name) {
    return !name.empty() && name[0] >= 'A' && name[0] <= 'Z';
}

// "A" of "A::B"; "" at the top.
std::string_view rubyPathAround(std::string_view path);
// "A::B" of a B inside A; "::B" is at the top.
std::string rubyPathInside(std::string_view outer, std::string_view name);

// Types of Ruby's library that answer to names which nobody defines.
inline bool hasAnyMethod(std::string_view type) {
    return type == "OpenStruct" || type == "Delegator" || type == "SimpleDelegator" ||
           type == "DRbObject";
}

class RubyTypes {
public:
    // Whose methods: those of a type's values, or its own (def self.x).
    enum class Side : uint8_t { values, own };

    struct Methods {
        std::vector<int32_t> found = {};  // symbols, of the nearest type that has any
        bool hasUnseen = false;           // a base is not of the repository
    };

    // A class or module, with what all of its places say.
    struct Type {
        std::string path;  // "A::B"
        std::vector<int32_t> symbols = {};
        std::vector<int32_t> bases = {}, mixedIn = {};  // types; nearest first
        std::vector<int32_t> users = {}, ownUsers = {};
        bool isModule = false, hasUnseenBase = false, hasUnseenOwn = false;
        bool makesMethods = false;  // it may have some that no text names
    };

    // Requires: the table's symbols and uses are loaded. Null without Ruby.
    static std::unique_ptr<const RubyTypes> make(const LinkTable& table);

    // The type that a symbol is, or that its lines stand in; -1: none.
    int32_t typeOf(int32_t symbol) const { return typeOf_[size_t(symbol)]; }

    // Where a type is opened.
    const std::vector<int32_t>& symbolsOf(int32_t type) const {
        return types_[size_t(type)].symbols;
    }

    bool isModule(int32_t type) const { return types_[size_t(type)].isModule; }

    const Type& type(int32_t type) const { return types_[size_t(type)]; }

    // The type with this path; -1: none.
    int32_t find(std::string_view path) const;

    // Every method that a value can have is in sight: of no type the base is elsewhere, and none
    // makes methods.
    bool isClosed() const;

    // What "A::B" means inside a type (-1: at the top): by what is around it, then by its bases.
    std::vector<int32_t> constant(int32_t type, std::string_view text) const;
    // What "A::B" means behind "type::".
    std::vector<int32_t> constantOf(int32_t type, std::string_view text) const;
    // A method that a type has or takes from its bases, Object and Kernel last.
    Methods methods(int32_t type, int32_t name, Side side) const;
    // Methods that those have which take theirs from the type.
    std::vector<int32_t> methodsOfUsers(int32_t type, int32_t name, Side side) const;

    // Symbols of the language's classes, as far as the repository opens them.
    const std::vector<int32_t>& coreTypes() const { return core_; }

private:
    struct Member {
        int32_t type = 0, name = 0, symbol = 0;
        Side side = Side::values;
    };

    class Search;

    void addFile(const LinkTable& table, int32_t blob);
    int32_t open(const LinkTable& table, int32_t symbol, int32_t outer);
    void addBases(const LinkTable& table, int32_t type);
    void addUsers();
    void findMakers(const LinkTable& table);
    std::vector<int32_t> membersOf(int32_t type, int32_t name, Side side) const;

    std::vector<Type> types_;
    std::unordered_map<std::string, int32_t> byPath_;
    std::unordered_map<std::string, std::vector<int32_t>> constants_;  // types too, by path
    std::vector<int32_t> typeOf_;                                      // by symbol
    std::vector<Member> members_;                                      // by type and name
    std::vector<int32_t> core_, forValues_, forTypes_;
};

}  // namespace moxie::indexer
