#!/usr/bin/env python3
"""Every family's published folder, turned into GGUF by llama.cpp's own converter: do we read the same model in it?

  converted_families.py MOXIE LLAMA_CPP_SOURCE FOLDER [FAMILY...]

Needs torch, transformers and safetensors. Makes a small random model as published (`moxie model make`), converts
it, and holds our logits of the GGUF file against our logits of the folder: names, keys, transposed and split tensors
are the converter's, as in the files people download. V4 is made in FP4 and FP8, since the converter takes it in no other
types, and what was FP8 is kept in F32 instead of Q8_0. V4's drafters, which the converter puts into files of their
own, are held against those of the folder too. No vocabulary is converted: it knows published tokenizers only. Everything is deleted.
"""
import pathlib
import shutil
import subprocess
import sys

import numpy as np

FAMILIES = ("llama qwen2 qwen3 qwen3_moe glm4_moe minimax_m2 gpt_oss deepseek_v2 deepseek_v3 kimi_k2 deepseek_v32 "
            "deepseek_v4 deepseek_v4_0731").split()
TYPES = {"deepseek_v4": "fp4", "deepseek_v4_0731": "fp4"}
DRAFTERS = {"deepseek_v4": ["--mtp"], "deepseek_v4_0731": ["--dspark"]}
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
    if "DSpark" in model.__name__:
        def only_noise(self):
            TextModel._set_vocab_none(self)
            self.gguf_writer.add_mask_token_id(self.hparams["dspark_noise_token_id"])
        model.set_vocab = only_noise
    if hasattr(model, "_write_mxfp4_expert_tensor"):
        usual = model.tensor_force_quant
        def without_loss(self, name, new_name, *more):
            was_fp8 = name in self._dsv4_fp8_dequantized or "nextn.eh_proj" in new_name
            return GGMLQuantizationType.F32 if was_fp8 else usual(self, name, new_name, *more)
        model.tensor_force_quant = without_loss
    return model
conversion.get_model_class = without_vocabulary
sys.argv = ["convert"] + sys.argv[2:]
runpy.run_path(sys.path[0] + "/convert_hf_to_gguf.py", run_name="__main__")
"""


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no message"])[-1][-300:]


def logits(moxie, model, ids, out, *more):
    why = run(moxie, "logits", "-m", model, "--tokens", ids, "--backend", "scalar", "-o", out, *more)
    return why, None if why else np.load(out).astype(np.float64)


def convert(source, published, gguf, *more):
    gguf.unlink(missing_ok=True)
    return run(sys.executable, "-c", CONVERT, source, published, "--outfile", gguf, "--outtype", "f32", *more)


def difference(moxie, folder, published, gguf, *more):
    """Of the folder's logits and the file's: text if something fails."""
    own = ["--mtp"] if more else []
    why, exact = logits(moxie, published, folder / "ids.txt", folder / "a.npy", *own)
    if not why:
        why, read = logits(moxie, gguf, folder / "ids.txt", folder / "b.npy", *own, *more)
    return f"not read: {why}" if why else float(np.sqrt(((exact - read) ** 2).mean() / (exact ** 2).mean()))


def one(moxie, source, folder, family):
    """[(name, relative RMS or what failed)]: the model, and its drafter if it has a file of its own."""
    published, gguf, drafter = folder / family, folder / f"{family}.gguf", folder / f"{family}-drafter.gguf"
    shutil.rmtree(published, ignore_errors=True)
    why = run(moxie, "model", "make", "--family", family, "--type", TYPES.get(family, "f32"), "-o", published)
    if why:
        return [(family, f"cannot be made: {why}")]
    why = convert(source, published, gguf, *(["--no-nextn"] if family in DRAFTERS else []))
    found = [(family, f"the converter fails: {why}" if why else difference(moxie, folder, published, gguf))]
    if family in DRAFTERS:
        why = convert(source, published, drafter, *DRAFTERS[family], "--target-model-dir", published)
        found.append((f"{family}, drafter", f"the converter fails: {why}" if why else
                      difference(moxie, folder, published, gguf, "--draft-file", drafter)))
        drafter.unlink(missing_ok=True)
    shutil.rmtree(published)
    gguf.unlink(missing_ok=True)
    return found


def main():
    moxie, source, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ids.txt").write_text(" ".join(str(i * 7919 % 512) for i in range(200)) + "\n")
    print("| family | GGUF by llama.cpp's converter against the published folder, relative RMS |\n|---|---|")
    good = True
    for family in sys.argv[4:] or FAMILIES:
        for name, found in one(moxie, source, folder, family):
            good = good and isinstance(found, float) and found <= 1e-6
            print(f"| {name} | {found if isinstance(found, str) else f'{found:.1e}'} |", flush=True)
    return 0 if good else 1


sys.exit(main())
