#!/usr/bin/env python3
"""DeepSeek V4 in float64 NumPy, written from the specification alone: main model, MTP block, with and without
the quantisation simulation of caches and indexer. Shares no code with the engine or with transformers.

  reference_v4.py OUT_FOLDER       writes v4_appendix_a.json: the published test of 300 tokens, both modes

Takes a config.json in its maker's spelling and tensors under their published names. Linear layers are plain
float64 products of the given weights; nothing is rounded but by the simulation.
Needs: numpy.
"""
import json
import os
import sys

import numpy as np

from weights import generate, tokens

MASKED = -np.inf


def rms(x, eps, weight=None):
    normed = x / np.sqrt((x * x).mean(-1, keepdims=True) + eps)
    return normed if weight is None else normed * weight


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def power_of_two_at_least(x):
    mantissa, exponent = np.frexp(x)
    return np.ldexp(1.0, exponent - (mantissa == 0.5))


def round_e4m3(x):
    _, exponent = np.frexp(x)
    step = np.ldexp(1.0, np.maximum(exponent - 1, -6) - 3)
    return np.rint(np.clip(x, -448, 448) / step) * step


def round_e2m1(x):
    x = np.clip(x, -6, 6)
    step = np.where(np.abs(x) < 2, 0.5, np.where(np.abs(x) < 4, 1.0, 2.0))
    return np.rint(x / step) * step


def simulate_fp8(x, block):
    parts = x.reshape(*x.shape[:-1], -1, block)
    scale = power_of_two_at_least(np.maximum(np.abs(parts).max(-1, keepdims=True), 1e-4) / 448)
    return (round_e4m3(parts / scale) * scale).reshape(x.shape)


def simulate_fp4(x, block=32):
    parts = x.reshape(*x.shape[:-1], -1, block)
    scale = power_of_two_at_least(np.maximum(np.abs(parts).max(-1, keepdims=True), 6 * 2.0**-126) / 6)
    return (round_e2m1(parts / scale) * scale).reshape(x.shape)


