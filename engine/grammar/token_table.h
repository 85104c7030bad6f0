// The tokens of a vocabulary as symbols, in the order of a trie's walk.
// Threads: immutable, any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/grammar/grammar_item.h"
#include "engine/tokenizer/tokenizer.h"

namespace moxie::engine {

class TokenTable {
public:
    // `markers`: the family's control tokens in this model; `endsAnswer` as ChatFormat has it.
    TokenTable(const Tokenizer& tokenizer, const MarkerNames& markers,
               const std::function<bool(int32_t)>& endsAnswer);

    // A beginning of tokens; those that go on from it follow, up to `next`.
    struct Node {
        uint8_t byte;
        // Behind it come characters outside ASCII and isPlain() bytes only, or nothing.
        bool isPlainBelow;
        int32_t depth;            // bytes, this one included
        int32_t next;             // behind all that begins so
        int32_t firstToken;       // sorted by bytes; those that end here come first
        int32_t nTokens;          // that end here
        int32_t charactersBelow;  // that open behind it, in the token that has most
    };

    struct Special {
        int32_t token;
        Symbol symbol;
    };

    // Bytes that say nothing in any syntax of ours.
    static bool isPlain(uint8_t byte);

    const std::vector<Node>& nodes() const { return nodes_; }

    // Those that begin as the node does, its own first.
    std::span<const int32_t> tokensBelow(const Node& node) const {
        const auto last = size_t(node.next) < nodes_.size()
                              ? size_t(nodes_[size_t(node.next)].firstToken)
                              : tokens_.size();
        return std::span(tokens_).subspan(size_t(node.firstToken), last - size_t(node.firstToken));
    }

    // Those that begin so.
    std::span<const int32_t> tokensFrom(std::string_view beginning) const;

    // Those with three quotes or more.
    const std::vector<int32_t>& manyQuotes() const { return manyQuotes_; }

    std::string_view bytes(int32_t token) const { return tokenizer_.vocabulary().bytes(token); }

    const std::vector<Special>& specials() const { return specials_; }

    // What a special token may stand for; empty: it is bytes.
    std::span<const Special> specialsOf(int32_t token) const;

    const Tokenizer& tokenizer() const { return tokenizer_; }

    int64_t size() const { return size_; }

    // Characters, of the token that has most.
    int32_t longestToken() const { return longestToken_; }

private:
    void addNodes(int32_t at, size_t shared, std::vector<int32_t>& open);
    void findPlain();
    void countCharacters();

    const Tokenizer& tokenizer_;
    int64_t size_;
    int32_t longestToken_ = 0;
    std::vector<Node> nodes_;
    std::vector<int32_t> tokens_;  // sorted by bytes
    std::vector<int32_t> manyQuotes_;
    std::vector<Special> specials_;  // sorted by token
};

}  // namespace moxie::engine
