#!/bin/bash
# Measures the index on a repository, beside universal-ctags and a rival: tests/bench/index/run.sh REPOSITORY
# Works on a shared clone in a temporary folder, whose files it changes. Needs a build with -DMOXIE_TESTS=ON; BUILD names
# its folder (default build/dev), PROGRAM the benchmark itself. CODEGRAPH names the program of npm's
# @colbymchenry/codegraph; without it that row is left out. ROUNDS (default 3): the fastest counts.
set -euo pipefail
here=$(cd "$(dirname "$0")/../../.." && pwd)
program=${PROGRAM:-${BUILD:-$here/build/dev}/bin/moxie_bench_index}
rounds=${ROUNDS:-3}
if [ $# -lt 1 ]; then
    echo "usage: $0 REPOSITORY" >&2
    exit 2
fi
if [ ! -x "$program" ]; then
    echo "$program is missing: build it with ./check, or set BUILD" >&2
    exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone -q -s "$1" "$work/tree"
git -C "$work/tree" config core.autocrlf false

# The fastest of the rounds: wall, CPU, memory of a command run in the clone.
measure() {
    local name=$1
    shift
    for _ in $(seq "$rounds"); do
        (cd "$work/tree" && /usr/bin/time -f '%e %U %S %M' -o "$work/time" "$@" >"$work/out" 2>&1) || true
        tail -1 "$work/time"
    done | sort -n -k2 | head -1 | awk -v name="$name" '{printf "%-28s %8.3f s wall %8.3f s CPU  %d MB\n", name, $1, $2 + $3, $4 / 1024}'
}

grep -m1 'model name' /proc/cpuinfo | sed 's/.*: //'
echo "$(nproc) CPUs, load $(cut -d' ' -f1-3 /proc/loadavg)"
git -C "$work/tree" ls-files >"$work/list"
if command -v ctags >/dev/null; then
    measure "ctags, tracked files" ctags --fields=+neKS -f "$work/tags" -L "$work/list"
fi
"$program" "$work/tree" --write --rounds "$rounds"
if [ -n "${CODEGRAPH:-}" ]; then
    git -C "$work/tree" checkout -q -f -
    measure "codegraph init and index" sh -c "rm -rf .codegraph; CI=1 '$CODEGRAPH' init -i </dev/null"
    echo "codegraph's index             $(du -sm "$work/tree/.codegraph" 2>/dev/null | cut -f1) MB"
fi
