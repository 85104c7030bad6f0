#!/bin/sh
# Holds the engine against the exact computation and against llama.cpp, on the sample model:
#   ./check --bench peers [quality|speed]    or  BUILD=build/NAME tests/bench/peers/run.sh [quality|speed]
# Mean KL divergence from exact, top-token agreement, prefill and decode speed, as one table.
# build_llama_cpp.sh makes llama.cpp, outside of the tree; it is never a dependency. THREADS (2),
# REPEATS (3) and PEERS (the folder) can be set. The exact logits take some minutes and are kept in
# that folder. Speed is measured with 1 thread and with THREADS; let nothing else run meanwhile.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
part=${1:-all}
case $part in all | quality | speed) ;; *) echo "run.sh: all, quality or speed, not $part" >&2; exit 2 ;; esac
build=${BUILD:-$root/build/release}
peers=${PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/moxie/peers}
threads=${THREADS:-2}
PEERS=$peers "$here/build_llama_cpp.sh"

cmake -DMOXIE_TESTS=ON "$build" >"$peers/configure.log" || { tail "$peers/configure.log"; exit 1; }
cmake --build "$build" --target moxie_peer_logits >"$peers/our_build.log" || { tail "$peers/our_build.log"; exit 1; }

venv=$peers/venv
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import numpy' 2>/dev/null || "$venv/bin/pip" install -q numpy==2.2.6
llama=$peers/src/llama.cpp
out=$peers/build
hashes=$(find "$out/vendor" -name '*.a' 2>/dev/null || true)
# shellcheck disable=SC2086
c++ -O2 -std=c++17 -I"$llama/include" -I"$llama/ggml/include" "$here/llama_logits.cpp" -o "$peers/llama_logits" \
    "$out/src/libllama.a" $hashes "$out/ggml/src/libggml.a" "$out/ggml/src/libggml-cpu.a" \
    "$out/ggml/src/libggml-base.a" -fopenmp -lpthread -ldl

model=${MODEL:-$(find "$HOME/.cache/moxie/deps" -name 'SmolLM2-135M-Instruct*.gguf' | head -n 1)}
f32=$peers/$(basename "$model" .gguf)-F32.gguf
if [ ! -f "$f32" ]; then
    "$out/bin/llama-quantize" --allow-requantize "$model" "$f32.new" F32 >"$peers/quantize.log" 2>&1 ||
        { tail "$peers/quantize.log"; exit 1; }
    mv "$f32.new" "$f32"
fi
golden=$root/tests/data/engine/golden_paths.txt
sed -n 's/^prompt //p' "$golden" >"$peers/prompts.txt"
if [ ! -f "$peers/exact.npy" ] || ! cmp -s "$golden" "$peers/golden_paths.txt"; then
    echo "computing the exact logits in float64 (some minutes)"
    OPENBLAS_NUM_THREADS=$threads "$venv/bin/python" "$here/reference_llama.py" golden "$model" "$peers/prompts.txt" \
        "$peers/golden_paths.txt" "$peers/exact.npy"
    cmp "$golden" "$peers/golden_paths.txt" || echo "(the last digits of the golden data differ: another BLAS)"
    cp "$golden" "$peers/golden_paths.txt"
fi
exec "$venv/bin/python" "$here/compare.py" "$part" "$peers" "$model" "$golden" "$build/bin/moxie_peer_logits" "$threads" \
    "${REPEATS:-3}"
