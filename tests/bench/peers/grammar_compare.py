#!/usr/bin/env python3
"""Holds our token masks against llguidance and XGrammar on the same random schemas and texts, with
the same tokenizer, and what random models said under ours against the jsonschema package.

    grammar_compare.py --bin build/engine/bin --tokenizer FOLDER [--schemas N] [--first SEED]

FOLDER holds tokenizer.json. Needs: pip install llguidance jsonschema numpy tokenizers; and for
XGrammar: pip install --no-deps xgrammar; pip install apache-tvm-ffi transformers pydantic. It names
torch's types only, so that where torch is missing a module of that name without anything in it does.

A member may come at any place with us, and in the order of the schema with the others: so what they
allow is to be a part of what we allow. Tokens of theirs that we refuse are counted by what they are.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile
import time
from unittest import mock

import jsonschema
import numpy as np


class Llguidance:
    name = "llguidance"

    def __init__(self, folder, vocabulary):
        import llguidance
        import llguidance.hf
        import llguidance.numpy
        import transformers
        self.lib, self.np = llguidance, llguidance.numpy
        tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"),
                                                         eos_token="<｜end▁of▁sentence｜>")
        self.tokenizer = llguidance.hf.from_tokenizer(tokenizer, n_vocab=vocabulary, slices=llguidance.LLTokenizer.json_slices())

    def compile(self, schema):
        grammar = self.lib.LLMatcher.grammar_from_json_schema(
            schema, overrides={"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "})
        return self.lib.LLMatcher(self.tokenizer, grammar)

    def mask(self, matcher, row):
        self.np.fill_next_token_bitmask(matcher, row)
        if matcher.is_error():
            raise ValueError(matcher.get_error())

    def consume(self, matcher, token):
        return matcher.consume_token(token)


class Xgrammar:
    name = "xgrammar"

    def __init__(self, folder, vocabulary):
        import transformers
        import tvm_ffi  # noqa: F401, looks for torch and is to find none
        try:
            import torch  # noqa: F401
        except ImportError:
            sys.modules["torch"] = mock.MagicMock(Tensor=object, int32="int32", tensor=np.array, __spec__=None)
        import xgrammar
        tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"),
                                                         eos_token="<｜end▁of▁sentence｜>")
        info = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=vocabulary, stop_token_ids=[tokenizer.eos_token_id])
        self.lib, self.compiler = xgrammar, xgrammar.GrammarCompiler(info, max_threads=1, cache_enabled=False)

    def compile(self, schema):
        return self.lib.GrammarMatcher(self.compiler.compile_json_schema(
            json.dumps(schema), any_whitespace=False, separators=(", ", ": "), strict_mode=True))

    def mask(self, matcher, row):
        matcher.fill_next_token_bitmask(row)

    def consume(self, matcher, token):
        return matcher.accept_token(token)


def bits_of(row, vocabulary):
    return np.unpackbits(row.view(np.uint8), bitorder="little")[:vocabulary]


def kind_of(token):
    if "\\u" in token or "\\/" in token or token.startswith("u"):
        return "escapes that we do not write"
    if "�" in token:
        return "half a character"
    if "\\" in token or "<" in token:
        return "with \\ or <, which no key without a name has"
    if token.strip() == "" or "\n" in token or "  " in token:
        return "white space"
    return "other"


def compare_case(peer, case, ours, vocabulary, decode, seen):
    began = time.thread_time()
    try:
        matcher = peer.compile(case["schema"])
        row = np.full((1, (vocabulary + 31) // 32), -1, dtype=np.int32)
        peer.mask(matcher, row)
    except Exception as error:  # a schema that the peer does not take, whatever it raises
        seen["schemas it refused"] += 1
        seen.setdefault("why", collections.Counter())[str(error).splitlines()[0][:70]] += 1
        return
    seen["compile and first mask us"].append((time.thread_time() - began) * 1e6)
    for at, token in enumerate(case["tokens"]):
        began = time.thread_time()
        peer.mask(matcher, row)
        seen["mask us"].append((time.thread_time() - began) * 1e6)
        mine, its = bits_of(ours[at], vocabulary), bits_of(row[0], vocabulary)
        seen["masks"] += 1
        seen["equal"] += int((mine == its).all())
        refused = np.nonzero(its & (1 - mine))[0]
        seen["its are all ours"] += int(len(refused) == 0)
        for one in refused[:200]:
            kind = kind_of(decode(int(one)))
            seen.setdefault("tokens it allows and we refuse", collections.Counter())[kind] += 1
            if kind == "other":
                seen.setdefault("examples", []).append((case["seed"], at, decode(int(one))))
        if not its[token]:
            seen["texts it refused"] += 1
            return
        peer.consume(matcher, token)
    seen["texts it took"] += 1


def report(name, seen):
    def figures(times):
        times = np.array(times)
        return f"mean {times.mean():.1f}, median {np.median(times):.1f}, 99 % {np.quantile(times, 0.99):.0f}, worst {times.max():.0f} us"
    print(f"{name}:")
    for key, value in seen.items():
        print(f"  {key}: {figures(value) if key.endswith(' us') else value[:12] if isinstance(value, list) else value}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--tokenizer", type=pathlib.Path, required=True)
    parser.add_argument("--schemas", type=int, default=300)
    parser.add_argument("--first", type=int, default=1)
    options = parser.parse_args()
    import tokenizers
    tokenizer = tokenizers.Tokenizer.from_file(str(options.tokenizer / "tokenizer.json"))
    with tempfile.TemporaryDirectory() as folder:
        masks = pathlib.Path(folder) / "masks"
        lines = subprocess.run([options.bin / "moxie_peer_grammar", options.tokenizer, str(options.first), str(options.schemas), masks],
                               check=True, capture_output=True, text=True).stdout.splitlines()
        cases = [json.loads(line) for line in lines]
        rows = sum(len(case["tokens"]) for case in cases)
        ours = np.fromfile(masks, dtype=np.uint64).reshape(rows, -1)
    vocabulary = tokenizer.get_vocab_size()
    mine = {"compile us": [case["compile_us"] for case in cases], "mask us": [us for case in cases for us in case["mask_us"]],
            "texts we refused": sum("refused" in case for case in cases), "said": 0, "said and not valid": 0}
    for case in cases:
        if "said" not in case:
            continue
        mine["said"] += 1
        try:
            jsonschema.validate(json.loads(case["said"]), case["schema"], cls=jsonschema.Draft202012Validator)
        except (ValueError, jsonschema.ValidationError) as error:
            mine["said and not valid"] += 1
            print(f"NOT VALID seed {case['seed']}: {case['said']!r}: {str(error).splitlines()[0]}")
    report(f"moxie, {len(cases)} schemas, {vocabulary} tokens", mine)
    for kind in (Llguidance, Xgrammar):
        try:
            peer = kind(options.tokenizer, vocabulary)
        except ImportError as error:
            print(f"{kind.name}: not there: {error}")
            continue
        seen = {key: 0 for key in ("schemas it refused", "masks", "equal", "its are all ours", "texts it took", "texts it refused")}
        seen |= {"compile and first mask us": [], "mask us": []}
        at = 0
        for case in cases:
            compare_case(peer, case, ours[at:at + len(case["tokens"])], vocabulary, lambda token: tokenizer.decode([token]), seen)
            at += len(case["tokens"])
        report(peer.name, seen)
    raise SystemExit(1 if mine["texts we refused"] or mine["said and not valid"] else 0)


if __name__ == "__main__":
    main()
