// Parsing with a limit: the one place that runs a tree-sitter parser. Threads: one per parser.
#pragma once
#include <tree_sitter/api.h>

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string_view>

namespace moxie::indexer {

struct FreeSyntaxTree {
    void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};

struct FreeParser {
    void operator()(TSParser* parser) const { ts_parser_delete(parser); }
};

using SyntaxTree = std::unique_ptr<TSTree, FreeSyntaxTree>;
using SyntaxParser = std::unique_ptr<TSParser, FreeParser>;

SyntaxParser newSyntaxParser();

struct ParseLimits {
    std::stop_token stop = {};
    int64_t cpuMs = 1500;  // of this thread: a busy machine must not cut files short
};

// Null if a limit was reached; the parser can be used again. `known` is the edited tree of the text
// before, or null. Requires: the parser has a language. Cost: about 150 ns per byte; with `known`
// what the edit touched.
SyntaxTree parseText(TSParser& parser, std::string_view text, const ParseLimits& limits,
                     const TSTree* known = nullptr);

}  // namespace moxie::indexer
