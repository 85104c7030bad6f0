// What node kinds mean for highlighting: a table per language, compiled into arrays by symbol
// number at first use. Threads: any thread; constant after the first use.
#pragma once
#include <tree_sitter/api.h>

#include <span>
#include <string_view>
#include <vector>

#include "indexer/highlight.h"

namespace moxie::indexer {

// How a painted node treats what is inside it.
enum class Paint : uint8_t {
    solid,   // nothing inside is looked at
    ground,  // named nodes inside have their own colours, its own quotes and signs do not
    reset,   // plain again: code inside a string
};

struct PaintRule {
    const char* node = "";
    TokenKind kind = TokenKind::text;
    Paint paint = Paint::solid;
};

// A leaf that is a name, and what it is where no wish says better.
struct NameRule {
    const char* node = "";
    TokenKind kind = TokenKind::variable;
};

// What the name in field `field` ("": any) of `node` is. With `passes` only if the node itself was
// not wished for: in a.b.c() the name c is a function, in a.b.c a property.
struct WishRule {
    const char* node = "";
    const char* field = "";
    TokenKind kind = TokenKind::text;
    bool passes = false;
};

// What the spelling of a name says.
enum class Spelling : uint8_t {
    nothing,
    capitals,         // MAX_SIZE is a constant
    capitalsAndType,  // and Parser a type
};

struct TokenRules {
    std::span<const PaintRule> paints;
    std::span<const NameRule> names;
    std::span<const WishRule> wishes;
    Spelling spelling = Spelling::capitals;
};

const TokenRules& cTokenRules();
const TokenRules& pythonTokenRules();
const TokenRules& scriptTokenRules();  // JavaScript, TypeScript, TSX
const TokenRules& goTokenRules();
const TokenRules& rustTokenRules();
const TokenRules& javaTokenRules();

// The rules of one grammar by its numbers.
struct CompiledTokenRules {
    struct Wish {
        TSFieldId field = 0;  // 0: any
        TokenKind kind = TokenKind::text;
        bool passes = false;
    };

    enum class Is : uint8_t { plain, sign, name, painted };

    struct Node {
        Is is = Is::plain;
        TokenKind kind = TokenKind::text;
        Paint paint = Paint::solid;
        std::vector<Wish> wishes;  // for its children
    };

    std::vector<Node> nodes;  // by TSSymbol
    Spelling spelling = Spelling::capitals;
};

// Requires: a grammar that treeSitterLanguage() has.
const CompiledTokenRules& compiledTokenRules(Grammar grammar);

}  // namespace moxie::indexer
