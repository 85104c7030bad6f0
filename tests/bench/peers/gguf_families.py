#!/usr/bin/env python3
"""Every family's GGUF files, ours and llama.cpp's logits against the exact ones: one table.

  gguf_families.py MOXIE LLAMA_LOGITS FOLDER [FAMILY...]

MOXIE is the program, LLAMA_LOGITS is llama_logits.cpp built by run.sh. Makes a small random model of each
family in each type with `moxie model make`, and lets both read the same 200 token ids, one by one. Exact is
`moxie logits --backend scalar`: float64 sums over the file's own weights, dequantised without loss; it is held
against transformers in float64 elsewhere (families/). In F32 llama.cpp keeps its cache in F32 too, so that its
numbers are a second witness of ours; in every other type it runs as it does for users. Models are deleted.

Two files are read by llama.cpp otherwise than their makers publish: it rounds gpt-oss's YaRN corners (`truncate` is
false), and takes 32 for Kimi K2's `beta_fast` of 1. OVERRIDDEN are the same files with that one number changed, so
that the rest is compared too.
"""
import pathlib
import random
import struct
import subprocess
import sys

import numpy as np

FAMILIES = {
    "llama": "f32 bf16 q8_0 q4_k", "qwen2": "f32 bf16 q8_0 q4_k", "qwen3": "f32 bf16 q8_0 q4_k",
    "qwen3_moe": "f32 bf16 q8_0 q4_k", "glm4_moe": "f32 bf16 q8_0 q4_k", "minimax_m2": "f32 bf16 q8_0 q4_k",
    "gpt_oss": "f32 bf16 q8_0 mxfp4", "deepseek_v2": "f32 bf16 q8_0 q4_k", "deepseek_v3": "f32 bf16 q8_0 q4_k",
    "kimi_k2": "f32 bf16 q8_0 q4_k", "deepseek_v32": "f32 bf16 q8_0 q4_k", "deepseek_v4": "f32 bf16 q8_0 q4_k",
}
OVERRIDDEN = {
    "gpt_oss, factor 1": ("gpt_oss", "gpt-oss.rope.scaling.factor", 1.0),
    "kimi_k2, beta_fast 32": ("kimi_k2", "deepseek2.rope.scaling.yarn_beta_fast", 32.0),
}
N_TOKENS, VOCABULARY = 200, 512
GGUF_FLOAT32 = 6


def log_softmax(x):
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def distance(exact, other):
    """Relative RMS, mean KL divergence, positions with another top token."""
    exact, other = exact.astype(np.float64), other.astype(np.float64)
    p, q = log_softmax(exact), log_softmax(other)
    rms = np.sqrt(((exact - other) ** 2).mean() / (exact ** 2).mean())
    return rms, (np.exp(p) * (p - q)).sum(-1).mean(), int((exact.argmax(-1) != other.argmax(-1)).sum())


def shown(against):
    return f"{against[0]:.1e}, KL {against[1]:.1e}, {against[2]}"


def override(model, key, value):
    """Writes another float32 behind a key of a GGUF file."""
    data = bytearray(model.read_bytes())
    at = data.index(key.encode()) + len(key)
    assert struct.unpack_from("<I", data, at)[0] == GGUF_FLOAT32
    struct.pack_into("<f", data, at + 4, value)
    model.write_bytes(data)


def make(moxie, model, name, kind):
    family, *change = OVERRIDDEN.get(name, (name,))
    model.unlink(missing_ok=True)
    subprocess.run([moxie, "model", "make", "--family", family, "--type", kind, "-o", model], check=True,
                   stdout=subprocess.DEVNULL)
    if change:
        override(model, *change)


def one(moxie, peer, folder, family, kind):
    model, ids = folder / f"{family}-{kind}.gguf", folder / "ids.txt"
    make(moxie, model, family, kind)
    logits = {}
    for backend in ("scalar", "cpu"):
        out = folder / f"{backend}.npy"
        subprocess.run([moxie, "logits", "-m", model, "--tokens", ids, "--backend", backend, "-o", out], check=True,
                       capture_output=True)
        logits[backend] = np.load(out)[1:]
    theirs = folder / "theirs.f32"
    cache = "f32" if kind == "f32" else "default"
    done = subprocess.run([peer, "logits", model, ids, str(N_TOKENS - 1), theirs, cache], capture_output=True, text=True)
    model.unlink()
    ours = distance(logits["scalar"], logits["cpu"])
    if done.returncode != 0:
        print(f"| {family} | {kind} | {shown(ours)} | does not read it: {done.stderr.strip()[-300:]} |", flush=True)
        return False
    their = distance(logits["scalar"], np.fromfile(theirs, np.float32).reshape(-1, VOCABULARY))
    print(f"| {family} | {kind} | {shown(ours)} | {shown(their)} |", flush=True)
    return ours[0] <= their[0] and ours[1] <= max(their[1], 1e-12)


def main():
    moxie, peer, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(5)
    (folder / "ids.txt").write_text(" ".join(str(draw.randrange(VOCABULARY)) for _ in range(N_TOKENS)) + "\n")
    print("| family | type | ours, `cpu`: relative RMS, mean KL, top token another | llama.cpp |\n|---|---|---|---|")
    types = FAMILIES | {name: FAMILIES[change[0]] for name, change in OVERRIDDEN.items()}
    chosen = sys.argv[4:] or types
    closer = [one(moxie, peer, folder, family, kind) for family in chosen for kind in types[family].split()]
    print(f"{sum(closer)} of {len(closer)} as close to exact as llama.cpp or closer")
    return 0 if all(closer) else 1


sys.exit(main())
