#!/usr/bin/env python3
"""Holds our tokenizer against the `tokenizers` library: pieces of every pre-tokeniser, ids and special tokens on a corpus.

    pip install tokenizers gguf numpy
    tokenizer_compare.py MOXIE_TOKENIZE [MODEL ...] [--texts FOLDER] [--trained] [--speed]

MOXIE_TOKENIZE is the program moxie_tokenize (tests/bench/peers/tokenize.cpp). MODEL is a .gguf file or a folder with
tokenizer.json. The corpus is made here from the folders' files, every code point of Unicode, and seeded random mixtures;
at least 5 MB with the tree of Moxie itself. --trained also trains a small vocabulary with each published pre-tokeniser,
for the families whose own vocabulary is in no registry. --speed prints what each program does on the corpus, tiktoken
too where it is installed. Exits with 1 if anything differs, and prints the first difference of each.
"""
import argparse
import json
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
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

CORPUS_BYTES_MAX = 12_000_000
CHINESE = "默契是一个编程助手。它读懂代码仓库，修改文件，运行测试，然后提交。第3章：性能——每秒20兆字节！“引号”与‘引号’…々〇"
JAPANESE = "黙契はコードを読み、ファイルを直し、テストを走らせます。「はい」ー・ヷヿゟゝ゛ｶﾀｶﾅ １２３４ ㍻"
EMOJI = "😀👍🏽👨‍👩‍👧‍👦🇨🇳🏳️‍🌈 ✅ → ∑ ½ ² Ⅷ ٣ ๓ ́ é ﬁ ſ K Å ­​‍﻿ 　   🫨🩷🪿 🩵! 🫏\n"
MARKS = "e\u0301 a\u0328\u0301 a\u0301\u0328 \u1112\u1161\u11ab 각 q\u0323\u0307 q\u0307\u0323 \u0344 \u2126 \u212b ≠ =\u0338 \u0958 नि ก็ ש\u05bc\u05c1 \u0301x"
CASES = "camelCase HTTPServer XMLHttpRequest iPhone ABCdef aBC Éa éA ǅ ʰA ªB ÀÈ'S don'T I'LL we'Ve x'ſ IT'S ΑΒγ 'd/'m//\n/ a/\r\n/b"

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN35 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
GPT4O = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
KIMI = (r"[\p{Han}]+|" + GPT4O.replace(r"\p{M}]", r"\p{M}&&[^\p{Han}]]").replace(r"[\r\n/]", r"[\r\n]"))
DEEPSEEK = (r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
            r"""| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""")
DEEPSEEK_LLM_LETTERS = ("[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄ"
                        "ῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]+")
DEEPSEEK_CODER_HAN = "[一-龥\u0800-一가-\ud7ff]+"

# Each as a list of splits, by the name of tokenizer.ggml.pre.
SPLITS = {
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "llama-bpe": [LLAMA3],
    "chatglm-bpe": [LLAMA3],
    "glm4": [LLAMA3],
    "qwen2": [LLAMA3.replace("{1,3}", "")],
    "qwen35": [QWEN35],
    "gpt-4o": [GPT4O],
    "minimax-m2": [GPT4O],
    "kimi-k2": [KIMI],
    "deepseek-v3": [r"\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", DEEPSEEK],
    "deepseek-llm": [r"[\r\n]", r"\s?" + DEEPSEEK_LLM_LETTERS, r"\s?[!-/:-~！-／：-～‘-‟　-。]+", r"\s+$",
                     DEEPSEEK_CODER_HAN, r"\p{N}"],
    "deepseek-coder": [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", DEEPSEEK_CODER_HAN, r"\p{N}"],
}
# These go through PCRE2, whose letters are those of Unicode 14 in Debian 12; the library's are newer.
THROUGH_PCRE2 = {"deepseek-coder", "deepseek-llm"}
COMPOSING = {"qwen2", "qwen35"}
WHOLE_PIECE_FIRST = {"llama-bpe", "glm4", "gpt-4o", "kimi-k2"}


def pre_tokenizer(name):
    steps = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in SPLITS[name]]
    if name == "smollm":
        return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True),
                                        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    return pre_tokenizers.Sequence(steps + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


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
    return documents, made_documents()


def made_documents():
    everything = [chr(c) for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000]
    documents = ["".join(f"a{c}b {c} " for c in everything[i:i + 4096]) for i in range(0, 0x32000, 4096)]
    documents.append("".join(everything))
    documents += mixtures(400)
    documents += [t * 300 for t in (CHINESE, JAPANESE, EMOJI, MARKS, CASES)]
    documents += [" " * 5000 + "x", "a" * 5000, "\n" * 999 + " \n", "\r\n" * 999, "1" * 1000, " \t" * 999, "", " "]
    return documents


def mixtures(count):
    seeded = random.Random(7)
    parts = list(CHINESE + JAPANESE + EMOJI + MARKS + CASES)
    parts += list("abcXYZ0123456789'\"!?.,;:(){}[]<>/\\|`~@#$%^&*-_=+\n\r\t      ")
    parts += ["'s", "'re", "'LL", "'ſ", "  ", "\n\n", "\r\n", "\t\t", "\u0301", "\x1b", "\u200d"]
    return ["".join(seeded.choice(parts) for _ in range(2000)) for _ in range(count)]


def joined(documents, bytes_max=1_000_000):
    """Texts of about 1 MB, so that a program is not started for each document."""
    texts, current, size = [], [], 0
    for document in documents:
        current.append(document)
        size += len(document)
        if size > bytes_max:
            texts.append("".join(current))
            current, size = [], 0
    return texts + ["".join(current)]


def known_to_pcre2(text):
    return "".join(c for c in text if c.isascii() or unicodedata.category(c) != "Cn")


def reference_of_gguf(path):
    reader = gguf.GGUFReader(path)
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(m.split(" ")) for m in reader.fields["tokenizer.ggml.merges"].contents()]
    pre = reader.fields["tokenizer.ggml.pre"].contents()
    model = models.BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=merges,
                       ignore_merges=pre in WHOLE_PIECE_FIRST)
    tokenizer = Tokenizer(model)
    if pre in COMPOSING:
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizer(pre)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer, pre in THROUGH_PCRE2


