// The blocks of a highlighted text that can be folded away.
#include <tree_sitter/api.h>

#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "indexer/highlight.h"

namespace moxie::indexer {

namespace {

constexpr int32_t kHiddenLinesMin = 2;
constexpr int64_t kAskedEvery = 4'096;

int32_t firstLine(TSNode node) {
    return int32_t(ts_node_start_point(node).row);
}

// A node that ends with its line's end does not reach the next line.
int32_t lastLine(TSNode node) {
    const TSPoint end = ts_node_end_point(node);
    return int32_t(end.column == 0 && end.row > 0 ? end.row - 1 : end.row);
}

bool isBracketed(TSNode node) {
    const uint32_t n = ts_node_child_count(node);
    if (n < 2) return false;
    const std::string_view open = ts_node_type(ts_node_child(node, 0));
    const std::string_view close = ts_node_type(ts_node_child(node, n - 1));
    return (open == "{" && close == "}") || (open == "(" && close == ")") ||
           (open == "[" && close == "]");
}

FoldableBlock::Kind kindBelow(std::string_view parent) {
    for (const std::string_view word : {"function", "method", "constructor", "lambda"})
        if (parent.find(word) != parent.npos) return FoldableBlock::Kind::function;
    return FoldableBlock::Kind::other;
}

// head == last: nothing to fold. `parent` is null for the root; to look for it would begin at the
// root each time.
FoldableBlock blockOf(TSNode node, TSNode parent) {
    if (!ts_node_is_named(node) || lastLine(node) - firstLine(node) < kHiddenLinesMin) return {};
    const std::string_view type = ts_node_type(node);
    const std::string_view parentType =
        ts_node_is_null(parent) ? std::string_view() : ts_node_type(parent);
    if (isBracketed(node)) return {firstLine(node), lastLine(node) - 1, kindBelow(parentType)};
    if (type.find("comment") != type.npos) return {firstLine(node), lastLine(node)};
    const bool isSuite = type == "block" && !ts_node_is_null(parent);  // Python
    if (isSuite) return {firstLine(parent), lastLine(node), kindBelow(parentType)};
    return {};
}

class BlockWalk {
public:
    explicit BlockWalk(const std::stop_token& stop) : stop_(stop) {}

    // Whether it came to the end.
    bool run(TSNode root) {
        TSTreeCursor cursor = ts_tree_cursor_new(root);
        const std::unique_ptr<TSTreeCursor, void (*)(TSTreeCursor*)> owner(&cursor,
                                                                           ts_tree_cursor_delete);
        std::vector<TSNode> above = {TSNode()};
        while (true) {
            if (++visits_ % kAskedEvery == 0 && stop_.stop_requested()) return false;
            const TSNode node = ts_tree_cursor_current_node(&cursor);
            const bool isLong = lastLine(node) - firstLine(node) >= kHiddenLinesMin;
            if (isLong) take(blockOf(node, above.back()));
            if (isLong && ts_tree_cursor_goto_first_child(&cursor)) {
                above.push_back(node);
                continue;
            }
            while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
                if (!ts_tree_cursor_goto_parent(&cursor)) return true;
                above.pop_back();
            }
        }
    }

    std::vector<FoldableBlock> blocks() const {
        std::vector<FoldableBlock> all;
        for (const auto& [head, block] : byHead_)
            all.push_back(block);
        return all;
    }

private:
    void take(const FoldableBlock& block) {
        if (block.last - block.head < kHiddenLinesMin) return;
        const auto [known, isNew] = byHead_.try_emplace(block.head, block);
        if (!isNew && known->second.last < block.last) known->second = block;
    }

    const std::stop_token& stop_;
    std::map<int32_t, FoldableBlock> byHead_;
    int64_t visits_ = 0;
};

}  // namespace

base::Result<std::vector<FoldableBlock>> HighlightedText::blocks(
    const std::stop_token& stop) const {
    if (!tree_) return std::vector<FoldableBlock>();
    BlockWalk walk(stop);
    if (!walk.run(ts_tree_root_node(tree_.get())))
        return base::fail(base::Errc::cancelled, "looking for blocks was stopped");
    return walk.blocks();
}

}  // namespace moxie::indexer
