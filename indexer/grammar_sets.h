/* Included before a grammar's parser.c: whether a character is in a set of ranges, as letters of
   identifiers are. parser.h halves some hundred ranges for each character; those below 128 are in
   the first few of them. */
#pragma once
#include "tree_sitter/parser.h"

static inline bool moxie_set_contains(const TSCharacterRange* ranges, uint32_t count,
                                      int32_t character) {
    if (character >= 128) return set_contains(ranges, count, character);
    for (uint32_t i = 0; i < count && ranges[i].start <= character; i++)
        if (character <= ranges[i].end) return true;
    return false;
}

#define set_contains moxie_set_contains
