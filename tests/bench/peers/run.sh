#!/bin/sh
# Holds the engine against the exact computation and against llama.cpp, on the sample model:
#   ./check --bench peers        or  BUILD=build/NAME tests/bench/peers/run.sh
# Mean KL divergence from exact, top-token agreement, prefill and decode speed, as one table.
# llama.cpp comes from the package registry (peers.lock), is built outside of the tree and is never
# a dependency. THREADS (2), REPEATS (3) and PEERS (the folder) can be set. The exact logits take
# some minutes and are kept in that folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
build=${BUILD:-$root/build/release}
peers=${PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/moxie/peers}
threads=${THREADS:-2}
mkdir -p "$peers"

cmake -DMOXIE_TESTS=ON "$build" >"$peers/configure.log" || { tail "$peers/configure.log"; exit 1; }
cmake --build "$build" --target moxie_peer_logits >"$peers/our_build.log" || { tail "$peers/our_build.log"; exit 1; }

read -r package version file hash <"$here/peers.lock"
venv=$peers/venv
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import numpy' 2>/dev/null || "$venv/bin/pip" install -q numpy==2.2.6
if [ ! -f "$peers/$file" ]; then
    echo "fetching $package $version (llama.cpp's source, MIT)"
    # Its metadata takes the version from git, which an archive has not: say it.
    SETUPTOOLS_SCM_PRETEND_VERSION=$version "$venv/bin/pip" download -q --no-deps --no-binary "$package" \
        -d "$peers" "$package==$version"
fi
found=$(sha256sum "$peers/$file" | cut -d' ' -f1)
if [ "$found" != "$hash" ]; then
    echo "$file: expected sha256 $hash, found $found: delete it and run again, or report the package" >&2
    exit 1
fi
if [ ! -f "$peers/src/src/llama.cpp/include/llama.h" ] && [ ! -f "$peers/src/llama.cpp/include/llama.h" ]; then
    mkdir -p "$peers/src"
    tar -xzf "$peers/$file" -C "$peers/src" --strip-components=1
fi
llama=$(dirname "$(dirname "$(find "$peers/src" -path '*/include/llama.h' | head -n 1)")")
out=$peers/build
if [ ! -f "$out/src/libllama.a" ]; then
    echo "building llama.cpp's library in $out (about 4 minutes on two cores)"
    cmake -S "$llama" -B "$out" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DLLAMA_CURL=OFF \
        >"$peers/build.log" 2>&1 || { tail "$peers/build.log"; exit 1; }
    nice ninja -C "$out" llama ggml ggml-cpu >>"$peers/build.log" 2>&1 || { tail "$peers/build.log"; exit 1; }
fi
hashes=$(find "$out/vendor" -name '*.a' 2>/dev/null || true)
# shellcheck disable=SC2086
c++ -O2 -std=c++17 -I"$llama/include" -I"$llama/ggml/include" "$here/llama_logits.cpp" -o "$peers/llama_logits" \
    "$out/src/libllama.a" $hashes "$out/ggml/src/libggml.a" "$out/ggml/src/libggml-cpu.a" \
    "$out/ggml/src/libggml-base.a" -fopenmp -lpthread -ldl

model=${MODEL:-$(find "$HOME/.cache/moxie/deps" -name 'SmolLM2-135M-Instruct*.gguf' | head -n 1)}
golden=$root/tests/data/engine/golden_paths.txt
sed -n 's/^prompt //p' "$golden" >"$peers/prompts.txt"
if [ ! -f "$peers/exact.npy" ] || ! cmp -s "$golden" "$peers/golden_paths.txt"; then
    echo "computing the exact logits in float64 (some minutes)"
    OPENBLAS_NUM_THREADS=$threads "$venv/bin/python" "$here/reference_llama.py" golden "$model" "$peers/prompts.txt" \
        "$peers/golden_paths.txt" "$peers/exact.npy"
    cmp "$golden" "$peers/golden_paths.txt" || echo "(the last digits of the golden data differ: another BLAS)"
    cp "$golden" "$peers/golden_paths.txt"
fi
exec "$venv/bin/python" "$here/compare.py" "$peers" "$model" "$golden" "$build/bin/moxie_peer_logits" "$threads" \
    "${REPEATS:-3}"
