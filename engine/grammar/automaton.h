// A pushdown automaton over the symbols of an answer: bytes, control tokens and the answer's end.
// Its states are made when they are first met: a state is a set of stacks, a stack a list of what
// is still to be written, topmost first. Every state and every step is kept, so that a step that
// was taken once is a look-up. Threads: one thread at a time.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/grammar/grammar_item.h"
#include "engine/grammar/json_schema.h"

namespace moxie::engine {

class Automaton {
public:
    using State = int32_t;
    using Stack = int32_t;  // 0: empty
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

    // A text without quotes, as a schema has it, up to a literal that ends it.
    struct ClosedText {
        int32_t shape = 0;
        int32_t close = 0;
    };

    int32_t addClosedText(const ClosedText& text);
    // An item of `kind` (textBody, closedText) for a text of the schema; a: of a closedText.
    GrammarItem textItem(GrammarItem::Kind kind, int32_t a, const SchemaNode& text) const;

    State start(const GrammarItems& items);
    // kDead if the symbol cannot come next.
    State step(State state, Symbol symbol);
    // Whether nothing of what is being written is the user's text: markers, keys, punctuation.
    bool isSyntax(State state) const;
    // Whether the state is only text outside calls.
    bool isFree(State state) const;

    std::span<const Stack> stacksOf(State state) const { return states_[size_t(state)].stacks; }

    // What the topmost item of a stack says by itself. A way through `state` that ends inside, or
    // just where the item does, is one whatever lies below; where it leaves, its last symbol was
    // for `rest`. Keys without a name are not told apart in it: repeatedKeys() has those; nor are
    // counts of characters that no token reaches.
    struct Core {
        State state = kDead;
        Stack rest = 0;
    };

    Core coreOf(Stack stack, int32_t longestToken);

    // The same text without its count, and how many characters it has room for; nullopt: the state
    // is not within one text whose characters are counted.
    struct Counted {
        State free;
        int32_t left;
    };

    std::optional<Counted> countedText(State state);

    bool isInside(State state) const { return states_[size_t(state)].isInside; }

    bool hasLeft(State state) const { return states_[size_t(state)].hasLeft; }

    // Whether it is of an object whose schema does not name all keys.
    bool canRepeatKeys(Stack stack) const;
    // The texts that would end such a key for the second time.
    std::vector<std::string> repeatedKeys(Stack stack) const;
    // One step of any stacks; no state is made.
    void stepStacks(std::span<const Stack> from, Symbol symbol, std::vector<Stack>& to);

    int64_t states() const { return int64_t(states_.size()); }

    int32_t markers() const { return markers_; }

    void setMarkers(int32_t count) { markers_ = count; }

private:
    struct Cell {
        GrammarItem item;
        Stack rest;
    };

    struct KnownState {
        std::vector<Stack> stacks = {};
        bool isInside = false;
        bool hasLeft = false;
        std::vector<State> steps = {};  // by symbol; -1: not yet taken
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
    void stepEscape(GrammarItem item, Stack rest, Symbol symbol);
    void stepShapedNumber(GrammarItem item, Stack rest, Symbol symbol);
    void stepClosedText(GrammarItem item, Stack rest, Symbol symbol);
    bool isWhole(const GrammarItem& item, int32_t shape) const;
    bool takeByte(GrammarItem& item, int32_t shape, uint8_t byte) const;
    bool canEscape(const GrammarItem& item) const;
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
    bool canBegin(const GrammarItems& items, Symbol symbol) const;
    bool isOpen(const GrammarItem& key, const WordSet::Range& range) const;
    GrammarItem otherKeyOf(const GrammarItem& key);
    WordSet::Range narrowed(int32_t set, const WordSet::Range& range, uint8_t byte);
    std::string keyTextOf(int32_t text) const;
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
    std::vector<ClosedText> closedTexts_;
    int32_t markers_ = 0;
    int32_t guard_ = -1;  // a scanner; -1: none

    std::vector<Cell> cells_ = {Cell{}};  // by stack
    std::unordered_multimap<uint64_t, Stack> cellIndex_;
    std::vector<KnownState> states_ = {KnownState{}};
    std::unordered_multimap<uint64_t, State> stateIndex_;
    Stack below_ = 0;
    Stack left_ = 0;
    std::map<std::array<int32_t, 4>, std::vector<WordSet::Branch>> branches_;  // by set and range
    std::map<std::pair<int32_t, int32_t>, int32_t> keyTexts_;           // (text, byte) to text
    std::vector<std::pair<int32_t, int32_t>> keyTextCells_ = {{0, 0}};  // text to (text, byte)
    std::map<std::pair<int32_t, int32_t>, int32_t> keyLists_;           // (list, text) to list
    std::vector<std::pair<int32_t, int32_t>> keyListCells_ = {{0, 0}};  // list to (text, list)
    std::vector<Stack> out_;  // of the step that is being taken
};

}  // namespace moxie::engine
