// What pre-tokenisers ask of a character: its general category, coarsely, and whether it is Han.
// Not here: the patterns (PieceScanner).
// Threads: any thread.
// Source: unicode_tables.def, which says the same of every code point as the `tokenizers` library.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace moxie::engine {

enum class CharClass : uint8_t {
    other,  // controls, formats, private use, unassigned
    upper,
    lower,
    title,
    modifier,
    letter,  // without case
    mark,
    number,
    punctuation,
    symbol,
    newline,  // CR and LF
    space,    // all other white space
};

// A set of classes, as bits. Characters of the Han script are counted apart: bit 16 + class.
class CharSet {
public:
    constexpr CharSet(std::initializer_list<CharClass> classes) {
        for (const CharClass each : classes)
            bits_ |= 0x10001U << uint32_t(each);
    }

    constexpr explicit CharSet(uint32_t bits) : bits_(bits) {}

    constexpr CharSet operator|(CharSet other) const { return CharSet(bits_ | other.bits_); }

    constexpr CharSet operator~() const { return CharSet(~bits_); }

    constexpr CharSet withoutHan() const { return CharSet(bits_ & 0xFFFFU); }

    // `key`: of charKeys().
    constexpr bool has(uint8_t key) const { return (bits_ >> key & 1U) != 0; }

private:
    uint32_t bits_ = 0;
};

constexpr CharSet kLetters{CharClass::upper, CharClass::lower, CharClass::title,
                           CharClass::modifier, CharClass::letter};
constexpr CharSet kMarks{CharClass::mark};
constexpr CharSet kNumbers{CharClass::number};
constexpr CharSet kSigns{CharClass::punctuation, CharClass::symbol};
constexpr CharSet kNewlines{CharClass::newline};
constexpr CharSet kSpaces{CharClass::newline, CharClass::space};
constexpr CharSet kHan{0xFFFF0000U};

inline constexpr uint32_t kCodePoints = 0x110000;

// By code point: the class, plus 16 for Han. Made at the first call, about 0.1 ms.
const std::vector<uint8_t>& charKeys();

}  // namespace moxie::engine
