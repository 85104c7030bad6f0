#!/usr/bin/env python3
"""A model larger than the memory: experts read as they are needed beside plain mapped files.

Runs `moxie bench` inside a memory control group of its own (needs root, or a group that may be
written), which holds everything but the routed experts and a share of those:
  A  --memory-limit: the cache of experts
  B  --memory-limit 1T: all is mapped, and pages come and go as the kernel likes
in the order A B B A for each round, and prints medians of the rounds' ratios.

Usage: expert_streaming.py MOXIE MODEL.gguf [--share 0.3] [--rounds 3] [--answer 32] [--prompt 512]
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import uuid

V1 = "/sys/fs/cgroup/memory"
V2 = "/sys/fs/cgroup"


class MemoryGroup:
    def __init__(self, limit):
        self.is_v1 = os.path.isdir(V1)
        self.path = os.path.join(V1 if self.is_v1 else V2, "moxie-" + uuid.uuid4().hex[:8])
        os.mkdir(self.path)
        self.write("memory.limit_in_bytes" if self.is_v1 else "memory.max", limit)

    def write(self, name, value):
        with open(os.path.join(self.path, name), "w") as file:
            file.write(str(value))

    def peak(self):
        name = "memory.max_usage_in_bytes" if self.is_v1 else "memory.peak"
        with open(os.path.join(self.path, name)) as file:
            return int(file.read())

    def enter(self):
        self.write("cgroup.procs", os.getpid())

    def remove(self):
        os.rmdir(self.path)


def drop_pages(path):
    fd = os.open(path, os.O_RDONLY)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(fd)


def bench(options, group, extra):
    drop_pages(options.model)
    command = [options.moxie, "bench", "-m", options.model, "-p", str(options.prompt), "-n",
               str(options.answer), "-r", "1", "--chunk", str(options.chunk), "--json"] + extra
    done = subprocess.run(command, preexec_fn=group.enter, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def speeds(report):
    return {r["test"]: r["avg_ts"] for r in report["results"]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("moxie")
    parser.add_argument("model")
    parser.add_argument("--share", type=float, default=0.3, help="of the routed experts that fit")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--answer", type=int, default=32)
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--chunk", type=int, default=512)
    options = parser.parse_args()

    plan = json.loads(subprocess.run(
        [options.moxie, "model", "plan", options.model, "--ctx",
         str(options.prompt + options.answer), "--json"],
        capture_output=True, text=True, check=True).stdout)
    rest = plan["weight_bytes"] - plan["expert_bytes"] + plan["planned_bytes"]
    limit = int(rest + options.share * plan["expert_bytes"])
    # Program, libraries and the kernel's own memory for the group.
    group = MemoryGroup(limit + 48_000_000)
    print(f"{os.path.basename(options.model)}: {plan['weight_bytes'] / 1e6:.0f} MB, experts "
          f"{plan['expert_bytes'] / 1e6:.0f} MB; limit {limit / 1e6:.0f} MB, group "
          f"{(limit + 48_000_000) / 1e6:.0f} MB; load {os.getloadavg()[0]:.1f}")
    ratios, cache = {}, {}
    try:
        for _ in range(options.rounds):
            runs = {"A": [], "B": []}
            for kind in "ABBA":
                extra = ["--memory-limit", str(limit) if kind == "A" else "1T"]
                report = bench(options, group, extra)
                runs[kind].append(speeds(report))
                if kind == "A":
                    cache = report["expert_cache"]
            for test in runs["A"][0]:
                a = statistics.mean(r[test] for r in runs["A"])
                b = statistics.mean(r[test] for r in runs["B"])
                ratios.setdefault(test, []).append((a / b, a, b))
        print("| test | cache t/s | mapped t/s | ratio, median of rounds | rounds |")
        print("|---|---|---|---|---|")
        for test, rows in ratios.items():
            rows.sort()
            ratio, a, b = rows[len(rows) // 2]
            print(f"| {test} | {a:.2f} | {b:.2f} | {ratio:.2f} | {len(rows)} |")
        print(f"cache of the last run: {cache['places']} of {cache['experts']} experts, "
              f"{100 * cache['hits'] / max(1, cache['uses']):.1f} % found there, "
              f"{cache['bytes_read'] / 1e6:.0f} MB read, {cache['wait_seconds']:.2f} s waited; "
              f"peak of the group {group.peak() / 1e6:.0f} MB")
    finally:
        group.remove()


if __name__ == "__main__":
    main()
