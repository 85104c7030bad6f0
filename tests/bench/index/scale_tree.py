#!/usr/bin/env python3
"""Makes a tree of many lines out of real repositories: copies under renamed roots, with renamed identifiers.

Usage: scale_tree.py TARGET LINES REPOSITORY...
Each copy has every text file of the repositories' work trees below 500 kB; identifiers of eight letters and more, or
with an underscore, get a mark of the copy, so that names and blobs differ. TARGET becomes a git repository with one
commit. Standard library only.
"""
import os
import pathlib
import re
import subprocess
import sys
import zlib

NAME = re.compile(rb"\b(?:[A-Za-z]\w*_\w+|[A-Za-z]\w{7,})\b")
KEYWORDS = set(b"namespace continue template typename volatile unsigned operator function interface protected register "
               b"constexpr noexcept override explicit undefined instanceof implements static_cast const_cast nullptr_t "
               b"reinterpret_cast dynamic_cast static_assert decltype __init__ __name__ synchronized nonlocal".split())


def texts(repository):
    for folder, folders, files in os.walk(repository):
        folders[:] = sorted(f for f in folders if f != ".git")
        for name in sorted(files):
            path = pathlib.Path(folder) / name
            if name.startswith(".git") or path.is_symlink() or path.stat().st_size > 500_000:
                continue
            data = path.read_bytes()
            if b"\0" not in data[:8000]:
                yield path.relative_to(repository), data


def renamed(data, mark):
    def one(match):
        word = match.group()
        return word if word in KEYWORDS or zlib.crc32(word) % 4 == 0 else word + mark
    return NAME.sub(one, data) if mark else data


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    target, wanted = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    sources = [(pathlib.Path(r).name, list(texts(pathlib.Path(r)))) for r in sys.argv[3:]]
    lines = files = copy = 0
    while lines < wanted:
        before = lines
        for name, all_texts in sources:
            for path, data in all_texts:
                if lines >= wanted:
                    break
                out = target / f"copy{copy}" / name / path
                out.parent.mkdir(parents=True, exist_ok=True)
                out.write_bytes(renamed(data, b"_c%d" % copy if copy else b""))
                lines += data.count(b"\n")
                files += 1
        if lines == before:
            sys.exit("scale_tree: the repositories hold no text")
        copy += 1
    git = ["git", "-C", str(target), "-c", "user.name=B", "-c", "user.email=b@example.com", "-c", "core.autocrlf=false",
           "-c", "gc.auto=0"]
    for command in (["init", "-q"], ["add", "-A", "-f"], ["commit", "-q", "-m", "all copies"]):
        subprocess.run(git + command, check=True)
    print(f"{files} files, {lines} lines, {copy} copies")


main()
