#!/bin/sh
# Measures the index on a repository: tests/bench/index/run.sh REPOSITORY [TASK]
# Needs a build with -DMOXIE_TESTS=ON; BUILD names its folder (default build/dev).
set -eu
here=$(cd "$(dirname "$0")/../../.." && pwd)
program=${BUILD:-$here/build/dev}/bin/moxie_bench_index
if [ $# -lt 1 ]; then
    echo "usage: $0 REPOSITORY [TASK]" >&2
    exit 2
fi
if [ ! -x "$program" ]; then
    echo "$program is missing: build it with ./check, or set BUILD" >&2
    exit 1
fi
grep -m1 'model name' /proc/cpuinfo | sed 's/.*: //'
echo "$(nproc) CPUs, load $(cut -d' ' -f1-3 /proc/loadavg)"
exec "$program" "$@"
