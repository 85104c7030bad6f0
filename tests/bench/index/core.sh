#!/bin/bash
# Parses the files of repositories with the stock tree-sitter core at -O2 and with ours, the same grammars before and
# after our sets of characters: tests/bench/index/core.sh REPOSITORY... DEPS names the fetched sources (default: where
# ./run puts them), ROUNDS (default 3) how often: the fastest counts.
set -euo pipefail
here=$(cd "$(dirname "$0")/../../.." && pwd)
deps=${DEPS:-$HOME/.cache/moxie/deps}
core=$deps/tree-sitter-0.26.1/tree_sitter/core/lib
parsers=$deps/tree-sitter-language-pack-0.13.0/parsers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-std=c11 -w -DNDEBUG -D_POSIX_C_SOURCE=200112L -D_DEFAULT_SOURCE -I$core/include -I$core/src -I$here"

for grammar in c cpp python javascript typescript; do
    from=$parsers/$grammar/src
    sets=
    if grep -q 'bool set_contains' "$from/tree_sitter/parser.h"; then sets="-include $here/indexer/grammar_sets.h"; fi
    gcc -std=c11 -w -O1 -fPIC -I"$from" -c "$from/parser.c" -o "$work/stock_$grammar.o"
    # shellcheck disable=SC2086
    gcc -std=c11 -w -O1 -fPIC -I"$from" $sets -c "$from/parser.c" -o "$work/ours_$grammar.o"
    if [ -f "$from/scanner.c" ]; then gcc -std=c11 -w -O1 -fPIC -I"$from" -c "$from/scanner.c" -o "$work/scan_$grammar.o"; fi
done
bench=$here/tests/bench/index/core_bench.c
# shellcheck disable=SC2086
gcc $flags -O2 "$bench" "$core/src/lib.c" "$work"/stock_*.o "$work"/scan_*.o -o "$work/stock"
# shellcheck disable=SC2086
gcc $flags -O3 -fno-semantic-interposition -fvisibility=hidden -DOURS "$bench" "$here/indexer/syntax_core.c" \
    "$work"/ours_*.o "$work"/scan_*.o -o "$work/ours"
for repository in "$@"; do
    git -C "$repository" ls-files | sed "s|^|$repository/|" >"$work/list"
    for core in stock ours; do
        printf '%-12s %-6s ' "$(basename "$repository")" "$core"
        "$work/$core" "${ROUNDS:-3}" <"$work/list"
    done
done
