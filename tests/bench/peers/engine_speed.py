#!/usr/bin/env python3
"""Prefill and decode of one model file, ours and llama.cpp's in turns, with what the machine itself gives.

  engine_speed.py MOXIE LLAMA_BENCH MODEL [--rounds 5] [--prompt 512,2048] [--answer 32] [--threads 2] [--busy 0]
                  [--peer llama.cpp|ik_llama.cpp]

A round is A B B A: ours, theirs, theirs, ours, each test once after a warm-up of its own. What counts is the median
of the rounds' ratios. llama.cpp runs with the best of its settings (micro-batch, repacking, flash attention), tried
first; ik_llama.cpp's llama-bench, which you have to bring, calls repacking -rtr and fuses experts. --busy N starts N endless loops beside everything. Printed with it: load and stolen time of every round, the
memory read rate that our bench measures in each of its runs, and what of it decoding uses.
"""
import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import time


def processor_times():
    with open("/proc/stat") as file:
        return list(map(int, file.readline().split()[1:]))


def ours(args, prompts, answer):
    command = [args.moxie, "bench", "-m", args.model, "-r", "1", "--threads", str(args.threads), "--json",
               "--prompts", args.prompts, "--answers", args.answers, "-p", prompts or "0", "-n", str(answer)]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    speeds = {}
    for result in report["results"]:
        speeds[result["test"]] = result["avg_ts"]
    return speeds, report["memory_read_bytes_per_second"], report["active_bytes"]


def theirs(args, prompts, answer, setting):
    micro_batch, repack, flash = setting
    command = [args.llama_bench, "-m", args.model, "-r", "1", "-t", str(args.threads), "-o", "json",
               "-p", prompts or "0", "-n", str(answer), "-ub", str(micro_batch), "-b", "2048",
               "-rtr" if args.peer == "ik_llama.cpp" else "--repack", str(repack), "-fa", str(flash)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # ik_llama.cpp mixes warnings with it.
    rows = json.loads("\n".join(line for line in printed.splitlines() if not line.startswith("WARNING")))
    return {f"pp{row['n_prompt']}" if row["n_prompt"] else f"tg{row['n_gen']}": row["avg_ts"] for row in rows}


def best_settings(args, tests):
    """For each test the setting that is fastest in one try each."""
    tried = {}
    for setting in itertools.product((512, 2048), (1, 0), (1, 0)):
        if setting[0] == 2048 and not any(test.startswith("pp") and int(test[2:]) > 512 for test in tests):
            continue
        for test in tests:
            size = int(test[2:])
            speed = theirs(args, str(size) if test[0] == "p" else "", size if test[0] == "t" else 0, setting)[test]
            if speed > tried.get(test, (0, None))[0]:
                tried[test] = (speed, setting)
    return {test: setting for test, (_, setting) in tried.items()}


def quartiles(values):
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4)
    return low, high


def measure(args, tests, settings):
    rounds = {test: [] for test in tests}
    reads, loads = [], []
    for _ in range(args.rounds):
        for test in tests:
            size = int(test[2:])
            parts = (str(size) if test[0] == "p" else "", size if test[0] == "t" else 0)
            before = processor_times()
            seen = {"A": [], "B": []}
            for side in "ABBA":
                if side == "A":
                    speeds, read, active = ours(args, *parts)
                    reads.append(read)
                    seen["A"].append(speeds[test])
                else:
                    seen["B"].append(theirs(args, *parts, settings[test])[test])
            spent = [b - a for a, b in zip(before, processor_times())]
            loads.append((os.getloadavg()[0], spent[7] / max(1, sum(spent))))
            rounds[test].append((statistics.mean(seen["A"]), statistics.mean(seen["B"])))
            a, b = rounds[test][-1]
            print(f"  {test}: ours {a:.1f}, {args.peer} {b:.1f}, ratio {a / b:.2f}, load {loads[-1][0]:.1f}, "
                  f"stolen {100 * loads[-1][1]:.1f} %", file=sys.stderr, flush=True)
    return rounds, reads, loads, active


def report(args, tests, settings, rounds, reads, loads, active):
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    read = statistics.median(reads)
    print(f"{cpu}, {args.threads} threads, {args.busy} busy processes beside, load {min(l for l, _ in loads):.1f} to "
          f"{max(l for l, _ in loads):.1f}; memory read {read * 1e-9:.1f} GB/s; {os.path.basename(args.model)}; "
          f"{time.strftime('%Y-%m-%d')}\n")
    print(f"| test | ours, t/s | {args.peer}, t/s | ratio, median (quartiles) | its best setting |\n|---|---|---|---|---|")
    for test in tests:
        ratios = [a / b for a, b in rounds[test]]
        low, high = quartiles(ratios)
        micro_batch, repack, flash = settings[test]
        mine = statistics.median(a for a, _ in rounds[test])
        print(f"| {test} | {mine:.1f} | {statistics.median(b for _, b in rounds[test]):.1f} | "
              f"{statistics.median(ratios):.2f} ({low:.2f} .. {high:.2f}) | micro-batch {micro_batch}, "
              f"repack {repack}, flash attention {flash} |")
        if test.startswith("tg"):
            print(f"\n{test}: {mine * active * 1e-9:.1f} GB/s of weights, {100 * mine * active / read:.0f} % of the "
                  "memory read\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("moxie", "llama_bench", "model"):
        parser.add_argument(name)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prompt", default="512,2048")
    parser.add_argument("--answer", default="32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--busy", type=int, default=0)
    parser.add_argument("--peer", default="llama.cpp", choices=("llama.cpp", "ik_llama.cpp"))
    parser.add_argument("--prompts", default="rounded", choices=("rounded", "exact"))
    parser.add_argument("--answers", default="fine", choices=("fine", "exact"))
    parser.add_argument("--setting", help="micro-batch,repack,flash attention: not tried out")
    args = parser.parse_args()
    tests = [f"pp{n}" for n in args.prompt.split(",") if n != "0"] + [f"tg{n}" for n in args.answer.split(",") if n != "0"]
    given = tuple(map(int, args.setting.split(","))) if args.setting else None
    settings = {test: given for test in tests} if given else best_settings(args, tests)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(args.busy)]
    try:
        report(args, tests, settings, *measure(args, tests, settings))
    finally:
        for process in busy:
            process.kill()


if __name__ == "__main__":
    main()
