// The steps of an Automaton within JSON: values, texts, words, numbers, objects and arrays.
#include <algorithm>
#include <utility>

#include "engine/grammar/automaton.h"
#include "engine/grammar/json_escape.h"
#include "engine/grammar/utf8_step.h"

namespace moxie::engine {

namespace {

using Kind = GrammarItem::Kind;

constexpr int32_t kColon = 0;        // the literal
constexpr int32_t kDigitsMax = 15;   // before the point, and behind it
constexpr int32_t kExponentMax = 2;  // digits of it
constexpr int16_t kFreeLevels = 8;   // nesting within a value that no schema describes

bool isDigit(Symbol symbol) {
    return symbol >= '0' && symbol <= '9';
}

// Phases of a key. named: it has escapes, which keys without a name in the schema never have.
enum KeyPhase : uint8_t { plain, named };

// Phases of a number.
enum NumberPhase : uint8_t { sign, zero, digits, point, fraction, exponent, exponentSign, power };

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

WordSet::Range Automaton::narrowed(int32_t set, const WordSet::Range& range, uint8_t byte) {
    constexpr int32_t kFewWords = 16;
    const WordSet& words = schemas_.words(set);
    if (range.end - range.begin <= kFewWords) return words.narrowed(range, byte);
    const auto [known, isNew] = branches_.try_emplace({set, range.begin, range.end, range.depth},
                                                      std::vector<WordSet::Branch>());
    if (isNew) known->second = words.branchesOf(range);
    const auto found = std::ranges::lower_bound(known->second, byte, {}, &WordSet::Branch::byte);
    return found != known->second.end() && found->byte == byte ? found->range : WordSet::Range();
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
            if (symbol == '"') emit(push(textItem(Kind::textBody, 0, node), rest));
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
            if (node.shape > 0)
                return stepShapedNumber({.kind = Kind::shapedNumber, .a = node.shape}, rest,
                                        symbol);
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
            for (const int32_t member : node.members)
                stepValue(valueOf(member, item.levels), rest, symbol);
            return;
    }
}

void Automaton::stepAny(const GrammarItem& item, Stack rest, Symbol symbol) {
    const int16_t levels = std::min(item.levels, kFreeLevels);
    for (const int32_t schema : schemas_.kindsOfAny())
        stepValue(valueOf(schema, levels), rest, symbol);
}

void Automaton::stepQuoted(GrammarItem item, Stack rest, Symbol symbol) {
    const WordSet& words = schemas_.words(item.a);
    int byte = symbol < 256 ? symbol : -1;
    if (item.phase == escape) {
        byte = escapedByte(symbol);
        item.phase = utf8::whole;
    } else if (symbol == '"') {
        if (words.holdsWord(rangeOf(item))) emit(rest);
        return;
    } else if (symbol == '\\') {
        // Only where a word goes on with a byte that needs it.
        for (const Symbol next : {'"', '\\', 'b', 'f', 'n', 'r', 't'})
            if (const auto range = narrowed(item.a, rangeOf(item), uint8_t(escapedByte(next)));
                range.begin < range.end) {
                item.phase = escape;
                return emit(push(item, rest));
            }
        return;
    }
    if (byte < 0 || (byte < 0x20 && byte == symbol)) return;
    const auto range = narrowed(item.a, rangeOf(item), uint8_t(byte));
    if (range.begin < range.end) emit(push(withRange(item, range), rest));
}

void Automaton::stepPlain(GrammarItem item, Stack rest, Symbol symbol) {
    const WordSet& words = schemas_.words(item.a);
    if (words.holdsWord(rangeOf(item))) stepStack(rest, symbol);
    if (symbol > 255) return;
    const auto range = narrowed(item.a, rangeOf(item), uint8_t(symbol));
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

// Whether a key of the range may still be written.
bool Automaton::isOpen(const GrammarItem& key, const WordSet::Range& range) const {
    const SchemaNode& node = schemas_.at(key.a);
    for (int32_t i = range.begin; i < range.end; ++i)
        if (!(key.seen >> i & 1) && schemas_.at(node.members[size_t(i)]).levels <= key.levels)
            return true;
    return false;
}

// The key goes on as one that the schema does not name.
GrammarItem Automaton::otherKeyOf(const GrammarItem& key) {
    GrammarItem other = key;
    other.kind = Kind::otherKey;
    other.phase = utf8::whole;
    other.b = other.c = other.d = 0;
    const WordSet& words = schemas_.words(schemas_.at(key.a).words);
    for (int32_t i = 0; i < key.d; ++i) {
        const auto byte = Symbol(uint8_t(words.word(key.b)[size_t(i)]));
        other.phase = utf8::step(other.phase, byte);
        if (key.e != GrammarItem::kUntold) other.b = keyText(other.b, byte);
    }
    return other;
}

void Automaton::stepKey(GrammarItem item, Stack rest, Symbol symbol) {
    const SchemaNode& node = schemas_.at(item.a);
    const WordSet& words = schemas_.words(node.words);
    const bool canBeOther = node.others >= 0 && item.phase == plain;
    if (item.phase == escape) {
        const int byte = escapedByte(symbol);
        if (byte < 0) return;
        item.phase = named;
        const auto range = narrowed(node.words, rangeOf(item), uint8_t(byte));
        if (isOpen(item, range)) emit(push(withRange(item, range), rest));
        return;
    }
    if (symbol == '"') {
        const int32_t key = item.b;
        if (!words.holdsWord(rangeOf(item)))
            return canBeOther ? stepOtherKey(otherKeyOf(item), rest, symbol) : void();
        if (!isOpen(item, {.begin = key, .end = key + 1})) return;
        item.seen |= uint64_t{1} << key;
        return closeKey(item, node.members[size_t(key)], rest);
    }
    if (symbol == '\\') {
        item.phase = escape;
        for (const Symbol next : {'"', '\\', 'b', 'f', 'n', 'r', 't'})
            if (isOpen(item, narrowed(node.words, rangeOf(item), uint8_t(escapedByte(next)))))
                return emit(push(item, rest));
        return;
    }
    if (symbol > 255 || symbol < 0x20) return;
    const auto range = narrowed(node.words, rangeOf(item), uint8_t(symbol));
    const bool hasWords = range.begin < range.end;
    if (isOpen(item, range) || (canBeOther && hasWords))
        return emit(push(withRange(item, range), rest));
    if (canBeOther && !hasWords) stepOtherKey(otherKeyOf(item), rest, symbol);
}

int32_t Automaton::keyText(int32_t prefix, Symbol byte) {
    const auto [at, isNew] = keyTexts_.try_emplace({prefix, byte}, int32_t(keyTextCells_.size()));
    if (isNew) keyTextCells_.emplace_back(prefix, byte);
    return at->second;
}

std::string Automaton::keyTextOf(int32_t text) const {
    std::string bytes;
    for (; text != 0; text = keyTextCells_[size_t(text)].first)
        bytes += char(keyTextCells_[size_t(text)].second);
    std::ranges::reverse(bytes);
    return bytes;
}

std::vector<std::string> Automaton::repeatedKeys(Stack stack) const {
    const GrammarItem& item = cells_[size_t(stack)].item;
    std::string begun;
    std::vector<std::string> openings = {""};
    if (item.kind == Kind::otherKey) {
        begun = keyTextOf(item.b);
    } else if (item.kind == Kind::objectKey && item.phase == plain) {
        if (item.d > 0)
            begun =
                schemas_.words(schemas_.at(item.a).words).word(item.b).substr(0, size_t(item.d));
    } else if (item.kind == Kind::objectComma) {
        openings = {"\""};
        if (item.phase < 2) openings.emplace_back(" \"");
        if (item.phase == 0) openings = {",\"", ", \""};
    } else {
        return {};
    }
    std::vector<std::string> ends;
    for (int32_t list = item.e; list > 0; list = keyListCells_[size_t(list)].second) {
        const std::string key = keyTextOf(keyListCells_[size_t(list)].first);
        if (!key.starts_with(begun)) continue;
        for (const auto& opening : openings)
            ends.push_back(opening + key.substr(begun.size()) + "\"");
    }
    return ends;
}

// A key that the schema does not name, without escapes, and none that is there already.
void Automaton::stepOtherKey(GrammarItem item, Stack rest, Symbol symbol) {
    const bool isTold = item.e != GrammarItem::kUntold;
    if (symbol == '"' && item.phase == utf8::whole) {
        for (int32_t list = item.e; list > 0; list = keyListCells_[size_t(list)].second)
            if (keyListCells_[size_t(list)].first == item.b) return;
        if (isTold) {
            const auto [at, isNew] =
                keyLists_.try_emplace({item.e, item.b}, int32_t(keyListCells_.size()));
            if (isNew) keyListCells_.emplace_back(item.b, item.e);
            item.e = at->second;
        }
        return closeKey(item, schemas_.at(item.a).others, rest);
    }
    if (symbol == '\\' || symbol == '<' || symbol < 0x20) return;
    item.phase = utf8::step(item.phase, symbol);
    if (item.phase == utf8::none) return;
    if (isTold) item.b = keyText(item.b, symbol);
    emit(push(item, rest));
}

void Automaton::stepArray(const GrammarItem& item, Stack rest, Symbol symbol) {
    const SchemaNode& node = schemas_.at(item.a);
    const bool isNamed = size_t(item.b) < node.members.size();
    const int32_t next = isNamed ? node.members[size_t(item.b)] : node.items;
    const bool canHold = item.b < node.itemsMax && schemas_.at(next).levels <= item.levels;
    if (symbol == ']' && item.b >= node.itemsMin) emit(rest);
    if (!canHold) return;
    GrammarItem after = item;
    after.kind = Kind::arrayComma;
    // Counted only as far as the schema cares.
    const bool counts = isNamed || item.b < node.itemsMin || node.itemsMax != INT32_MAX;
    after.b = counts ? item.b + 1 : item.b;
    const GrammarItem value = valueOf(next, item.levels);
    if (item.kind == Kind::arrayStart) return stepItem(value, push(after, rest), symbol);
    if (symbol == ',') emit(push({.kind = Kind::blank}, push(value, push(after, rest))));
}

}  // namespace moxie::engine
