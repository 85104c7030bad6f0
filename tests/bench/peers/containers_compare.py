#!/usr/bin/env python3
"""Holds our readers and writers of GGUF and safetensors against the packages of their makers.

    pip install gguf safetensors numpy
    pip install torch transformers compressed-tensors     # for the second half; left out if missing
    containers_compare.py MOXIE_CONTAINERS

MOXIE_CONTAINERS is the program moxie_containers (containers.cpp). Files are made here in a temporary folder: their
package writes, we read, every byte compared; we write, their package reads. The second half compares values: FP8
with tiles, INT4 of compressed-tensors and MXFP4 of gpt-oss as transformers and compressed-tensors unpack them.
Exits with 1 on the first difference, and prints it.
"""
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import gguf
import numpy
import safetensors
from gguf import GGMLQuantizationType as Type

RANDOM = numpy.random.default_rng(5)
GGUF_TYPES = [Type.F32, Type.F16, Type.BF16, Type.Q4_0, Type.Q4_1, Type.Q8_0, Type.Q2_K, Type.Q4_K, Type.Q5_K,
              Type.Q6_K, Type.IQ2_XXS, Type.IQ4_NL, Type.IQ4_XS, Type.MXFP4, Type.I8, Type.I32, Type.I64]
SAFETENSORS_TYPES = {"F32": 4, "F16": 2, "BF16": 2, "I8": 1, "I32": 4, "I64": 8}


def check(holds, *what):
    if not holds:
        print("DIFFERENT:", *what)
        sys.exit(1)


class Ours:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def run(self, *args):
        done = subprocess.run([self.program, *map(str, args)], capture_output=True, text=True)
        check(done.returncode == 0, args, done.stderr)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def dump(self, what, model):
        """(type, sizes, name) of each tensor in our order, and the bytes of all."""
        out = self.folder / "dump"
        tensors = self.run(what, model, out)
        return [(kind, tuple(map(int, dims.split("x"))) if dims else (), name) for kind, dims, name in tensors], \
            out.read_bytes()


def random_bytes(count):
    return RANDOM.integers(0, 256, count, dtype=numpy.uint8)


def write_gguf(path, tensors, **options):
    writer = gguf.GGUFWriter(path, "tiny", **options)
    writer.add_uint32("tiny.block_count", 2)
    writer.add_array("tiny.words", ["a", "", "默契"])
    writer.add_array("tiny.nested", [[1, 2], [3]])
    for name, kind, data in tensors:
        if kind in (Type.F32, Type.F16, Type.I8, Type.I32, Type.I64):
            writer.add_tensor(name, data)
        else:
            writer.add_tensor(name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def gguf_tensor(name, kind, shape):
    """Random bytes for `shape` (numpy's order) of `kind`."""
    values, size = gguf.GGML_QUANT_SIZES[kind]
    rows = math.prod(shape[:-1])
    data = random_bytes(rows * shape[-1] // values * size)
    plain = {Type.F32: numpy.float32, Type.F16: numpy.float16, Type.I8: numpy.int8, Type.I32: numpy.int32,
             Type.I64: numpy.int64}
    if kind in plain:
        return name, kind, data.view(plain[kind]).reshape(shape)
    return name, kind, data.reshape(*shape[:-1], -1)


def compare_with_gguf(ours, model, tensors):
    listed, data = ours.dump("data", model)
    check([name for *_, name in listed] == sorted(name for name, *_ in tensors), "names", listed)
    at = 0
    by_name = {name: (kind, values) for name, kind, values in tensors}
    for kind, dims, name in listed:
        their_kind, values = by_name[name]
        expected = values.tobytes()
        check(kind == their_kind.name, name, kind, their_kind)
        check(data[at:at + len(expected)] == expected, "bytes of", name)
        block, size = gguf.GGML_QUANT_SIZES[their_kind]
        check(math.prod(dims) // block * size == len(expected), "sizes of", name, dims)
        at += len(expected)
    check(at == len(data), "bytes behind the last tensor")


def check_gguf(ours, folder):
    tensors = [gguf_tensor(f"t{int(kind)}", kind, shape) for kind in GGUF_TYPES
               for shape in [(2, 3, 512)]] + [gguf_tensor("norm", Type.F32, (7,))]
    write_gguf(folder / "whole.gguf", tensors)
    compare_with_gguf(ours, folder / "whole.gguf", tensors)

    write_gguf(folder / "parts.gguf", tensors, split_max_tensors=5)
    parts = sorted(folder.glob("parts-*-of-*.gguf"))
    check(len(parts) == 4, "parts", parts)
    for part in parts:
        compare_with_gguf(ours, part, tensors)

    ours.run("copy", folder / "whole.gguf", folder / "copy.gguf")
    compare_with_gguf(ours, folder / "copy.gguf", tensors)
    reader = gguf.GGUFReader(folder / "copy.gguf")
    by_name = {name: (kind, values) for name, kind, values in tensors}
    check(len(reader.tensors) == len(tensors), "tensors their reader sees")
    for tensor in reader.tensors:
        kind, values = by_name[tensor.name]
        check(tensor.tensor_type == kind and tensor.data.tobytes() == values.tobytes(), "our copy of", tensor.name)
    print(f"gguf {len(tensors)} tensors, {len(GGUF_TYPES)} types, whole and in {len(parts)} parts: the same")


def header_type(dtype):
    """The type's name for safetensors.TensorSpec, which takes numpy's."""
    return {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "I8": "int8", "I32": "int32", "I64": "int64"}[dtype]


def check_safetensors(ours, folder):
    tensors = {f"a.{dtype} \"词\" {len(shape)}": (dtype, shape, random_bytes(math.prod(shape) * size))
               for dtype, size in SAFETENSORS_TYPES.items() for shape in [(3,), (2, 5), (2, 3, 4), ()]}
    (folder / "config.json").write_text("{}")

    def serialize(names):
        specs = {}
        for name in names:
            dtype, shape, data = tensors[name]
            specs[name] = safetensors.TensorSpec(dtype=header_type(dtype), shape=list(shape),
                                                 data_ptr=data.ctypes.data, data_len=data.nbytes)
        return safetensors.serialize(specs, {"format": "pt"})

    def compare(model):
        listed, data = ours.dump("data", model)
        check([name for *_, name in listed] == sorted(tensors, key=lambda name: name.encode()), "names", listed)
        at = 0
        for kind, dims, name in listed:
            dtype, shape, expected = tensors[name]
            check(kind == dtype and dims == shape[::-1], name, kind, dims)
            check(data[at:at + len(expected)] == expected.tobytes(), "bytes of", name)
            at += len(expected)

    names = sorted(tensors)
    (folder / "model.safetensors").write_bytes(serialize(names))
    compare(folder)
    compare(folder / "model.safetensors")
    ours.run("copy", folder / "model.safetensors", folder / "copy")
    theirs = safetensors.deserialize((folder / "copy").read_bytes())
    check(len(theirs) == len(tensors), "tensors their reader sees")
    for name, tensor in theirs:
        dtype, shape, expected = tensors[name]
        check(tensor["dtype"] == dtype and tuple(tensor["shape"]) == shape and bytes(tensor["data"]) == expected.tobytes(),
              "our copy of", name)

    shards = {f"model-{i + 1:05}-of-00003.safetensors": names[i::3] for i in range(3)}
    (folder / "model.safetensors").unlink()
    for file, part in shards.items():
        (folder / file).write_bytes(serialize(part))
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {}, "weight_map": {name: file for file, part in shards.items() for name in part}}))
    compare(folder)
    print(f"safetensors {len(tensors)} tensors, {len(SAFETENSORS_TYPES)} types, one file and 3 shards: the same")