def hadamard(x):
    """Walsh-Hadamard in natural order over the last axis, orthonormal."""
    size, stride = x.shape[-1], 1
    while stride < size:
        pairs = x.reshape(*x.shape[:-1], size // (2 * stride), 2, stride)
        x = np.stack([pairs[..., 0, :] + pairs[..., 1, :], pairs[..., 0, :] - pairs[..., 1, :]], axis=-2)
        x = x.reshape(*x.shape[:-3], size)
        stride *= 2
    return x / np.sqrt(size)


def frequencies(config, compressed):
    """One per pair of rope dimensions: plain for ratio 0, YaRN over the larger base elsewhere."""
    width = config["qk_rope_head_dim"]
    i = np.arange(width // 2)
    if not compressed:
        return float(config["rope_theta"]) ** (-2.0 * i / width)
    theta, scaling = float(config["compress_rope_theta"]), config["rope_scaling"]
    base = theta ** (-2.0 * i / width)
    where = lambda turns: (width * np.log(scaling["original_max_position_embeddings"] / (turns * 2 * np.pi))
                           / (2 * np.log(theta)))
    low = max(np.floor(where(scaling["beta_fast"])), 0)
    high = min(np.ceil(where(scaling["beta_slow"])), width - 1)
    ramp = np.clip((i - low) / ((high - low) or 0.001), 0, 1)
    return base / scaling["factor"] * ramp + base * (1 - ramp)


def rope(x, positions, table, inverse=False):
    """Rotates interleaved pairs of the last 2 len(table) dimensions; x [positions, ..., dims]."""
    angle = np.asarray(positions, dtype=np.float64)[:, None] * table
    angle = angle.reshape(len(positions), *([1] * (x.ndim - 2)), len(table))
    cos, sin = np.cos(angle), np.sin(angle) * (-1 if inverse else 1)
    out = x.copy()
    even, odd = x[..., -2 * len(table)::2], x[..., -2 * len(table) + 1::2]
    out[..., -2 * len(table)::2] = even * cos - odd * sin
    out[..., -2 * len(table) + 1::2] = even * sin + odd * cos
    return out


def sinkhorn(matrix, iterations, eps):
    matrix = softmax(matrix) + eps
    matrix = matrix / (matrix.sum(-2, keepdims=True) + eps)
    for _ in range(iterations - 1):
        matrix = matrix / (matrix.sum(-1, keepdims=True) + eps)
        matrix = matrix / (matrix.sum(-2, keepdims=True) + eps)
    return matrix


class Model:
    def __init__(self, config, tensors, simulate):
        self.config, self.simulate = config, simulate
        self.tensors = {name: value if value.dtype == np.int64 else value.astype(np.float64)
                        for name, value in tensors.items()}
        self.eps = config["rms_norm_eps"]
        self.tables = {False: frequencies(config, False), True: frequencies(config, True)}
        self.seen = {}  # intermediates by name, for comparing with published ones

    def at(self, *parts):
        return self.tensors[".".join(parts)]

    def product(self, x, *parts):
        return x @ self.at(*parts, "weight").T

    def run(self, ids):
        """Logits [n, V] of the main model and [n - 1, V] of the MTP block (None without one)."""
        embedded = self.at("embed", "weight")[np.asarray(ids)]
        streams = np.repeat(embedded[:, None], self.config["hc_mult"], axis=1)
        for layer in range(self.config["num_hidden_layers"]):
            hashed = layer < self.config["num_hash_layers"]
            streams = self.block(f"layers.{layer}", self.config["compress_ratios"][layer], streams,
                                 ids if hashed else None)
        self.seen["final streams"] = streams
        logits = self.logits(streams, "norm", "")
        if not self.config.get("num_nextn_predict_layers") or "mtp.0.norm.weight" not in self.tensors:
            return logits, None
        inner = self.product(rms(embedded[1:], self.eps, self.at("mtp.0.enorm.weight")), "mtp.0.e_proj")
        outer = self.product(rms(streams[:-1], self.eps, self.at("mtp.0.hnorm.weight")), "mtp.0.h_proj")
        return logits, self.logits(self.block("mtp.0", 0, inner[:, None] + outer, None), "mtp.0.norm", "mtp.0.")

    def logits(self, streams, norm, prefix):
        mixed = self.mix(streams, prefix + "hc_head")
        weight = sigmoid(mixed * self.at(prefix + "hc_head_scale")[0] + self.at(prefix + "hc_head_base"))
        collapsed = np.einsum("tj,tjd->td", weight + self.config["hc_eps"], streams)
        return self.product(rms(collapsed, self.eps, self.at(norm, "weight")), "head")

    def mix(self, streams, name):
        flat = streams.reshape(len(streams), -1)
        return rms(flat, self.eps) @ self.at(name + "_fn").T

    def hyper_connect(self, streams, name, sublayer):
        n, eps = self.config["hc_mult"], self.config["hc_eps"]
        mixed, scale, base = self.mix(streams, name), self.at(name + "_scale"), self.at(name + "_base")
        pre = sigmoid(mixed[:, :n] * scale[0] + base[:n]) + eps
        post = 2 * sigmoid(mixed[:, n:2 * n] * scale[1] + base[n:2 * n])
        square = (mixed[:, 2 * n:] * scale[2] + base[2 * n:]).reshape(-1, n, n)
        comb = sinkhorn(square, self.config["hc_sinkhorn_iters"], eps)
        x = np.einsum("tj,tjd->td", pre, streams)
        y = sublayer(x)
        out = post[:, :, None] * y[:, None] + np.einsum("tjk,tjd->tkd", comb, streams)
        self.seen[name] = {"pre": pre, "post": post, "comb": comb, "x": x, "y": y, "out": out}
        return out

    def block(self, name, ratio, streams, ids):
        attend = lambda x: self.attention(name + ".attn", ratio, rms(x, self.eps, self.at(name, "attn_norm.weight")))
        experts = lambda x: self.experts(name + ".ffn", rms(x, self.eps, self.at(name, "ffn_norm.weight")), ids)
        return self.hyper_connect(self.hyper_connect(streams, name + ".hc_attn", attend), name + ".hc_ffn", experts)

    def cached(self, kv):
        """What the cache holds of rows [.., head_dim]."""
        plain = kv.shape[-1] - self.config["qk_rope_head_dim"]
        if not self.simulate:
            return kv
        return np.concatenate([simulate_fp8(kv[..., :plain], 64), kv[..., plain:]], axis=-1)

    def attention(self, name, ratio, x):
        config, count = self.config, len(x)
        heads, width, positions, table = config["num_attention_heads"], config["head_dim"], range(count), \
            self.tables[ratio != 0]
        low_rank = rms(self.product(x, name, "wq_a"), self.eps, self.at(name, "q_norm.weight"))
        q = rms(self.product(low_rank, name, "wq_b").reshape(count, heads, width), self.eps)
        q = rope(q, positions, table)
        kv = rms(self.product(x, name, "wkv"), self.eps, self.at(name, "kv_norm.weight"))
        kv = self.cached(rope(kv, positions, table))
        self.seen[name + " kv"] = kv
        at, key_at = np.arange(count)[:, None], np.arange(count)
        visible = (key_at <= at) & (key_at > at - config["sliding_window"])
        if ratio:
            entries = self.compress(name + ".compressor", ratio, width, x)
            entries = self.cached(rope(entries, ratio * np.arange(len(entries)), table))
            self.seen[name + " entries"] = entries
            complete = np.arange(len(entries)) < (at + 1) // ratio
            if ratio == 4:
                complete = self.select(name + ".indexer", x, low_rank, complete)
            kv, visible = np.concatenate([kv, entries]), np.concatenate([visible, complete], axis=1)
        scores = np.where(visible[:, None], np.einsum("thc,jc->thj", q, kv) * width**-0.5, MASKED)
        sink = np.broadcast_to(self.at(name, "attn_sink")[None, :, None], (count, heads, 1))
        weight = softmax(np.concatenate([scores, sink], axis=-1))[..., :-1]
        out = rope(np.einsum("thj,jc->thc", weight, kv), positions, table, inverse=True)
        groups = config["o_groups"]
        grouped = out.reshape(count, groups, -1)
        wo_a = self.at(name, "wo_a.weight").reshape(groups, config["o_lora_rank"], -1)
        return self.product(np.einsum("tgk,gok->tgo", grouped, wo_a).reshape(count, -1), name, "wo_b")

    def compress(self, name, ratio, width, x):
        """Normed entries [n // ratio, width], not yet rotated."""
        blocks = len(x) // ratio
        shape = (blocks, ratio, -1)
        a = self.product(x, name, "wkv")[:blocks * ratio].reshape(shape)
        b = self.product(x, name, "wgate")[:blocks * ratio].reshape(shape) + self.at(name, "ape")
        if ratio == 4:
            before = lambda part, fill: np.concatenate([np.full((1, ratio, width), fill), part[:-1, :, :width]])
            a = np.concatenate([before(a, 0.0), a[:, :, width:]], axis=1) if blocks else a[:, :, :width]
            b = np.concatenate([before(b, MASKED), b[:, :, width:]], axis=1) if blocks else b[:, :, :width]
        return rms((softmax(b, axis=1) * a).sum(axis=1), self.eps, self.at(name, "norm.weight"))

    def select(self, name, x, low_rank, complete):
        """complete reduced to the index_topk best entries of each query."""
        config, count = self.config, len(x)
        heads, width, table = config["index_n_heads"], config["index_head_dim"], self.tables[True]
        keys = self.compress(name + ".compressor", 4, width, x)
        keys = hadamard(rope(keys, 4 * np.arange(len(keys)), table))
        q = self.product(low_rank, name, "wq_b").reshape(count, heads, width)
        q = hadamard(rope(q, range(count), table))
        if self.simulate:
            keys, q = simulate_fp4(keys), simulate_fp4(q)
        self.seen[name + " keys"] = keys
        weight = self.product(x, name, "weights_proj") * (width * heads) ** -0.5
        scores = np.einsum("th,thj->tj", weight, np.maximum(np.einsum("thc,jc->thj", q, keys), 0))
        scores = np.where(complete, scores, MASKED)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :config["index_topk"]]
        chosen = np.zeros_like(complete)
        np.put_along_axis(chosen, best, True, axis=1)
        chosen &= complete
        self.seen[name + " chosen"] = chosen
        return chosen

    def experts(self, name, x, ids):
        config = self.config
        score = np.sqrt(np.logaddexp(0, self.product(x, name, "gate")))
        if ids is not None:
            chosen = self.at(name, "gate.tid2eid")[np.asarray(ids)]
        else:
            chosen = np.argsort(-(score + self.at(name, "gate.bias")), axis=1, kind="stable")
            chosen = chosen[:, :config["num_experts_per_tok"]]
        weight = np.take_along_axis(score, chosen, axis=1)
        weight = weight / weight.sum(axis=1, keepdims=True) * config["routed_scaling_factor"]
        self.seen[name + " experts"] = chosen, weight
        out = self.expert(name + ".shared_experts", x)
        for e in range(config["n_routed_experts"]):
            token, place = np.nonzero(chosen == e)
            out[token] += weight[token, place, None] * self.expert(f"{name}.experts.{e}", x[token])
        return out

    def expert(self, name, x):
        limit = self.config["swiglu_limit"]
        gate = np.minimum(self.product(x, name, "w1"), limit)
        up = np.clip(self.product(x, name, "w3"), -limit, limit)
        return self.product(gate * sigmoid(gate) * up, name, "w2")


def expert_tensors(config, prefix):
    d, inner = config["hidden_size"], config["moe_intermediate_size"]
    return [(prefix + ".w1.weight", (inner, d)), (prefix + ".w2.weight", (d, inner)), (prefix + ".w3.weight", (inner, d))]


def compressor_tensors(config, prefix, ratio, width):
    double = 2 * width if ratio == 4 else width
    d = config["hidden_size"]
    return [(prefix + ".ape", (ratio, double)), (prefix + ".wkv.weight", (double, d)),
            (prefix + ".wgate.weight", (double, d)), (prefix + ".norm.weight", (width,))]


def attention_tensors(config, prefix, ratio):
    d, low, heads, width = (config[key] for key in ("hidden_size", "q_lora_rank", "num_attention_heads", "head_dim"))
    groups, rank = config["o_groups"], config["o_lora_rank"]
    found = [(prefix + name, shape) for name, shape in (
        (".attn_sink", (heads,)), (".wq_a.weight", (low, d)), (".q_norm.weight", (low,)),
        (".wq_b.weight", (heads * width, low)), (".wkv.weight", (width, d)), (".kv_norm.weight", (width,)),
        (".wo_a.weight", (groups * rank, heads * width // groups)), (".wo_b.weight", (d, groups * rank)))]
    if ratio:
        found += compressor_tensors(config, prefix + ".compressor", ratio, width)
    if ratio == 4:
        index_heads, index_width = config["index_n_heads"], config["index_head_dim"]
        found += [(prefix + ".indexer.wq_b.weight", (index_heads * index_width, low)),
                  (prefix + ".indexer.weights_proj.weight", (index_heads, d))]
        found += compressor_tensors(config, prefix + ".indexer.compressor", 4, index_width)
    return found


def block_tensors(config, prefix, ratio, hashed):
    d, n, count = config["hidden_size"], config["hc_mult"], config["n_routed_experts"]
    rows = n * n + 2 * n
    found = [(prefix + f".{site}_norm.weight", (d,)) for site in ("attn", "ffn")]
    for site in ("attn", "ffn"):
        found += [(prefix + f".hc_{site}_fn", (rows, n * d)), (prefix + f".hc_{site}_base", (rows,)),
                  (prefix + f".hc_{site}_scale", (3,))]
    found += attention_tensors(config, prefix + ".attn", ratio)
    found += [(prefix + ".ffn.gate.weight", (count, d)),
              (prefix + ".ffn.gate.tid2eid", (config["vocab_size"], config["num_experts_per_tok"])) if hashed
              else (prefix + ".ffn.gate.bias", (count,))]
    for e in range(count):
        found += expert_tensors(config, f"{prefix}.ffn.experts.{e}")
    return found + expert_tensors(config, prefix + ".ffn.shared_experts")


def head_tensors(config, prefix):
    d, n = config["hidden_size"], config["hc_mult"]
    return [(prefix + "norm.weight", (d,)), (prefix + "hc_head_fn", (n, n * d)), (prefix + "hc_head_base", (n,)),
            (prefix + "hc_head_scale", (1,))]


def mtp_tensors(config):
    d = config["hidden_size"]
    return (block_tensors(config, "mtp.0", 0, False) + head_tensors(config, "mtp.0.")
            + [("mtp.0.e_proj.weight", (d, d)), ("mtp.0.h_proj.weight", (d, d)), ("mtp.0.enorm.weight", (d,)),
               ("mtp.0.hnorm.weight", (d,))])


def main_tensors(config):
    found = [(name, (config["vocab_size"], config["hidden_size"])) for name in ("embed.weight", "head.weight")]
    for layer in range(config["num_hidden_layers"]):
        found += block_tensors(config, f"layers.{layer}", config["compress_ratios"][layer],
                               layer < config["num_hash_layers"])
    return found + head_tensors(config, "")


APPENDIX_A = {
    "architectures": ["DeepseekV4ForCausalLM"], "model_type": "deepseek_v4", "attention_bias": False,
    "bos_token_id": 0, "eos_token_id": 1, "hidden_act": "silu", "hc_eps": 1e-06, "hc_mult": 4,
    "hc_sinkhorn_iters": 20, "head_dim": 128, "hidden_size": 64, "index_head_dim": 128, "index_n_heads": 8,
    "index_topk": 16, "max_position_embeddings": 1048576, "moe_intermediate_size": 64, "n_routed_experts": 8,
    "n_shared_experts": 1, "norm_topk_prob": True, "num_attention_heads": 4, "num_experts_per_tok": 2,
    "num_hash_layers": 1, "num_hidden_layers": 5, "num_key_value_heads": 1, "num_nextn_predict_layers": 1,
    "o_groups": 2, "o_lora_rank": 32, "q_lora_rank": 32, "qk_rope_head_dim": 64, "rms_norm_eps": 1e-06,
    "rope_scaling": {"beta_fast": 32, "beta_slow": 1, "factor": 16, "original_max_position_embeddings": 65536,
                     "type": "yarn"},
    "rope_theta": 10000, "routed_scaling_factor": 1.5, "scoring_func": "sqrtsoftplus", "sliding_window": 128,
    "swiglu_limit": 1.0, "tie_word_embeddings": False, "topk_method": "noaux_tc", "compress_rope_theta": 160000,
    "compress_ratios": [0, 4, 128, 4, 128, 0], "torch_dtype": "float32", "vocab_size": 64}


def appendix_a(simulate):
    shapes = main_tensors(APPENDIX_A) + mtp_tensors(APPENDIX_A)
    model = Model(APPENDIX_A, {name: generate(name, shape) for name, shape in shapes}, simulate)
    return model, *model.run(tokens(64, 300))


def every_row(logits):
    short = lambda x: float(f"{x:.6f}")
    return {"logits": [[short(x) for x in row[:6]] for row in logits],
            "sum_abs": [short(x) for x in np.abs(logits).sum(axis=1)],
            "argmax": [int(x) for x in logits.argmax(axis=1)]}


def routing(model):
    """Which experts and entries were chosen, for tests of the parts."""
    layers = range(APPENDIX_A["num_hidden_layers"])
    pick = lambda name, t: [int(i) for i in np.nonzero(model.seen[name + ".attn.indexer chosen"][t])[0]]
    return {"experts": [[sorted(int(e) for e in row) for row in model.seen[f"layers.{l}.ffn experts"][0]] for l in layers],
            "entries": {f"layers.{l}": {str(t): pick(f"layers.{l}", t) for t in (66, 67, 131, 200, 299)} for l in (1, 3)}}


def write_appendix_a(path):
    golden = {"name": "v4_appendix_a", "oracle": "reference_v4.py, float64; equals the published numbers to 5e-7",
              "config": APPENDIX_A,
              "tensors": [[name, "I64" if name.endswith("tid2eid") else "F32", shape]
                          for name, shape in main_tensors(APPENDIX_A) + mtp_tensors(APPENDIX_A)],
              "tokens": tokens(64, 300)}
    for mode, simulate in (("sim_off", False), ("sim_on", True)):
        model, logits, mtp_logits = appendix_a(simulate)
        golden[mode] = every_row(logits)
        golden[mode + "_mtp"] = {"positions": [0, 1, 2, 63, 127, 128, 129, 200, 297, 298],
                                 **every_row(mtp_logits[[0, 1, 2, 63, 127, 128, 129, 200, 297, 298]])}
        golden[mode + "_routing"] = routing(model)
    with open(path, "w") as file:
        json.dump(golden, file, separators=(",", ":"))


if __name__ == "__main__":
    write_appendix_a(os.path.join(sys.argv[1], "v4_appendix_a.json"))
