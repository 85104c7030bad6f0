#include "engine/grammar/automaton.h"

#include <algorithm>
#include <utility>

namespace moxie::engine {

namespace {

using Kind = GrammarItem::Kind;

constexpr int32_t kColon = 0;         // the literal
constexpr int32_t kDigitsMax = 15;    // before the point, and behind it
constexpr int32_t kExponentMax = 2;   // digits of it
constexpr int32_t kOtherKeyMax = 64;  // bytes of a key that the schema does not name
constexpr int16_t kFreeLevels = 8;    // nesting within a value that no schema describes

bool isDigit(Symbol symbol) {
    return symbol >= '0' && symbol <= '9';
}

bool isHexDigit(Symbol symbol) {
    return isDigit(symbol) || (symbol >= 'a' && symbol <= 'f') || (symbol >= 'A' && symbol <= 'F');
}

// Where a byte stands in a character of well-formed UTF-8 (Unicode 15, table 3-7).
enum Utf8 : uint8_t { whole, one, two, three, afterE0, afterED, afterF0, afterF4, noUtf8 };

Utf8 utf8Step(uint8_t phase, Symbol byte) {
    if (byte > 255) return noUtf8;
    const auto next = [byte](int low, int high, Utf8 then) {
        return byte >= low && byte <= high ? then : noUtf8;
    };
    switch (phase) {
        case whole:
            if (byte < 0x80) return whole;
            if (byte == 0xE0) return afterE0;
            if (byte == 0xED) return afterED;
            if (byte == 0xF0) return afterF0;
            if (byte == 0xF4) return afterF4;
            if (byte >= 0xC2 && byte <= 0xDF) return one;
            if (byte >= 0xE1 && byte <= 0xEF) return two;
            return next(0xF1, 0xF3, three);
        case one:
            return next(0x80, 0xBF, whole);
        case two:
            return next(0x80, 0xBF, one);
        case three:
            return next(0x80, 0xBF, two);
        case afterE0:
            return next(0xA0, 0xBF, one);
        case afterED:
            return next(0x80, 0x9F, one);
        case afterF0:
            return next(0x90, 0xBF, two);
        case afterF4:
            return next(0x80, 0x8F, two);
        default:
            return noUtf8;
    }
}

// Phases of textBody beyond those of UTF-8.
enum TextPhase : uint8_t { escape = 16, hex1, hex2, hex3, hex4, hexAfterD };

// Phases of a number.
enum NumberPhase : uint8_t { sign, zero, digits, point, fraction, exponent, exponentSign, power };

int escapedByte(Symbol symbol) {
    switch (symbol) {
        case '"':
        case '\\':
            return symbol;
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return -1;
    }
}

uint64_t mixed(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
    return hash ^ (hash >> 29);
}

uint64_t hashOf(const GrammarItem& item, int32_t rest) {
    uint64_t hash = mixed(uint64_t(item.kind), uint64_t(item.phase) << 16 | uint16_t(item.levels));
    for (const int32_t part : {item.a, item.b, item.c, item.d, item.e, rest})
        hash = mixed(hash, uint32_t(part));
    return mixed(hash, item.seen);
}

WordSet::Range rangeOf(const GrammarItem& item) {
    return {.begin = item.b, .end = item.c, .depth = item.d};
}

GrammarItem withRange(GrammarItem item, const WordSet::Range& range) {
    item.b = range.begin;
    item.c = range.end;
    item.d = range.depth;
    return item;
}

}  // namespace

Symbols symbolsOf(std::string_view text, const MarkerNames& names) {
    Symbols symbols;
    while (!text.empty()) {
        size_t longest = 0;
        Symbol found = 0;
        for (size_t i = 0; i < names.all().size(); ++i)
            if (const auto& name = names.all()[i];
                name.size() > longest && text.starts_with(name)) {
                longest = name.size();
                found = Symbol(kFirstMarker + i);
            }
        symbols.push_back(longest > 0 ? found : Symbol(uint8_t(text.front())));
        text.remove_prefix(std::max<size_t>(longest, 1));
    }
    return symbols;
}

Automaton::Automaton() {
    literals_.push_back({':'});
}

int32_t Automaton::addLiteral(Symbols symbols) {
    literals_.push_back(std::move(symbols));
    return int32_t(literals_.size()) - 1;
}

int32_t Automaton::addChoice(std::vector<GrammarItems> choices) {
    choices_.push_back(std::move(choices));
    return int32_t(choices_.size()) - 1;
}

int32_t Automaton::addBehind(const GrammarItem& item, const Symbols& symbols) {
    State state = start({item});
    for (const Symbol symbol : symbols)
        state = step(state, symbol);
    std::vector<GrammarItems> choices;
    for (Stack stack : states_[size_t(state)]) {
        GrammarItems& items = choices.emplace_back();
        for (; stack != 0; stack = cells_[size_t(stack)].rest)
            items.push_back(cells_[size_t(stack)].item);
    }
    return addChoice(std::move(choices));
}

void Automaton::setChoice(int32_t choice, std::vector<GrammarItems> choices) {
    choices_[size_t(choice)] = std::move(choices);
}

void Automaton::setGuard(std::vector<Symbols> texts) {
    TextScanner scanner;
    for (auto& text : texts)
        scanner.patterns.push_back({.symbols = std::move(text), .isForbidden = true});
    guard_ = addScanner(std::move(scanner));
}

// False: the symbol would end what the guard forbids.
bool Automaton::guard(GrammarItem& item, Symbol symbol) {
    if (guard_ < 0) return true;
    KnownScanner& known = scanners_[size_t(guard_)];
    item.b = scanStep(known, item.b, symbol);
    return std::ranges::none_of(known.scanner.patterns, [&](const auto& pattern) {
        return pattern.symbols == known.prefixes[size_t(item.b)];
    });
}

int32_t Automaton::addScanner(TextScanner scanner) {
    scanners_.push_back({.scanner = std::move(scanner)});
    return int32_t(scanners_.size()) - 1;
}

int32_t Automaton::addParameters(ParameterList list) {
    parameters_.push_back(std::move(list));
    return int32_t(parameters_.size()) - 1;
}

Automaton::Stack Automaton::push(const GrammarItem& item, Stack rest) {
    const uint64_t hash = hashOf(item, rest);
    const auto [begin, end] = cellIndex_.equal_range(hash);
    for (auto at = begin; at != end; ++at)
        if (cells_[size_t(at->second)].rest == rest && cells_[size_t(at->second)].item == item)
            return at->second;
    cells_.push_back({item, rest});
    const auto stack = Stack(cells_.size()) - 1;
    cellIndex_.emplace(hash, stack);
    return stack;
}

Automaton::Stack Automaton::pushAll(const GrammarItems& items, Stack rest) {
    for (size_t i = items.size(); i-- > 0;)
        rest = push(items[i], rest);
    return rest;
}

Automaton::State Automaton::intern(std::vector<Stack> stacks) {
    std::ranges::sort(stacks);
    const auto twice = std::ranges::unique(stacks);
    stacks.erase(twice.begin(), twice.end());
    const auto [at, isNew] = stateIndex_.try_emplace(stacks, State(states_.size()));
    if (isNew) {
        states_.push_back(std::move(stacks));
        steps_.emplace_back(size_t(kFirstMarker + markers_), -1);
    }
    return at->second;
}

Automaton::State Automaton::start(const GrammarItems& items) {
    return intern({pushAll(items, 0)});
}

Automaton::State Automaton::step(State state, Symbol symbol) {
    if (state == kDead) return kDead;
    if (const State known = steps_[size_t(state)][symbol]; known >= 0) return known;
    out_.clear();
    const std::vector<Stack> stacks = states_[size_t(state)];
    for (const Stack stack : stacks)
        stepStack(stack, symbol);
    const State next = intern(std::exchange(out_, {}));
    steps_[size_t(state)][symbol] = next;
    return next;
}

bool Automaton::isSyntax(State state) const {
    return std::ranges::none_of(states_[size_t(state)], [this](Stack stack) {
        const GrammarItem& item = cells_[size_t(stack)].item;
        return item.kind == Kind::textBody || item.kind == Kind::quotedWords ||
               item.kind == Kind::plainWords || item.kind == Kind::number ||
               item.kind == Kind::value || item.kind == Kind::scan;
    });
}

bool Automaton::isFree(State state) const {
    return std::ranges::all_of(states_[size_t(state)], [this](Stack stack) {
        const GrammarItem& item = cells_[size_t(stack)].item;
        return item.kind == Kind::scan &&
               scanners_[size_t(item.a)].scanner.text == TextScanner::Text::any;
    });
}

void Automaton::stepStack(Stack stack, Symbol symbol) {
    if (stack == 0) return;
    const Cell cell = cells_[size_t(stack)];
    stepItem(cell.item, cell.rest, symbol);
}

void Automaton::stepItem(const GrammarItem& item, Stack rest, Symbol symbol) {
    switch (item.kind) {
        case Kind::literal:
            return stepLiteral(item, rest, symbol);
        case Kind::choice:
            for (const GrammarItems& items : std::vector(choices_[size_t(item.a)]))
                stepStack(pushAll(items, rest), symbol);
            return;
        case Kind::value:
            return stepValue(item, rest, symbol);
        case Kind::textBody:
            return stepText(item, rest, symbol);
        case Kind::quotedWords:
            return stepQuoted(item, rest, symbol);
        case Kind::plainWords:
            return stepPlain(item, rest, symbol);
        case Kind::number:
            return stepNumber(item, rest, symbol);
        case Kind::objectStart:
        case Kind::objectComma:
            return stepObject(item, rest, symbol);
        case Kind::objectKey:
            return stepKey(item, rest, symbol);
        case Kind::otherKey:
            return stepOtherKey(item, rest, symbol);
        case Kind::arrayStart:
        case Kind::arrayComma:
            return stepArray(item, rest, symbol);
        case Kind::blank:
            if (symbol == ' ') return emit(rest);
            return stepStack(rest, symbol);
        case Kind::scan:
            return stepScan(item, rest, symbol);
        case Kind::parameters:
            return stepParameters(item, rest, symbol);
        case Kind::answerEnd:
            if (symbol == kAnswerEnd) emit(push(item, rest));
            return;
    }
}

void Automaton::stepLiteral(GrammarItem item, Stack rest, Symbol symbol) {
    const Symbols& literal = literals_[size_t(item.a)];
    if (size_t(item.b) == literal.size()) return stepStack(rest, symbol);
    if (literal[size_t(item.b)] != symbol) return;
    ++item.b;
    emit(size_t(item.b) == literal.size() ? rest : push(item, rest));
}

GrammarItem Automaton::valueOf(int32_t schema, int16_t levels) const {
    return {.kind = Kind::value, .levels = levels, .a = schema};
}

void Automaton::stepValue(const GrammarItem& item, Stack rest, Symbol symbol) {
    const SchemaNode& node = schemas_.at(item.a);
    if (node.levels > item.levels) return;
    switch (node.kind) {
        case SchemaNode::Kind::any:
            return stepAny(item, rest, symbol);
        case SchemaNode::Kind::text:
            if (symbol == '"') emit(push({.kind = Kind::textBody}, rest));
            return;
        case SchemaNode::Kind::words:
            if (symbol == '"')
                emit(push(withRange({.kind = Kind::quotedWords, .a = node.words},
                                    schemas_.words(node.words).all()),
                          rest));
            return;
        case SchemaNode::Kind::literals:
            return stepPlain(withRange({.kind = Kind::plainWords, .a = node.words},
                                       schemas_.words(node.words).all()),
                             rest, symbol);
        case SchemaNode::Kind::number:
        case SchemaNode::Kind::integer:
            return stepNumber(
                {.kind = Kind::number, .b = node.kind == SchemaNode::Kind::integer ? 1 : 0}, rest,
                symbol);
        case SchemaNode::Kind::object:
            if (symbol == '{')
                emit(push(
                    {.kind = Kind::objectStart, .levels = int16_t(item.levels - 1), .a = item.a},
                    rest));
            return;
        case SchemaNode::Kind::array:
            if (symbol == '[')
                emit(push(
                    {.kind = Kind::arrayStart, .levels = int16_t(item.levels - 1), .a = item.a},
                    rest));
            return;
        case SchemaNode::Kind::choice:
            for (const int32_t member : std::vector(node.members))
                stepValue(valueOf(member, item.levels), rest, symbol);
            return;
    }
}

void Automaton::stepAny(const GrammarItem& item, Stack rest, Symbol symbol) {
    const int16_t levels = std::min(item.levels, kFreeLevels);
    for (const int32_t schema : schemas_.kindsOfAny())
        stepValue(valueOf(schema, levels), rest, symbol);
}

void Automaton::stepText(GrammarItem item, Stack rest, Symbol symbol) {
    if (item.phase >= escape) {
        switch (item.phase) {
            case escape:
                if (symbol == 'u')
                    item.phase = hex1;
                else if (escapedByte(symbol) >= 0 || symbol == '/')
                    item.phase = whole;
                else
                    return;
                break;
            case hexAfterD:  // no half of a surrogate pair
                if (symbol < '0' || symbol > '7') return;
                item.phase = hex3;
                break;
            default:
                if (!isHexDigit(symbol)) return;
                if (item.phase == hex1 && (symbol == 'd' || symbol == 'D'))
                    item.phase = hexAfterD;
                else
                    item.phase = item.phase == hex4 ? uint8_t(whole) : uint8_t(item.phase + 1);
        }
        return emit(push(item, rest));
    }
    if (item.phase == whole && symbol == '"') return emit(rest);
    if (item.phase == whole && symbol == '\\') {
        item.phase = escape;
        item.b = 0;
        return emit(push(item, rest));
    }
    if (symbol < 0x20 || symbol > 255 || !guard(item, symbol)) return;
    item.phase = utf8Step(item.phase, symbol);
    if (item.phase != noUtf8) emit(push(item, rest));
}

void Automaton::stepQuoted(GrammarItem item, Stack rest, Symbol symbol) {
    const WordSet& words = schemas_.words(item.a);
    int byte = symbol < 256 ? symbol : -1;
    if (item.phase == escape) {
        byte = escapedByte(symbol);
        item.phase = whole;
    } else if (symbol == '"') {
        if (words.holdsWord(rangeOf(item))) emit(rest);
        return;
    } else if (symbol == '\\') {
        // Only where a word goes on with a byte that needs it.
        for (const Symbol next : {'"', '\\', 'b', 'f', 'n', 'r', 't'})
            if (const auto range = words.narrowed(rangeOf(item), uint8_t(escapedByte(next)));
                range.begin < range.end) {
                item.phase = escape;
                return emit(push(item, rest));
            }
        return;
    }
    if (byte < 0 || (byte < 0x20 && byte == symbol)) return;
    const auto range = words.narrowed(rangeOf(item), uint8_t(byte));
    if (range.begin < range.end) emit(push(withRange(item, range), rest));
}

void Automaton::stepPlain(GrammarItem item, Stack rest, Symbol symbol) {
    const WordSet& words = schemas_.words(item.a);
    if (words.holdsWord(rangeOf(item))) stepStack(rest, symbol);
    if (symbol > 255) return;
    const auto range = words.narrowed(rangeOf(item), uint8_t(symbol));
    if (range.begin < range.end) emit(push(withRange(item, range), rest));
}

void Automaton::stepNumber(GrammarItem item, Stack rest, Symbol symbol) {
    const auto go = [&](NumberPhase phase, int32_t count) {
        item.phase = phase;
        item.a = count;
        emit(push(item, rest));
    };
    const bool isFloat = item.b == 0;
    const bool isPower = symbol == 'e' || symbol == 'E';
    switch (item.phase) {
        case sign:
            if (symbol == '-' && item.a == 0) return go(sign, 1);
            if (symbol == '0') return go(zero, 0);
            if (isDigit(symbol)) return go(digits, 1);
            return;
        case zero:
        case digits:
            if (item.phase == digits && isDigit(symbol) && item.a < kDigitsMax)
                return go(digits, item.a + 1);
            if (isFloat && symbol == '.') return go(point, 0);
            if (isFloat && isPower) return go(exponent, 0);
            return stepStack(rest, symbol);
        case point:
            if (isDigit(symbol)) go(fraction, 1);
            return;
        case fraction:
            if (isDigit(symbol) && item.a < kDigitsMax) return go(fraction, item.a + 1);
            if (isPower) return go(exponent, 0);
            return stepStack(rest, symbol);
        case exponent:
            if (symbol == '+' || symbol == '-') return go(exponentSign, 0);
            if (isDigit(symbol)) go(power, 1);
            return;
        case exponentSign:
            if (isDigit(symbol)) go(power, 1);
            return;
        default:
            if (isDigit(symbol) && item.a < kExponentMax) return go(power, item.a + 1);
            return stepStack(rest, symbol);
    }
}

// Whether the object may take another member.
bool Automaton::canHoldMore(const GrammarItem& item) const {
    const SchemaNode& node = schemas_.at(item.a);
    if (node.others >= 0 && schemas_.at(node.others).levels <= item.levels) return true;
    for (size_t i = 0; i < node.members.size(); ++i)
        if (!(item.seen >> i & 1) && schemas_.at(node.members[i]).levels <= item.levels)
            return true;
    return false;
}

void Automaton::openKey(const GrammarItem& item, Stack rest) {
    GrammarItem key = item;
    key.kind = Kind::objectKey;
    emit(push(withRange(key, schemas_.words(schemas_.at(item.a).words).all()), rest));
}

void Automaton::stepObject(const GrammarItem& item, Stack rest, Symbol symbol) {
    const SchemaNode& node = schemas_.at(item.a);
    const bool isFull = (node.required & ~item.seen) == 0;
    if (symbol == '}' && isFull && item.phase == 0) return emit(rest);
    if (item.kind == Kind::objectStart) {
        if (symbol == '"' && canHoldMore(item)) openKey(item, rest);
        return;
    }
    GrammarItem behind = item;
    if (item.phase == 0) {
        if (symbol != ',' || !canHoldMore(item)) return;
        behind.phase = 1;
        return emit(push(behind, rest));
    }
    behind.phase = 0;
    if (symbol == '"') return openKey(behind, rest);
    if (symbol != ' ' || item.phase == 2) return;
    behind.phase = 2;
    emit(push(behind, rest));
}

// Behind a key: the colon, the value, and the object goes on.
void Automaton::closeKey(const GrammarItem& item, int32_t schema, Stack rest) {
    const GrammarItem after = {.kind = Kind::objectComma,
                               .levels = item.levels,
                               .a = item.a,
                               .e = item.e,
                               .seen = item.seen};
    static constexpr GrammarItem kBlank = {.kind = Kind::blank};
    emit(pushAll(
        {{.kind = Kind::literal, .a = kColon}, kBlank, valueOf(schema, item.levels), after}, rest));
}

void Automaton::stepKey(GrammarItem item, Stack rest, Symbol symbol) {
    const SchemaNode& node = schemas_.at(item.a);
    const WordSet& words = schemas_.words(node.words);
    const auto isOpen = [&](int32_t key) {
        return !(item.seen >> key & 1) &&
               schemas_.at(node.members[size_t(key)]).levels <= item.levels;
    };
    if (symbol == '"' && item.phase == 0) {
        const int32_t key = item.b;
        if (!words.holdsWord(rangeOf(item))) {
            GrammarItem other = item;
            other.kind = Kind::otherKey;
            other.b = 0;
            for (int32_t i = 0; i < item.d; ++i)
                other.b = keyText(other.b, Symbol(uint8_t(words.word(item.b)[size_t(i)])));
            other.c = item.d;
            return node.others >= 0 ? stepOtherKey(other, rest, symbol) : void();
        }
        if (!isOpen(key)) return;
        item.seen |= uint64_t{1} << key;
        return closeKey(item, node.members[size_t(key)], rest);
    }
    int byte = symbol;
    if (item.phase == escape) {
        byte = escapedByte(symbol);
        item.phase = 0;
    } else if (symbol == '\\') {
        item.phase = escape;
        byte = -1;
    }
    if (item.phase == escape) {
        bool goesOn = false;
        for (const Symbol next : {'"', '\\', 'b', 'f', 'n', 'r', 't'}) {
            const auto range = words.narrowed(rangeOf(item), uint8_t(escapedByte(next)));
            for (int32_t key = range.begin; key < range.end; ++key)
                goesOn = goesOn || isOpen(key);
        }
        if (goesOn) emit(push(item, rest));
        return;
    }
    if (byte < 0 || byte > 255) return;
    const auto range = words.narrowed(rangeOf(item), uint8_t(byte));
    bool goesOn = node.others >= 0 && range.begin < range.end;
    for (int32_t key = range.begin; key < range.end; ++key)
        goesOn = goesOn || isOpen(key);
    if (goesOn) return emit(push(withRange(item, range), rest));
    if (node.others < 0 || range.begin < range.end || byte != symbol) return;
    GrammarItem other = item;
    other.kind = Kind::otherKey;
    other.b = 0;
    for (int32_t i = 0; i < item.d; ++i)
        other.b = keyText(other.b, Symbol(uint8_t(words.word(item.b)[size_t(i)])));
    other.c = item.d;
    other.d = 0;
    stepOtherKey(other, rest, symbol);
}

int32_t Automaton::keyText(int32_t prefix, Symbol byte) {
    return keyTexts_.try_emplace({prefix, byte}, int32_t(keyTexts_.size()) + 1).first->second;
}

// A key that the schema does not name, without escapes, and none that is there already.
void Automaton::stepOtherKey(GrammarItem item, Stack rest, Symbol symbol) {
    const SchemaNode& node = schemas_.at(item.a);
    if (symbol == '"' && item.phase == whole) {
        for (int32_t list = item.e; list != 0; list = keyListCells_[size_t(list)].second)
            if (keyListCells_[size_t(list)].first == item.b) return;
        const auto [at, isNew] =
            keyLists_.try_emplace({item.e, item.b}, int32_t(keyListCells_.size()));
        if (isNew) keyListCells_.emplace_back(item.b, item.e);
        item.e = at->second;
        return closeKey(item, node.others, rest);
    }
    if (symbol == '\\' || symbol == '<' || symbol < 0x20 || item.c >= kOtherKeyMax) return;
    item.phase = utf8Step(item.phase, symbol);
    if (item.phase == noUtf8) return;
    // Characters begin only where they can end.
    if (item.phase != whole && item.c + 4 > kOtherKeyMax && symbol >= 0xC0) return;
    item.b = keyText(item.b, symbol);
    ++item.c;
    emit(push(item, rest));
}

void Automaton::stepArray(const GrammarItem& item, Stack rest, Symbol symbol) {
    const SchemaNode& node = schemas_.at(item.a);
    const bool canHold = item.b < node.itemsMax && schemas_.at(node.items).levels <= item.levels;
    if (symbol == ']' && item.b >= node.itemsMin) emit(rest);
    if (!canHold) return;
    GrammarItem after = item;
    after.kind = Kind::arrayComma;
    // Counted only as far as the schema cares.
    const bool counts = item.b < node.itemsMin || node.itemsMax != INT32_MAX;
    after.b = counts ? item.b + 1 : item.b;
    const GrammarItem value = valueOf(node.items, item.levels);
    if (item.kind == Kind::arrayStart) return stepItem(value, push(after, rest), symbol);
    if (symbol == ',') emit(push({.kind = Kind::blank}, push(value, push(after, rest))));
}

int32_t Automaton::scanStep(KnownScanner& known, int32_t at, Symbol symbol) {
    if (known.prefixes.empty()) {
        known.prefixes.emplace_back();
        for (const auto& pattern : known.scanner.patterns)
            for (size_t n = 1; n <= pattern.symbols.size(); ++n)
                known.prefixes.emplace_back(pattern.symbols.begin(),
                                            pattern.symbols.begin() + std::ptrdiff_t(n));
    }
    const auto [step, isNew] = known.steps.try_emplace({at, symbol}, 0);
    if (!isNew) return step->second;
    Symbols text = known.prefixes[size_t(at)];
    text.push_back(symbol);
    while (true) {
        const auto found = std::ranges::find(known.prefixes, text);
        if (found != known.prefixes.end())
            return step->second = int32_t(found - known.prefixes.begin());
        text.erase(text.begin());
    }
}

void Automaton::stepScan(GrammarItem item, Stack rest, Symbol symbol) {
    KnownScanner& known = scanners_[size_t(item.a)];
    const TextScanner& scanner = known.scanner;
    const bool isAny = scanner.text == TextScanner::Text::any;
    if (symbol == kAnswerEnd) {
        if (isAny && scanner.canEnd) emit(push({.kind = Kind::answerEnd}, 0));
        return;
    }
    const bool wasFresh = item.c == 0;
    const size_t before = scanner.patterns.empty() || known.prefixes.empty()
                              ? 0
                              : known.prefixes[size_t(item.b)].size();
    const bool hadMarker = before > 0 && std::ranges::any_of(known.prefixes[size_t(item.b)],
                                                             [](Symbol s) { return s > 255; });
    item.b = scanStep(known, item.b, symbol);
    const Symbols& at = known.prefixes[size_t(item.b)];
    for (const auto& pattern : scanner.patterns) {
        if (at != pattern.symbols) continue;
        if (pattern.onlyAtStart && !wasFresh) continue;
        if (pattern.isForbidden) return;
        return emit(pushAll(GrammarItems(pattern.next), rest));
    }
    if (!isAny) {
        if (symbol > 255 && at.empty()) return;
        if (hadMarker && at.size() != before + 1) return;  // a control token's own place only
        // What holds a control token is on its way to an end that may come, or there is no way on.
        const bool hasMarker = std::ranges::any_of(at, [](Symbol s) { return s > 255; });
        if (hasMarker && std::ranges::none_of(scanner.patterns, [&](const auto& pattern) {
                return !pattern.isForbidden && pattern.symbols.size() >= at.size() &&
                       std::equal(at.begin(), at.end(), pattern.symbols.begin());
            }))
            return;
        item.phase = symbol > 255 ? uint8_t(whole) : uint8_t(utf8Step(item.phase, symbol));
        if (item.phase == noUtf8) return;
        if (symbol == 0) return;
    }
    // Fresh while nothing but line ends and a pattern in the making stand there.
    const bool isMaking = std::ranges::any_of(scanner.patterns, [&](const auto& pattern) {
        return pattern.onlyAtStart && !at.empty() && pattern.symbols.size() >= at.size() &&
               std::equal(at.begin(), at.end(), pattern.symbols.begin());
    });
    if (wasFresh && symbol != '\n' && !isMaking) item.c = 1;
    emit(push(item, rest));
}

void Automaton::stepParameters(const GrammarItem& item, Stack rest, Symbol symbol) {
    const ParameterList list = parameters_[size_t(item.a)];
    for (size_t i = 0; i < list.parameters.size(); ++i) {
        if (item.seen >> i & 1) continue;
        GrammarItem after = item;
        after.seen |= uint64_t{1} << i;
        stepStack(pushAll(list.parameters[i].items, push(after, rest)), symbol);
    }
    if ((list.required & ~item.seen) == 0) stepStack(rest, symbol);
}

}  // namespace moxie::engine
