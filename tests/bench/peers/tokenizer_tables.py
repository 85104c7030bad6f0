#!/usr/bin/env python3
"""Writes engine/tokenizer/unicode_tables.def: what a pre-tokeniser and NFC must know of each code point.

    pip install tokenizers
    tokenizer_tables.py > engine/tokenizer/unicode_tables.def

The classes are asked of the `tokenizers` library itself (its regular expressions), so that a newly assigned letter or
emoji is split as the library splits it. The normalisation data are Python's, less what the library's older tables do
not know; a code point that neither knows stays as it is.
"""
import sys
import unicodedata

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
EVERYTHING = "".join(map(chr, CODE_POINTS))
# In the order of CharClass (unicode_class.h); what none of them matches is `other`.
CLASSES = [("upper", r"\p{Lu}"), ("lower", r"\p{Ll}"), ("title", r"\p{Lt}"), ("modifier", r"\p{Lm}"),
           ("letter", r"\p{Lo}"), ("mark", r"\p{M}"), ("number", r"\p{N}"), ("punctuation", r"\p{P}"),
           ("symbol", r"\p{S}"), ("newline", r"[\r\n]"), ("space", r"[\s&&[^\r\n]]")]
COLUMNS_MAX = 118


def members(pattern):
    kept = pre_tokenizers.Split(Regex(pattern), "removed").pre_tokenize_str(EVERYTHING)
    outside = {ord(c) for piece, _ in kept for c in piece}
    return set(CODE_POINTS) - outside


def class_ranges():
    han = members(r"\p{Han}")
    name_of = {}
    for name, pattern in CLASSES:
        for code_point in members(pattern):
            assert code_point not in name_of, (hex(code_point), name, name_of[code_point])
            name_of[code_point] = name
    ranges = []
    for code_point in CODE_POINTS:
        key = (name_of.get(code_point, "other"), code_point in han)
        if key == ("other", False):
            continue
        if ranges and ranges[-1][1] == code_point - 1 and ranges[-1][2] == key:
            ranges[-1][1] = code_point
        else:
            ranges.append([code_point, code_point, key])
    return ranges


def combining_ranges():
    """The canonical combining class, 0 where the library does not reorder by it."""
    nfd = normalizers.NFD()
    ranges = []
    for code_point in CODE_POINTS:
        combining = unicodedata.combining(chr(code_point))
        if combining == 0:
            continue
        probes = ["q" + pair for other in "\u0334\u093c\u094d\u0323\u0301\u0315\u0345"
                  for pair in (other + chr(code_point), chr(code_point) + other)]
        if any(nfd.normalize_str(p) != unicodedata.normalize("NFD", p) for p in probes):
            continue
        if ranges and ranges[-1][1] == code_point - 1 and ranges[-1][2] == combining:
            ranges[-1][1] = code_point
        else:
            ranges.append([code_point, code_point, combining])
    return ranges


def decompositions():
    """One canonical step each: (composed, first, second or 0, whether the two compose again)."""
    nfc, nfd = normalizers.NFC(), normalizers.NFD()
    rows = []
    for code_point in CODE_POINTS:
        text = unicodedata.decomposition(chr(code_point))
        if not text or text.startswith("<") or nfd.normalize_str(chr(code_point)) == chr(code_point):
            continue
        parts = [int(p, 16) for p in text.split()]
        composes = len(parts) == 2 and nfc.normalize_str("".join(map(chr, parts))) == chr(code_point)
        rows.append((code_point, parts[0], parts[1] if len(parts) == 2 else 0, int(composes)))
    return rows


def block(name, meaning, rows):
    print(f"#ifdef {name}  // {meaning}")
    line = ""
    for row in rows:
        text = "{" + ",".join(row) + "},"
        if len(line) + len(text) > COLUMNS_MAX:
            print(line)
            line = ""
        line += text
    print(f"{line}\n#endif")


def main():
    numbers = {name: i + 1 for i, (name, _) in enumerate(CLASSES)} | {"other": 0}
    print(f"// Made by tests/bench/peers/tokenizer_tables.py with tokenizers {tokenizers.__version__}. Do not edit.")
    print("// Source: Unicode Character Database, as the library's regular expressions and normalisers have it.")
    block("MOXIE_CLASS_RANGES", "first and last code point, CharClass and 16 if Han",
          [(hex(a), hex(b), str(numbers[name] + 16 * han)) for a, b, (name, han) in class_ranges()])
    block("MOXIE_COMBINING_RANGES", "first and last code point, canonical combining class",
          [(hex(a), hex(b), str(c)) for a, b, c in combining_ranges()])
    block("MOXIE_DECOMPOSITIONS", "code point, first part, second part or 0, 1 if they compose again",
          [(hex(c), hex(a), hex(b), str(p)) for c, a, b, p in decompositions()])


if __name__ == "__main__":
    sys.exit(main())
