#!/bin/sh
# The retrieval protocol on clones with history, and rivals on a fixed snapshot.
#   retrieval.sh held-out CLONE...           our ranking beside grep and BM25
#   retrieval.sh tune CLONE...               tries other weights (redis, typeorm, sphinx, fmt only)
#   retrieval.sh rival RIVALS CLONE...       600 commits back, all questions of one state; RIVALS
#                                            are programs with commas between: codegraph of npm
#                                            install @colbymchenry/codegraph, the python of a
#                                            virtual environment with semble
# BUILD names the build folder (default build/dev), WORK where clones and indexes are kept, COUNT
# how many commits a repository.
set -eu
here=$(cd "$(dirname "$0")/../../.." && pwd)
program=${BUILD:-$here/build/dev}/bin/moxie_bench_retrieval
work=${WORK:-${TMPDIR:-/tmp}/moxie_bench_retrieval}
count=${COUNT:-120}
if [ $# -lt 2 ]; then
    sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
if [ ! -x "$program" ]; then
    echo "$program is missing: build moxie_bench_retrieval, or set BUILD" >&2
    exit 1
fi
grep -m1 'model name' /proc/cpuinfo | sed 's/.*: //'
echo "$(nproc) CPUs, load $(cut -d' ' -f1-3 /proc/loadavg)"
kind=$1
shift
case $kind in
held-out) exec "$program" --count "$count" --work "$work" "$@" ;;
tune) exec "$program" --tune --count "$count" --work "$work" "$@" ;;
rival)
    rivals=$1
    shift
    for clone in "$@"; do
        name=$(basename "$clone")
        "$program" --snapshot 600 --count "$count" --work "$work" "$clone"
        for rival in $(echo "$rivals" | tr ',' ' '); do
            python3 "$here/tests/bench/index/retrieval.py" "$rival" "$work/$name.questions" "$work/$name"
        done
    done
    ;;
*)
    echo "unknown: $kind" >&2
    exit 2
    ;;
esac
