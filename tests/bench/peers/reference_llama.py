#!/usr/bin/env python3
"""An independent float64 implementation of the dense Llama family, for checking ours.

Reads the GGUF file itself, dequantises to float64 and computes everything in float64 with NumPy.
It shares no code and no library with the engine.

  reference_llama.py golden MODEL PROMPTS OUT.txt [LOGITS.npy]
      PROMPTS holds one line of token ids per prompt, all of one length. 64 greedy tokens of each: ids,
      margins, some logits; and all logits as float32 [prompt, step, vocabulary] if asked.
  reference_llama.py logits MODEL IDS OUT.npy
      float64 logits of every position of one sequence of ids.

Needs: numpy.
"""
import struct
import sys

import numpy as np


class Gguf:
    FORMATS = "BbHhIif?sAQqd"  # struct letters by value type; s and A are handled apart

    def __init__(self, path):
        self.data = np.memmap(path, dtype=np.uint8, mode="r")
        self.pos = 8
        n_tensors, n_entries = self.take("Q"), self.take("Q")
        self.meta = {}
        for _ in range(n_entries):
            key = self.text()
            self.meta[key] = self.value(self.take("I"))
        infos = []
        for _ in range(n_tensors):
            name = self.text()
            dims = [self.take("Q") for _ in range(self.take("I"))]
            infos.append((name, dims, self.take("I"), self.take("Q")))
        align = self.meta.get("general.alignment", 32)
        start = -(-self.pos // align) * align
        self.tensors = {n: (d, t, start + o) for n, d, t, o in infos}

    def take(self, letter):
        size = struct.calcsize("<" + letter)
        (value,) = struct.unpack_from("<" + letter, self.data, self.pos)
        self.pos += size
        return value

    def text(self):
        size = self.take("Q")
        self.pos += size
        return self.data[self.pos - size : self.pos].tobytes().decode("utf-8", "replace")

    def value(self, kind):
        if kind == 8:
            return self.text()
        if kind == 9:
            inner, count = self.take("I"), self.take("Q")
            return [self.value(inner) for _ in range(count)]
        return self.take(self.FORMATS[kind])

    def array(self, name):
        """Dequantised, float64, [rows, cols]."""
        dims, kind, at = self.tensors[name]
        n = int(np.prod(dims))
        block = {0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 8: (32, 34)}[kind]
        raw = np.asarray(self.data[at : at + n // block[0] * block[1]]).reshape(-1, block[1])
        half = lambda a, b: raw[:, a:b].copy().view("<f2").astype(np.float64)
        if kind == 0:
            out = raw.copy().view("<f4").astype(np.float64)
        elif kind == 1:
            out = half(0, 2)
        elif kind == 8:
            out = half(0, 2) * raw[:, 2:].copy().view(np.int8)
        else:
            first = 2 if kind == 2 else 4
            q = np.concatenate([raw[:, first:] & 15, raw[:, first:] >> 4], axis=1).astype(np.float64)
            out = half(0, 2) * (q - 8) if kind == 2 else half(0, 2) * q + half(2, 4)
            # The exact weights are the dequantised values rounded to float32.
            out = out.astype(np.float32).astype(np.float64)
        return out.reshape(-1, dims[0])


class Llama:
    def __init__(self, path):
        self.file = Gguf(path)
        m = lambda key: self.file.meta["llama." + key]
        self.layers, self.heads = m("block_count"), m("attention.head_count")
        self.kv_heads, self.eps = m("attention.head_count_kv"), m("attention.layer_norm_rms_epsilon")
        self.dim = m("embedding_length") // self.heads
        base = self.file.meta.get("llama.rope.freq_base", 10000.0)
        self.freqs = base ** (-np.arange(0, self.dim, 2) / self.dim)
        self.w = {name: self.file.array(name) for name in self.file.tensors}

    def norm(self, x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.eps) * self.w[name][0]

    def times(self, x, name):
        """x times the transposed weights, as one product of matrices whatever the leading axes are."""
        return (x.reshape(-1, x.shape[-1]) @ self.w[name].T).reshape(*x.shape[:-1], -1)

    def rope(self, x, pos):  # x [batch, tokens, heads, dim], pairs are neighbours
        angle = pos[:, None] * self.freqs
        c, s = np.cos(angle)[None, :, None], np.sin(angle)[None, :, None]
        a, b = x[..., 0::2], x[..., 1::2]
        out = np.empty_like(x)
        out[..., 0::2], out[..., 1::2] = a * c - b * s, a * s + b * c
        return out

    def forward(self, ids, cache):
        """ids [batch, tokens]; cache: list per layer of (keys, values), grown here."""
        start = cache[0][0].shape[1] if cache[0] else 0
        n_batch, n = ids.shape
        pos = np.arange(start, start + n)
        x = self.w["token_embd.weight"][ids]
        group = self.heads // self.kv_heads
        for i in range(self.layers):
            name = f"blk.{i}.%s.weight"
            h = self.norm(x, name % "attn_norm")
            q, k, v = (
                self.times(h, name % part).reshape(n_batch, n, -1, self.dim)
                for part in ("attn_q", "attn_k", "attn_v")
            )
            q, k = self.rope(q, pos), self.rope(k, pos)
            if cache[i]:
                k, v = np.concatenate([cache[i][0], k], 1), np.concatenate([cache[i][1], v], 1)
            cache[i] = (k, v)
            # [batch, kv head, query in its group x token, dim] by [batch, kv head, dim, position]
            q = q.reshape(n_batch, n, self.kv_heads, group, self.dim).transpose(0, 2, 3, 1, 4)
            scores = q.reshape(n_batch, self.kv_heads, group * n, self.dim) @ k.transpose(0, 2, 3, 1)
            scores = scores.reshape(n_batch, self.kv_heads, group, n, -1) / np.sqrt(self.dim)
            scores[..., pos[:, None] < np.arange(k.shape[1])[None]] = -np.inf
            p = np.exp(scores - scores.max(-1, keepdims=True))
            p /= p.sum(-1, keepdims=True)
            mixed = p.reshape(n_batch, self.kv_heads, group * n, -1) @ v.transpose(0, 2, 1, 3)
            mixed = mixed.reshape(n_batch, self.kv_heads, group, n, self.dim).transpose(0, 3, 1, 2, 4)
            x = x + self.times(mixed.reshape(n_batch, n, -1), name % "attn_output")
            h = self.norm(x, name % "ffn_norm")
            gate = self.times(h, name % "ffn_gate")
            act = gate / (1 + np.exp(-gate)) * self.times(h, name % "ffn_up")
            x = x + self.times(act, name % "ffn_down")
        head = "output.weight" if "output.weight" in self.w else "token_embd.weight"
        return self.times(self.norm(x, "output_norm.weight"), head)

    def empty_cache(self):
        return [None] * self.layers


def golden(model_path, prompts_path, out_path, logits_path=None, n_steps=64):
    model = Llama(model_path)
    ids = np.array([[int(word) for word in line.split()] for line in open(prompts_path)])
    cache = model.empty_cache()
    steps, every = [], []
    new = ids
    for step in range(n_steps):
        logits = model.forward(new, cache)[:, -1]
        order = np.argsort(-logits, axis=1)[:, :2]
        steps.append((order[:, 0], np.take_along_axis(logits, order, 1), logits[:, ::7001]))
        if logits_path:
            every.append(logits.astype(np.float32))
        new = order[:, :1]
        print(f"\r{step + 1} of {n_steps} tokens", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    with open(out_path, "w") as out:
        out.write("# SmolLM2-135M-Instruct Q4_1: exact greedy paths, float64. Made by\n")
        out.write("# tests/bench/peers/reference_llama.py golden MODEL PROMPTS THIS. One prompt per block:\n")
        out.write("# prompt ids; then per step: token, its logit, margin to the second.\n")
        out.write("# The last line of a block: logits of ids 0, 7001, 14002 ... after the last step.\n")
        for b in range(len(ids)):
            out.write("prompt " + " ".join(map(str, ids[b])) + "\n")
            for token, best, _ in steps:
                out.write(f"{token[b]} {best[b, 0]:.6f} {best[b, 0] - best[b, 1]:.6f}\n")
            out.write("logits " + " ".join(f"{v:.6f}" for v in steps[-1][2][b]) + "\n")
    if logits_path:
        np.save(logits_path, np.stack(every, 1))


def logits(model_path, ids_path, out_path):
    ids = np.array([[int(word) for word in open(ids_path).read().split()]])
    model = Llama(model_path)
    np.save(out_path, model.forward(ids, model.empty_cache())[0])


if __name__ == "__main__":
    if len(sys.argv) < 5 or sys.argv[1] not in ("golden", "logits"):
        sys.exit(__doc__)
    {"golden": golden, "logits": logits}[sys.argv[1]](*sys.argv[2:])
