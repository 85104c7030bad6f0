#!/usr/bin/env python3
"""Engram conditional memory in float64 NumPy, as its published demo defines it.

  reference_engram.py OUT_FOLDER       writes engram.json

An oracle of our own: no library has such a class. Written from the description of the demo; held against a run
of the demo itself (deepseek-ai/Engram, engram_demo_v1.py) once, see README.md. The demo replaces attention and
experts by the identity, so that each block quadruples its residual; so does this.
Needs: numpy.
"""
import json
import os
import sys

import numpy as np

from weights import generate, tokens, unit

CONFIG = {"model_type": "engram_demo", "vocab_size": 256, "hidden_size": 64, "hc_mult": 4, "num_hidden_layers": 5,
          "rms_norm_eps": 1.1920928955078125e-07, "conv_norm_eps": 1e-05,
          "engram_vocab_size": [300, 420], "max_ngram_size": 3, "n_embed_per_ngram": 32, "n_head_per_ngram": 4,
          "layer_ids": [1, 3], "pad_id": 2, "seed": 0, "kernel_size": 4}
COMPRESSED = [t if t < 180 else (t * 7) % 180 for t in range(256)]  # what the demo derives from token texts
COUNT = 256


def is_prime(n):
    return n > 1 and all(n % k for k in range(2, int(n**0.5) + 1))


def primes_of_layers(config):
    """{layer: [[prime of each head] of each order]}: no prime is used twice in the model."""
    used, found = set(), {}
    for layer in config["layer_ids"]:
        found[layer] = []
        for size in config["engram_vocab_size"]:
            candidate, heads = size, []
            while len(heads) < config["n_head_per_ngram"]:
                if is_prime(candidate) and candidate not in used:
                    used.add(candidate)
                    heads.append(candidate)
                candidate += 1
            found[layer].append(heads)
    return found


