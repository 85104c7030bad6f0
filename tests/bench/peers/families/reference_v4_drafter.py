#!/usr/bin/env python3
"""The block drafter of DeepSeek V4's later snapshots ("DSpark") in float64 NumPy, over reference_v4.py: written from
the specification alone, shares no code with the engine.

  reference_v4_drafter.py OUT_FOLDER     writes v4_block_drafter.json

Of each position p whose next token is known: the first guess's logits; of some positions all guesses, each made
behind the one before, and their confidences. What the drafter keeps and sees: windows of 128 rows of what the main
model computed up to p; the guessed positions see each other.
Needs: numpy.
"""
import json
import os
import sys

import numpy as np

from reference_v4 import (APPENDIX_A, Model, block_tensors, head_tensors, main_tensors, rms, rope, sigmoid, softmax)
from weights import generate, tokens

STAGES = 3
CONFIG = {**APPENDIX_A, "compress_ratios": [0, 4, 128, 4, 128, 0, 0, 0], "dspark_block_size": 5,
          "dspark_noise_token_id": 255, "dspark_target_layer_ids": [1, 3, 4], "dspark_markov_rank": 16, "vocab_size": 256}
CHAINS = [0, 1, 60, 126, 127, 128, 200, 298]


def drafter_tensors(config):
    d, rank, targets = config["hidden_size"], config["dspark_markov_rank"], len(config["dspark_target_layer_ids"])
    found, last = [], f"mtp.{STAGES - 1}."
    for stage in range(STAGES):
        found += block_tensors(config, f"mtp.{stage}", 0, False)
    return (found + head_tensors(config, last)
            + [("mtp.0.main_proj.weight", (d, targets * d)), ("mtp.0.main_norm.weight", (d,)),
               (last + "markov_head.markov_w1.weight", (config["vocab_size"], rank)),
               (last + "markov_head.markov_w2.weight", (config["vocab_size"], rank)),
               (last + "confidence_head.proj.weight", (1, d + rank))])


class Drafter:
    def __init__(self, model, ids):
        """What the main model computed for `ids`; model.run(ids) is done."""
        self.model, self.config = model, model.config
        means = [model.seen[f"layers.{layer}.hc_ffn"]["out"].mean(axis=1)
                 for layer in self.config["dspark_target_layer_ids"]]
        read = rms(model.product(np.concatenate(means, axis=1), "mtp.0.main_proj"), model.eps,
                   model.at("mtp.0.main_norm.weight"))
        self.rings = [self.keys(stage, read, range(len(ids))) for stage in range(STAGES)]

    def keys(self, stage, x, positions):
        model, name = self.model, f"mtp.{stage}.attn"
        kv = rms(model.product(x, name, "wkv"), model.eps, model.at(name, "kv_norm.weight"))
        return model.cached(rope(kv, positions, model.tables[False]))

    def attention(self, stage, x, p):
        """x at positions p + 1 ..; sees the last window of rows up to p and all of x."""
        model, config, name = self.model, self.config, f"mtp.{stage}.attn"
        positions, count, table = range(p + 1, p + 1 + len(x)), len(x), model.tables[False]
        heads, width = config["num_attention_heads"], config["head_dim"]
        low = rms(model.product(x, name, "wq_a"), model.eps, model.at(name, "q_norm.weight"))
        q = rope(rms(model.product(low, name, "wq_b").reshape(count, heads, width), model.eps), positions, table)
        ring = self.rings[stage][max(0, p + 1 - config["sliding_window"]):p + 1]
        kv = np.concatenate([ring, self.keys(stage, x, positions)])
        scores = np.einsum("thc,jc->thj", q, kv) * width**-0.5
        sink = np.broadcast_to(model.at(name, "attn_sink")[None, :, None], (count, heads, 1))
        weight = softmax(np.concatenate([scores, sink], axis=-1))[..., :-1]
        out = rope(np.einsum("thj,jc->thc", weight, kv), positions, table, inverse=True)
        groups = config["o_groups"]
        wo_a = model.at(name, "wo_a.weight").reshape(groups, config["o_lora_rank"], -1)
        low = np.einsum("tgk,gok->tgo", out.reshape(count, groups, -1), wo_a)
        return model.product(low.reshape(count, -1), name, "wo_b")

    def collapsed(self, p, token):
        model, config = self.model, self.config
        ids = [token] + [config["dspark_noise_token_id"]] * (config["dspark_block_size"] - 1)
        streams = np.repeat(model.at("embed", "weight")[ids][:, None], config["hc_mult"], axis=1)
        for stage in range(STAGES):
            name = f"mtp.{stage}"
            normed = lambda x, part: rms(x, model.eps, model.at(name, part + "_norm.weight"))
            streams = model.hyper_connect(streams, name + ".hc_attn",
                                          lambda x: self.attention(stage, normed(x, "attn"), p))
            streams = model.hyper_connect(streams, name + ".hc_ffn",
                                          lambda x: model.experts(name + ".ffn", normed(x, "ffn"), None))
        last = f"mtp.{STAGES - 1}."
        mixed = model.mix(streams, last + "hc_head")
        weight = sigmoid(mixed * model.at(last + "hc_head_scale")[0] + model.at(last + "hc_head_base"))
        return np.einsum("tj,tjd->td", weight + config["hc_eps"], streams)

    def guesses(self, p, token, count):
        """(logits, confidence logit) of the first `count` guesses behind `token` at p + 1."""
        model, last = self.model, f"mtp.{STAGES - 1}."
        collapsed = self.collapsed(p, token)
        base = model.product(rms(collapsed, model.eps, model.at(last + "norm.weight")), "head")
        found = []
        for k in range(count):
            pair = model.at(last + "markov_head.markov_w1.weight")[token]
            logits = base[k] + model.at(last + "markov_head.markov_w2.weight") @ pair
            confidence = model.product(np.concatenate([collapsed[k], pair]), last + "confidence_head.proj")[0]
            found.append((logits, confidence))
            token = int(np.argmax(logits))
        return found


