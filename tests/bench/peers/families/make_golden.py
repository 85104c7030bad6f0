#!/usr/bin/env python3
"""Logits of tiny models of every family from transformers lifted to float64, as small golden files.

  make_golden.py OUT_FOLDER [NAME...]      families of families.py; all without a name

Each model is written as its maker publishes it (config.json, safetensors, published names), its weights
generated from names and shapes (weights.py); transformers loads that folder, is lifted to float64 throughout
(also where its code says float32) and runs eagerly without a cache. See README.md.
Needs: torch, transformers 5.23, safetensors, numpy.
"""
import copy
import json
import os
import re
import sys
import tempfile

import numpy as np
import torch
import transformers
from safetensors import safe_open
from torch.utils._python_dispatch import TorchDispatchMode

import reference_v4
from families import FAMILIES
from weights import encode, generate, rounded, tokens, write_safetensors

KEPT_LOGITS = 32


class Watch(TorchDispatchMode):
    """Fails on any operation that yields less than float64: nothing may leak through a float32 path.
    Measures every choice of the best k: how far the last chosen is from the first left out."""

    def __init__(self):
        super().__init__()
        self.smallest_margin = np.inf

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if func is torch.ops.aten.topk.default and args[1] < args[0].shape[-1]:
            ordered = torch.sort(args[0], dim=-1, descending=True).values.numpy()
            last, left_out = ordered[..., args[1] - 1], ordered[..., args[1]]
            open_choice = left_out > -1e30  # not masked
            if open_choice.any():
                margins = last[open_choice] - left_out[open_choice]
                self.smallest_margin = min(self.smallest_margin, margins.min())
        for item in out if isinstance(out, (tuple, list)) else [out]:
            if isinstance(item, torch.Tensor) and item.dtype in (torch.float16, torch.bfloat16, FLOAT32):
                raise TypeError(f"{func} yields {item.dtype}")
        return out


FLOAT32 = torch.float32


class Lifted:
    """While entered, transformers' code that asks for float32 gets float64."""

    def __enter__(self):
        self.saved = torch.float32, torch.float, torch.Tensor.float
        torch.float32 = torch.float = torch.float64
        torch.Tensor.float = torch.Tensor.double

    def __exit__(self, *_):
        torch.float32, torch.float, torch.Tensor.float = self.saved


def config_of(class_name, config, layers):
    """transformers' config for a model of that many blocks: an MTP block is loaded as one more decoder block.
    Its own model_type chooses how names are converted: Kimi K2 is published for the code of DeepSeek V3."""
    published = {key: copy.deepcopy(value) for key, value in config.items() if key != "model_type"}
    return getattr(transformers, class_name + "Config")(**{**published, "num_hidden_layers": layers})


def resaved_config(class_name, config, folder):
    """config.json as transformers writes it back."""
    again = config_of(class_name, config, config["num_hidden_layers"])
    again.architectures = [class_name + "ForCausalLM"]
    again.dtype = config["torch_dtype"]
    again.save_pretrained(folder)
    with open(os.path.join(folder, "config.json")) as file:
        return json.load(file)


def published_tensors(class_name, config, folder):
    """[(name, shape)] of a model as save_pretrained writes it; V4's prefix taken off again."""
    getattr(transformers, class_name + "ForCausalLM")(config).save_pretrained(folder)
    with safe_open(os.path.join(folder, "model.safetensors"), "np") as file:
        found = [(name, tuple(file.get_slice(name).get_shape())) for name in file.keys()]
    if class_name != "DeepseekV4":
        return found
    renamed = [(re.sub(r"^model\.", "", name), shape) for name, shape in found]
    for old, new in ((r"^embed_tokens\.", "embed."), (r"^lm_head\.", "head."), (r"^hc_head\.hc_", "hc_head_"),
                     (r"\.attn\.norm\.", ".attn.kv_norm.")):
        renamed = [(re.sub(old, new, name), shape) for name, shape in renamed]
    return renamed


def mtp_extras(config):
    """The MTP tensors outside of its decoder block, for DeepSeek-V3-like layouts: (name, shape, twin)."""
    block, width, rows = f"model.layers.{config['num_hidden_layers']}.", config["hidden_size"], config["vocab_size"]
    return [(block + "enorm.weight", (width,), None), (block + "hnorm.weight", (width,), None),
            (block + "eh_proj.weight", (width, 2 * width), None), (block + "shared_head.norm.weight", (width,), None),
            (block + "embed_tokens.weight", (rows, width), "model.embed_tokens.weight"),
            (block + "shared_head.head.weight", (rows, width), "lm_head.weight")]


