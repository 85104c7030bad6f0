#!/usr/bin/env python3
"""Tiny models in the quantised layouts their makers publish, with the exact logits of the decoded weights.

  quantised.py OUT_FOLDER [NAME...]

The rules of the stored bytes are in stored.py. Decoding is written out here; transformers gets the decoded
weights and runs as in make_golden.py. Activations are not quantised.
Needs: torch, transformers 5.23, safetensors, numpy.
"""
import hashlib
import os
import re
import sys
import tempfile

import numpy as np
import torch
import transformers
from safetensors.torch import save_file

import reference_v4
from families import DEEPSEEK_V3, DEEPSEEK_V4, GPT_OSS, KIMI_K2, MINIMAX_M2, QWEN3
from make_golden import config_of, difference, dump, lift, load, published_tensors, rows, run, run_float32, write_model
from stored import contents
from weights import to_bf16_bits, tokens

TILE = 128
FP4 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6])
FP8 = {"activation_scheme": "dynamic", "fmt": "e4m3", "quant_method": "fp8", "weight_block_size": [128, 128]}

GPT_OSS_MXFP4 = {**GPT_OSS, "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 2, "num_local_experts": 4,
                 "num_experts_per_tok": 2, "experts_per_token": 2, "num_attention_heads": 4, "vocab_size": 128,
                 "layer_types": ["sliding_attention", "full_attention"],
                 "quantization_config": {"quant_method": "mxfp4", "modules_to_not_convert": [
                     "model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]}}
QWEN3_FP8 = {**QWEN3, "torch_dtype": "bfloat16", "hidden_size": 128, "head_dim": 48, "num_attention_heads": 4,
             "num_hidden_layers": 1, "intermediate_size": 192, "vocab_size": 128,
             "quantization_config": FP8}
DEEPSEEK_V3_FP8 = {**DEEPSEEK_V3, "torch_dtype": "bfloat16", "num_nextn_predict_layers": 0, "intermediate_size": 256,
                   "moe_intermediate_size": 128, "kv_lora_rank": 128, "q_lora_rank": 128, "num_attention_heads": 2,
                   "num_key_value_heads": 2, "qk_nope_head_dim": 64, "v_head_dim": 64, "quantization_config": FP8}
MINIMAX_M2_FP8 = {**MINIMAX_M2, "torch_dtype": "bfloat16", "hidden_size": 128, "intermediate_size": 128,
                  "num_attention_heads": 4, "num_hidden_layers": 2, "attn_type_list": [1, 1], "quantization_config": {
                      "activation_scheme": "dynamic", "fmt": "float8_e4m3fn", "quant_method": "fp8",
                      "weight_block_size": [128, 128], "modules_to_not_convert": ["gate", "e_score_correction_bias",
                                                                                  "lm_head"]}}
INT4 = {"config_groups": {"group_0": {"input_activations": None, "output_activations": None, "targets": ["Linear"],
                                      "weights": {"actorder": None, "block_structure": None, "dynamic": False,
                                                  "group_size": 32, "num_bits": 4, "observer": "minmax",
                                                  "observer_kwargs": {}, "strategy": "group", "symmetric": True,
                                                  "type": "int"}}},
        "format": "pack-quantized", "kv_cache_scheme": None, "quant_method": "compressed-tensors",
        "quantization_status": "compressed",
        "ignore": ["lm_head", "re:.*self_attn.*", "re:.*shared_experts.*",
                   "re:.*mlp\\.(gate|up|gate_up|down)_proj.*"]}
KIMI_K2_INT4 = {**KIMI_K2, "torch_dtype": "bfloat16", "moe_intermediate_size": 96, "quantization_config": INT4}
DEEPSEEK_V4_FP4 = {**DEEPSEEK_V4, "torch_dtype": "bfloat16", "hidden_size": 128, "q_lora_rank": 128, "o_lora_rank": 64,
                   "moe_intermediate_size": 128, "expert_dtype": "fp4",
                   "quantization_config": {**FP8, "scale_fmt": "ue8m0"}}

# name: (config, what it exercises, class, whether the file itself is kept)
MODELS = {
    "gpt_oss_mxfp4": (GPT_OSS_MXFP4, "MXFP4 experts [E, out, in / 32, 16], gate and up rows in turn", "GptOss", True),
    "qwen3_fp8": (QWEN3_FP8, "FP8 tiles of 128 x 128, partial in rows (192, 96) and columns (192)", "Qwen3", True),
    "deepseek_v3_fp8": (DEEPSEEK_V3_FP8, "FP8 with kv_a_proj of 160 rows and 2 scale rows, router BF16", "DeepseekV3", False),
    "minimax_m2_fp8": (MINIMAX_M2_FP8, "FP8 experts under block_sparse_moe, K and V of 64 rows", "MiniMaxM2", False),
    "kimi_k2_int4": (KIMI_K2_INT4, "INT4 experts, groups of 32 inputs, eight codes a word, first in the lowest bits",
                     "DeepseekV3", False),
    "deepseek_v4_fp4": (DEEPSEEK_V4_FP4, "V4 as published: FP4 experts, FP8 attention, E8M0 scales, BF16 and F32 rest",
                        "DeepseekV4", False),
}


def tiles(n):
    return -(-n // TILE)


def is_plain_linear(name, shape):
    """Whether FP8 checkpoints of V3, Qwen3 and MiniMax quantise the tensor."""
    return len(shape) == 2 and not re.search(r"embed_tokens|lm_head|gate\.weight$", name)


def stored_general(found):
    stored = []
    for name, shape in found:
        if is_plain_linear(name, shape):
            stored.append((name, "F8_E4M3", shape))
            stored.append((name + "_scale_inv", "F32", (tiles(shape[0]), tiles(shape[1]))))
        else:
            stored.append((name, "F32" if name.endswith("e_score_correction_bias") else "BF16", shape))
    return stored


def stored_gpt_oss(found):
    stored = []
    for name, shape in found:
        if re.search(r"experts\.(gate_up|down)_proj$", name):
            experts, inner, outer = shape
            stored.append((name + "_blocks", "U8", (experts, outer, inner // 32, 16)))
            stored.append((name + "_scales", "U8", (experts, outer, inner // 32)))
        else:
            stored.append((name, "BF16", shape))
    return stored


def stored_int4(found):
    stored = []
    for name, shape in found:
        if ".mlp.experts." in name:
            stored.append((name + "_packed", "I32", (shape[0], shape[1] // 8)))
            stored.append((name + "_scale", "BF16", (shape[0], shape[1] // 32)))
            stored.append((name + "_shape", "I64", (2,)))
        else:
            stored.append((name, "F32" if name.endswith("e_score_correction_bias") else "BF16", shape))
    return stored


def stored_v4(found):
    stored = []
    for name, shape in found:
        if re.search(r"ffn\.experts\.\d+\.w\d\.weight$", name):
            stored.append((name, "I8", (shape[0], shape[1] // 2)))
            stored.append((name.removesuffix("weight") + "scale", "F8_E8M0", (shape[0], shape[1] // 32)))
        elif re.search(r"(attn\.w(q_a|q_b|kv|o_a|o_b)|indexer\.wq_b|shared_experts\.w\d|[eh]_proj)\.weight$", name):
            stored.append((name, "F8_E4M3", shape))
            stored.append((name.removesuffix("weight") + "scale", "F8_E8M0", (tiles(shape[0]), tiles(shape[1]))))
        elif name.endswith("tid2eid"):
            stored.append((name, "I64", shape))
        else:
            wide = re.search(r"hc_|attn_sink$|ape$|gate\.bias$", name)
            stored.append((name, "F32" if wide else "BF16", shape))
    return stored


def decode_e4m3(byte):
    exponent, mantissa = (byte >> 3 & 15).astype(int), (byte & 7).astype(np.float64)
    size = np.where(exponent == 0, mantissa / 8 * 2.0**-6, (1 + mantissa / 8) * 2.0 ** (exponent - 7))
    return np.where(byte & 0x80, -size, size)


def decode_e8m0(byte):
    return 2.0 ** (byte.astype(np.float64) - 127)


def decode_fp4(packed):
    """[.., bytes] to [.., 2 bytes]: the low nibble comes first."""
    return np.stack([FP4[packed & 15], FP4[packed >> 4]], axis=-1).reshape(*packed.shape[:-1], -1)


def decode_tiles(byte, scale):
    full = np.repeat(np.repeat(scale, TILE, axis=0), TILE, axis=1)[:byte.shape[0], :byte.shape[1]]
    return decode_e4m3(byte) * full


def decode_int4(packed, scale):
    codes = packed.view(np.uint32)[..., None] >> np.arange(0, 32, 4, dtype=np.uint32) & 15
    return (codes.reshape(len(packed), -1).astype(np.float64) - 8) * np.repeat(scale, 32, axis=1)


def decoded(held, types):
    """Plain tensors by their unquantised names, float64."""
    plain = {}
    for name, value in held.items():
        if name.endswith(("_scales", "_scale_inv", "weight_scale", "weight_shape")) or types[name] == "F8_E8M0":
            continue
        if name.endswith("_blocks"):
            scale = decode_e8m0(held[name.removesuffix("blocks") + "scales"])
            out = decode_fp4(value) * scale[..., None]  # [E, out, in / 32, 32]
            plain[name.removesuffix("_blocks")] = out.reshape(*out.shape[:2], -1).transpose(0, 2, 1)
        elif types[name] == "I32":
            plain[name.removesuffix("_packed")] = decode_int4(value, held[name.removesuffix("packed") + "scale"])
        elif types[name] == "I8":
            scale = decode_e8m0(held[name.removesuffix("weight") + "scale"])
            plain[name] = decode_fp4(value) * np.repeat(scale, 32, axis=1)
        elif types[name] == "F8_E4M3":
            old = held.get(name + "_scale_inv")
            scale = old if old is not None else decode_e8m0(held[name.removesuffix("weight") + "scale"])
            plain[name] = decode_tiles(value, scale.astype(np.float64))
        else:
            plain[name] = value
    return plain


def as_float32(plain):
    """The same numbers in float32; refuses if one does not fit."""
    out = {name: value if value.dtype == np.int64 else value.astype(np.float32) for name, value in plain.items()}
    if any((out[name] != plain[name]).any() for name in plain):
        raise ValueError("a decoded weight is not exact in float32")
    return out


TORCH = {"F8_E4M3": torch.float8_e4m3fn, "F8_E8M0": torch.float8_e8m0fnu, "I8": torch.int8, "U8": torch.uint8}


def as_torch(value, dtype):
    if dtype == "BF16":
        return torch.from_numpy(to_bf16_bits(value).view(np.int16)).view(torch.bfloat16)
    tensor = torch.from_numpy(np.ascontiguousarray(value))
    return tensor.view(TORCH[dtype]) if dtype in TORCH else tensor


def byte_digest(value, dtype):
    data = to_bf16_bits(value) if dtype == "BF16" else np.ascontiguousarray(value)
    return hashlib.sha256(data.tobytes()).hexdigest()[:8]


def check_against_torch(held, types):
    """torch's own float8 types decode the same numbers."""
    for name, value in held.items():
        if types[name] == "F8_E4M3" and (as_torch(value, "F8_E4M3").double().numpy() != decode_e4m3(value)).any():
            raise ValueError(f"{name}: e4m3 decoded unlike torch")
        if types[name] == "F8_E8M0" and (as_torch(value, "F8_E8M0").double().numpy() != decode_e8m0(value)).any():
            raise ValueError(f"{name}: e8m0 decoded unlike torch")


def stored_tensors(class_name, config, folder):
    if class_name == "DeepseekV4":
        return stored_v4(sorted(reference_v4.main_tensors(config) + reference_v4.mtp_tensors(config)))
    plain_config = config_of(class_name, without_quantisation(config), config["num_hidden_layers"])
    found = published_tensors(class_name, plain_config, folder)
    if config["quantization_config"]["quant_method"] == "compressed-tensors":
        return stored_int4(found)
    return stored_gpt_oss(found) if class_name == "GptOss" else stored_general(found)


def without_quantisation(config):
    return {key: value for key, value in config.items() if key not in ("quantization_config", "expert_dtype")} | {
        "torch_dtype": "float32"}


def make(name, out):
    config, exercises, class_name, keeps_file = MODELS[name]
    plain_config = without_quantisation(config)
    ids = tokens(config["vocab_size"], 300 if class_name == "DeepseekV4" else 192)
    with tempfile.TemporaryDirectory() as folder:
        stored = stored_tensors(class_name, config, folder)
        types = {tensor: dtype for tensor, dtype, _ in stored}
        held = contents(stored)
        check_against_torch(held, types)
        values = as_float32(decoded(held, types))
        listed = [(tensor, "I64" if value.dtype == np.int64 else "F32", value.shape, None)
                  for tensor, value in values.items()]
        write_model(folder, plain_config, listed, values)
        model = load(class_name, folder, plain_config, config["num_hidden_layers"])
    float32 = run_float32(model, ids)
    logits, _, choice = run(lift(model), ids)
    golden = {"name": name, "exercises": exercises, "config": config, "smallest_choice_margin": choice,
              "oracle": f"transformers {transformers.__version__} {class_name}ForCausalLM in float64, decoded weights",
              "tensors": [[tensor, dtype, shape, byte_digest(held[tensor], dtype)] for tensor, dtype, shape in stored],
              "tokens": ids, "float32": difference(float32, logits), "main": rows(logits)}
    if class_name == "DeepseekV4":
        add_v4(golden, plain_config, values, ids, logits)
    if keeps_file:
        path = os.path.join(out, name + ".safetensors")
        save_file({tensor: as_torch(held[tensor], types[tensor]) for tensor in held}, path, metadata={"format": "pt"})
        os.chmod(path, 0o644)
    dump(os.path.join(out, name + ".json"), golden)
    print(name, "tensors", len(stored), "margin", golden["main"]["smallest_top_margin"], "choice", choice, "float32",
          golden["float32"], golden.get("agreement"), flush=True)


def add_v4(golden, config, values, ids, exact):
    own, mtp = reference_v4.Model(config, values, simulate=False).run(ids)
    simulated, simulated_mtp = reference_v4.Model(config, values, simulate=True).run(ids)
    golden["agreement"] = difference(own, exact)
    golden["mtp"] = rows(mtp)
    golden["main_sim_on"], golden["mtp_sim_on"] = rows(simulated), rows(simulated_mtp)


if __name__ == "__main__":
    torch.set_num_threads(2)
    for model_name in sys.argv[2:] or MODELS:
        make(model_name, sys.argv[1])
