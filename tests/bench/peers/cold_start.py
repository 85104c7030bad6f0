#!/usr/bin/env python3
"""Seconds from the start of the program to the logits of a prompt's last token, the file in the page cache: ours and
llama.cpp's in turns, with and without its repacking.

  cold_start.py MOXIE LLAMA_BENCH MODEL [--rounds 5] [--prompt 32] [--threads 2]

A round is A B C C B A: ours, theirs with repacking, without. Ours is `moxie logits` with rounded prompts, theirs
llama-bench without its warm-up. What counts is the median of the rounds' ratios.
"""
import argparse
import os
import statistics
import subprocess
import tempfile
import time


def seconds(command):
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def commands(args, folder):
    tokens = os.path.join(folder, "tokens")
    with open(tokens, "w") as file:
        file.write(" ".join(str(5 + i % 200) for i in range(args.prompt)))
    ours = [args.moxie, "logits", "-m", args.model, "--tokens", tokens, "-o", os.path.join(folder, "logits.npy"),
            "--prompts", "rounded", "--threads", str(args.threads)]
    theirs = [args.llama_bench, "-m", args.model, "-p", str(args.prompt), "-n", "0", "-r", "1", "--no-warmup",
              "-t", str(args.threads), "--repack"]
    return {"A": ours, "B": theirs + ["1"], "C": theirs + ["0"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("moxie", "llama_bench", "model"):
        parser.add_argument(name)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prompt", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        sides = commands(args, folder)
        for command in sides.values():  # the file into the page cache
            seconds(command)
        for _ in range(args.rounds):
            seen = {side: [] for side in sides}
            for side in "ABCCBA":
                seen[side].append(seconds(sides[side]))
            rounds.append({side: statistics.mean(values) for side, values in seen.items()})
    print(f"{os.path.basename(args.model)}, prompt of {args.prompt}, {args.threads} threads, load "
          f"{os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}\n")
    print("| | seconds | ours over theirs, median |\n|---|---|---|")
    for side, name in (("A", "ours"), ("B", "llama.cpp with repacking"), ("C", "llama.cpp without")):
        ratio = statistics.median(r["A"] / r[side] for r in rounds)
        print(f"| {name} | {statistics.median(r[side] for r in rounds):.2f} | {'' if side == 'A' else f'{ratio:.2f}'} |")


if __name__ == "__main__":
    main()
