// What an automaton over the symbols of an answer speaks of: bytes, control tokens and the answer's
// end; items still to be written; scanners of text; parameters between tags.
// Threads: plain values.
#pragma once
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/chat/marked_text.h"

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
        literal,  // a: literal, b: symbols of it that are written
        choice,   // a: choice
        value,    // a: schema; JSON
        // behind the opening quote, with the closing one; a: shape or 0, b: of the guard, c:
        // characters that must come, d: those that may and one, 0: any; e: state of the shape
        textBody,
        closedText,    // a: closed text, b c d e as above; no quotes
        shapedNumber,  // a: shape, e: its state; ends with the number
        quotedWords,   // the same; a: set, b c d: range
        plainWords,    // a: set, b c d: range; no quotes, ends with the word
        number,        // a: digits of this part, b: whether it is an integer
        objectStart,   // a: object; behind {
        objectComma,   // a: object, e: other keys so far, or kUntold; behind a member
        objectKey,     // a: object, b c d: range of keys, e as above; behind the key's quote
        otherKey,      // a: object, b: its bytes so far, e as above
        arrayStart,    // a: array; behind [
        arrayComma,    // a: array, b: items so far
        blank,         // one space or none
        scan,          // a: scanner, b: what of its patterns stands at the end
        parameters,    // a: parameter list
        answerEnd,     // nothing more
        below,         // whatever lies under a core; a: whether the symbol ahead was for it
    };
    Kind kind = Kind::literal;
    uint8_t phase = 0;
    int16_t levels = 0;  // of nesting that are left
    int32_t a = 0, b = 0, c = 0, d = 0, e = 0;
    uint64_t seen = 0;  // keys of an object or parameters that are written
    bool operator==(const GrammarItem&) const = default;

    // Keys without a name in the schema are not told apart.
    static constexpr int32_t kUntold = -1;
};

using GrammarItems = std::vector<GrammarItem>;  // topmost first

// Text up to one of some patterns, each with what follows it instead of the text.
struct TextScanner {
    struct Pattern {
        Symbols symbols = {};
        GrammarItems next = {};
        bool onlyAtStart = false;  // nothing but line ends ahead of it
        bool isForbidden = false;
        bool operator==(const Pattern&) const = default;
    };

    std::vector<Pattern> patterns = {};
    enum class Text { any, utf8 };  // utf8: no control tokens, no end of the answer
    Text text = Text::any;
    bool canEnd = true;  // with the answer
    bool operator==(const TextScanner&) const = default;
};

// Parameters between tags, in any order, each at most once.
struct ParameterList {
    struct Parameter {
        GrammarItems items = {};  // all of it, tags included
    };

    std::vector<Parameter> parameters = {};
    uint64_t required = 0;
};

}  // namespace moxie::engine