def short(x):
    return float(f"{x:.6f}")


def golden_of(model, ids):
    model.run(ids)
    drafter = Drafter(model, ids)
    first = np.stack([drafter.guesses(p, ids[p + 1], 1)[0][0] for p in range(len(ids) - 1)])
    positions = [0, 1, 2, 63, 126, 127, 128, 129, 200, 297, 298]
    margin = np.sort(first, axis=1)
    chains = []
    for p in CHAINS:
        all_of = drafter.guesses(p, ids[p + 1], CONFIG["dspark_block_size"])
        chains.append({"position": p, "tokens": [int(np.argmax(logits)) for logits, _ in all_of],
                       "confidences": [short(c) for _, c in all_of],
                       "smallest_margin": short(min(np.diff(np.sort(logits)[-2:])[0] for logits, _ in all_of))})
    return {"mtp": {"positions": positions, "logits": [[short(x) for x in row[:6]] for row in first[positions]],
                    "sum_abs": [short(x) for x in np.abs(first[positions]).sum(axis=1)],
                    "argmax": [int(x) for x in first.argmax(axis=1)],
                    "smallest_top_margin": short((margin[:, -1] - margin[:, -2]).min())},
            "chains": chains}


def write(path):
    shapes = main_tensors(CONFIG) + drafter_tensors(CONFIG)
    ids = tokens(CONFIG["vocab_size"], 300)
    values = {name: generate(name, shape) for name, shape in shapes}
    golden = {"name": "v4_block_drafter", "oracle": "reference_v4_drafter.py, float64", "config": CONFIG,
              "tensors": [[name, "I64" if name.endswith("tid2eid") else "F32", shape] for name, shape in shapes],
              "tokens": ids, "sim_off": golden_of(Model(CONFIG, values, False), ids),
              "sim_on": golden_of(Model(CONFIG, values, True), ids)}
    with open(path, "w") as file:
        json.dump(golden, file, separators=(",", ":"))


if __name__ == "__main__":
    write(os.path.join(sys.argv[1], "v4_block_drafter.json"))
