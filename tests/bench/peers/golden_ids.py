#!/usr/bin/env python3
"""Turns the texts of the golden prompts into token ids with the `tokenizers` library, one line each.

    pip install tokenizers gguf
    golden_ids.py MODEL.gguf TEXTS.json OUT.txt

Every line is cut to the length of the shortest, so that reference_llama.py can take them as one batch.
"""
import json
import sys

import tokenizer_compare


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    tokenizer = tokenizer_compare.reference_of_gguf(sys.argv[1])[0]
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>", "<|endoftext|>"])
    rows = [tokenizer.encode(text, add_special_tokens=False).ids for text in json.load(open(sys.argv[2]))]
    length = min(map(len, rows))
    with open(sys.argv[3], "w") as out:
        for row in rows:
            out.write(" ".join(map(str, row[:length])) + "\n")


if __name__ == "__main__":
    main()
