// Escapes within a text of JSON. Threads: any thread.
#pragma once
#include <cstdint>

#include "engine/grammar/grammar_item.h"

namespace moxie::engine {

// Phases of a text beyond those of UTF-8.
enum TextPhase : uint8_t { escape = 16, hex1, hex2, hex3, hex4, hexAfterD };

// What `symbol` stands for behind a backslash; -1: for nothing of one byte.
inline int escapedByte(Symbol symbol) {
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

}  // namespace moxie::engine