def compare_values(ours, folder, expected):
    """Our float32 values against theirs, bit for bit."""
    listed, data = ours.dump("values", folder)
    values = numpy.frombuffer(data, numpy.float32)
    at = 0
    check([name for *_, name in listed] == sorted(expected), "names", listed)
    for kind, dims, name in listed:
        theirs = expected[name].astype(numpy.float32)
        check(dims == theirs.shape[::-1], "sizes of", name, dims, theirs.shape)
        mine = values[at:at + theirs.size].reshape(theirs.shape)
        check(numpy.array_equal(mine, theirs), "values of", name, mine, theirs)
        at += theirs.size


def check_fp8(ours, folder, torch, save_file):
    weight = torch.randn(300, 260).to(torch.float8_e4m3fn)
    scale = torch.rand(3, 3) + 0.5
    tiles = scale.repeat_interleave(128, 0)[:300].repeat_interleave(128, 1)[:, :260]
    exponents = torch.randint(100, 150, (3, 3), dtype=torch.uint8)
    powers = torch.exp2(exponents.float() - 127).repeat_interleave(128, 0)[:300].repeat_interleave(128, 1)[:, :260]
    save_file({"a.weight": weight, "a.weight_scale_inv": scale, "b.weight": weight.clone(),
               "b.scale": exponents.view(torch.float8_e8m0fnu)}, folder / "model.safetensors")
    compare_values(ours, folder, {"a.weight": (weight.float() * tiles).numpy(),
                                  "b.weight": (weight.float() * powers).numpy()})
    print("FP8 in tiles with F32 and E8M0 scales, as PyTorch computes it: the same values")


def check_int4(ours, folder, torch, save_file):
    from compressed_tensors.compressors import pack_to_int32, unpack_from_int32
    values = torch.randint(-8, 8, (24, 96), dtype=torch.int8)
    packed = pack_to_int32(values, 4)
    check(torch.equal(unpack_from_int32(packed, 4, values.shape), values), "their own packing")
    scale = (torch.rand(24, 3) + 0.5).bfloat16()
    save_file({"a.weight_packed": packed.contiguous(), "a.weight_scale": scale,
               "a.weight_shape": torch.tensor([24, 96])}, folder / "model.safetensors")
    compare_values(ours, folder, {"a.weight": (values.float() * scale.float().repeat_interleave(32, 1)).numpy()})
    print("INT4 in groups of 32, packed by compressed-tensors: the same values")


def check_mxfp4(ours, folder, torch, save_file):
    from transformers.integrations.mxfp4 import convert_moe_packed_tensors
    blocks = torch.from_numpy(random_bytes(4 * 6 * 3 * 16).reshape(4, 6, 3, 16))
    scales = torch.randint(110, 140, (4, 6, 3), dtype=torch.uint8)
    save_file({"experts.up_blocks": blocks, "experts.up_scales": scales}, folder / "model.safetensors")
    theirs = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
    check(tuple(theirs.shape) == (4, 96, 6), "their shape", theirs.shape)  # [experts, in, out]
    compare_values(ours, folder, {"experts.up": theirs.transpose(1, 2).contiguous().numpy()})
    print("MXFP4 of gpt-oss, unpacked by transformers: the same values")


def check_values(ours, folder):
    try:
        import torch
        from safetensors.torch import save_file
    except ImportError as missing:
        print("values not compared:", missing)
        return
    torch.manual_seed(7)
    (folder / "config.json").write_text("{}")
    for part in (check_fp8, check_int4, check_mxfp4):
        part(ours, folder, torch, save_file)


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    for part in (check_gguf, check_safetensors, check_values):
        with tempfile.TemporaryDirectory() as name:
            part(Ours(program, pathlib.Path(name)), pathlib.Path(name))


main()
