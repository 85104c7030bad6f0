#!/usr/bin/env python3
"""Prints what an index file says, one sorted line a fact, without its row numbers: two indexes of one tree are
equal if their dumps are. Usage: dump.py INDEX.sqlite (moxie_bench_index REPOSITORY --keep INDEX.sqlite makes one)."""
import sqlite3
import sys

SEAL = 4  # bytes at the end of each packed row, see indexer/posting_block.cpp


def varints(data):
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


def uses(data, names, first_path, symbols):
    """The packed row of table `uses`, see indexer/uses.cpp."""
    numbers = varints(data[:-SEAL])
    first = next(numbers)
    name = 0
    for step in numbers:
        name += step
        count = next(numbers)
        next(numbers)  # bytes of all of them
        for _ in range(count):
            head, symbol, line = next(numbers), next(numbers), next(numbers)
            receiver = names[next(numbers)] if head & 16 else ""
            times = next(numbers) if head & 32 else 1
            arity = next(numbers) if head & 64 else -1
            inside = symbols[first + symbol - 1] if symbol else ""
            yield f"use {first_path} {names[name]!r} in {inside} role {head & 15} of {receiver!r} {line} {times} {arity}"


def postings(database, list_number):
    """(word, row, body, names), see indexer/posting_block.cpp."""
    query = "SELECT data FROM segment JOIN block_first ON segment = segment.id JOIN block ON block.id = block WHERE list = ?"
    for (data,) in database.execute(query, (list_number,)):
        at, data = 0, data[:-SEAL]

        def number():
            nonlocal at
            value = shift = 0
            while True:
                byte = data[at]
                at += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return value

        while at < len(data):
            size = number()
            word = data[at:at + size]
            at += size
            end = number() + at
            row = 0
            while at < end:
                row += number()
                head = number()
                yield word, row, head >> 1, number() if head & 1 else 0


def dump(file):
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    database.text_factory = lambda text: text.decode("utf-8", "replace")
    names = dict(database.execute("SELECT id, text FROM name"))
    names[0] = ""
    paths = {}
    for path, blob in database.execute("SELECT path, blob FROM snap_path WHERE snap = 1 ORDER BY path DESC"):
        paths[blob] = path
        yield f"path {path} {blob and ''}"
    for row in database.execute("SELECT id, lang, bytes, lines, flags, tier, symbols, uses FROM blob"):
        if row[0] in paths:
            yield f"blob {paths[row[0]]} {row[1:]}"
    symbols = {}
    query = ("SELECT id, blob, name, parent, kind, is_declaration, line_first, line_last, byte_first, byte_last, "
             "signature FROM sym")
    for row in database.execute(query):
        symbols[row[0]] = f"{names[row[2]]}@{row[8]}"
        if row[1] in paths:
            yield f"sym {paths[row[1]]} {names[row[2]]!r} {names[row[3]]!r} {row[4:]}"
    for blob, data in database.execute("SELECT blob, data FROM uses"):
        if blob in paths:
            yield from uses(data, names, paths[blob], symbols)
    for row in database.execute("SELECT blob, target, names FROM imp"):
        if row[0] in paths:
            yield f"imp {paths[row[0]]} {row[1:]}"
    chunks = {}
    query = "SELECT id, blob, sym, line_first, line_last, body_words, name_words, names_hash FROM chunk"
    for row in database.execute(query):
        if row[1] in paths:
            chunks[row[0]] = f"{paths[row[1]]}:{row[3]}"
            yield f"chunk {paths[row[1]]} {symbols.get(row[2], '')} {row[3:]}"
    commits = {}
    for row in database.execute("SELECT id, hex(hash), time, words, is_live FROM commits"):
        commits[row[0]] = row[1]
        yield f"commit {row[1:]}"
    for commit, path in database.execute("SELECT commit_id, path FROM touch"):
        yield f"touch {commits[commit]} {path}"
    for number, rows in ((1, chunks), (2, commits), (3, paths)):
        for word, row, body, in_names in postings(database, number):
            if row in rows:
                yield f"word {number} {word!r} {rows[row]} {body} {in_names}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for line in sorted(dump(sys.argv[1])):
        print(line)