def multipliers(config, layer, compressed_size):
    bound = max(1, (2**63 - 1) // compressed_size // 2)
    drawn = np.random.default_rng(config["seed"] + 10007 * layer).integers(0, bound, config["max_ngram_size"], np.int64)
    return [int(2 * r + 1) for r in drawn]


def signed(value):
    value &= 2**64 - 1
    return value - 2**64 if value >= 2**63 else value


def table_rows(config, ids, factors, primes):
    """[token][head over all orders]: row of each head's own table. Python integers, wrapped to 64 bits by hand."""
    compressed = [COMPRESSED[t] for t in ids]
    pad, found = COMPRESSED[config["pad_id"]], []
    for t in range(len(ids)):
        row, mixed = [], 0
        for back in range(config["max_ngram_size"]):
            token = compressed[t - back] if t >= back else pad
            mixed ^= (token * factors[back]) & (2**64 - 1)
            if back:
                row += [signed(mixed) % prime for prime in primes[back - 1]]
        found.append(row)
    return found


def rms(x, eps, weight):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * weight


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


class Memory:
    """One Engram module; what it adds to the residual streams [token, stream, hidden]."""

    def __init__(self, config, layer, primes, values):
        self.config, self.primes, self.name = config, primes, f"layers.{layer}.engram."
        self.factors = multipliers(config, layer, max(COMPRESSED) + 1)
        self.at = lambda name: values[self.name + name].astype(np.float64)

    def rows(self, ids):
        return table_rows(self.config, ids, self.factors, self.primes)

    def output(self, streams, ids):
        sizes = [prime for order in self.primes for prime in order]
        offsets = np.cumsum([0] + sizes[:-1])
        table = self.at("multi_head_embedding.embedding.weight")
        embedded = table[np.array(self.rows(ids)) + offsets].reshape(len(ids), -1)
        value = embedded @ self.at("value_proj.weight").T + self.at("value_proj.bias")
        gated = np.stack([self.gate(streams[:, s], embedded, s) * value for s in range(self.config["hc_mult"])], axis=1)
        return gated + self.short_convolution(gated)

    def gate(self, stream, embedded, s):
        eps = self.config["rms_norm_eps"]
        key = embedded @ self.at(f"key_projs.{s}.weight").T + self.at(f"key_projs.{s}.bias")
        key = rms(key, eps, self.at(f"norm1.{s}.weight"))
        query = rms(stream, eps, self.at(f"norm2.{s}.weight"))
        u = (key * query).sum(-1, keepdims=True) / np.sqrt(self.config["hidden_size"])
        return sigmoid(np.sign(u) * np.sqrt(np.maximum(np.abs(u), 1e-6)))

    def short_convolution(self, gated):
        """Depthwise and causal over positions t, t - dilation, ...; the last tap is the position itself."""
        config = self.config
        normed = np.stack([rms(gated[:, s], config["conv_norm_eps"], self.at(f"short_conv.norms.{s}.weight"))
                           for s in range(config["hc_mult"])], axis=1)
        flat, taps = normed.reshape(len(gated), -1), self.at("short_conv.conv.weight")[:, 0]
        out = np.zeros_like(flat)
        for k in range(config["kernel_size"]):
            back = (config["kernel_size"] - 1 - k) * config["max_ngram_size"]
            out[back:] += flat[:len(flat) - back] * taps[:, k]
        return (out * sigmoid(out)).reshape(gated.shape)


def tensor_list(config):
    d, n, rows = config["hidden_size"], config["hc_mult"], config["vocab_size"]
    width = (config["max_ngram_size"] - 1) * config["n_embed_per_ngram"]
    found = [("embed.weight", (rows, d)), ("head.weight", (rows, d)), ("head.bias", (rows,))]
    for layer, primes in primes_of_layers(config).items():
        at = f"layers.{layer}.engram."
        found += [(at + "multi_head_embedding.embedding.weight",
                   (sum(map(sum, primes)), config["n_embed_per_ngram"] // config["n_head_per_ngram"])),
                  (at + "short_conv.conv.weight", (n * d, 1, config["kernel_size"])),
                  (at + "value_proj.weight", (d, width)), (at + "value_proj.bias", (d,))]
        for s in range(n):
            found += [(at + f"key_projs.{s}.weight", (d, width)), (at + f"key_projs.{s}.bias", (d,)),
                      (at + f"short_conv.norms.{s}.weight", (d,)), (at + f"norm1.{s}.weight", (d,)),
                      (at + f"norm2.{s}.weight", (d,))]
    return found


def memories(config, values):
    return {layer: Memory(config, layer, primes, values) for layer, primes in primes_of_layers(config).items()}


def demo_logits(config, values, ids):
    """The whole demo: mocked blocks, stream 0 into the head."""
    modules = memories(config, values)
    streams = np.repeat(values["embed.weight"].astype(np.float64)[ids][:, None], config["hc_mult"], axis=1)
    for layer in range(config["num_hidden_layers"]):
        if layer in modules:
            streams = streams + modules[layer].output(streams, ids)
        streams = 4 * streams
    return streams[:, 0] @ values["head.weight"].astype(np.float64).T + values["head.bias"]


def module_input(config):
    shape = (COUNT, config["hc_mult"], config["hidden_size"])
    return unit("hidden_states", int(np.prod(shape))).reshape(shape).astype(np.float32).astype(np.float64)


def golden_module(module, ids, streams, positions):
    out, short = module.output(streams, ids), lambda x: float(f"{x:.9g}")
    return {"primes": module.primes, "multipliers": [str(m) for m in module.factors], "rows": module.rows(ids[:32]),
            "positions": positions,
            "output": [[[short(x) for x in stream[:8]] for stream in out[p]] for p in positions],
            "sum_abs": [short(np.abs(out[p]).sum()) for p in positions]}


def write(path):
    ids = tokens(CONFIG["vocab_size"], COUNT)
    shapes = tensor_list(CONFIG)
    values = {name: generate(name, shape) for name, shape in shapes}
    logits, positions = demo_logits(CONFIG, values, ids), [0, 1, 2, 3, 6, 9, 10, 31, 127, 200, 255]
    golden = {"name": "engram", "oracle": "reference_engram.py, float64", "config": CONFIG,
              "compressed_ids": COMPRESSED, "tensors": [[name, "F32", shape] for name, shape in shapes], "tokens": ids,
              "input": "float32 of u of the name hidden_states, [256, hc_mult, hidden_size]",
              "modules": {str(layer): golden_module(module, ids, module_input(CONFIG), positions)
                          for layer, module in memories(CONFIG, values).items()},
              "main": {"positions": positions, "logits": [[float(f"{x:.9g}") for x in logits[p, :32]] for p in positions],
                       "sum_abs": [float(f"{np.abs(logits[p]).sum():.9g}") for p in positions],
                       "argmax": [int(x) for x in logits.argmax(axis=1)]}}
    with open(path, "w") as file:
        json.dump(golden, file, separators=(",", ":"))


if __name__ == "__main__":
    write(os.path.join(sys.argv[1], "engram.json"))
