// Well-formed UTF-8, a byte at a time. Source: Unicode 15, table 3-7. Threads: any thread.
#pragma once
#include <cstdint>

#include "engine/grammar/grammar_item.h"

namespace moxie::engine::utf8 {

// Where a byte stands in a character of well-formed UTF-8 (Unicode 15, table 3-7).
enum Phase : uint8_t { whole, one, two, three, afterE0, afterED, afterF0, afterF4, none };

// The phase after `byte`; none: it cannot stand here.
inline Phase step(uint8_t phase, Symbol byte) {
    if (byte > 255) return none;
    const auto next = [byte](int low, int high, Phase then) {
        return byte >= low && byte <= high ? then : none;
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
            return none;
    }
}

}  // namespace moxie::engine::utf8
