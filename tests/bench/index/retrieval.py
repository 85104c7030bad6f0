#!/usr/bin/env python3
"""Rivals on the questions that `moxie_bench_retrieval --snapshot N` wrote: the same state, the same
messages, the same truth.

Usage: retrieval.py RIVAL QUESTIONS WORK_TREE [LIMIT]

RIVAL is the program of codegraph (npm @colbymchenry/codegraph), or the python of a virtual environment
with semble (PyPI). WORK_TREE is the tree at the snapshot; the index is made in a copy. Files of an
answer count in the order of their first mention. semble's embedding is fetched from a hub at its first
use: where SEMBLE_MODEL names no folder with one, it is asked by its words and its own order alone.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time


def read_questions(path):
    questions = []
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            commit, truth, message = line.rstrip("\n").split("\t", 2)
            questions.append((commit, truth.split(","), message.strip()))
    return questions


def mentioned(answer, files):
    """Files of the tree in the order in which the answer names them."""
    order, seen = [], set()
    for token in re.findall(r"[A-Za-z0-9_.@/+-]+", answer):
        path = token.rstrip(".").removeprefix("./")
        if path in files and path not in seen:
            seen.add(path)
            order.append(path)
    return order


def measure(order, truth):
    places = [order.index(path) if path in order else -1 for path in truth]
    recall = lambda limit: sum(0 <= at < limit for at in places) / len(places)
    first = min((at for at in places if at >= 0), default=-1)
    return recall(1), recall(10), recall(50), 1 / (first + 1) if first >= 0 else 0.0


class Rival:
    def __init__(self, program, tree):
        self.program, self.tree = program, tree
        self.environment = dict(os.environ, HOME=os.path.join(tree, ".."), NO_COLOR="1",
                                CODEGRAPH_TELEMETRY="0", DO_NOT_TRACK="1")

    def run(self, *arguments):
        done = subprocess.run([self.program, *arguments], cwd=self.tree, env=self.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=600)
        if done.returncode != 0:
            raise RuntimeError(f"{arguments[0]}: exit {done.returncode}: {done.stderr[-400:]}")
        return done.stdout


SEMBLE = """
import json, os, sys
import numpy
import semble.index.index as index

class Nothing:
    dim = 1
    def encode(self, texts, **more):
        return numpy.zeros((len(texts), 1), dtype=numpy.float32)

model = os.environ.get("SEMBLE_MODEL")
if not model:
    index.load_model = lambda path=None: (Nothing(), "nothing")
made = index.SembleIndex.from_path(sys.argv[1], model_path=model)
print("ready", flush=True)
for line in sys.stdin:
    found = made.search(json.loads(line), top_k=200, alpha=None if model else 0.0)
    print(json.dumps(list(dict.fromkeys(each.chunk.file_path for each in found))), flush=True)
"""


class Semble:
    def __init__(self, python, tree, home):
        environment = dict(os.environ, HOME=home, XDG_CACHE_HOME=home, HF_HUB_OFFLINE="1")
        self.process = subprocess.Popen([python, "-c", SEMBLE, tree], env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        if self.process.stdout.readline().strip() != "ready":
            raise RuntimeError("semble did not start")

    def ask(self, text):
        self.process.stdin.write(json.dumps(text) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def start_rival(program, tree, home, files):
    """Its name, and ways to ask it, each giving files in order."""
    if os.path.basename(program).startswith("python"):
        semble = Semble(os.path.abspath(program), tree, home)
        how = "semble" if os.environ.get("SEMBLE_MODEL") else "semble, no embedding"
        return "semble", {how: semble.ask}
    rival = Rival(os.path.abspath(program), tree)
    rival.run("init")
    return f"codegraph {rival.run('--version').strip()}", {
        "codegraph context": lambda text: mentioned(rival.run("context", "-n", "40", "--", text), files),
        "codegraph explore": lambda text: mentioned(
            rival.run("explore", "--max-files", "20", "--", text), files)}


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    questions = read_questions(sys.argv[2])[: int(sys.argv[4]) if len(sys.argv) > 4 else None]
    with tempfile.TemporaryDirectory() as home:
        tree = os.path.join(home, "tree")
        shutil.copytree(sys.argv[3], tree, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        files = {os.path.relpath(os.path.join(folder, name), tree)
                 for folder, _, names in os.walk(tree) for name in names}
        start = time.time()
        title, ways = start_rival(sys.argv[1], tree, home, files)
        print(f"{title}: index {time.time() - start:.1f} s, {len(questions)} questions")
        print(f"{'':24} R@1   R@10  R@50  MRR")
        for name, ask in ways.items():
            sums = [0.0] * 4
            for _, truth, message in questions:
                for i, value in enumerate(measure(ask(message), truth)):
                    sums[i] += value
            print(f"{name:24} " + " ".join(f"{s / len(questions):.3f}" for s in sums))


main()
