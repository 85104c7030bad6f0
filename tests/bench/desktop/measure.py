#!/usr/bin/env python3
"""Measures the window and prints one table of its goals:  measure.py [--full] [--only PART,...]
Parts: start, peers, benches, stories, access, texts, size, suite, build (build: only with --full). See README.md."""

import argparse
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "stories")]
import programs  # noqa: E402
from goals import Measured, print_table  # noqa: E402
from stories import STORIES  # noqa: E402
from window import Session  # noqa: E402

RELEASE, DEV = ROOT / "build" / "release" / "bin", ROOT / "build" / "dev" / "bin"


def say_machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    commit = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], text=True,
                            capture_output=True).stdout.strip()
    print(f"{datetime.datetime.now():%Y-%m-%d %H:%M}, {model[1] if model else 'unknown CPU'}, {os.cpu_count()} cores, "
          f"{os.uname().release}, load {say_load()}, X11 by software (Xvfb), at {commit}", flush=True)


def say_load():
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def measure_on_screen(parts, measured):
    """What needs a screen; the rows beside the peers."""
    from starts import PEERS, Desk, measure_long, measure_peer, measure_window
    rows = []
    session = Session()
    try:
        if "start" in parts:
            say("start")
            desk = Desk(session, ROOT, RELEASE, DEV / "moxie_scripted_server")
            rows.append(measure_window(desk, measured))
            measure_long(desk, measured, rows[0][2])
        if "peers" in parts:
            say("peers")
            from processes import Screen
            rows += [row for name in PEERS if (row := measure_peer(session, Screen(), name))]
        if "benches" in parts:
            programs.measure_streaming(DEV, measured)
    finally:
        session.close()
    return rows


def measure_benches(measured):
    for measure in (programs.measure_conversation, programs.measure_output, programs.measure_changes,
                    programs.measure_code):
        measure(DEV, measured)


def story_programs(folder):
    """The released window beside the scripted server, as the stories want them."""
    for source in (RELEASE / "moxie-desktop", RELEASE / "moxie", DEV / "moxie_scripted_server"):
        (folder / source.name).symlink_to(source)
    return folder


def measure_stories(folder, measured):
    """G16. The longest turn of the event loop in each story, from the start of the window to its end."""
    longest, stalls, failed = [], [], []
    for name in STORIES:
        done = subprocess.run([sys.executable, str(HERE / "stories_stall.py"), str(folder), name], text=True,
                              capture_output=True)
        said = re.search(r"longest stall (\d+) ms: (.*)", done.stdout)
        if done.returncode != 0 or not said:
            failed.append(name)
            print(f"story {name} was not measured: {(done.stdout + done.stderr)[-800:]}", flush=True)
            continue
        longest.append((int(said[1]), name, said[2]))
        print(f"story {name}: longest turn {said[1]} ms, {said[2]}", flush=True)
        stalls += [f"{name}: {line}" for line in done.stdout.splitlines() if line.startswith("stall ")]
    for line in stalls:
        print(line, flush=True)
    remark = f"not measured: {', '.join(failed)}" if failed else ""
    if longest:
        ms, name, event = max(longest)
        remark = f"of {len(longest)} stories: {name}, {event}" + (f"; {remark}" if remark else "")
    measured.note("story stall", max(longest)[0] if longest else None, remark)


def measure_access(folder, measured):
    done = subprocess.run([sys.executable, str(HERE / "access.py"), str(folder)], text=True, capture_output=True)
    if done.returncode != 0:
        print(f"the accessibility tree was not walked: {done.stderr[-1500:]}", flush=True)
        return
    counts = json.loads(done.stdout.splitlines()[-1])
    for what in ("unnamed", "unreached"):
        for node in counts[what]:
            print(f"{what}: {node[0]}, {node[1]}, {node[2][:60]!r}", flush=True)
    for name, part, whole in (("names", "named", "actionable"), ("tab", "reached", "focusable")):
        measured.note(name, 100 * counts[part] / counts[whole], f"{counts[part]} of {counts[whole]} in five places")


def say(part):
    print(f"measuring: {part} (load {say_load()})", file=sys.stderr, flush=True)


def is_done(part, measure):
    """What was measured before is not lost with a part whose program fails."""
    say(part)
    try:
        measure()
    except subprocess.CalledProcessError as failure:
        print(f"{part} was not measured: {failure}", flush=True)
        return False
    return True


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--full", action="store_true")
    options.add_argument("--only", default="start,peers,benches,stories,access,texts,size,suite,build")
    chosen = options.parse_args()
    parts = set(chosen.only.split(","))
    measured = Measured()
    say_machine()
    rows = measure_on_screen(parts, measured) if parts & {"start", "peers", "benches"} else []
    if "benches" in parts:
        say("benches")
        measure_benches(measured)
    with tempfile.TemporaryDirectory() as name:
        folder = story_programs(pathlib.Path(name))
        left = {"stories": lambda: measure_stories(folder, measured), "access": lambda: measure_access(folder, measured),
                "texts": lambda: programs.measure_texts(DEV, measured),
                "size": lambda: programs.measure_size(ROOT, RELEASE, measured),
                "suite": lambda: programs.measure_suite(ROOT, measured)}
        if chosen.full:
            left["build"] = lambda: programs.measure_build(ROOT, measured)
        failed = [part for part, measure in left.items() if part in parts and not is_done(part, measure)]
    print()
    print_table(measured.table())
    if rows:
        print()
        print_table([("beside", "visible window", "memory (PSS)", "processes", "CPU while idle")] +
                    [(name, f"{ms:.0f} ms", f"{mb:.0f} MB", count, f"{cpu:.2f} %") for name, ms, mb, count, cpu in rows])
    print(f"\nload at the end: {say_load()}; missed: {', '.join(measured.missed()) or 'none'}")
    if failed:
        print(f"not measured: {', '.join(failed)}")
    return 1 if measured.missed() or failed else 0


if __name__ == "__main__":
    sys.exit(main())
