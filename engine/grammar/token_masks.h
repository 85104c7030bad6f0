// Which tokens of a vocabulary can come next, for every state of a grammar; and a cursor that goes
// with one answer. What the topmost item of a stack says of all tokens is kept by item; the tokens
// that go beyond it are few, and are held against the rest of the stack each time.
// Source: the adaptive token mask of XGrammar (arXiv 2411.15100, section 3.1), described there;
// ours walks items instead of rules, and passes what an item leaves at once to the mask below it.
// Threads: one thread at a time.
#pragma once
#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/grammar/answer_grammar.h"
#include "engine/grammar/token_table.h"

namespace moxie::engine {

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

    // The reference stays until the next call.
    const TokenMask& maskOf(Automaton::State state);
    // kDead if the token cannot come next.
    Automaton::State after(Automaton::State state, int32_t token);
    // The tokens of the only way on, up to where there is a choice; the last of them is left out
    // where it could grow with what follows. Canonical: as the tokenizer writes their text.
    const std::vector<int32_t>& forcedAfter(Automaton::State state);

    int64_t states() const { return grammar_->automaton.states(); }

private:
    using Bits = std::vector<uint64_t>;

    // The ending of a token that is for what lies below.
    struct Tail {
        std::string_view text;
        int32_t token;
        // The next tail that begins otherwise: with another byte, with other two.
        std::array<int32_t, 2> next = {};
    };

    // What a core (see Automaton::coreOf) says of the tokens.
    struct CoreMask {
        std::vector<int32_t> few = {};  // those that fit whatever lies below, or as `bits`
        Bits bits = {};
        std::vector<Tail> tails = {};  // sorted
        // Symbols with which all of a token is.
        std::bitset<256> leavesAt = {};
        std::vector<Symbol> leavesAtMarkers = {};
        bool leaves = false;
    };

    using CharacterPlace = std::pair<Automaton::State, uint8_t>;  // and its phase of UTF-8

    struct CoreWalk {
        std::vector<int32_t> fit = {};
        std::vector<Tail> tails = {};
    };

    const CoreMask& coreMask(Automaton::State core);
    void walkCore(Automaton::State core, CoreMask& mask);
    void addNode(const TokenTable::Node& node, Automaton::State state, CoreWalk& walk);
    static void linkTails(std::vector<Tail>& tails);
    int32_t plainRoom(Automaton::State state);
    bool isPlainText(Automaton::State state);
    bool charactersLeadTo(Automaton::State state, CharacterPlace from,
                          std::vector<CharacterPlace>& met);
    void walkMarkers(Automaton::State core, CoreMask& mask, std::vector<int32_t>& fit);
    Bits bitsOf(Automaton::Stack stack);
    void addTails(const CoreMask& mask, Automaton::Stack rest, Bits& bits);
    void addBelow(const CoreMask& mask, Automaton::Stack rest, Bits& bits);
    void takeRepeatedKeys(Automaton::Stack stack, Bits& bits);
    bool fits(Automaton::Stack stack, std::string_view bytes);
    std::optional<Symbol> onlySymbol(Automaton::State state);

    std::shared_ptr<const TokenTable> table_;
    std::unique_ptr<AnswerGrammar> grammar_;
    std::unordered_map<Automaton::State, CoreMask> cores_;
    std::unordered_map<Automaton::State, bool> isPlainText_;
    std::unordered_map<Automaton::State, TokenMask> masks_;  // the newest
    std::unordered_map<Automaton::State, std::vector<int32_t>> forced_;
    std::vector<std::vector<Automaton::Stack>> path_;  // of a walk, by depth
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
