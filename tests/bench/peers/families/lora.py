#!/usr/bin/env python3
"""Logits of tiny models with LoRA adapters, from transformers and PEFT in float64.

  lora.py OUT_FOLDER [NAME...]

The model is that of families.py, the factors come from their names and shapes by the rules of weights.py.
PEFT applies the adapters. Routed experts, which transformers keeps fused, are adapted as PEFT does it now (DeepSeek)
and one by one as it did before (Qwen3-MoE), there merged by hand: W + scale B A. What PEFT saves is held against the names and shapes that the golden file lists.
Needs: torch, transformers 5.23, peft, accelerate, safetensors, numpy.
"""
import os
import re
import sys
import tempfile

import peft
import torch
import transformers
from safetensors import safe_open

from families import FAMILIES
from make_golden import dump, lift, load, rows, run, tensor_list, values_of, write_model
from weights import generate, tokens

ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
FEED_FORWARD = ["gate_proj", "up_proj", "down_proj"]

# name: (family, [(scale of the command line, PEFT's options)], ranks of adapted experts)
CASES = {
    "lora_llama3": ("llama3", [
        (1.0, {"r": 4, "lora_alpha": 6, "target_modules": ATTENTION + FEED_FORWARD}),
        (0.5, {"r": 2, "lora_alpha": 3, "use_rslora": True, "target_modules": ["q_proj", "down_proj"]})], 0),
    "lora_llama3_ends": ("llama3", [
        (1.0, {"r": 3, "lora_alpha": 5, "target_modules": ["v_proj", "embed_tokens", "lm_head"]})], 0),
    "lora_qwen3_moe": ("qwen3_moe", [(1.0, {"r": 3, "lora_alpha": 4, "target_modules": ATTENTION})], 2),
    "lora_deepseek_v3": ("deepseek_v3", [
        (-0.75, {"r": 4, "lora_alpha": 5, "rank_pattern": {"o_proj": 6},
                 "target_modules": ["q_a_proj", "q_b_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj"] +
                 FEED_FORWARD})], 0),
}
PREFIX = "base_model.model."


def saved_tensors(wrapped, adapter):
    """[(name, shape)] of the adapter as PEFT saves it."""
    with tempfile.TemporaryDirectory() as folder:
        wrapped.save_pretrained(folder, selected_adapters=[adapter])
        inner = folder if adapter == "default" else os.path.join(folder, adapter)
        with safe_open(os.path.join(inner, "adapter_model.safetensors"), "np") as file:
            # Beside factors PEFT saves the base of adapted embeddings and heads, which the model has.
            return sorted((name, list(file.get_slice(name).get_shape())) for name in file.keys()
                          if not name.endswith(".base_layer.weight"))


def fill(wrapped, adapter, listed):
    """Puts the generated factors into PEFT's layers."""
    places = dict(wrapped.named_parameters())
    for name, shape in listed:
        inside = re.sub(r"\.(lora_[AB])\.weight$", rf".\1.{adapter}.weight", name)
        place = places[re.sub(r"\.(lora_embedding_[AB])$", rf".\1.{adapter}", inside)]
        place.data = torch.from_numpy(generate(name, tuple(shape))).double()


def scale_down(wrapped, adapter, scale):
    for module in wrapped.modules():
        if hasattr(module, "lora_A") and adapter in module.scaling:
            module.scaling[adapter] *= scale


def expert_tensors(config, rank):
    hidden, width = config["hidden_size"], config["moe_intermediate_size"]
    shapes = {"gate_proj": (width, hidden), "up_proj": (width, hidden), "down_proj": (hidden, width)}
    listed = []
    for layer in range(config["num_hidden_layers"]):
        for expert in range(0, config["num_experts"], 3):
            for part, (out, inner) in shapes.items():
                at = f"{PREFIX}model.layers.{layer}.mlp.experts.{expert}.{part}"
                listed += [(at + ".lora_A.weight", [rank, inner]), (at + ".lora_B.weight", [out, rank])]
    return listed


