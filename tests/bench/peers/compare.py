#!/usr/bin/env python3
"""The table of run.sh: divergence from the exact logits, then speed, ours and llama.cpp's in turns.

  compare.py PEERS_FOLDER MODEL GOLDEN OUR_PROGRAM THREADS REPEATS
"""
import os
import pathlib
import statistics
import subprocess
import sys

import numpy as np

N_STEPS = 64
N_PROMPT, N_DECODE = 256, 64
BACKENDS = os.environ.get("BACKENDS", "scalar cpu").split()


def read_paths(golden):
    """Token ids to feed (prompt and all path tokens but the last) and the exact tokens, per prompt."""
    feeds, paths = [], []
    for line in open(golden):
        if line.startswith("prompt "):
            feeds.append([int(word) for word in line.split()[1:]])
            paths.append([])
        elif line[0].isdigit():
            paths[-1].append(int(line.split()[0]))
    return [feed + path[:-1] for feed, path in zip(feeds, paths)], np.array(paths)


def log_softmax(x):
    x = x.astype(np.float64)
    x -= x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def divergence(exact, file, name):
    shape = exact.shape
    theirs = np.memmap(file, dtype=np.float32, mode="r", shape=shape)
    total = []
    same = {0.0: [0, 0], 0.01: [0, 0], 0.5: [0, 0]}
    worst = 0.0
    for prompt in range(shape[0]):
        p, q = log_softmax(np.array(exact[prompt])), log_softmax(np.array(theirs[prompt]))
        total.extend((np.exp(p) * (p - q)).sum(-1))
        worst = max(worst, float(np.abs(np.array(exact[prompt]) - np.array(theirs[prompt])).max()))
        best = np.sort(exact[prompt], axis=-1)[:, -2:]
        margin = best[:, 1] - best[:, 0]
        agrees = exact[prompt].argmax(-1) == theirs[prompt].argmax(-1)
        for limit, count in same.items():
            count[0] += int((agrees & (margin > limit)).sum())
            count[1] += int((margin > limit).sum())
    kl = float(np.mean(total))
    agree = "  ".join(f"{a}/{b}" for a, b in same.values())
    print(f"{name:12} mean KL {kl:.3e}  largest logit difference {worst:.2e}  top token same {agree}", flush=True)
    return kl


def speeds(folder, peer, ours, model, threads, repeats, measure):
    """Prints the medians and returns the ratios of prefill and decode."""
    runs = {"ours cpu": [], "llama.cpp": []}
    commands = {
        "ours cpu": [ours, "speed", model, threads, str(N_PROMPT), str(N_DECODE), "1", "cpu"],
        "llama.cpp": [peer, "speed", model, threads, str(N_PROMPT), str(N_DECODE), "1"],
    }
    first = 0 if measure == "wall clock" else 2
    for _ in range(repeats):
        # A B B A: a machine that slows down meanwhile hits both.
        for name in ("ours cpu", "llama.cpp", "llama.cpp", "ours cpu"):
            done = subprocess.run(commands[name], check=True, capture_output=True, text=True)
            rows = [tuple(map(float, line.split())) for line in done.stdout.splitlines()]
            runs[name] += [row[first:first + 2] for row in rows]
    middle = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in runs.items()}
    best = {name: [max(column) for column in zip(*rows)] for name, rows in runs.items()}
    for name, rows in runs.items():
        print(f"{name:12} {threads} thread(s), {measure}: prefill {middle[name][0]:.1f} tokens/s "
              f"(best {best[name][0]:.1f}), decode {middle[name][1]:.1f} (best {best[name][1]:.1f}); {len(rows)} runs")
    ratio = [middle["ours cpu"][i] / middle["llama.cpp"][i] for i in (0, 1)]
    print(f"ours / llama.cpp, {measure}: prefill {ratio[0]:.2f}, decode {ratio[1]:.2f}", flush=True)
    return ratio


def main():
    folder, model, golden, ours, threads, repeats = sys.argv[1:]
    folder = pathlib.Path(folder)
    feeds, _ = read_paths(golden)
    ids = folder / "ids.txt"
    ids.write_text("".join(" ".join(map(str, feed)) + "\n" for feed in feeds))
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "?")
    print(f"{cpu}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}; {pathlib.Path(model).name}")
    print(f"{len(feeds)} prompts x {N_STEPS} tokens; top token: all positions, margin > 0.01, margin > 0.5")
    exact = np.load(folder / "exact.npy", mmap_mode="r")
    peer = str(folder / "llama_logits")
    out = str(folder / "logits.f32")

    subprocess.run([peer, "logits", model, ids, str(N_STEPS), out], check=True)
    theirs = divergence(exact, out, "llama.cpp")
    kls = []
    for backend in BACKENDS:
        subprocess.run([ours, "logits", model, ids, str(N_STEPS), out, backend], check=True)
        kls.append(divergence(exact, out, "ours " + backend))
    os.remove(out)

    # Two measures. On a crowded machine llama.cpp's threads wait for each other by spinning and its speed
    # collapses, so one thread's processor time is the one to compare there.
    ratio = speeds(folder, peer, ours, model, "1", int(repeats), "processor time")
    if os.getloadavg()[0] > os.cpu_count() + 2:
        print("this machine is crowded: judged by processor time, no wall clock taken")
    else:
        ratio = speeds(folder, peer, ours, model, threads, int(repeats), "wall clock")
    holds = all(kl <= theirs for kl in kls) and ratio[1] >= 0.8
    print("holds: KL not above llama.cpp's and decode at least 0.8 of its speed" if holds else
          "does NOT hold: KL not above llama.cpp's and decode at least 0.8 of its speed")
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
