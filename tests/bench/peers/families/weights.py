"""Weights from names and shapes alone, and the safetensors files that hold them.

The generator is the one of the V4 golden test: FNV-1a-64 of the tensor's name, splitmix64 over the flat
row-major index, 24 bits of it as u in [-1, 1). What u becomes depends on the published name and shape; the
first rule that fits holds (float64, rounded to float32 at the end):

    last part of the name ends with      value
    "tid2eid" (int64, [V, 2])            row v: v % 8, (v % 8 + 1 + v % 7) % 8
    "embed_tokens.weight", "embed.weight"  u
    "attn_sink", "sinks"                 u
    "ape", "position_bias"               0.5 u
    "hc_*_base", "hc_base"               0.5 u
    "hc_*_scale", "hc_scale"             0.75 + 0.25 u
    "bias"                               0.1 u        (also "..._bias" of any rank)
    else, 1-D                            1 + 0.25 u   (norm weights)
    else, 2-D [N, K]                     u sqrt(3 / K)
    else, 3-D [E, K, N] (gpt-oss)        u sqrt(3 / K)   K is the input dimension, here the middle one
    else, 3-D convolution [C, 1, K]      u sqrt(3 / K)

A tensor listed as BF16 is the float32 value rounded to bfloat16, ties to even.
Token ids: the generator's raw z for the name "tokens", modulo the vocabulary.
"""
import json
import re
import struct

import numpy as np

U64 = np.uint64


def fnv1a(name):
    value = 0xCBF29CE484222325
    for byte in name.encode("utf-8"):
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def raw(name, count):
    with np.errstate(over="ignore"):
        z = U64(fnv1a(name)) + np.arange(1, count + 1, dtype=U64) * U64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> U64(30))) * U64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> U64(27))) * U64(0x94D049BB133111EB)
        return z ^ (z >> U64(31))


def unit(name, count):
    return 2.0 * ((raw(name, count) >> U64(40)).astype(np.float64) / 2.0**24) - 1.0


def tokens(vocabulary, count):
    return [int(z % U64(vocabulary)) for z in raw("tokens", count)]


def tid2eid(shape):
    """Row v holds two distinct experts of 8."""
    if shape[1] != 2:
        raise ValueError(f"tid2eid of shape {shape}: only two experts per token are defined")
    v = np.arange(shape[0], dtype=np.int64)
    return np.stack([v % 8, (v % 8 + 1 + v % 7) % 8], axis=1)


def generate(name, shape):
    """float32 (int64 for tid2eid) array of the tensor called name."""
    last = name.rsplit(".", 1)[-1]
    if last == "tid2eid":
        return tid2eid(shape)
    u = unit(name, int(np.prod(shape))).reshape(shape)
    if name.endswith(("embed_tokens.weight", "embed.weight")) or last in ("attn_sink", "sinks"):
        value = u
    elif last in ("ape", "position_bias") or re.search(r"hc_(\w+_)?base$", last):
        value = 0.5 * u
    elif re.search(r"hc_(\w+_)?scale$", last):
        value = 0.75 + 0.25 * u
    elif last.endswith("bias"):
        value = 0.1 * u
    elif len(shape) == 1:
        value = 1.0 + 0.25 * u
    elif len(shape) == 2:
        value = u * np.sqrt(3.0 / shape[1])
    elif shape[1] == 1:
        value = u * np.sqrt(3.0 / shape[2])
    else:
        value = u * np.sqrt(3.0 / shape[1])
    return value.astype(np.float32)


def to_bf16_bits(value):
    bits = np.ascontiguousarray(value, dtype=np.float32).view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bf16_bits(bits):
    return (bits.astype(np.uint32) << 16).view(np.float32)


def rounded(value, dtype):
    """What a file of that type holds, as float32 (or the integers as they are)."""
    return from_bf16_bits(to_bf16_bits(value)) if dtype == "BF16" else value


def write_safetensors(path, entries):
    """entries: [(name, safetensors type, shape, bytes)], in file order."""
    header, at = {}, 0
    for name, dtype, shape, data in entries:
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for entry in entries:
            file.write(entry[3])


def encode(value, dtype):
    return to_bf16_bits(value).tobytes() if dtype == "BF16" else np.ascontiguousarray(value).tobytes()
