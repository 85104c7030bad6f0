#!/usr/bin/env python3
"""Compares where calls lead with what a language server says.

Usage: references.py SERVER REPOSITORY CALLS.tsv [--under FOLDER] [--suffix .c] [--files N] [--sites N]
                     [--flags "..."] [--compile-commands FOLDER] [--wrong FILE] [--receiver any|none|some]

SERVER is clangd, gopls, pyright, rust-analyzer, jdtls, typeprof or tsserver: a command line that
speaks over its standard input and output ("clangd", "node pyright/langserver.index.js --stdio",
"node tsserver.js", "jdtls -data FOLDER"). CALLS.tsv comes from moxie_bench_references. Files are drawn by a fixed seed, then calls in them; a call for which the
server has no answer is left out.

Precision: of the calls that we give one definition, how many the server gives the same one (or a
declaration of it). Coverage: of the calls that the server sees in the repository, how many we give
one definition, right or wrong. Outside: of the calls that we call outside, how many the server
sees outside.
"""
import argparse
import collections
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import queue
from urllib.parse import unquote


def uri_of(path):
    return "file://" + path


def path_of(uri):
    return os.path.realpath(unquote(uri[len("file://"):])) if uri.startswith("file://") else uri


class Pipe:
    """A server's process; a thread reads what it says."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.messages = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        stream = self.process.stdout
        while True:
            length = 0
            while True:
                line = stream.readline()
                if not line:
                    self.messages.put(None)
                    return
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
                if line.strip() == b"" and length:
                    break
            self.messages.put(json.loads(stream.read(length)))

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def close(self):
        self.process.terminate()
        self.process.wait()


# Nothing but the analysis itself: no build scripts, no checks, nothing ahead of questions.
RUST_OPTIONS = {"cargo": {"buildScripts": {"enable": False}}, "procMacro": {"enable": False},
                "checkOnSave": False, "cachePriming": {"enable": False}}


class LanguageServer:
    """The Language Server Protocol, as far as definitions need it."""

    def __init__(self, command, root, language):
        self.pipe = Pipe(command)
        self.language, self.root, self.last = language, root, 0
        self.request("initialize", {
            "processId": os.getpid(), "rootUri": uri_of(root),
            "capabilities": {"experimental": {"serverStatusNotification": True}},
            "initializationOptions": RUST_OPTIONS if language == "rust" else {},
            "workspaceFolders": [{"uri": uri_of(root), "name": "root"}]})
        self.send({"jsonrpc": "2.0", "method": "initialized", "params": {}})
        if language in ("rust", "java"):
            self.wait_until_read()

    def wait_until_read(self, seconds=900):
        """rust-analyzer and jdtls answer with nothing until they know the project."""
        while True:
            message = self.pipe.messages.get(timeout=seconds)
            if message is None:
                raise RuntimeError("the server ended")
            self.answer(message)
            told = message.get("params", {})
            if message.get("method") == "experimental/serverStatus" and told.get("quiescent"):
                # "error": it could not read the project, and has answers for single files only.
                print("the server is %s: %s" % (told.get("health"), told.get("message")))
                return
            if message.get("method") == "language/status" and told.get("type") == "ServiceReady":
                return

    def answer(self, message):
        """What the server asks of us."""
        if "method" not in message or "id" not in message:
            return
        wanted = message.get("params", {}).get("items", [])
        answer = [{} for _ in wanted] if message["method"].endswith("configuration") else None
        self.send({"jsonrpc": "2.0", "id": message["id"], "result": answer})

    def send(self, message):
        data = json.dumps(message).encode()
        self.pipe.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)

    def request(self, method, params, seconds=600):
        self.last += 1
        self.send({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params})
        while True:
            message = self.pipe.messages.get(timeout=seconds)
            if message is None:
                raise RuntimeError("the server ended")
            self.answer(message)
            if message.get("id") == self.last and "method" not in message:
                return message.get("result")

    def open(self, path, text):
        self.send({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": {
            "uri": uri_of(path), "languageId": self.language, "version": 1, "text": text}}})

    def close_file(self, path):
        self.send({"jsonrpc": "2.0", "method": "textDocument/didClose",
                   "params": {"textDocument": {"uri": uri_of(path)}}})

    def definitions(self, path, line, column):
        try:
            found = self.request("textDocument/definition", {
                "textDocument": {"uri": uri_of(path)},
                "position": {"line": line - 1, "character": column}}, seconds=240 if self.last < 9 else 30)
        except queue.Empty:  # it forgot the question, as jdtls does while it builds
            return []
        found = found if isinstance(found, list) else [found] if found else []
        return [(path_of(each.get("uri") or each["targetUri"]),
                 (each.get("range") or each["targetSelectionRange"])["start"]["line"] + 1)
                for each in found]


class TypeScriptServer:
    """tsserver's own protocol: requests are lines."""

    def __init__(self, command):
        self.pipe, self.last = Pipe(command), 0

    def send(self, command, arguments):
        self.last += 1
        self.pipe.write((json.dumps({"seq": self.last, "type": "request", "command": command,
                                     "arguments": arguments}) + "\n").encode())

    def open(self, path, text):
        self.send("open", {"file": path, "fileContent": text})

    def close_file(self, path):
        self.send("close", {"file": path})

    def definitions(self, path, line, column):
        self.send("definition", {"file": path, "line": line, "offset": column + 1})
        while True:
            message = self.pipe.messages.get(timeout=180)
            if message is None:
                raise RuntimeError("the server ended")
            if message.get("type") == "response" and message.get("request_seq") == self.last:
                return [(os.path.realpath(each["file"]), each["start"]["line"])
                        for each in message.get("body") or []]