def tensor_list(class_name, config, folder):
    """[(name, type, shape, twin)]: twin names the tensor whose values it repeats."""
    type_name = "BF16" if config["torch_dtype"] == "bfloat16" else "F32"
    has_mtp = config.get("num_nextn_predict_layers", 0) > 0
    count = config["num_hidden_layers"] + (1 if has_mtp and class_name != "DeepseekV4" else 0)
    saved = published_tensors(class_name, config_of(class_name, config, count), folder)
    found = [(name, shape, None) for name, shape in saved]
    if class_name == "DeepseekV4":
        found += [(name, shape, None) for name, shape in reference_v4.mtp_tensors(config)]
    elif has_mtp:
        found += mtp_extras(config)
    natural = lambda item: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", item[0])]
    return [(name, "I64" if name.endswith("tid2eid") else type_name, shape, twin)
            for name, shape, twin in sorted(found, key=natural)]


def values_of(tensors):
    return {name: rounded(generate(twin or name, shape), dtype) for name, dtype, shape, twin in tensors}


def write_model(folder, config, tensors, values):
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file, indent=2)
    write_safetensors(os.path.join(folder, "model.safetensors"),
                      [(name, dtype, shape, encode(values[name], dtype)) for name, dtype, shape, _ in tensors])


def load(class_name, folder, config, layers):
    """transformers' model of that folder, in float32 as it comes."""
    cls = getattr(transformers, class_name + "ForCausalLM")
    model, info = cls.from_pretrained(folder, config=config_of(class_name, config, layers), dtype=FLOAT32,
                                      attn_implementation="eager", experts_implementation="eager",
                                      output_loading_info=True)
    stray = [key for key in info["unexpected_keys"] if not re.search(MTP_OUTSIDE_BLOCK, key)]
    if info["missing_keys"] or info["mismatched_keys"] or stray:
        raise ValueError(f"{class_name}: {info}")
    return model.eval()


def lift(model):
    """The same model in float64, its rotary tables computed in float64."""
    model = model.double()
    owners = [module for module in model.modules() if hasattr(module, "rotary_emb")]
    with Lifted():
        for owner in owners:
            owner.rotary_emb = type(owner.rotary_emb)(model.config)
    return model


MTP_OUTSIDE_BLOCK = r"(enorm|hnorm|eh_proj|shared_head\.(norm|head)|layers\.\d+\.embed_tokens)\.weight$|^mtp\."


def run_float32(model, ids):
    with torch.no_grad():
        return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0].double().numpy()


def run(model, ids):
    """Logits, final-norm output and the smallest margin of any choice, in float64 throughout."""
    kept = []
    handle = model.model.norm.register_forward_hook(lambda *call: kept.append(call[2]))
    with torch.no_grad(), Lifted(), Watch() as watch:
        logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0].numpy()
    handle.remove()
    return logits, kept[0], float(f"{watch.smallest_margin:.3g}") if np.isfinite(watch.smallest_margin) else None


def difference(logits, exact):
    """How far logits are from the exact ones: relative RMS over all rows, rows of another top token."""
    return {"relative_rms": float(f"{np.sqrt(((logits - exact) ** 2).sum() / (exact ** 2).sum()):.3g}"),
            "other_top_tokens": int((logits.argmax(axis=1) != exact.argmax(axis=1)).sum())}


def rms(x, weight, eps):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps) * weight


def run_mtp(model, mtp_block, values, config, ids, hidden):
    """logits of (hidden of p, embedding of token p + 1) at position p, for p = 0 .. n - 2."""
    at, eps = f"model.layers.{config['num_hidden_layers']}.", config["rms_norm_eps"]
    weight = lambda name: torch.from_numpy(values[at + name]).double()
    embed = torch.from_numpy(values["model.embed_tokens.weight"]).double()[ids[1:]][None]
    both = torch.cat([rms(embed, weight("enorm.weight"), eps), rms(hidden[:, :-1], weight("hnorm.weight"), eps)], -1)
    x = both @ weight("eh_proj.weight").T
    count = x.shape[1]
    positions = torch.arange(count)[None]
    mask = torch.full((count, count), torch.finfo(torch.float64).min, dtype=torch.float64).triu(1)[None, None]
    with torch.no_grad(), Lifted(), Watch():
        rope = model.model.rotary_emb(x, position_ids=positions)
        x = mtp_block(x, attention_mask=mask, position_embeddings=rope, position_ids=positions)
    x = x[0] if isinstance(x, tuple) else x
    out = rms(x, weight("shared_head.norm.weight"), eps) @ torch.from_numpy(values["lm_head.weight"]).double().T
    return out[0].numpy()


