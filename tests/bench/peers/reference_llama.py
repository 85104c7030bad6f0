#!/usr/bin/env python3
"""An independent float64 implementation of the dense Llama family, for checking ours.

Reads the GGUF file itself, dequantises to float64 and computes everything in float64 with NumPy.
It shares no code and no library with the engine.

  reference_llama.py golden MODEL OUT.txt    20 prompts x 64 greedy tokens: ids, margins, top logits
  reference_llama.py logits MODEL IDS OUT.npy  float64 logits of every position

Needs: numpy.
"""
import struct
import sys

import numpy as np

# Six words each, every word one token of the vocabulary.
PROMPTS = """The capital of France is the
Once upon a time there was
def main ( ) : return
My favorite food is the best
The sun is a large star
Water is made of two different
How do I make a good
The first president of the United
In the year of our new
A computer program is a set
The quick brown fox is over
She walked into the room and
Please write a short story about
The history of the world is
We need to find the best
There are many ways to learn
The most important thing is to
When the war was over they
He said that he would not
This function will return the next"""


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
        (value,) = struct.unpack("<" + letter, self.data[self.pos : self.pos + size].tobytes())
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
        raw = self.data[at : at + n // block[0] * block[1]].reshape(-1, block[1])
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
            # The engine's exact weights are the dequantised values rounded to float32.
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
        for i in range(self.layers):
            name = f"blk.{i}.%s.weight"
            h = self.norm(x, name % "attn_norm")
            q, k, v = (
                (h @ self.w[name % part].T).reshape(n_batch, n, -1, self.dim)
                for part in ("attn_q", "attn_k", "attn_v")
            )
            q, k = self.rope(q, pos), self.rope(k, pos)
            if cache[i]:
                k, v = np.concatenate([cache[i][0], k], 1), np.concatenate([cache[i][1], v], 1)
            cache[i] = (k, v)
            group = self.heads // self.kv_heads
            scores = np.einsum("bthd,bshd->bhts", q, k.repeat(group, 2)) / np.sqrt(self.dim)
            scores[:, :, pos[:, None] < np.arange(k.shape[1])[None]] = -np.inf
            p = np.exp(scores - scores.max(-1, keepdims=True))
            p /= p.sum(-1, keepdims=True)
            mixed = np.einsum("bhts,bshd->bthd", p, v.repeat(group, 2)).reshape(n_batch, n, -1)
            x = x + mixed @ self.w[name % "attn_output"].T
            h = self.norm(x, name % "ffn_norm")
            gate = h @ self.w[name % "ffn_gate"].T
            act = gate / (1 + np.exp(-gate)) * (h @ self.w[name % "ffn_up"].T)
            x = x + act @ self.w[name % "ffn_down"].T
        head = self.w.get("output.weight", self.w["token_embd.weight"])
        return self.norm(x, "output_norm.weight") @ head.T

    def empty_cache(self):
        return [None] * self.layers


def golden(model_path, out_path, n_steps=64):
    model = Llama(model_path)
    ids_of = {token: i for i, token in enumerate(model.file.meta["tokenizer.ggml.tokens"])}
    rows = []
    for line in PROMPTS.splitlines():
        words = line.split()
        rows.append([ids_of[("\u0120" if i else "") + w] for i, w in enumerate(words)])
    ids = np.array(rows)
    cache = model.empty_cache()
    steps = []
    new = ids
    for step in range(n_steps):
        logits = model.forward(new, cache)[:, -1]
        order = np.argsort(-logits, axis=1)[:, :2]
        steps.append((order[:, 0], np.take_along_axis(logits, order, 1), logits[:, ::7001]))
        new = order[:, :1]
        print(f"{step + 1} of {n_steps} tokens", file=sys.stderr, flush=True)
    with open(out_path, "w") as out:
        out.write("# SmolLM2-135M-Instruct Q4_1: exact greedy paths, float64. Made by\n")
        out.write("# tests/bench/peers/reference_llama.py golden MODEL THIS. One prompt per block:\n")
        out.write("# prompt ids; then per step: token, its logit, margin to the second.\n")
        out.write("# The last line of a block: logits of ids 0, 7001, 14002 ... after the last step.\n")
        for b in range(len(rows)):
            out.write("prompt " + " ".join(map(str, rows[b])) + "\n")
            for token, best, _ in steps:
                out.write(f"{token[b]} {best[b, 0]:.6f} {best[b, 0] - best[b, 1]:.6f}\n")
            out.write("logits " + " ".join(f"{v:.6f}" for v in steps[-1][2][b]) + "\n")


def logits(model_path, ids_path, out_path):
    ids = np.array([[int(word) for word in open(ids_path).read().split()]])
    model = Llama(model_path)
    np.save(out_path, model.forward(ids, model.empty_cache())[0])


if __name__ == "__main__":
    {"golden": golden, "logits": logits}[sys.argv[1]](*sys.argv[2:])
