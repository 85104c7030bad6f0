"""Drives the real moxie-desktop as a person would: a real window on a virtual screen, keys, and the
accessibility tree (AT-SPI) that a screen reader reads. The model is the scripted server; repository,
tools, jail, log and git are real.

A story is a function that takes a Window; see stories.py. Needs Xvfb, openbox, xdotool,
dbus-daemon, at-spi2-core, python3-pyatspi (Debian packages; app/setup/packages.txt).
"""

import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

WAIT_S = 20.0


class StoryFailed(Exception):
    pass


def wait_for(what, condition, seconds=WAIT_S):
    """The first true value of condition(); fails naming `what`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise StoryFailed(f"waited {seconds:.0f} s for: {what}")
        time.sleep(0.05)


class Session:
    """A virtual screen and a message bus of their own."""

    def __init__(self, size="1280x800"):
        self.processes = []
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="moxie-story-"))
        # The sockets of the accessibility bus lie there; two sessions may not share them.
        runtime = self.home / "runtime"
        runtime.mkdir(mode=0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        # A number of our own: two servers that look for a free one at the same time take the same.
        os.environ["DISPLAY"] = f":{1000 + os.getpid() % 30000}"
        self.spawn(["Xvfb", os.environ["DISPLAY"], "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"])
        wait_for("the virtual screen", lambda: subprocess.run(
            ["xdotool", "getdisplaygeometry"], capture_output=True).returncode == 0)
        self.spawn(["openbox", "--sm-disable"])
        bus = self.spawn(["dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE)
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        os.environ.pop("AT_SPI_BUS_ADDRESS", None)
        launcher = next(p for p in ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
                        if os.path.exists(p))
        self.spawn([launcher, "--launch-immediately"])
        address = wait_for("the accessibility bus", lambda: self.ask(
            "--session", "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus.GetAddress"))
        address = address.split('"')[1]
        # Its registry is started by being asked; before it answers, no program can be found.
        wait_for("the accessibility registry", lambda: self.ask(
            f"--bus={address}", "org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root",
            "org.a11y.atspi.Accessible.GetChildren"))

    @staticmethod
    def ask(bus, name, path, method):
        """The answer as text; "" if there is none."""
        done = subprocess.run(["dbus-send", bus, "--print-reply", f"--dest={name}", path, method], text=True,
                              capture_output=True)
        return done.stdout if done.returncode == 0 else ""

    def spawn(self, argv, **more):
        more.setdefault("stdout", subprocess.DEVNULL)
        process = subprocess.Popen(argv, stderr=subprocess.DEVNULL, **more)
        self.processes.append(process)
        return process

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


class ModelServer:
    """moxie_scripted_server with scripts written by the story."""

    def __init__(self, session, program):
        self.folder = session.home / "scripts"
        self.folder.mkdir()
        self.process = session.spawn([str(program), "--port", "0", "--print-port", "--scripts", str(self.folder)],
                                     stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def script(self, name, answers, by):
        text = json.dumps({"about": "a story", "by": by, "answers": answers}, ensure_ascii=False)
        (self.folder / f"{name}.json").write_text(text)


def answer(text="", *calls, steps=None):
    if steps is not None:
        return {"steps": steps}
    made = [{"text": text}] if text else []
    return {"steps": made + [{"call": {"name": name, "arguments": arguments}} for name, arguments in calls]}


class Repository:
    """A real git repository."""

    def __init__(self, folder, files):
        self.folder = folder
        for path, text in files.items():
            self.write(path, text)
        self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "start")

    def write(self, path, text):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def read(self, path):
        return (self.folder / path).read_text()

    def git(self, *arguments):
        identity = ["-c", "user.name=Story", "-c", "user.email=story@example.org"]
        done = subprocess.run(["git", *identity, *arguments], cwd=self.folder, text=True, capture_output=True)
        if done.returncode != 0:
            raise StoryFailed(f"git {arguments}: {done.stderr}")
        return done.stdout


class Window:
    """moxie-desktop, its accessibility tree and its keyboard."""

    def __init__(self, session, program, repository, model=None, server=None, settings=None, language="en"):
        self.session, self.program, self.repository = session, program, repository
        self.moxie_home = session.home / "moxie"
        config = self.moxie_home / "config"
        config.mkdir(parents=True, exist_ok=True)
        if settings is not None:
            (config / "config.json").write_text(json.dumps(settings))
        self.environment = {k: v for k, v in os.environ.items()
                            if not (k.startswith("MOXIE_") or k.endswith(("_API_KEY", "_BASE_URL")))}
        self.environment.update({
            "MOXIE_HOME": str(self.moxie_home), "MOXIE_LANG": language, "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "LANG": "C.UTF-8", "GIT_AUTHOR_NAME": "Story",
            "GIT_AUTHOR_EMAIL": "story@example.org", "GIT_COMMITTER_NAME": "Story",
            "GIT_COMMITTER_EMAIL": "story@example.org"})
        if server is not None:
            self.environment.update({"OPENAI_BASE_URL": f"http://127.0.0.1:{server.port}/v1",
                                     "OPENAI_API_KEY": "story-key", "OPENAI_MODEL": model})
        self.process = None
        self.start()

    # ---- the program
    def start(self):
        self.log = open(self.session.home / "desktop.log", "ab")
        self.process = subprocess.Popen([str(self.program), str(self.repository.folder)], env=self.environment,
                                        stdout=self.log, stderr=self.log)
        self.session.processes.append(self.process)
        wait_for("the window", self.application)
        wait_for("the window on the screen", self.window_id)
        subprocess.run(["xdotool", "windowactivate", "--sync", self.window_id()], check=True, timeout=WAIT_S)

    def window_id(self):
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid), "--name", "Moxie"],
                               text=True, capture_output=True).stdout.split()
        return found[-1] if found else None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def quit(self):
        self.process.terminate()
        self.process.wait(10)

    # ---- the tree
    def application(self):
        import pyatspi
        for program in pyatspi.Registry.getDesktop(0):
            try:
                if program is not None and program.get_process_id() == self.process.pid:
                    program.set_cache_mask(pyatspi.Atspi.Cache.NONE)  # nobody runs the loop that renews it
                    return program
            except Exception:  # one that just went away; pyatspi has no narrower type
                continue
        return None

    def nodes(self):
        """Every node of the tree, parents first. A node may die while it is looked at: it is left out."""
        stack = [self.application()]
        while stack:
            node = stack.pop()
            if node is None:
                continue
            try:
                children = [node.getChildAtIndex(i) for i in range(min(node.childCount, 500))]
            except Exception:
                continue
            yield node
            stack.extend(reversed(children))

    def find(self, name=None, role=None, contains=None):
        for node in self.nodes():
            try:
                if name is not None and node.name != name:
                    continue
                if contains is not None and contains not in (node.name or ""):
                    continue
                if role is not None and node.getRoleName() != role:
                    continue
                if self.is_showing(node):
                    return node
            except Exception:
                continue
        return None

    @staticmethod
    def is_showing(node):
        import pyatspi
        return node.getState().contains(pyatspi.STATE_SHOWING)

    def wait(self, name=None, role=None, contains=None, seconds=WAIT_S):
        return wait_for(f"{role or 'a node'} named {name or contains!r}",
                        lambda: self.find(name, role, contains), seconds)

    def press(self, name=None, role=None, contains=None):
        node = self.wait(name, role, contains)
        actions = node.queryAction()
        for i in range(actions.nActions):
            if actions.getName(i).lower() in ("press", "click", "toggle", "showmenu"):
                actions.doAction(i)
                return node
        raise StoryFailed(f"{node.name!r} cannot be pressed")

    def dump(self):
        lines = []

        def walk(node, depth):
            if node is None or depth > 30:
                return
            try:
                shown = "" if self.is_showing(node) else " (hidden)"
                lines.append("  " * depth + f"{node.getRoleName()} {node.name!r}{shown}")
                for i in range(min(node.childCount, 200)):
                    walk(node.getChildAtIndex(i), depth + 1)
            except Exception:
                return

        walk(self.application(), 0)
        return "\n".join(lines)

    # ---- the keyboard
    def key(self, *keys):
        subprocess.run(["xdotool", "key", "--clearmodifiers", *keys], check=True)
        time.sleep(0.05)

    def type(self, text):
        subprocess.run(["xdotool", "type", "--delay", "4", text], check=True)

    def screenshot(self, file):
        subprocess.run(["import", "-window", "root", str(file)], check=True)

    # ---- what is written down
    def events(self):
        """All events of the newest session, read as anyone may."""
        logs = sorted((self.moxie_home / "data" / "sessions").glob("*/log.sqlite"), key=lambda p: p.stat().st_mtime)
        if not logs:
            return []
        with sqlite3.connect(f"file:{logs[-1]}?mode=ro", uri=True) as database:
            try:
                return [json.loads(row[0]) for row in database.execute("SELECT json FROM event ORDER BY seq")]
            except sqlite3.OperationalError:  # the file is there, its table not yet
                return []

    def of_type(self, kind):
        return [event for event in self.events() if event["type"] == kind]

    def wait_event(self, kind, count=1, seconds=WAIT_S):
        return wait_for(f"{count} event(s) {kind}",
                        lambda: (found := self.of_type(kind)) and len(found) >= count and found, seconds)[-1]


def run_one(name, story, programs):
    """True if it passed; a failing one leaves a picture and the tree."""
    session = Session()
    made = {}
    try:
        story(session, programs, made)
        print(f"story passed: {name}")
        return True
    except (StoryFailed, AssertionError, subprocess.SubprocessError, OSError) as problem:
        print(f"story FAILED: {name}: {problem!r}")
        window = made.get("window")
        if window is not None:
            out = pathlib.Path(os.environ.get("MOXIE_STORY_PICTURES", tempfile.gettempdir()))
            window.screenshot(out / f"story-{name}.png")
            print(f"picture: {out}/story-{name}.png\n{window.dump()}")
            print((session.home / "desktop.log").read_text(errors="replace")[-4000:])
        return False
    finally:
        session.close()


def run(stories, programs, wanted):
    """Each story in a process of its own: the accessibility library keeps its first bus for ever."""
    if len(wanted) == 1:
        return 0 if run_one(wanted[0], stories[wanted[0]], programs) else 1
    failed = 0
    for name in wanted or list(stories):
        failed += subprocess.run([sys.executable, sys.argv[0], str(programs), name]).returncode != 0
    print(f"{len(wanted or stories) - failed} passed, {failed} failed")
    return 1 if failed else 0
