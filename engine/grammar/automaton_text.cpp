// The steps of an Automaton within texts and numbers whose characters are counted or held to a
// shape.
#include <algorithm>
#include <utility>

#include "engine/grammar/automaton.h"
#include "engine/grammar/json_escape.h"
#include "engine/grammar/utf8_step.h"

namespace moxie::engine {

namespace {

using Kind = GrammarItem::Kind;

bool isHexDigit(Symbol symbol) {
    return (symbol >= '0' && symbol <= '9') || (symbol >= 'a' && symbol <= 'f') ||
           (symbol >= 'A' && symbol <= 'F');
}

bool opensCharacter(Symbol byte) {
    return (byte & 0xC0) != 0x80;
}

// One more character; false: there is no room for it.
bool takeCharacter(GrammarItem& item) {
    if (item.d == 1) return false;
    if (item.d > 1) --item.d;
    if (item.c > 0) --item.c;
    return true;
}

}  // namespace

GrammarItem Automaton::textItem(GrammarItem::Kind kind, int32_t a, const SchemaNode& text) const {
    GrammarItem item = {.kind = kind, .a = kind == Kind::textBody ? text.shape : a};
    if (text.shape > 0) return item;
    item.c = text.charsMin;
    item.d = text.charsMax == INT32_MAX ? 0 : text.charsMax + 1;
    return item;
}

int32_t Automaton::addClosedText(const ClosedText& text) {
    closedTexts_.push_back(text);
    return int32_t(closedTexts_.size()) - 1;
}

// Whether the text may end with the characters it has.
bool Automaton::isWhole(const GrammarItem& item, int32_t shape) const {
    return shape > 0 ? schemas_.shape(shape).accepts(item.e)
                     : item.phase == utf8::whole && item.c == 0;
}

// One byte of the text itself.
bool Automaton::takeByte(GrammarItem& item, int32_t shape, uint8_t byte) const {
    if (shape > 0) {
        item.e = schemas_.shape(shape).step(item.e, byte);
        return item.e != ByteDfa::kDead;
    }
    if (opensCharacter(byte) && !takeCharacter(item)) return false;
    item.phase = utf8::step(item.phase, byte);
    return item.phase != utf8::none;
}

void Automaton::stepText(GrammarItem item, Stack rest, Symbol symbol) {
    if (item.phase >= escape) return stepEscape(item, rest, symbol);
    if (symbol == '"') return isWhole(item, item.a) ? emit(rest) : void();
    if (symbol == '\\') {
        if (item.a > 0 ? !canEscape(item) : item.phase != utf8::whole || !takeCharacter(item))
            return;
        item.phase = escape;
        item.b = 0;
        return emit(push(item, rest));
    }
    if (symbol < 0x20 || symbol > 255 || !guard(item, symbol)) return;
    if (takeByte(item, item.a, uint8_t(symbol))) emit(push(item, rest));
}

// Whether a character that has a short escape can come next in a text with a shape.
bool Automaton::canEscape(const GrammarItem& item) const {
    return std::ranges::any_of(std::string_view("\"\\bfnrt"), [&](char c) {
        return schemas_.shape(item.a).step(item.e, uint8_t(escapedByte(uint8_t(c)))) !=
               ByteDfa::kDead;
    });
}

void Automaton::stepEscape(GrammarItem item, Stack rest, Symbol symbol) {
    if (item.a > 0) {
        const int byte = escapedByte(symbol);
        item.phase = utf8::whole;
        if (byte >= 0 && takeByte(item, item.a, uint8_t(byte))) emit(push(item, rest));
        return;
    }
    switch (item.phase) {
        case escape:
            if (symbol == 'u')
                item.phase = hex1;
            else if (escapedByte(symbol) >= 0 || symbol == '/')
                item.phase = utf8::whole;
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
                item.phase = item.phase == hex4 ? uint8_t(utf8::whole) : uint8_t(item.phase + 1);
    }
    emit(push(item, rest));
}

void Automaton::stepShapedNumber(GrammarItem item, Stack rest, Symbol symbol) {
    const ByteDfa& shape = schemas_.shape(item.a);
    if (shape.accepts(item.e)) stepStack(rest, symbol);
    if (symbol > 255) return;
    item.e = shape.step(item.e, uint8_t(symbol));
    if (item.e != ByteDfa::kDead) emit(push(item, rest));
}

// The text goes on or, where it is whole, what closes it begins.
void Automaton::stepClosedText(GrammarItem item, Stack rest, Symbol symbol) {
    const ClosedText& text = closedTexts_[size_t(item.a)];
    if (isWhole(item, text.shape))
        stepStack(push({.kind = Kind::literal, .a = text.close}, rest), symbol);
    if (symbol > 255 || symbol == 0 || !guard(item, symbol)) return;
    if (takeByte(item, text.shape, uint8_t(symbol))) emit(push(item, rest));
}

std::optional<Automaton::Counted> Automaton::countedText(State state) {
    const auto stacks = stacksOf(state);
    if (stacks.size() != 1) return std::nullopt;
    const Cell cell = cells_[size_t(stacks.front())];
    const bool isText = cell.item.kind == Kind::textBody || cell.item.kind == Kind::closedText;
    if (!isText || (cell.item.c == 0 && cell.item.d == 0) || cell.item.phase >= escape)
        return std::nullopt;
    GrammarItem item = cell.item;
    item.c = item.d = 0;
    return Counted{.free = intern({push(item, cell.rest)}),
                   .left = cell.item.d == 0 ? INT32_MAX : cell.item.d - 1};
}

}  // namespace moxie::engine
