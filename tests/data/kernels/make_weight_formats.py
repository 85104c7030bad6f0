#!/usr/bin/env python3
"""Writes weight_formats.txt: random blocks of every weight format and their float32 values.

Block formats come from the `gguf` package (0.19.0), the formats whose scales lie apart from the
NumPy code below, written from the OCP Microscaling specification. Run: make_weight_formats.py > weight_formats.txt
One line per case: format, rows, cols, scale type, scale rows, scale cols, hex codes, hex scales (or -), hex float32.
"""
import sys

import numpy as np
from gguf import GGMLQuantizationType, GGML_QUANT_SIZES
from gguf.quants import dequantize

random = np.random.default_rng(20261127)
BLOCK_TYPES = ["Q4_0", "Q4_1", "Q8_0", "Q2_K", "Q4_K", "Q5_K", "Q6_K", "IQ2_XXS", "IQ4_NL", "IQ4_XS", "MXFP4"]
HALVES_AT = {"Q4_0": [0], "Q4_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
             "IQ2_XXS": [0], "IQ4_NL": [0], "IQ4_XS": [0]}
E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6], np.float32)


def row(name, shape, scales, codes, scale_bytes, values):
    text = [name, *shape, *scales, codes.tobytes().hex(), scale_bytes.hex() or "-",
            values.astype("<f4").tobytes().hex()]
    print(*text)


def block_type(name):
    kind = GGMLQuantizationType[name]
    block_values, block_bytes = GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (2, block_bytes), np.uint8)
    for at in HALVES_AT.get(name, []):
        blocks[0, at:at + 2] = np.frombuffer(np.float16(random.uniform(-2, 2)).tobytes(), np.uint8)
        blocks[1, at:at + 2] = np.frombuffer(np.uint16(random.integers(0, 1024)).tobytes(), np.uint8)  # subnormal
    if name == "MXFP4":
        blocks = random.integers(0, 256, (5, block_bytes), np.uint8)
        blocks[:, 0] = [0, 1, 2, 128, 254]  # 255 is NaN in OCP MX and for us, 2^128 in ggml
    values = dequantize(blocks, kind)
    row(name, (1, blocks.shape[0] * block_values), ("none", 1, 1), blocks, b"", values)


def e4m3(codes):
    sign = np.where(codes >= 128, -1.0, 1.0)
    exponent, mantissa = (codes >> 3) & 15, codes & 7
    value = np.where(exponent == 0, mantissa * 2.0**-9, (8 + mantissa) * 2.0 ** (exponent.astype(float) - 10))
    return np.where(codes & 127 == 127, np.nan, np.copysign(value, sign)).astype(np.float32)


def e8m0(codes):
    return np.where(codes == 255, np.nan, 2.0 ** (codes.astype(float) - 127)).astype(np.float32)


def scale_bytes_and_values(kind, count):
    """Scales as stored and as float32."""
    if kind == "e8m0":
        codes = random.integers(100, 140, count).astype(np.uint8)
        codes.flat[0] = 0
        return codes.tobytes(), e8m0(codes)
    values = random.uniform(-2, 2, count).astype(np.float32)
    if kind == "f32":
        return values.tobytes(), values
    if kind == "f16":
        return values.astype(np.float16).tobytes(), values.astype(np.float16).astype(np.float32)
    bits = values.view(np.uint32) & np.uint32(0xffff0000)
    return (bits >> 16).astype(np.uint16).tobytes(), bits.view(np.float32)


def apart(name, shape, kind, scale_rows, scale_cols):
    rows, cols = shape
    per_byte = 1 if name == "F8_E4M3" else 2
    codes = random.integers(0, 256, (rows, cols // per_byte)).astype(np.uint8)
    if name == "F8_E4M3":
        codes[codes & 127 == 127] = 1  # NaN has a test of its own
        values = e4m3(codes)
    else:
        nibbles = np.stack([codes & 15, codes >> 4], axis=-1).reshape(rows, cols)
        values = E2M1[nibbles] if name == "F4_E2M1" else nibbles.astype(np.float32) - 8
    count = (-(-rows // scale_rows), -(-cols // scale_cols))
    stored, scales = scale_bytes_and_values(kind, count)
    spread = np.repeat(np.repeat(scales, scale_rows, 0), scale_cols, 1)[:rows, :cols]
    row(name, shape, (kind, scale_rows, scale_cols), codes, stored, values * spread)


for name in BLOCK_TYPES:
    block_type(name)
every_bf16 = random.integers(0, 0x7f80, 64).astype(np.uint16) | (random.integers(0, 2, 64).astype(np.uint16) << 15)
row("BF16", (1, 64), ("none", 1, 1), every_bf16.astype(np.uint16), b"",
    dequantize(every_bf16.astype(np.uint16).view(np.uint8), GGMLQuantizationType.BF16))
codes = np.arange(256, dtype=np.uint8)
codes[127], codes[255] = 0, 0
row("F8_E4M3", (1, 256), ("none", 1, 1), codes, b"", e4m3(codes))
for kind in ["f32", "bf16", "e8m0"]:
    apart("F8_E4M3", (3, 200), kind, 2, 128)
for kind in ["e8m0", "f32"]:
    apart("F4_E2M1", (3, 70), kind, 1, 32)
for kind in ["bf16", "f16"]:
    apart("INT4", (3, 70), kind, 1, 32)
