#!/usr/bin/env python3
"""Which definitions of universal-ctags are in our outline too, per language.

Usage: ctags.py PROGRAM FOLDER [--scan] [--show LANGUAGE]
PROGRAM is build/dev/bin/moxie_bench_outline. --scan: our scanner instead of the grammars. --show prints what is
missing. A definition is found if one of ours has its name in the same file, within three lines. Local variables,
parameters and what ctags makes up (anonymous names) do not count, nor files that ctags takes for another language. Needs universal-ctags (a test oracle, never linked).
"""
import argparse
import collections
import json
import os
import pathlib
import subprocess

# Kinds that are no definitions of something others refer to, or that ctags finds by mistake more often than not.
NOT_COUNTED = {"local", "parameter", "unknown", "label", "using", "anonMember", "externvar", "placeholder", "heredoc"}
# Signals, locals, keys of literals and words of markup: what the parsers of ctags list besides definitions.
NOT_COUNTED_IN = {
    "JavaScript": {"property", "variable", "constant"}, "TypeScript": {"variable", "constant"}, "MatLab": {"variable"},
    "JSON": {"string", "object", "array", "number", "boolean", "null"}, "Verilog": {"register", "port", "net", "instance", "constant", "parameter"}, "Vim": {"variable", "filename"},
    "SystemVerilog": {"port", "net", "instance", "constant", "register"}, "Rust": {"implementation"},
    "PHP": {"variable", "alias"}, "R": {"functionVar", "globalVar", "nameattr", "vector", "list"}, "CMake": {"variable"},
    "ObjectiveC": {"implementation", "category"}, "Basic": {"variable"}, "D": {"variable"}, "DosBatch": {"variable"},
    "PowerShell": {"variable"}, "Kotlin": {"variable", "constant", "package"}, "Python": {"variable", "namespace"},
    "PuppetManifest": {"param", "variable"}, "Meson": {"variable"}, "Sh": {"alias", "script"}, "SQL": {"variable"},
    "VHDL": {"port", "signal"}, "Ruby": {"accessor", "alias"}, "Java": {"package"}, "Go": {"package", "packageName"}, "OCaml": {"var"}, "C++": {"variable"},
}
# Names of ctags and of the language table for the same.
SAME = {"sh": "shell", "lisp": "commonlisp", "sml": "standardml", "matlab": "matlab", "perl6": "raku", "vim": "vimscript",
        "iniconf": "ini", "make": "makefile", "protobuf": "protocolbuffer", "dosbatch": "batchfile", "asm": "assembly",
        "tsx": "typescript", "cuda": "cuda", "fortran": "fortran", "fortranfreeform": "fortran", "flex": "actionscript",
        "puppetmanifest": "puppet", "ldscript": "linkerscript", "asp": "classicasp", "maven2": "mavenpom",
        "unixassembly": "assembly"}


def ctags(files):
    listing = "\n".join(files).encode()
    command = ["ctags", "--output-format=json", "--fields=+nKl", "-f", "-", "-L", "-"]
    done = subprocess.run(command, input=listing, capture_output=True, check=True)
    for line in done.stdout.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def plain(language):
    """"Objective-C" and "ObjectiveC" are one."""
    word = "".join(c for c in language.lower().replace("+", "p").replace("#", "sharp") if c.isalnum())
    return SAME.get(word, word)


def ours(program, files, scan):
    found, languages = collections.defaultdict(list), {}
    for first in range(0, len(files), 500):
        command = [program] + (["--scan"] if scan else []) + files[first:first + 500]
        done = subprocess.run(command, capture_output=True, check=True)
        for line in done.stdout.decode("utf-8", "replace").splitlines():
            columns = line.split("\t")
            if len(columns) == 2:
                languages[columns[0]] = plain(columns[1])
            if len(columns) == 5 and columns[1].isdigit() and columns[2].isdigit():
                for name in {columns[4], *columns[4].split("::")}:
                    found[columns[0], spelled(name)].append((int(columns[1]), int(columns[2])))
    return found, languages


def is_counted(tag):
    name = tag.get("name", "")
    kind, language = tag.get("kind"), tag.get("language")
    return tag.get("_type") == "tag" and kind not in NOT_COUNTED | NOT_COUNTED_IN.get(language, set()) \
        and not name.lower().lstrip("_").startswith("anon") and "line" in tag


def spelled(name):
    """Without spaces ("operator =="), the # of private fields and the signs of PHP and Perl."""
    return name.replace(" ", "").lstrip("#$@%")


def is_found(tag, found):
    name = tag["name"]
    last = name.split("::")[-1].split(".")[-1].split(":")[0]  # Objective-C's selectors: the first word
    places = [place for key in {spelled(name), spelled(last)} for place in found.get((tag["path"], key), [])]
    return any(first - 3 <= tag["line"] <= first + 3 or first <= tag["line"] <= last for first, last in places)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--scan", action="store_true")
    parser.add_argument("--show", default="")
    options = parser.parse_args()
    files = sorted(os.path.join(base, name) for base, _, names in os.walk(options.folder) for name in names
                   if os.path.isfile(os.path.join(base, name)))
    found, languages = ours(options.program, files, options.scan)
    total, right, missing = collections.Counter(), collections.Counter(), collections.defaultdict(collections.Counter)
    for tag in ctags(files):
        if not is_counted(tag) or languages.get(tag["path"]) != plain(tag["language"]):
            continue
        total[tag["language"]] += 1
        if is_found(tag, found):
            right[tag["language"]] += 1
            continue
        missing[tag["language"]][tag["kind"]] += 1
        if tag["language"] == options.show:
            print(f"missing {tag['kind']} {tag['name']} {tag['path']}:{tag['line']}")
    print(f"{'language':16} {'ctags':>8} {'found':>8} {'share':>8}  missing most")
    for name, count in total.most_common():
        most = ", ".join(f"{kind} {n}" for kind, n in missing[name].most_common(4))
        print(f"{name:16} {count:8} {right[name]:8} {100 * right[name] / count:7.1f}%  {most}")
    everything = sum(total.values())
    print(f"{'all':16} {everything:8} {sum(right.values()):8} {100 * sum(right.values()) / max(1, everything):7.1f}%")


main()
