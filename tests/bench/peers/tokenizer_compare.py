#!/usr/bin/env python3
"""Holds our tokenizer against the `tokenizers` library: ids on a corpus, pieces of every pre-tokeniser.

    pip install tokenizers gguf
    tokenizer_compare.py MOXIE_TOKENIZE MODEL.gguf [FOLDER_OF_TEXT ...]

MOXIE_TOKENIZE is the program moxie_tokenize (tests/bench/peers/tokenize.cpp). The corpus is made here from the
folders' files, every code point of Unicode, and seeded random mixtures; at least 5 MB with the tree of Moxie itself
and the grammars that set-up fetched. Exits with 1 on the first difference, and prints it.
"""
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import unicodedata

import gguf
import numpy
import tokenizers
from tokenizers import Regex, decoders, models, pre_tokenizers

CORPUS_BYTES_MAX = 12_000_000
CHINESE = "默契是一个编程助手。它读懂代码仓库，修改文件，运行测试，然后提交。第3章：性能——每秒20兆字节！“引号”与‘引号’…"
EMOJI = "😀👍🏽👨‍👩‍👧‍👦🇨🇳🏳️‍🌈 ✅ → ∑ ½ ² Ⅷ ٣ ๓ ́ é ﬁ ſ K Å ­​‍﻿ 　   "

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK = (r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
            r"""| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""")


def split(pattern):
    return pre_tokenizers.Split(Regex(pattern), "isolated")


PRE_TOKENIZERS = {
    "smollm": [pre_tokenizers.Digits(individual_digits=True),
               pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)],
    "gpt-2": [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)],
    "llama-bpe": [split(LLAMA3)],
    "qwen2": [split(LLAMA3.replace("{1,3}", ""))],
    "deepseek-v3": [split(r"\p{N}{1,3}"), split("[一-龥\u3040-ゟ゠-ヿ]+"), split(DEEPSEEK)],
}


def corpus(folders):
    """Valid UTF-8 without NUL, in documents: real files first, then what real files seldom hold."""
    documents = []
    size = 0
    for folder in folders:
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if size > CORPUS_BYTES_MAX:
                break
            if path.is_symlink() or not path.is_file() or path.stat().st_size > 400_000:
                continue
            try:
                text = path.read_bytes().decode("utf-8")
            except (UnicodeDecodeError, OSError):
                continue
            documents.append(text)
            size += len(text)
    everything = [chr(c) for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000]
    documents += ["".join(f"a{c}b {c} " for c in everything[i:i + 4096]) for i in range(0, 0x32000, 4096)]
    documents.append("".join(everything))
    seeded = random.Random(7)
    parts = list(CHINESE) + list(EMOJI) + list("abcXYZ0123456789'\"!?.,;:(){}[]<>/\\|`~@#$%^&*-_=+\n\r\t      ")
    parts += ["'s", "'re", "'LL", "  ", "\n\n", "\r\n", "\t\t", "<|im_start|>", "<|endoftext|>"]
    documents += ["".join(seeded.choice(parts) for _ in range(2000)) for _ in range(400)]
    documents += [CHINESE * 300, EMOJI * 300, " " * 5000 + "x", "a" * 5000, "\n" * 999 + " \n", "", " "]
    return documents


def reference(model_path):
    reader = gguf.GGUFReader(model_path)
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(m.split(" ")) for m in reader.fields["tokenizer.ggml.merges"].contents()]
    pre = reader.fields["tokenizer.ggml.pre"].contents()
    model = models.BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=merges)
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(PRE_TOKENIZERS[pre])
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def ours(program, what, model, text, folder):
    source, target = folder / "text", folder / "out"
    source.write_bytes(text.encode("utf-8"))
    done = subprocess.run([program, what, model, source, target], check=True, capture_output=True, text=True)
    return numpy.fromfile(target, dtype="<i4"), done.stdout


def first_difference(mine, theirs):
    both = min(len(mine), len(theirs))
    differs = numpy.flatnonzero(mine[:both] != theirs[:both])
    return int(differs[0]) if len(differs) else both


def compare_ids(program, model, documents, folder):
    tokenizer = reference(model)
    n_bytes = n_tokens = 0
    seconds = 0.0
    # Documents are joined into texts of about 1 MB, so that a program is not started for each.
    texts, current = [], ""
    for document in documents:
        current += document
        if len(current) > 1_000_000:
            texts.append(current)
            current = ""
    texts.append(current)
    for text in texts:
        begin = time.monotonic()
        theirs = numpy.array(tokenizer.encode(text, add_special_tokens=False).ids, dtype="<i4")
        seconds += time.monotonic() - begin
        mine, said = ours(program, "ids", model, text, folder)
        at = first_difference(mine, theirs)
        if len(mine) != len(theirs) or at < len(mine):
            print(f"DIFFERENT at token {at}: ours {mine[at - 2:at + 6]}, theirs {theirs[at - 2:at + 6]}")
            print("before it:", repr(tokenizer.decode(theirs[max(0, at - 10):at + 4].tolist())))
            return False
        n_bytes += len(text.encode("utf-8"))
        n_tokens += len(mine)
    print(f"ids: {n_bytes} bytes, {n_tokens} tokens, no difference; "
          f"tokenizers {tokenizers.__version__} {n_bytes / 1e6 / seconds:.1f} MB/s")
    print(f"ours on the last text: {said.strip()}")
    return True


def compare_pieces(program, documents, folder):
    text = "\n".join(documents[-430:] + documents[:200])[:3_000_000]
    # PCRE2 of Debian 12 knows Unicode 14, as Python 3.11 does; the library knows more recent digits and letters.
    text = "".join(c for c in text if c.isascii() or unicodedata.category(c) != "Cn")
    for name, steps in PRE_TOKENIZERS.items():
        splits = [s for s in steps if not isinstance(s, pre_tokenizers.ByteLevel)]
        if len(splits) < len(steps):
            # ByteLevel rewrites the text; its own pattern as a split does not.
            splits.append(split(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"))
        found = pre_tokenizers.Sequence(splits).pre_tokenize_str(text)
        lengths = numpy.array([len(piece.encode("utf-8")) for piece, _ in found])
        theirs = numpy.cumsum(lengths).astype("<i4")
        mine, _ = ours(program, "pieces", name, text, folder)
        at = first_difference(mine, theirs)
        if len(mine) != len(theirs) or at < len(mine):
            data = text.encode("utf-8")
            begin = int(theirs[at - 1]) if at else 0
            print(f"{name}: DIFFERENT at piece {at}: ours {data[begin:mine[at]]!r}, theirs {data[begin:theirs[at]]!r}")
            return False
        print(f"pieces: {name}: {len(text.encode('utf-8'))} bytes, {len(mine)} pieces, no difference")
    return True


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program, model = sys.argv[1:3]
    documents = corpus(sys.argv[3:])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        same = compare_pieces(program, documents, folder)
        same = compare_ids(program, model, documents, folder) and same
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
