// One walk over one tree, which makes the outline of a text: definitions (walk.cpp), uses
// (walk_uses.cpp), imports (walk_imports.cpp) and what Ruby alone has (walk_ruby.cpp). Threads: one
// thread at a time.
#pragma once
#include <tree_sitter/api.h>

#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "indexer/outline/local_types.h"
#include "indexer/outline/outline.h"
#include "indexer/outline/rules.h"
#include "indexer/outline/use_table.h"
#include "indexer/syntax_core.h"

namespace moxie::indexer {

inline bool isFunctionLike(SymbolKind kind) {
    return kind == SymbolKind::function || kind == SymbolKind::method ||
           kind == SymbolKind::constructor;
}

inline bool isTypeLike(SymbolKind kind) {
    return kind == SymbolKind::type || kind == SymbolKind::interface ||
           kind == SymbolKind::enumeration;
}

class OutlineWalk {
public:
    OutlineWalk(const CompiledRules& rules, std::string_view text)
        : rules_(rules),
          text_(text),
          fields_(rules.language),
          locals_(fields_) {
        frames_.reserve(128);
        // In "f(…).a().b().c()" each has what stands before it; real texts need a few bytes each.
        receiverBytesLeft_ = 1'000'000 + 16 * int64_t(text.size());
    }

    base::Result<Outline> run(TSNode root, const std::stop_token& stop);

private:
    struct Frame {
        const CompiledRules::Node* rules = nullptr;
        TSNode node = {};
        Role role = Role::none;
        int32_t symbol = -1;      // innermost enclosing symbol
        std::string_view parent;  // its name
        bool inFunction = false;
        bool inType = false;
        bool inSingleton = false;  // Ruby: class << self
        size_t wrapper = 0;  // of the wrappers (decorators, template<…>) up to here the outermost
    };

    Frame enter(const MoxieVisit& visit, const Frame& above);
    Role roleOf(const Frame& above, TSFieldId field) const;
    void define(TSNode node, const Frame& above, Frame& here);
    void use(TSNode node, const Frame& above, const Frame& here);
    void useLocal(TSNode node, std::string_view name, const Frame& above);
    void useMember(TSNode node, std::string_view name, const Frame& above);
    void addTyped(TSNode declared, std::string_view name, std::span<const TSNode> around,
                  const Frame& above);
    bool useOfType(TSNode node, std::string_view name, const Frame& above, const Frame& here);
    // Ruby: a name that stands alone calls a method, unless it turns out to be a local.
    bool isBareCall(std::string_view name, const Frame& above, const Frame& here) const;
    bool isMember(TSNode node, const Frame& above) const;
    // The outermost node that still is what is called, or the leaf itself; and the call around it.
    std::pair<TSNode, TSNode> called(TSNode leaf) const;
    int32_t typeAround(const Frame& above) const;
    int32_t receiverNumber(std::string_view raw);
    int32_t newReceiver(std::string_view raw);
    int32_t arityOf(TSNode call) const;
    void addImports(TSNode node, const ImportRule& rule, const Frame& above);
    void addImport(TSNode target, std::string names);
    void addRequired(TSNode call);
    void addMixins(TSNode call, const Frame& above);
    void addUnnamed(TSNode node, int32_t type);
    void addOwnFunctions(TSNode node, const Frame& above);
    void shrinkMacroCalls();
    void settleBareCalls();
    void settleLocals();
    void finish();

    const CompiledRules& rules_;
    std::string_view text_;
    Outline out_;
    std::vector<Frame> frames_;
    std::vector<int32_t> functionAbove_;  // per symbol: the enclosing symbol, or -1
    std::vector<size_t> macroCalls_;      // symbols that may be MACRO(...) { }
    PlaceSet nameStarts_;
    UseTable uses_;
    std::vector<std::string> receivers_ = {""};
    std::unordered_map<std::string, int32_t> receiverNumbers_ = {{"", 0}};
    int64_t receiverBytesLeft_ = 0;        // of long receivers, to be looked at
    TextTable rawReceivers_;               // short ones as they are written
    std::vector<int32_t> ofRawReceiver_;   // in receivers_
    std::unordered_set<int32_t> unnamed_;  // symbols of types with kUnnamedMethods
    const EvidenceFields fields_;
    LocalTypes locals_;
};

}  // namespace moxie::indexer
