#!/usr/bin/env python3
"""Every family's published folder, turned into GGUF by llama.cpp's own converter: do we read the same model in it?

  converted_families.py MOXIE LLAMA_CPP_SOURCE FOLDER [FAMILY...]

Needs torch, transformers and safetensors. Makes a small random model as published (`moxie model make`), converts
it, and holds our logits of the GGUF file against our logits of the folder: names, keys, transposed and split tensors
are the converter's, as in the files people download. V4 is made in FP4 and FP8, since the converter takes it in no other
types, and what was FP8 is kept in F32 instead of Q8_0. No vocabulary is converted: it knows published tokenizers only. Everything is deleted.
"""
import pathlib
import shutil
import subprocess
import sys

import numpy as np

FAMILIES = ("llama qwen2 qwen3 qwen3_moe glm4_moe minimax_m2 gpt_oss deepseek_v2 deepseek_v3 kimi_k2 deepseek_v32 "
            "deepseek_v4").split()
TYPES = {"deepseek_v4": "fp4"}
CONVERT = """
import runpy, sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/gguf-py"]
import conversion
from conversion.base import TextModel
from gguf import GGMLQuantizationType
found = conversion.get_model_class
def without_vocabulary(*args, **kwargs):
    model = found(*args, **kwargs)
    model.set_vocab = TextModel._set_vocab_none
    if hasattr(model, "_write_mxfp4_expert_tensor"):
        usual = model.tensor_force_quant
        def without_loss(self, name, *more):
            return GGMLQuantizationType.F32 if name in self._dsv4_fp8_dequantized else usual(self, name, *more)
        model.tensor_force_quant = without_loss
    return model
conversion.get_model_class = without_vocabulary
sys.argv = ["convert"] + sys.argv[2:]
runpy.run_path(sys.path[0] + "/convert_hf_to_gguf.py", run_name="__main__")
"""


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no message"])[-1][-300:]


def logits(moxie, model, ids, out):
    why = run(moxie, "logits", "-m", model, "--tokens", ids, "--backend", "scalar", "-o", out)
    return why, None if why else np.load(out).astype(np.float64)


def one(moxie, source, folder, family):
    published, gguf = folder / family, folder / f"{family}.gguf"
    shutil.rmtree(published, ignore_errors=True)
    gguf.unlink(missing_ok=True)
    why = run(moxie, "model", "make", "--family", family, "--type", TYPES.get(family, "f32"), "-o", published)
    if why:
        return f"cannot be made: {why}"
    why = run(sys.executable, "-c", CONVERT, source, published, "--outfile", gguf, "--outtype", "f32")
    if why:
        return f"the converter fails: {why}"
    why, exact = logits(moxie, published, folder / "ids.txt", folder / "a.npy")
    if not why:
        why, read = logits(moxie, gguf, folder / "ids.txt", folder / "b.npy")
    shutil.rmtree(published)
    if why:
        return f"not read: {why}"
    gguf.unlink()
    return float(np.sqrt(((exact - read) ** 2).mean() / (exact ** 2).mean()))


def main():
    moxie, source, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ids.txt").write_text(" ".join(str(i * 7919 % 512) for i in range(200)) + "\n")
    print("| family | GGUF by llama.cpp's converter against the published folder, relative RMS |\n|---|---|")
    good = True
    for family in sys.argv[4:] or FAMILIES:
        found = one(moxie, source, folder, family)
        good = good and isinstance(found, float) and found <= 1e-6
        print(f"| {family} | {found if isinstance(found, str) else f'{found:.1e}'} |", flush=True)
    return 0 if good else 1


sys.exit(main())