def read_calls(path, options):
    calls = collections.defaultdict(list)
    with open(path, encoding="utf-8", errors="replace") as file:
        for row in file:
            part = row.rstrip("\n").split("\t")
            if len(part) != 8 or not part[0].startswith(options.under):
                continue
            if not part[0].endswith(tuple(options.suffix)):
                continue
            if options.receiver == "none" and part[3] or options.receiver == "some" and not part[3]:
                continue
            calls[part[0]].append(part)
    for rows in calls.values():  # the table is in the order of the index's numbers
        rows.sort(key=lambda row: (int(row[1]), row[2], row[3]))
    return calls


def column_of(line, name, receiver):
    """Where the call of the name stands; None if it cannot be told."""
    best = None
    for match in re.finditer(r"(?<![\w$])" + re.escape(name) + r"(?![\w$])", line):
        before = line[:match.start()].rstrip()
        behind_dot = before.endswith((".", "->", "::"))
        called = re.match(r"\s*(<[^()]*>)?\s*[({]", line[match.end():]) is not None
        score = 2 * (behind_dot == bool(receiver)) + called
        if best is None or score > best[0]:
            best = (score, match.start())
    return best[1] if best and best[0] >= 2 else None


def places(text):
    found = []
    for place in filter(None, text.split(",")):
        path, first, last = place.rsplit(":", 2)
        found.append((path, int(first), int(last)))
    return found


class Lines:
    def __init__(self, root):
        self.root, self.texts = root, {}

    def of(self, path):
        if path not in self.texts:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
                self.texts[path] = file.read()
        return self.texts[path]

    def line(self, path, number):
        lines = self.of(path).split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""


def is_same(answers, call, root, lines):
    targets, declarations = call[7].split("|")
    for path, line in answers:
        relative = os.path.relpath(path, root)
        for target, first, last in places(targets) + places(declarations):
            if target != relative:
                continue
            if first == last == 1 or first == line:
                return True
            if first <= line <= last and re.search(
                    r"\b(%s|__init__|__new__|constructor|operator)\b" % re.escape(call[2]),
                    lines.line(relative, line)):
                return True
    return is_declaration(answers, call, root, lines)


def is_declaration(answers, call, root, lines):
    """A prototype that our outline does not see (it begins with a macro): same name, same class."""
    targets = places(call[7].split("|")[0])
    if len(targets) != 1 or not targets[0][0].endswith((".c", ".cc", ".cpp")):
        return False
    body = lines.line(targets[0][0], targets[0][1])
    owner = re.search(r"(\w+)::~?%s\b" % re.escape(call[2]), body)
    for path, line in answers:
        if not path.startswith(root + "/") or not path.endswith((".h", ".hpp")):
            continue
        text = lines.line(path, line).strip()
        if not re.search(r"\b%s\b" % re.escape(call[2]), text) or "{" in text:
            continue
        if owner is None or re.search(r"\b(class|struct)\b.*\b%s\b" % owner[1], lines.of(path)):
            return True
    return False