def merge_experts(model, listed, scale):
    """Adds scale B A to the fused parameters of the routed experts."""
    for name, shape in listed:
        found = re.match(r".*layers\.(\d+)\.mlp\.experts\.(\d+)\.(gate|up|down)_proj\.lora_A", name)
        if not found:
            continue
        layer, expert, part = int(found[1]), int(found[2]), found[3]
        other = name.replace("lora_A", "lora_B")
        a = torch.from_numpy(generate(name, tuple(shape))).double()
        b = torch.from_numpy(generate(other, tuple(dict(listed)[other]))).double()
        experts = model.model.layers[layer].mlp.experts
        place = experts.down_proj if part == "down" else experts.gate_up_proj
        half = b.shape[0]
        begin = half if part == "up" else 0
        place.data[expert, begin:begin + half] += scale * (b @ a)


def wrap(model, number, scale, options, adapters):
    name = "default" if number == 0 else "second"
    config = peft.LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, bias="none", **options)
    if number == 0:
        wrapped = peft.get_peft_model(model, config, autocast_adapter_dtype=False)
    else:
        wrapped = adapters[0]["wrapped"]
        wrapped.add_adapter(name, config, autocast_adapter_dtype=False)
    listed = saved_tensors(wrapped, name)
    fill(wrapped, name, listed)
    scale_down(wrapped, name, scale)
    keys = ["peft_type", "r", "lora_alpha", "use_rslora", "rank_pattern", "alpha_pattern", "bias", "target_modules",
            "target_parameters"]
    kept = {key: value for key, value in config.to_dict().items() if key in keys}
    kept = {key: sorted(value) if isinstance(value, set) else value for key, value in kept.items()}
    kept["peft_type"] = "LORA"
    adapters.append({"wrapped": wrapped, "scale": scale, "config": kept, "listed": listed})


def make(name, out):
    family, wanted, expert_rank = CASES[name]
    config, _, class_name = FAMILIES[family]
    layers = config["num_hidden_layers"]
    has_mtp = config.get("num_nextn_predict_layers", 0) > 0
    with tempfile.TemporaryDirectory() as folder:
        tensors = tensor_list(class_name, config, folder)
        write_model(folder, config, tensors, values_of(tensors))
        model = load(class_name, folder, config, layers + (1 if has_mtp else 0))
    model.model.layers = model.model.layers[:layers]
    model.config.num_hidden_layers = layers
    model = lift(model)
    ids = tokens(config["vocab_size"], 64)
    plain = run(model, ids)[0]
    adapters = []
    for number, (scale, options) in enumerate(wanted):
        wrap(model, number, scale, options, adapters)
    if expert_rank:
        own = adapters[0]
        experts = expert_tensors(config, expert_rank)
        merge_experts(model, experts, own["scale"] * own["config"]["lora_alpha"] / expert_rank)
        own["listed"] = sorted(own["listed"] + experts)
    if len(adapters) > 1:
        adapters[0]["wrapped"].base_model.set_adapter(["default", "second"])
    logits = run(model, ids)[0]
    golden = {"name": name, "base": family,
              "oracle": f"transformers {transformers.__version__}, PEFT {peft.__version__} in float64",
              "tokens": ids, "main": rows(logits),
              "adapters": [{"scale": a["scale"], "config": a["config"],
                            "tensors": [[n, "F32", s] for n, s in a["listed"]]} for a in adapters]}
    dump(os.path.join(out, name + ".json"), golden)
    moved = float(((logits - plain) ** 2).sum() / (plain ** 2).sum()) ** 0.5
    print(name, "factors", sum(len(a["listed"]) for a in adapters), "moved", f"{moved:.3g}", "margin",
          golden["main"]["smallest_top_margin"], flush=True)


if __name__ == "__main__":
    for case in sys.argv[2:] or CASES:
        make(case, sys.argv[1])
