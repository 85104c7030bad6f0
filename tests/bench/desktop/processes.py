"""What a program costs as the system sees it: its whole tree of processes and its window."""

import os
import pathlib
import signal
import subprocess
import time

from Xlib import X, display
from Xlib.ext import damage

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Program:
    """A program in a session of its own, so that its whole tree can be found and ended."""

    def __init__(self, argv, environment, log):
        self.log = pathlib.Path(log)
        with open(log, "wb") as out:
            self.started = time.time()
            self.process = subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                            start_new_session=True)

    @property
    def pid(self):
        return self.process.pid

    def pids(self):
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and session_of(entry) == self.pid:
                found.append(int(entry.name))
        return found

    def memory_mb(self):
        """PSS of the tree."""
        total = 0
        for pid in self.pids():
            try:
                rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue  # it ended meanwhile
            total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        return total / 1000

    def cpu_seconds(self):
        total = 0
        for pid in self.pids():
            try:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            total += int(fields[11]) + int(fields[12])
        return total / TICKS_PER_SECOND

    def idle_percent(self, seconds):
        cpu, clock = self.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        return (self.cpu_seconds() - cpu) / (time.monotonic() - clock) * 100

    def said(self, pattern, seconds=20):
        """The number that the program wrote after `pattern`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in self.log.read_text(errors="replace").splitlines():
                if line.startswith(pattern):
                    return int(line[len(pattern):].split()[0])
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise TimeoutError(f"the program did not say '{pattern}': {self.log.read_text(errors='replace')[-2000:]}")

    def end(self):
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.pid, signal_number)
                self.process.wait(5)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        deadline = time.monotonic() + 5
        while self.pids() and time.monotonic() < deadline:
            time.sleep(0.05)


def session_of(entry):
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[3])
    except OSError:
        return 0


class Screen:
    """The X screen, asked over a connection of our own."""

    def __init__(self):
        self.display = display.Display()
        self.root = self.display.screen().root

    def large_windows(self):
        """Ids of the windows on the screen that a person would see."""
        found = set()
        for child in self.root.query_tree().children:
            try:
                geometry = child.get_geometry()
                if geometry.width > 200 and geometry.height > 150 and \
                        child.get_attributes().map_state == X.IsViewable:
                    found.add(child.id)
            except Exception:  # it went away; the library has no narrower type for that
                continue
        return found

    def wait_for_window(self, known, seconds=40):
        """Seconds since the epoch when a window was there that is not one of `known`."""
        deadline = time.time() + seconds
        while time.time() < deadline:
            if self.large_windows() - known:
                return time.time()
            time.sleep(0.005)
        raise TimeoutError("no window came")

    def paints(self, window_id, seconds):
        """Sizes of what is painted into a window in this time."""
        window = self.display.create_resource_object("window", window_id)
        self.display.damage_query_version()
        made = window.damage_create(damage.DamageReportRawRectangles)
        self.display.sync()
        while self.display.pending_events():  # the whole window is reported once, at the beginning
            self.display.next_event()
        sizes = []
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            while self.display.pending_events():
                event = self.display.next_event()
                if event.__class__.__name__ == "DamageNotify":
                    sizes.append((event.area.width, event.area.height))
            time.sleep(0.02)
        self.display.damage_destroy(made)
        self.display.sync()
        return sizes