def is_something_else(answer, call, lines):
    """clangd answers with the macro that a declaration begins with, or the inline namespace around it."""
    line = lines.line(answer[0], answer[1])
    return line.lstrip().startswith(("#", "inline namespace")) and call[2] not in line


def compile_commands(root, calls, flags):
    folder = tempfile.mkdtemp(prefix="moxie-clangd-")
    rows = [{"directory": root, "file": os.path.join(root, path),
             "command": "cc %s -c %s" % (flags, path)} for path in calls]
    with open(os.path.join(folder, "compile_commands.json"), "w") as file:
        json.dump(rows, file)
    return folder


def make_server(options, root, calls):
    command = shlex.split(options.server)
    if "clangd" in options.server:
        folder = options.compile_commands or compile_commands(root, calls, options.flags)
        return LanguageServer(command + ["--compile-commands-dir=" + folder, "--background-index=0",
                                         "--log=error", "-j=1"], root, "cpp")
    if "tsserver" in options.server:
        return TypeScriptServer(command)
    for name, language in (("gopls", "go"), ("rust-analyzer", "rust"), ("jdtls", "java"),
                           ("typeprof", "ruby")):
        if name in options.server:
            return LanguageServer(command, root, language)
    return LanguageServer(command, root, "python")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server")
    parser.add_argument("repository")
    parser.add_argument("calls")
    parser.add_argument("--under", default="")
    parser.add_argument("--suffix", nargs="+", default=[".c"])
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--sites", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--flags", default="")
    parser.add_argument("--compile-commands", default="")
    parser.add_argument("--receiver", choices=["any", "none", "some"], default="any")
    parser.add_argument("--wrong", default="")
    options = parser.parse_args()

    root = os.path.realpath(options.repository)
    calls = read_calls(options.calls, options)
    chance = random.Random(options.seed)
    paths = chance.sample(sorted(calls), min(options.files, len(calls)))
    server, lines = make_server(options, root, paths), Lines(root)
    count, by_rule, wrong = collections.Counter(), collections.Counter(), []
    for path in paths:
        server.open(os.path.join(root, path), lines.of(path))
        for call in chance.sample(calls[path], min(options.sites, len(calls[path]))):
            column = column_of(lines.line(path, int(call[1])), call[2], call[3])
            if column is None:
                count["not found in its line"] += 1
                continue
            answers = server.definitions(os.path.join(root, path), int(call[1]), column)
            answers = [a for a in answers if (a[0] != os.path.join(root, path) or a[1] != int(call[1]))
                       and not is_something_else(a, call, lines)]
            if not answers:
                count["no answer"] += 1
                continue
            inside = any(a[0].startswith(root + "/") and "/node_modules/" not in a[0] for a in answers)
            right = is_same(answers, call, root, lines) if inside else call[4] == "outside"
            count["sites"] += 1
            count["inside"] += inside
            count[call[4]] += 1
            count[call[4] + " inside"] += inside
            count[call[4] + " right"] += right
            by_rule[call[4], call[5], right] += 1
            if not right:
                wrong.append("\t".join([call[0] + ":" + call[1], call[3], call[2], call[4], call[5],
                                        call[7], str([(os.path.relpath(a, root), l) for a, l in answers])]))
        server.close_file(os.path.join(root, path))
    server.pipe.close()
    if options.wrong:
        with open(options.wrong, "w") as file:
            file.write("\n".join(wrong) + "\n")

    def share(part, whole):
        return "%d of %d (%.1f %%)" % (part, whole, 100 * part / whole) if whole else "0 of 0"

    print("%d calls in %d files with an answer, %d of them in the repository; %d without, %d not found"
          % (count["sites"], len(paths), count["inside"], count["no answer"],
             count["not found in its line"]))
    print("precision  " + share(count["definition right"], count["definition"]))
    print("coverage   " + share(count["definition inside"], count["inside"]))
    print("outside    " + share(count["outside right"], count["outside"]))
    print("ambiguous  %d, of %d the server's answer is among them"
          % (count["ambiguous"], count["ambiguous right"]))
    for rule in sorted({key[1] for key in by_rule if key[0] == "definition"}):
        right = by_rule["definition", rule, True]
        print("  %-13s%s" % (rule, share(right, right + by_rule["definition", rule, False])))


if __name__ == "__main__":
    sys.exit(main())
