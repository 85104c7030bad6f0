#include "indexer/existence/ruby_place.h"

#include <algorithm>
#include <cstdint>

#include "indexer/outline/definitions.h"
#include "indexer/outline/rules.h"

namespace moxie::indexer {
namespace {

// The way up is walked from the root for each step: deeper places are left undecided.
constexpr int kStepsMax = 200;
constexpr uint32_t kClausesMax = 8;  // of one "begin": rescue, else, ensure

// A "rescue" stands at the end of what it belongs to.
bool hasRescue(TSNode node) {
    const std::string_view kind = ts_node_type(node);
    if (kind != "begin" && kind != "body_statement" && kind != "method") return false;
    const uint32_t count = ts_node_named_child_count(node);
    for (uint32_t i = count - std::min(count, kClausesMax); i < count; i++)
        if (std::string_view(ts_node_type(ts_node_named_child(node, i))) == "rescue") return true;
    return false;
}

// "A = Struct.new do": the block is the type's body.
bool isBodyOfType(TSNode call, size_t begin) {
    const TSNode above = ts_node_parent(call);
    return !ts_node_is_null(above) && std::string_view(ts_node_type(above)) == "assignment" &&
           ts_node_start_byte(above) == begin;
}

}  // namespace

RubyText::RubyText(std::string_view text, const std::stop_token& stop) : text_(text) {
    const TSLanguage* language = treeSitterLanguage(Grammar::ruby);
    SyntaxParser parser = newSyntaxParser();
    if (language != nullptr && ts_parser_set_language(parser.get(), language))
        tree_ = parseText(*parser, text, {.stop = stop});
}

RubyPlace RubyText::placeOf(size_t at, size_t begin) const {
    RubyPlace place;
    if (!tree_ || at >= text_.size()) return place;
    const auto byte = uint32_t(at);
    TSNode node = ts_node_descendant_for_byte_range(ts_tree_root_node(tree_.get()), byte, byte + 1);
    for (int depth = 0; depth < kStepsMax; depth++) {
        const TSNode above = ts_node_parent(node);
        if (ts_node_is_null(above)) {
            place.isKnown = true;
            return place;
        }
        const std::string_view kind = ts_node_type(node), kindAbove = ts_node_type(above);
        if (kind == "ERROR") return place;
        const bool isBlock = (kind == "block" || kind == "do_block") && kindAbove == "call";
        if (isBlock && ts_node_start_byte(above) >= begin && !isBodyOfType(above, begin))
            place.blocks.push_back({textOf(childByField(above, "receiver"), text_),
                                    textOf(childByField(above, "method"), text_)});
        place.isRescued |= kindAbove == "rescue_modifier" || hasRescue(above);
        node = above;
    }
    return place;
}

}  // namespace moxie::indexer
