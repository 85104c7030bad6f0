// Where in a text of Ruby a name stands, by its syntax tree. Threads: one thread at a time.
#pragma once
#include <cstddef>
#include <stop_token>
#include <string_view>
#include <vector>

#include "indexer/syntax_tree.h"

namespace moxie::indexer {

// A call that is given a block: "receiver.method do".
struct BlockCall {
    std::string_view receiver, method;
};

struct RubyPlace {
    bool isKnown = false;                // the tree says it
    bool isRescued = false;              // an error there is caught
    std::vector<BlockCall> blocks = {};  // around it, innermost first
};

class RubyText {
public:
    // `text` must outlive it. Cost: a parse.
    RubyText(std::string_view text, const std::stop_token& stop);

    // Of the byte at `at`; blocks count that begin behind `begin`.
    RubyPlace placeOf(size_t at, size_t begin) const;

private:
    std::string_view text_;
    SyntaxTree tree_;
};

}  // namespace moxie::indexer
