#!/usr/bin/env python3
"""Compiles grammars as modules that the programs load when a repository has such files.

Usage: grammars.py SET FOLDER
SET is `few` (what the default tests need), `main` (the common languages) or `all`; FOLDER gets NAME.so and
manifest.txt with a line for each: name, exported function, ABI, bytes, git blob id. Every module is compiled once
and kept in the cache under the hash of its sources, flags and compiler. Standard library only.
"""
import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

TREE = pathlib.Path(__file__).resolve().parents[2]
LINKED = {"c", "cpp", "python", "javascript", "typescript", "tsx", "go", "rust", "java"}
FEW = "bash c_sharp css html json lua ruby toml yaml structured_text"
MAIN = FEW + (" php swift kotlin scala perl sql markdown cmake make dockerfile haskell elixir objc zig xml dart"
              " r julia proto hcl scss vue svelte powershell nix ocaml erlang clojure graphql groovy")
# Not in the pack, or without their scanner there.
ALONE = {
    "c_sharp": "tree-sitter-c-sharp-0.23.1",
    "embedded_template": "tree-sitter-embedded-template-0.25.0",
    "structured_text": "tree-sitter-iec61131-3-st-0.1.2",
    "yaml": "tree-sitter-yaml-0.7.1",
    "asn1": "tree-sitter-asn1-1.0.4",
    "ballerina": "tree-sitter-ballerina-0.1.0",
    "cfml": "tree-sitter-cfml-0.26.43/cfml",
    "d2": "tree-sitter-d2-0.7.2",
    "devicetree": "tree-sitter-devicetree-0.15.0",
    "dm": "tree-sitter-dm-0.26.0",
    "faust": "tree-sitter-faust-1.2.0",
    "gcode": "tree-sitter-gcode-0.1.1",
    "gnuplot": "tree-sitter-gnuplot-4.2.1",
    "omg_idl": "tree-sitter-idl-3.19.0",
    "less": "tree-sitter-less-1.0.0",
    "miniscript": "tree-sitter-miniscript-1.0.2",
    "mlir": "tree-sitter-mlir-0.2.0",
    "moonbit": "tree-sitter-moonbit-1.0.0",
    "pod": "tree-sitter-pod-1.1.0",
    "ql": "tree-sitter-ql-0.23.1",
    "robot": "tree-sitter-robot-1.5.0",
    "vb_dotnet": "tree-sitter-vb-dotnet-0.3.0",
    "zeek": "tree-sitter-zeek-0.2.16",
}
# What the package of YAML lacks.
OURS = {"yaml": TREE / "indexer/languages/yaml"}
FLAGS = ["-O1", "-w", "-fPIC", "-shared", "-s", "-fno-semantic-interposition"]


def cache_dir():
    if os.environ.get("MOXIE_HOME"):
        return pathlib.Path(os.environ["MOXIE_HOME"]) / "cache"
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "moxie"


DEPS = cache_dir() / "deps"
PACK = DEPS / "tree-sitter-language-pack-0.13.0" / "parsers"


def all_names():
    table = (TREE / "indexer/languages/grammars.def").read_text()
    return re.findall(r'^GRAMMAR\(\w+, "(\w+)"\)', table, re.M)


def source_folder(name):
    return DEPS / ALONE[name] / "src" if name in ALONE else PACK / name / "src"


def headers_for(folder, parser):
    """The folder that has tree_sitter/parser.h. Some packages ship none: they get one of the same shape of tables."""
    if (folder / "tree_sitter/parser.h").exists():
        return folder
    if b".abi_version =" in parser:
        return PACK / "c" / "src"
    is_old = re.search(rb"REDUCE\(\w+, \d+\)", parser) is not None  # its macro took two numbers and more
    return PACK / ("clojure" if is_old else "ruby") / "src"


class Grammar:
    """What is compiled for one module, and under which key it is kept."""

    def __init__(self, name, compiler):
        self.name = name
        folder = source_folder(name)
        if not (folder / "parser.c").exists():
            sys.exit(f"grammars: {folder}/parser.c is missing. Next: python3 app/setup/fetch.py --when grammars")
        parser = (folder / "parser.c").read_bytes()
        self.sources = [folder / f for f in ("parser.c", "scanner.c", "scanner.cc") if (folder / f).exists()]
        self.includes = [headers_for(folder, parser), *([OURS[name]] if name in OURS else [])]
        self.symbol = re.search(rb"TSLanguage\s*\*\s*(tree_sitter_\w+)\s*\((?:void)?\)\s*\{", parser[-50000:]).group(1).decode()
        self.abi = int(re.search(rb"#define LANGUAGE_VERSION (\d+)", parser).group(1))
        digest = hashlib.sha256(repr([FLAGS, compiler, str(self.includes[0].relative_to(DEPS))]).encode())
        for file in sorted(f for top in (folder, *self.includes[1:]) for f in top.rglob("*") if f.suffix in (".c", ".cc", ".h")):
            digest.update(file.read_bytes())
        self.kept = cache_dir() / "grammars" / f"{name}-{digest.hexdigest()[:24]}.so"

    def compile(self):
        """Seconds of the compiler; 0 if the module was kept. Renamed into place when it is whole."""
        if self.kept.exists():
            return 0.0
        started = time.monotonic()
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.kept.parent) as folder:
            made = pathlib.Path(folder) / "module.so"
            is_cpp = any(source.suffix == ".cc" for source in self.sources)
            done = subprocess.run(
                [os.environ.get("CXX", "c++") if is_cpp else os.environ.get("CC", "cc"), *FLAGS, f"-I{self.sources[0].parent}",
                 *(f"-I{folder}" for folder in self.includes), *map(str, self.sources), "-o", str(made)], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                sys.exit(f"grammars: {self.name} does not compile:\n{done.stderr[-2000:]}")
            os.replace(made, self.kept)
        return time.monotonic() - started


def blob_id(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("few", "main", "all"):
        sys.exit(__doc__)
    names = all_names() if sys.argv[1] == "all" else (FEW if sys.argv[1] == "few" else MAIN).split()
    target = pathlib.Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    compiler = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    started = time.monotonic()
    grammars = [Grammar(name, compiler) for name in names]
    largest_first = sorted(grammars, key=lambda g: -sum(s.stat().st_size for s in g.sources))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        compiled = sum(seconds > 0 for seconds in pool.map(Grammar.compile, largest_first))
    lines, total = [], 0
    for grammar in sorted(grammars, key=lambda g: g.name):
        data = grammar.kept.read_bytes()
        total += len(data)
        file = target / f"{grammar.name}.so"
        if not file.exists() or file.read_bytes() != data:
            shutil.copyfile(grammar.kept, f"{file}.new")
            os.replace(f"{file}.new", file)
        lines.append(f"{grammar.name} {grammar.symbol} {grammar.abi} {len(data)} {blob_id(data)}\n")
    (target / "manifest.txt").write_text("".join(lines))
    print(f"grammars: {len(lines)} modules, {total / 1e6:.1f} MB, {compiled} compiled in {time.monotonic() - started:.0f} s")


main()
