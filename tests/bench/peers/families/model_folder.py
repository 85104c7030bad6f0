#!/usr/bin/env python3
"""The tiny models as folders on disk, and the engine's logits held against the golden ones.

  model_folder.py write GOLDEN.json FOLDER [resaved]    config.json, model.safetensors, ids.txt from the golden file alone
  model_folder.py compare GOLDEN.json LOGITS.npy [PART] [TOLERANCE]
      LOGITS: [positions, vocabulary]; PART: main (default), mtp, main_sim_on, mtp_sim_on, sim_off, sim_on, ..;
      TOLERANCE: 1e-4;
      exit status 1 if the relative RMS is larger or a top token differs

Needs: numpy.
"""
import json
import os
import sys

import numpy as np

from stored import contents
from weights import encode, generate, rounded, write_safetensors


def stored_values(golden):
    """{name: what the file holds}."""
    entries = golden["tensors"]
    if "quantization_config" in golden["config"]:
        return contents([(name, dtype, tuple(shape)) for name, dtype, shape, *_ in entries])
    twin = lambda entry: entry[3] if len(entry) > 3 else entry[0]
    return {entry[0]: rounded(generate(twin(entry), tuple(entry[2])), entry[1]) for entry in entries}


def write(golden, folder, config_name):
    os.makedirs(folder, exist_ok=True)
    held = stored_values(golden)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(golden[config_name], file, indent=2)
    with open(os.path.join(folder, "ids.txt"), "w") as file:
        file.write(" ".join(map(str, golden["tokens"])) + "\n")
    write_safetensors(os.path.join(folder, "model.safetensors"),
                      [(name, dtype, shape, encode(held[name], dtype)) for name, dtype, shape, *_ in golden["tensors"]])


def compare(golden, logits, part, tolerance):
    want = golden[part]
    exact = np.array(want["logits"])
    positions = want.get("positions", range(len(exact)))
    if len(logits) <= max(positions):
        raise SystemExit(f"{len(logits)} rows of logits, position {max(positions)} is wanted")
    ours = logits[list(positions), :exact.shape[1]].astype(np.float64)
    error = np.sqrt(((ours - exact) ** 2).sum() / (exact**2).sum())
    judged = positions if len(want["argmax"]) == len(exact) else range(len(want["argmax"]))
    others = [p for p, top in zip(judged, want["argmax"]) if p >= len(logits) or logits[p].argmax() != top]
    print(f"relative RMS {error:.3g}, worst logit {np.abs(ours - exact).max():.3g}, other top tokens {len(others)} of "
          f"{len(want['argmax'])}{': positions ' + str(others[:10]) if others else ''}")
    return error <= tolerance and not others


if __name__ == "__main__":
    command, path, target, *rest = sys.argv[1:]
    with open(path) as golden_file:
        loaded = json.load(golden_file)
    if command == "write":
        write(loaded, target, "config_resaved" if rest else "config")
    else:
        named = rest[0] if rest else "main"
        sys.exit(0 if compare(loaded, np.load(target), named, float(rest[1]) if len(rest) > 1 else 1e-4) else 1)
