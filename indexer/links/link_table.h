// Symbols, calls and imports of one state of the index, in memory and numbered densely, so that
// resolving a use costs microseconds. Made at once, then only read. Threads: any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "indexer/existence/builtins.h"
#include "indexer/index.h"
#include "indexer/links/imports.h"
#include "indexer/links/ruby_types.h"
#include "indexer/links/signature.h"
#include "indexer/outline/outline.h"
#include "indexer/reader.h"
#include "indexer/uses.h"

namespace moxie::indexer {

struct LinkSymbol {
    int64_t row = 0;  // sym.id
    int32_t blob = 0;
    int32_t name = 0, parent = 0;  // numbers of names; 0: none
    int32_t type = 0;              // number of a type, see LinkTable::typeText
    int32_t lineFirst = 0, lineLast = 0;
    ArgumentRange arguments = {};
    SymbolKind kind = SymbolKind::function;
    bool isDeclaration = false;
    bool isFileLocal = false;
    bool isOwn = false;       // Ruby: of the type itself, not of its values
    bool takesBlock = false;  // Ruby: names the block that it is given, and may pass it on
};

bool isCallableKind(const LinkSymbol& symbol);
bool isMemberKind(const LinkSymbol& symbol);
bool isTypeKind(const LinkSymbol& symbol);  // names a type: an alias of one too

// All uses of a name in one role inside one symbol.
struct LinkUse {
    int32_t name = 0, blob = 0;
    int32_t symbol = -1;   // number of the enclosing symbol; -1: file level
    int32_t receiver = 0;  // number of its name, see outline/evidence.h; 0: none
    int32_t line = 0, count = 0;
    int32_t arity = -1;
    Role role = Role::call;
};

class LinkTable {
public:
    // Fails: corrupt, io. Cost: reads every symbol and reference, about 0.5 µs each.
    // Manifests are read from the work tree at `root`.
    static base::Result<std::shared_ptr<const LinkTable>> load(const Reading& reading,
                                                               const std::filesystem::path& root);

    int64_t generation() const { return generation_; }

    const LinkSymbol& symbol(int32_t at) const { return symbols_[size_t(at)]; }

    std::string_view name(int32_t at) const { return names_[size_t(at)]; }

    // 0: no symbol or reference is called so.
    int32_t nameOf(std::string_view text) const;
    // -1: not there.
    int32_t blobOf(std::string_view path) const;

    const std::string& pathOf(int32_t blob) const { return paths_[size_t(blob)]; }

    NameWorld worldOf(int32_t blob) const { return worlds_[size_t(blob)]; }

    bool isTest(int32_t blob) const { return isTest_[size_t(blob)]; }

    // The folder of fetched code that the file is in; "" if it is our own.
    std::string_view vendoredRoot(int32_t blob) const { return vendored_[size_t(blob)]; }

    const Imports& imports() const { return *imports_; }

    bool hasRuby() const { return ruby_ != nullptr; }

    // Requires: a file of Ruby.
    const RubyTypes& ruby() const { return *ruby_; }

    int32_t blobCount() const { return int32_t(paths_.size()); }

    int32_t symbolCount() const { return int32_t(symbols_.size()); }

    // As a receiver of outline/evidence.h: what a function returns, a variable or field holds.
    std::string_view typeText(const LinkSymbol& symbol) const {
        return types_[size_t(symbol.type)];
    }

    // By place in the file.
    std::span<const int32_t> symbolsOf(int32_t blob) const {
        return slice(symbolsByBlob_, blobStarts_, blob);
    }

    // By file.
    std::span<const int32_t> symbolsNamed(int32_t name) const {
        return slice(symbolsByName_, nameStarts_, name);
    }

    std::span<const LinkUse> callsNamed(int32_t name) const {
        return slice(calls_, callStarts_, name);
    }

    // The bases that a type names, as uses; Ruby's extend too.
    std::span<const LinkUse> basesOf(int32_t symbol) const {
        return slice(bases_, baseStarts_, symbol);
    }

    // What the methods of a type say of its members.
    std::span<const LinkUse> typedMembersOf(int32_t symbol) const {
        return slice(typed_, typedStarts_, symbol);
    }

    // Numbers for call().
    std::span<const int32_t> callsIn(int32_t symbol) const {
        return slice(callsBySymbol_, callerStarts_, symbol);
    }

    const LinkUse& call(int32_t at) const { return calls_[size_t(at)]; }

    // The innermost function, else type, whose lines hold this one; -1: none.
    int32_t enclosing(int32_t blob, int32_t line) const;
    // The symbol that begins there; -1: none.
    int32_t find(const DefinitionPlace& place) const;
    LinkUse useOf(const StoredUse& stored, int32_t blob) const;

private:
    using Starts = std::vector<int32_t>;  // where the items of each number begin, and the end

    template <class T>
    static std::span<const T> slice(const std::vector<T>& all, const Starts& starts, int32_t at) {
        if (at < 0 || size_t(at) + 1 >= starts.size()) return {};
        return std::span(all).subspan(size_t(starts[size_t(at)]),
                                      size_t(starts[size_t(at) + 1] - starts[size_t(at)]));
    }

    void loadFiles(const LiveView& view);
    base::Status loadNames(const Database& database);
    base::Status loadSymbols(const Reading& reading);
    base::Status loadUses(const Reading& reading);
    void sortCalls();
    int32_t typeNumber(std::string text);
    void sortSymbols();
    int32_t symbolOfRow(int64_t id) const;

    // What tells uses of a line apart: numbers of names differ from index to index.
    std::pair<std::string_view, std::string_view> textOf(const LinkUse& use) const {
        return {name(use.name), name(use.receiver)};
    }

    bool isName(int64_t at) const { return at >= 0 && size_t(at) < names_.size(); }

    int64_t generation_ = -1;
    std::vector<std::string> names_, paths_;
    std::vector<NameWorld> worlds_;
    std::unordered_map<std::string_view, int32_t> nameNumbers_, blobNumbers_;
    std::vector<LinkSymbol> symbols_;
    std::vector<int32_t> symbolOfRow_;  // by id
    std::vector<int32_t> symbolsByBlob_, symbolsByName_, callsBySymbol_;
    std::vector<std::string> types_ = {""};
    std::unordered_map<std::string, int32_t> typeNumbers_ = {{"", 0}};
    std::vector<std::string_view> vendored_;
    std::vector<bool> isTest_;
    std::vector<LinkUse> calls_;          // by name
    std::vector<LinkUse> bases_, typed_;  // by symbol
    Starts blobStarts_, nameStarts_, callStarts_, callerStarts_, baseStarts_, typedStarts_;
    std::unique_ptr<const Imports> imports_;
    std::unique_ptr<const RubyTypes> ruby_;
    std::vector<std::string> allPaths_;
};

}  // namespace moxie::indexer