def kept_positions(count):
    return sorted({p for p in (0, 1, 2, 3, 7, 31, 32, 63, 127, 128, 131, 200, 255, 256, count - 1) if p < count})


def rows(logits):
    """What a golden file keeps of the logits [position, vocabulary]."""
    top_two = np.sort(logits, axis=1)[:, -2:]
    return {"positions": kept_positions(len(logits)),
            "logits": [[float(f"{x:.9g}") for x in logits[p, :KEPT_LOGITS]] for p in kept_positions(len(logits))],
            "sum_abs": [float(f"{np.abs(logits[p]).sum():.9g}") for p in kept_positions(len(logits))],
            "argmax": [int(x) for x in logits.argmax(axis=1)],
            "smallest_top_margin": float(f"{(top_two[:, 1] - top_two[:, 0]).min():.3g}")}


def dump(path, golden):
    """JSON with one line per entry of the long lists."""
    lines = []
    for key, value in golden.items():
        if key == "tensors" or (isinstance(value, dict) and "logits" in value):
            inner = value if key == "tensors" else [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()]
            body = ",\n  ".join(json.dumps(item) if key == "tensors" else item for item in inner)
            lines.append(f"{json.dumps(key)}: " + ("[\n  " + body + "]" if key == "tensors" else "{\n  " + body + "}"))
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
    with open(path, "w") as file:
        file.write("{" + ",\n".join(lines) + "}\n")


def make(name, out):
    config, exercises, class_name = FAMILIES[name]
    with tempfile.TemporaryDirectory() as folder:
        tensors = tensor_list(class_name, config, folder)
        values = values_of(tensors)
        golden = {"name": name, "exercises": exercises,
                  "oracle": f"transformers {transformers.__version__} {class_name}ForCausalLM in float64",
                  "config": config, "config_resaved": resaved_config(class_name, config, folder),
                  "tensors": [[n, t, s] + ([twin] if twin else []) for n, t, s, twin in tensors]}
        ids = tokens(config["vocab_size"], 300 if class_name == "DeepseekV4" else 256)
        golden["tokens"] = ids
        write_model(folder, config, tensors, values)
        if class_name == "DeepseekV4":
            add_v4(golden, folder, config, values, ids)
        else:
            add_general(golden, class_name, folder, config, values, ids)
    dump(os.path.join(out, name + ".json"), golden)
    print(name, "tensors", len(tensors), "margin", golden["main"]["smallest_top_margin"], "choice",
          golden["smallest_choice_margin"], "float32",
          golden["float32"], "own", golden.get("agreement"), flush=True)


def add_general(golden, class_name, folder, config, values, ids):
    layers = config["num_hidden_layers"]
    has_mtp = config.get("num_nextn_predict_layers", 0) > 0
    model = load(class_name, folder, config, layers + (1 if has_mtp else 0))
    mtp_block = model.model.layers[-1] if has_mtp else None
    model.model.layers = model.model.layers[:layers]
    model.config.num_hidden_layers = layers
    plain = run_float32(model, ids)
    logits, hidden, golden["smallest_choice_margin"] = run(lift(model), ids)
    golden["float32"] = difference(plain, logits)
    golden["main"] = rows(logits)
    if has_mtp:
        golden["mtp"] = rows(run_mtp(model, mtp_block.double(), values, config, ids, hidden))


def add_v4(golden, folder, config, values, ids):
    model = load("DeepseekV4", folder, config, config["num_hidden_layers"])
    plain = run_float32(model, ids)
    logits, _, golden["smallest_choice_margin"] = run(lift(model), ids)
    own_logits, mtp_logits = reference_v4.Model(config, values, simulate=False).run(ids)
    golden["float32"] = difference(plain, logits)
    golden["agreement"] = difference(own_logits, logits)
    golden["main"] = rows(logits)
    simulated, simulated_mtp = reference_v4.Model(config, values, simulate=True).run(ids)
    golden["main_sim_on"] = {"oracle": "reference_v4.py (transformers does not simulate)", **rows(simulated)}
    golden["mtp_sim_on"] = rows(simulated_mtp)
    golden["mtp"] = {"oracle": "reference_v4.py (transformers has no V4 MTP block)", **rows(mtp_logits)}


if __name__ == "__main__":
    torch.set_num_threads(2)
    for family in sys.argv[2:] or FAMILIES:
        make(family, sys.argv[1])