def reference_of_json(path, with_added_tokens):
    description = json.loads((path / "tokenizer.json").read_text())
    description["post_processor"] = None
    if not with_added_tokens:
        description["added_tokens"] = []
    patterns = [s.get("pattern", {}).get("Regex") for s in description["pre_tokenizer"].get("pretokenizers", [])]
    return Tokenizer.from_str(json.dumps(description)), SPLITS["deepseek-coder"][0] in patterns


def ours(program, what, model, text, folder):
    source, target = folder / "text", folder / "out"
    source.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    done = subprocess.run([program, what, model, source, target], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{program} {what} {model}: {done.stderr}")
    return target.read_bytes(), done.stdout


def first_difference(mine, theirs):
    both = min(len(mine), len(theirs))
    differs = numpy.flatnonzero(mine[:both] != theirs[:both])
    return int(differs[0]) if len(differs) else both


def compare_ids(program, what, model, tokenizer, texts, folder):
    n_bytes = n_tokens = 0
    for text in texts:
        theirs = numpy.array(tokenizer.encode(text, add_special_tokens=False).ids, dtype="<i4")
        mine = numpy.frombuffer(ours(program, what, model, text, folder)[0], dtype="<i4")
        at = first_difference(mine, theirs)
        if len(mine) != len(theirs) or at < len(mine):
            print(f"{model}: {what}: DIFFERENT at token {at}: ours {mine[max(0, at - 2):at + 6]}, "
                  f"theirs {theirs[max(0, at - 2):at + 6]}")
            print("before it:", repr(tokenizer.decode(theirs[max(0, at - 10):at + 4].tolist(), skip_special_tokens=False)))
            return False
        n_bytes += len(text.encode("utf-8"))
        n_tokens += len(mine)
    print(f"{model}: {what}: {n_bytes} bytes, {n_tokens} tokens, no difference", flush=True)
    return True


def ordinary_tokens(path, tokenizer):
    """Without the added ones, which plain text does not spell: DeepSeek LLM has bytes among those."""
    if path.is_dir():
        return set(tokenizer.get_vocab())
    fields = gguf.GGUFReader(path).fields
    kinds = fields["tokenizer.ggml.token_type"].contents()
    return {t for t, kind in zip(fields["tokenizer.ggml.tokens"].contents(), kinds) if kind == 1}


def compare_model(program, model, documents, folder):
    path = pathlib.Path(model)
    tokenizer, is_old = reference_of_gguf(model) if path.is_file() else reference_of_json(path, False)
    texts = joined(documents)
    same = compare_ids(program, "ids", model, tokenizer, [known_to_pcre2(t) for t in texts] if is_old else texts, folder)
    noise = random.Random(11).randbytes(300_000) + b"".join(t.encode()[1:9000:2] for t in texts)
    back = ours(program, "bytes", model, noise, folder)[0]
    has_all_bytes = set(pre_tokenizers.ByteLevel.alphabet()) <= ordinary_tokens(path, tokenizer)
    composes = tokenizer.normalizer is not None and tokenizer.normalizer.normalize_str("e\u0301") != "e\u0301"
    if has_all_bytes and not composes:
        print(f"{model}: bytes: {len(noise)} bytes, many malformed, come back", "the same" if back == noise else "DIFFERENT")
        same = same and back == noise
    if path.is_dir():
        marked, _ = reference_of_json(path, True)
        names = [t.content for t in marked.get_added_tokens_decoder().values()]
        seeded = random.Random(13)
        parts = names * 3 + [n[:-1] for n in names] + list("<|>｜▁ \n\tab1!é") + [CHINESE[:9], "e\u0301", "  ", "<", "</", "<｜"]
        text = "".join(seeded.choice(parts) for _ in range(60_000))
        same = compare_ids(program, "markup", model, marked, [text], folder) and same
    return same


def compare_vectors(program, model, folder):
    """llama.cpp's own test vectors beside its vocabularies, which `transformers` made."""
    texts = pathlib.Path(model + ".inp").read_text(encoding="utf-8").split("\n__ggml_vocab_test__\n")
    rows = pathlib.Path(model + ".out").read_text().splitlines()
    different = 0
    for text, row in zip(texts, rows):
        mine = numpy.frombuffer(ours(program, "ids", model, text, folder)[0], dtype="<i4").tolist()
        if mine != [int(number) for number in row.split()]:
            print(f"{model}: vector {text!r}: DIFFERENT: ours {mine}, theirs {row}")
            different += 1
    print(f"{model}: {len(rows)} vectors, {different or 'no'} different")
    return different == 0


def compare_pieces(program, documents, folder):
    same = True
    whole = "\n".join(documents)[:4_000_000]
    seen = []
    for name, patterns in SPLITS.items():
        if patterns in seen:
            continue
        seen.append(patterns)
        text = known_to_pcre2(whole) if name in THROUGH_PCRE2 else whole
        steps = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
        found = pre_tokenizers.Sequence(steps).pre_tokenize_str(text)
        theirs = numpy.cumsum([len(piece.encode("utf-8")) for piece, _ in found]).astype("<i4")
        out, said = ours(program, "pieces", name, text, folder)
        mine = numpy.frombuffer(out, dtype="<i4")
        at = first_difference(mine, theirs)
        if len(mine) != len(theirs) or at < len(mine):
            data = text.encode("utf-8")
            begin = int(theirs[at - 1]) if at else 0
            print(f"{name}: DIFFERENT at piece {at}: ours {data[begin:mine[at]]!r}, theirs {data[begin:theirs[at]]!r}, "
                  f"before: {data[max(0, begin - 30):begin]!r}")
            same = False
            continue
        print(f"pieces: {name}: {len(text.encode('utf-8'))} bytes, {len(mine)} pieces, no difference; {said.strip()}", flush=True)
    return same


def train(name, documents, folder):
    """A folder with a small vocabulary behind the pre-tokeniser of a family."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=name in WHOLE_PIECE_FIRST))
    if name in COMPOSING:
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizer(name)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(documents, trainers.BpeTrainer(
        vocab_size=6000, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
        special_tokens=["<|endoftext|>", "[gMASK]", "<|user|>"]))
    tokenizer.add_tokens([tokenizers.AddedToken("<left>", lstrip=True), tokenizers.AddedToken("<right>", rstrip=True),
                          tokenizers.AddedToken("<|user|", normalized=False)])
    target = folder / name
    target.mkdir()
    tokenizer.save(str(target / "tokenizer.json"))
    return str(target)


def tiktoken_encoding(path):
    """The same vocabulary in tiktoken, for speed; nothing where it is not installed or the family splits twice."""
    try:
        import tiktoken
    except ImportError:
        return None
    description = json.loads((path / "tokenizer.json").read_text())
    patterns = [s["pattern"]["Regex"] for s in description["pre_tokenizer"].get("pretokenizers", []) if "pattern" in s]
    if len(patterns) != 1:
        return None
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    byte_of = {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(others)}
    ranks = {bytes(byte_of[c] for c in token): rank for token, rank in description["model"]["vocab"].items()}
    return tiktoken.Encoding("peer", pat_str=patterns[0], mergeable_ranks=ranks, special_tokens={})


def print_speed(program, model, text, folder):
    """Processor time of one thread on the same text, each program warm."""
    path = pathlib.Path(model)
    size = len(text.encode("utf-8")) / 1e6

    def rate(encode):
        encode(text[:200_000])
        begin = time.process_time()
        encode(text)
        return f"{size / (time.process_time() - begin):.1f} MB/s"

    said = ours(program, "ids", model, text, folder)[1].splitlines()
    tokenizer, _ = reference_of_gguf(model) if path.is_file() else reference_of_json(path, False)
    print(f"speed: {model}: {size:.1f} MB; ours {said[-2].rsplit(', ')[-1]} cold, {said[-1].rsplit(', ')[-1]} warm; "
          f"tokenizers {rate(lambda t: tokenizer.encode(t, add_special_tokens=False))}", end="", flush=True)
    encoding = tiktoken_encoding(path) if path.is_dir() else None
    print(f"; tiktoken {rate(encoding.encode_ordinary)}" if encoding else "", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("models", nargs="*")
    arguments.add_argument("--texts", action="append", default=[])
    arguments.add_argument("--trained", action="store_true")
    arguments.add_argument("--speed", action="store_true")
    options = arguments.parse_args()
    real, made = corpus(options.texts)
    same = True
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        same = compare_pieces(options.program, made[-420:] + made[:200] + real[:400], folder)
        trained = [train(n, real[:300] + mixtures(100), folder) for n in SPLITS] if options.trained else []
        for model in [m for m in options.models if pathlib.Path(m + ".inp").exists()]:
            same = compare_vectors(options.program, model, folder) and same
        for model in options.models + trained:
            same = compare_model(options.program, model, real + made, folder) and same
        if options.speed:
            for model in options.models:
                print_speed(options.program, model, "".join(real)[:6_000_000], folder)
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
