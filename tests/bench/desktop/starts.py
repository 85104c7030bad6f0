"""Starts of the real window, and of the programs it is held against, on a screen of their own."""

import json
import os
import shutil
import statistics
import subprocess
import time

from processes import Program, Screen
from stored_sessions import add_long, copy_many, run_one_session

SESSIONS, STARTS, LONG = 1_000, 5, 100_000
SETTLED_S = 8
CARET = (12, 48)  # at most so wide and high, with the edge that is painted anew

PEERS = {
    "Kate": ["kate", "--startanon"],
    "Qt Creator": ["qtcreator"],
    "Chromium, empty app window": ["chromium", "--no-sandbox", "--no-first-run", "--app=about:blank",
                                   "--user-data-dir={home}/chromium"],
}


class Desk:
    """A home with a store of sessions and a real repository: this tree, as it was committed."""

    def __init__(self, session, root, release, server):
        self.session, self.program = session, release / "moxie-desktop"
        self.home = session.home / "moxie"
        self.repository = session.home / "moxie-tree"
        subprocess.run(["git", "clone", "-q", "--shared", str(root), str(self.repository)], check=True)
        pattern = run_one_session(session, release / "moxie", server, self.home, self.repository)
        self.last = pattern.name
        copy_many(pattern, SESSIONS)
        self.pattern = pattern
        self.screen = Screen()
        self.environment = {key: value for key, value in os.environ.items()
                            if not (key.startswith("MOXIE_") or key.endswith(("_API_KEY", "_BASE_URL")))}
        self.environment.update({"MOXIE_HOME": str(self.home), "HOME": str(session.home), "MOXIE_LANG": "en",
                                 "QT_QPA_PLATFORM": "xcb", "LANG": "C.UTF-8"})
        self.environment.pop("QT_LINUX_ACCESSIBILITY_ALWAYS_ON", None)

    def remember(self, session_id):
        """What was shown last, as the window writes it down."""
        (self.home / "data" / "window.json").write_text(json.dumps(
            {"version": 1, "repository": str(self.repository), "session": session_id, "tab": "changes",
             "sidebar": True, "workbench": True}))

    def start(self):
        known = self.screen.large_windows()
        environment = {**self.environment, "MOXIE_DESKTOP_TIMES": str(int(time.time() * 1000))}
        program = Program([str(self.program)], environment, self.session.home / "start.log")
        return program, (self.screen.wait_for_window(known) - program.started) * 1000

    def warm_up(self):
        """Fills the caches: list of sessions, search, index."""
        program, _ = self.start()
        program.said("ready ")
        deadline = time.monotonic() + 120
        while program.idle_percent(2) > 2 and time.monotonic() < deadline:
            pass
        program.end()


def spread(values):
    return f"median of {len(values)}, {min(values):.0f} to {max(values):.0f}"


def measure_window(desk, measured):
    """G1 to G4, and the row beside the peers."""
    desk.remember(desk.last)
    desk.warm_up()
    paints, readies, visibles = [], [], []
    for number in range(STARTS):
        program, visible = desk.start()
        paints.append(program.said("first paint "))
        readies.append(max(paints[-1], program.said("ready ")))  # nobody uses what is not painted
        visibles.append(visible)
        if number < STARTS - 1:
            program.end()
    measured.note("first paint", statistics.median(paints), spread(paints))
    measured.note("ready", statistics.median(readies), spread(readies))
    time.sleep(SETTLED_S)
    memory, processes = program.memory_mb(), len(program.pids())
    measured.note("memory", memory, f"{processes} process")
    sizes = desk.screen.paints(client_of(program.pid), 10)
    beside = [size for size in sizes if size[0] > CARET[0] or size[1] > CARET[1]]
    measured.note("idle paints", len(beside),
                  f"and {len(sizes) - len(beside)} of the caret" + (f"; {sorted(set(beside))[:4]}" if beside else ""))
    idle = program.idle_percent(60)
    measured.note("idle cpu", idle, "user and system time")
    program.end()
    return ("Moxie", statistics.median(visibles), memory, processes, idle)


def client_of(pid):
    """The id of the window, inside of the frame that the window manager gave it."""
    return int(subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(pid), "--name", "Moxie"], text=True,
                              capture_output=True, check=True).stdout.split()[-1])


def measure_long(desk, measured, idle_mb):
    """G7: what a session of 100,000 messages needs more than a short one, in the real window."""
    desk.remember(add_long(desk.pattern, LONG))
    program, _ = desk.start()
    try:
        ready = program.said("ready ", seconds=60)
        deadline = time.monotonic() + 120
        while program.idle_percent(2) > 2 and time.monotonic() < deadline:
            pass
        time.sleep(SETTLED_S)
        measured.note("long memory", program.memory_mb() - idle_mb, f"in the real window, which was ready after {ready} ms")
    finally:
        program.end()


def measure_peer(session, screen, name):
    """(name, ms until a visible window, MB, processes, CPU % while idle), or None where it is not installed."""
    argv = [part.format(home=session.home) for part in PEERS[name]]
    if shutil.which(argv[0]) is None:
        print(f"{name} is not installed: left out", flush=True)
        return None
    environment = {**os.environ, "HOME": str(session.home), "QT_QPA_PLATFORM": "xcb", "LANG": "C.UTF-8"}
    times = []
    for number in range(4):  # the first one warms up
        known = screen.large_windows()
        program = Program(argv, environment, session.home / "peer.log")
        try:
            times.append((screen.wait_for_window(known) - program.started) * 1000)
            if number == 3:
                time.sleep(SETTLED_S)
                return name, statistics.median(times[1:]), program.memory_mb(), len(program.pids()), \
                    program.idle_percent(20)
            time.sleep(2)
        finally:
            program.end()
    return None
