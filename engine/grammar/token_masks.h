// Which tokens of a vocabulary can come next, for every state of a grammar; and a cursor that goes
// with one answer.
// Threads: TokenTable immutable, any thread; the others one thread at a time.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/grammar/answer_grammar.h"
#include "engine/tokenizer/tokenizer.h"

namespace moxie::engine {

// The tokens of a vocabulary as symbols, in the order of a trie's walk.
class TokenTable {
public:
    // `markers`: the family's control tokens in this model; `endsAnswer` as ChatFormat has it.
    TokenTable(const Tokenizer& tokenizer, const MarkerNames& markers,
               const std::function<bool(int32_t)>& endsAnswer);

    struct Entry {
        std::string_view bytes;
        int32_t token;
        int32_t shared;  // bytes that the entry ahead of it begins with, too
    };

    struct Special {
        int32_t token;
        Symbol symbol;
    };

    const std::vector<Entry>& entries() const { return entries_; }

    const std::vector<Special>& specials() const { return specials_; }

    // What a special token may stand for; empty: it is bytes.
    std::span<const Special> specialsOf(int32_t token) const;

    const Tokenizer& tokenizer() const { return tokenizer_; }

    int64_t size() const { return size_; }

private:
    const Tokenizer& tokenizer_;
    int64_t size_;
    std::vector<Entry> entries_;
    std::vector<Special> specials_;  // sorted by token
};

struct TokenMask {
    std::vector<uint64_t> bits = {};
    bool allowsAll = false;
    bool allowsNone = false;

    bool allows(int32_t token) const {
        return (bits[size_t(token) / 64] >> (size_t(token) % 64) & 1) != 0;
    }
};

class TokenMasks {
public:
    TokenMasks(std::shared_ptr<const TokenTable> table, std::unique_ptr<AnswerGrammar> grammar);

    const AnswerGrammar& grammar() const { return *grammar_; }

    Automaton& automaton() { return grammar_->automaton; }

    const TokenTable& table() const { return *table_; }

    // The reference stays.
    const TokenMask& maskOf(Automaton::State state);
    // kDead if the token cannot come next.
    Automaton::State after(Automaton::State state, int32_t token);
    // The tokens of the only way on, up to where there is a choice; the last of them is left out
    // where it could grow with what follows. Canonical: as the tokenizer writes their text.
    const std::vector<int32_t>& forcedAfter(Automaton::State state);

    int64_t states() const { return grammar_->automaton.states(); }

private:
    void walk(Automaton::State state, TokenMask& mask);
    std::optional<Symbol> onlySymbol(Automaton::State state);

    std::shared_ptr<const TokenTable> table_;
    std::unique_ptr<AnswerGrammar> grammar_;
    std::unordered_map<Automaton::State, TokenMask> masks_;
    std::unordered_map<Automaton::State, std::vector<int32_t>> forced_;
    std::vector<Automaton::State> path_;  // of the walk, by depth
};

// One answer on its way through the grammar.
class TokenConstraint {
public:
    explicit TokenConstraint(std::shared_ptr<TokenMasks> masks);

    // To the start of an answer.
    void restart();
    // What must come next, token for token; empty: there is a choice.
    std::span<const int32_t> forced() const;
    const TokenMask& mask();
    // Whether what comes next is syntax, where the likeliest token is taken.
    bool isSyntax() const;
    // Requires: the mask allows it, or it is the first forced one.
    void accept(int32_t token);

private:
    void enter(Automaton::State state);

    std::shared_ptr<TokenMasks> masks_;
    Automaton::State state_ = Automaton::kDead;
    std::vector<int32_t> forced_;
    size_t taken_ = 0;  // of forced_
};

}  // namespace moxie::engine
