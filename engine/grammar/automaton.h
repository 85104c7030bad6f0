// A pushdown automaton over the symbols of an answer: bytes, control tokens and the answer's end.
// Its states are made when they are first met: a state is a set of stacks, a stack a list of what
// is still to be written, topmost first. Every state and every step is kept, so that a step that
// was taken once is a look-up. Threads: one thread at a time.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/chat/marked_text.h"
#include "engine/grammar/json_schema.h"

namespace moxie::engine {

// 0..255: a byte. From kFirstMarker on: the family's control tokens.
using Symbol = uint16_t;
using Symbols = std::vector<Symbol>;
constexpr Symbol kAnswerEnd = 256;
constexpr Symbol kForeign = 257;  // a control token that means nothing to the family
constexpr Symbol kFirstMarker = 258;

// `text` with every name of `names` as the control token that it is.
Symbols symbolsOf(std::string_view text, const MarkerNames& names);

// What is still to be written. The meaning of the numbers is the kind's own.
struct GrammarItem {
    enum class Kind : uint8_t {
        literal,      // a: literal, b: symbols of it that are written
        choice,       // a: choice
        value,        // a: schema; JSON
        textBody,     // behind the opening quote, with the closing one; b: of the guard
        quotedWords,  // the same; a: set, b c d: range
        plainWords,   // a: set, b c d: range; no quotes, ends with the word
        number,       // a: digits of this part, b: whether it is an integer
        objectStart,  // a: object; behind {
        objectComma,  // a: object, e: other keys so far; behind a member
        objectKey,    // a: object, b c d: range of keys, e as above; behind the key's quote
        otherKey,     // a: object, b: its bytes so far, e as above
        arrayStart,   // a: array; behind [
        arrayComma,   // a: array, b: items so far
        blank,        // one space or none
        scan,         // a: scanner, b: what of its patterns stands at the end
        parameters,   // a: parameter list
        answerEnd,    // nothing more
    };
    Kind kind = Kind::literal;
    uint8_t phase = 0;
    int16_t levels = 0;  // of nesting that are left
    int32_t a = 0, b = 0, c = 0, d = 0, e = 0;
    uint64_t seen = 0;  // keys of an object or parameters that are written
    bool operator==(const GrammarItem&) const = default;
};

using GrammarItems = std::vector<GrammarItem>;  // topmost first

// Text up to one of some patterns, each with what follows it instead of the text.
struct TextScanner {
    struct Pattern {
        Symbols symbols = {};
        GrammarItems next = {};
        bool onlyAtStart = false;  // nothing but line ends ahead of it
        bool isForbidden = false;
    };

    std::vector<Pattern> patterns = {};
    enum class Text { any, utf8 };  // utf8: no control tokens, no end of the answer
    Text text = Text::any;
    bool canEnd = true;  // with the answer
};

// Parameters between tags, in any order, each at most once.
struct ParameterList {
    struct Parameter {
        GrammarItems items = {};  // all of it, tags included
    };

    std::vector<Parameter> parameters = {};
    uint64_t required = 0;
};

class Automaton {
public:
    using State = int32_t;
    static constexpr State kDead = 0;

    Automaton();

    // What the items speak of. Before the first state is made.
    SchemaTable& schemas() { return schemas_; }

    int32_t addLiteral(Symbols symbols);
    int32_t addChoice(std::vector<GrammarItems> choices);
    // A choice of what is still to be written of `item` behind `symbols`.
    int32_t addBehind(const GrammarItem& item, const Symbols& symbols);
    void setChoice(int32_t choice, std::vector<GrammarItems> choices);
    // What no text of a value may spell, for a parser would take it for the end of the call.
    void setGuard(std::vector<Symbols> texts);
    int32_t addScanner(TextScanner scanner);

    TextScanner& scanner(int32_t scanner) { return scanners_[size_t(scanner)].scanner; }

