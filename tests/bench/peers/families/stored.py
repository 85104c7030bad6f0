"""What the files of quantised models hold, from names and shapes alone.

z is the generator's raw 64-bit number of the tensor's own name and index (weights.py):

    type       tensors                                   byte or value
    U8         *_blocks (MXFP4, two codes a byte)        z >> 56
    I8         routed experts of V4 (FP4, two a byte)    z >> 56
    F8_E4M3    FP8 weights                               z >> 56; the two NaN codes lose their lowest bit
    U8         *_scales of MXFP4                         121 + (z >> 40) % 3
    F8_E8M0    .scale of V4's routed experts             121 + (z >> 40) % 3
    F8_E8M0    .scale of V4's FP8 weights                116 + (z >> 40) % 3
    F32        *.weight_scale_inv                        (1 + (z >> 40) % 1024 / 1024) / 2048
    I32        *.weight_packed (INT4, eight a word)      z >> 32
    BF16       *.weight_scale of INT4                    (1 + (z >> 40) % 128 / 128) / 64
    I64        *.weight_shape                            rows, columns

so every code occurs and every decoded weight is exact in float32. Other types: by the rules of weights.py.
"""
import numpy as np

from weights import generate, raw, rounded


def content(name, dtype, shape):
    """What the file holds: bytes as uint8, everything else as values."""
    if name.endswith("weight_packed"):
        return (raw(name, int(np.prod(shape))) >> np.uint64(32)).astype(np.uint32).view(np.int32).reshape(shape)
    if name.endswith("weight_scale"):
        z = raw(name, int(np.prod(shape))).reshape(shape)
        return ((1 + (z >> np.uint64(40) & np.uint64(127)).astype(np.float64) / 128) / 64).astype(np.float32)
    if dtype in ("BF16", "I64") or (dtype == "F32" and not name.endswith("scale_inv")):
        return rounded(generate(name, shape), dtype)
    z = raw(name, int(np.prod(shape))).reshape(shape)
    small = z >> np.uint64(40)
    if name.endswith("scale_inv"):
        return ((1 + (small % np.uint64(1024)).astype(np.float64) / 1024) / 2048).astype(np.float32)
    if name.endswith("_scales") or dtype == "F8_E8M0":
        is_fp4 = name.endswith("_scales") or ".ffn.experts." in name
        return ((121 if is_fp4 else 116) + (small % np.uint64(3))).astype(np.uint8)
    byte = (z >> np.uint64(56)).astype(np.uint8)
    return np.where((byte & 0x7F) == 0x7F, byte & 0xFE, byte).astype(np.uint8) if dtype == "F8_E4M3" else byte


def contents(stored):
    held = {name: content(name, dtype, shape) for name, dtype, shape in stored if not name.endswith("weight_shape")}
    for name, _, _ in stored:
        if name.endswith("weight_shape"):
            count, words = held[name.removesuffix("shape") + "packed"].shape
            held[name] = np.array([count, 8 * words], dtype=np.int64)
    return {name: held[name] for name, _, _ in stored}
