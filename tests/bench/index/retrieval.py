#!/usr/bin/env python3
"""codegraph (npm @colbymchenry/codegraph) on the questions that `moxie_bench_retrieval --snapshot N`
wrote: the same state, the same messages, the same truth.

Usage: retrieval.py CODEGRAPH QUESTIONS WORK_TREE [LIMIT]

CODEGRAPH is its program, WORK_TREE the tree at the snapshot; its index is made in a copy. Files of
an answer count in the order of their first mention.
"""
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


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    questions = read_questions(sys.argv[2])[: int(sys.argv[4]) if len(sys.argv) > 4 else None]
    with tempfile.TemporaryDirectory() as home:
        tree = os.path.join(home, "tree")
        shutil.copytree(sys.argv[3], tree, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        files = {os.path.relpath(os.path.join(folder, name), tree)
                 for folder, _, names in os.walk(tree) for name in names}
        rival = Rival(os.path.abspath(sys.argv[1]), tree)
        start = time.time()
        rival.run("init")
        print(f"codegraph {rival.run('--version').strip()}: index {time.time() - start:.1f} s, "
              f"{len(questions)} questions")
        print(f"{'':24} R@1   R@10  R@50  MRR")
        ways = {
            "codegraph context": lambda text: rival.run("context", "-n", "40", "--", text),
            "codegraph explore": lambda text: rival.run("explore", "--max-files", "20", "--", text),
        }
        for name, ask in ways.items():
            sums = [0.0] * 4
            for _, truth, message in questions:
                for i, value in enumerate(measure(mentioned(ask(message), files), truth)):
                    sums[i] += value
            print(f"{name:24} " + " ".join(f"{s / len(questions):.3f}" for s in sums))


main()