    int32_t addParameters(ParameterList list);

    State start(const GrammarItems& items);
    // kDead if the symbol cannot come next.
    State step(State state, Symbol symbol);
    // Whether nothing of what is being written is the user's text: markers, keys, punctuation.
    bool isSyntax(State state) const;
    // Whether the state is only text outside calls.
    bool isFree(State state) const;

    int64_t states() const { return int64_t(states_.size()); }

    int32_t markers() const { return markers_; }

    void setMarkers(int32_t count) { markers_ = count; }

private:
    using Stack = int32_t;  // 0: empty

    struct Cell {
        GrammarItem item;
        Stack rest;
    };

    struct KnownScanner {
        TextScanner scanner;
        std::vector<Symbols> prefixes = {};  // of its patterns, the empty one first
        std::map<std::pair<int32_t, Symbol>, int32_t> steps = {};
    };

    Stack push(const GrammarItem& item, Stack rest);
    Stack pushAll(const GrammarItems& items, Stack rest);
    State intern(std::vector<Stack> stacks);
    void stepStack(Stack stack, Symbol symbol);
    void stepItem(const GrammarItem& item, Stack rest, Symbol symbol);
    void stepLiteral(GrammarItem item, Stack rest, Symbol symbol);
    void stepValue(const GrammarItem& item, Stack rest, Symbol symbol);
    void stepAny(const GrammarItem& item, Stack rest, Symbol symbol);
    void stepText(GrammarItem item, Stack rest, Symbol symbol);
    void stepQuoted(GrammarItem item, Stack rest, Symbol symbol);
    void stepPlain(GrammarItem item, Stack rest, Symbol symbol);
    void stepNumber(GrammarItem item, Stack rest, Symbol symbol);
    void stepObject(const GrammarItem& item, Stack rest, Symbol symbol);
    void stepKey(GrammarItem item, Stack rest, Symbol symbol);
    void stepOtherKey(GrammarItem item, Stack rest, Symbol symbol);
    void stepArray(const GrammarItem& item, Stack rest, Symbol symbol);
    void stepScan(GrammarItem item, Stack rest, Symbol symbol);
    void stepParameters(const GrammarItem& item, Stack rest, Symbol symbol);
    void openKey(const GrammarItem& item, Stack rest);
    void closeKey(const GrammarItem& item, int32_t schema, Stack rest);
    bool canHoldMore(const GrammarItem& item) const;
    bool guard(GrammarItem& item, Symbol symbol);
    int32_t keyText(int32_t prefix, Symbol byte);
    int32_t scanStep(KnownScanner& known, int32_t at, Symbol symbol);
    GrammarItem valueOf(int32_t schema, int16_t levels) const;

    void emit(Stack stack) { out_.push_back(stack); }

    SchemaTable schemas_;
    std::vector<Symbols> literals_;
    std::vector<std::vector<GrammarItems>> choices_;
    std::vector<KnownScanner> scanners_;
    std::vector<ParameterList> parameters_;
    int32_t markers_ = 0;
    int32_t guard_ = -1;  // a scanner; -1: none

    std::vector<Cell> cells_ = {Cell{}};  // by stack
    std::unordered_multimap<uint64_t, Stack> cellIndex_;
    std::vector<std::vector<Stack>> states_ = {{}};
    std::map<std::vector<Stack>, State> stateIndex_ = {{{}, kDead}};
    std::vector<std::vector<State>> steps_ = {{}};  // by state, then symbol; -1: not yet taken
    std::map<std::pair<int32_t, int32_t>, int32_t> keyTexts_;           // (text, byte) to text
    std::map<std::pair<int32_t, int32_t>, int32_t> keyLists_;           // (list, text) to list
    std::vector<std::pair<int32_t, int32_t>> keyListCells_ = {{0, 0}};  // list to (text, list)
    std::vector<Stack> out_;  // of the step that is being taken
};

}  // namespace moxie::engine
