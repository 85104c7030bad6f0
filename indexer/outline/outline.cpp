#include "indexer/outline/outline.h"

#include <tree_sitter/api.h>

#include <array>
#include <mutex>

#include "indexer/outline/merge.h"
#include "indexer/outline/rules.h"
#include "indexer/outline/scanner.h"
#include "indexer/outline/walk.h"
#include "indexer/syntax_memory.h"
#include "indexer/syntax_tree.h"

namespace moxie::indexer {
namespace {

constexpr size_t kLargeTextBytes = 100'000;

}  // namespace

std::string_view toString(Role role) {
    static constexpr std::array<std::string_view, 11> kNames = {
        "none",   "call",  "type", "read",  "write", "inherit",
        "import", "local", "same", "typed", "extend"};
    const auto at = static_cast<size_t>(role);
    return at < kNames.size() ? kNames[at] : "unknown";
}

struct Outliner::Parser {
    SyntaxArena memory;
};

Outliner::Outliner() : parser_(std::make_unique<Parser>()) {}

Outliner::~Outliner() = default;

base::Result<Outline> Outliner::outline(Grammar grammar, std::string_view text,
                                        const std::stop_token& stop, int64_t timeLimitMs) {
    const CompiledRules* rules = compiledRules(grammar);
    if (!rules || !rules->language || text.empty()) return Outline();
    // A tree weighs 20 to 30 times its text: there is one large one at a time.
    static std::mutex largeTexts;
    std::unique_lock lock(largeTexts, std::defer_lock);
    if (text.size() > kLargeTextBytes) lock.lock();
    SyntaxArena::Use memory(parser_->memory);
    SyntaxParser parser = newSyntaxParser();
    if (!ts_parser_set_language(parser.get(), rules->language))
        return base::fail(base::Errc::unsupported, "grammar does not fit the tree-sitter core");
    SyntaxTree tree = parseText(*parser, text, {.stop = stop, .cpuMs = timeLimitMs});
    parser.reset();
    if (!tree) {
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "indexing was stopped");
        Outline cut;
        cut.isDamaged = cut.isCutShort = true;
        return cut;
    }
    auto found = OutlineWalk(*rules, text).run(ts_tree_root_node(tree.get()), stop);
    memory.drop(std::move(tree));
    return found;
}

base::Result<Outline> Outliner::outline(const Language& language, std::string_view text,
                                        const std::stop_token& stop, int64_t timeLimitMs) {
    const CompiledRules* rules = compiledRules(language.grammar);
    if (!rules) {
        Outline scanned = scanOutline(language.family, text, stop);
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "indexing was stopped");
        return scanned;
    }
    TRY_ASSIGN(Outline out, outline(language.grammar, text, stop, timeLimitMs));
    if (out.isDamaged || rules->isGeneric)
        addScannedSymbols(scanOutline(language.family, text, stop), out);
    return out;
}

}  // namespace moxie::indexer
