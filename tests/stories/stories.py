#!/usr/bin/env python3
"""The stories of the window, each a whole job of a person in a real window:
    stories.py BIN [STORY...]      BIN: the folder with moxie-desktop and moxie_scripted_server
"""

import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from window import ModelServer, Repository, StoryFailed, Window, answer, run, wait_for  # noqa: E402

SHOPPING = {
    "shopping.py": "def parse_list(text):\n    return [item.strip() for item in text.split(\",\")]\n",
    "test_shopping.py": (
        "import unittest\nfrom shopping import parse_list\n\n\nclass ListTest(unittest.TestCase):\n"
        "    def test_trailing_comma(self):\n        self.assertEqual(parse_list(\"a, b,\"), [\"a\", \"b\"])\n\n\n"
        "if __name__ == \"__main__\":\n    unittest.main()\n"),
    ".gitignore": "__pycache__/\n",
}
TEST = "python3 -m unittest -q"
FIX = {"path": "shopping.py", "old": "[item.strip() for item in text.split(\",\")]",
       "new": "[item.strip() for item in text.split(\",\") if item.strip()]"}

THREE = "".join(f"line {number}\n" for number in range(1, 61))


def open_window(session, programs, made, files, answers, settings, by="turns"):
    server = ModelServer(session, programs / "moxie_scripted_server")
    server.script("story", answers, by)
    folder = session.home / "repository"
    folder.mkdir()
    repository = Repository(folder, files)
    window = Window(session, programs / "moxie-desktop", repository, "story", server, settings)
    made["window"] = window
    return window


def ask(window, text):
    """Types a task into the message box and sends it."""
    window.wait(name="Message to the agent", role="text")
    window.key("ctrl+l")
    window.type(text)
    window.key("Return")


def fix_and_commit(session, programs, made):
    """A failing test is fixed, the project's check passes, and the change is committed in the panel."""
    window = open_window(session, programs, made, SHOPPING, [
        answer("I look at the test first.", ("bash", {"command": TEST})),
        answer("", ("read", {"path": "shopping.py"})),
        answer("The trailing comma makes an empty item.", ("edit", FIX)),
        answer("", ("bash", {"command": TEST})),
        answer("Fixed: a trailing comma adds nothing now."),
    ], {"mode": "auto", "verify": [TEST]})
    ask(window, "make the failing test pass")
    end = window.wait_event("turn_ended")
    assert end["status"] == "verified", end
    window.wait(contains="Fixed: a trailing comma adds nothing now.")
    window.key("ctrl+5")
    message = window.wait(name="Commit message", role="text")
    message.queryEditableText().setTextContents("Accept a trailing comma in lists")
    wait_for("the button to commit", lambda: window.find(contains="Commit", role="push button"))
    message.queryComponent().grabFocus()
    window.key("ctrl+Return")
    wait_for("the commit", lambda: window.repository.git("rev-list", "--count", "HEAD").strip() == "2")
    assert window.repository.git("log", "-1", "--format=%s").strip() == "Accept a trailing comma in lists"
    assert window.repository.git("status", "--porcelain") == ""
    assert "if item.strip()" in window.repository.git("show", "HEAD:shopping.py")


def reject_one_hunk(session, programs, made):
    """Three hunks; the second is rejected by key, which gives the old line back; undo brings it again."""
    changed = THREE.replace("line 5\n", "LINE 5\n").replace("line 30\n", "LINE 30\n").replace("line 55\n", "LINE 55\n")
    window = open_window(session, programs, made, {"text.txt": THREE}, [
        answer("", ("read", {"path": "text.txt"})),
        answer("Three lines become loud.", ("write", {"path": "text.txt", "content": changed})),
        answer("Done."),
    ], {"mode": "auto"})
    ask(window, "shout three times")
    window.wait_event("turn_ended")
    assert window.repository.read("text.txt") == changed
    window.key("ctrl+r")
    window.wait(contains="text.txt line 30", seconds=30)
    window.key("j")  # from the first hunk to the second
    window.key("r")
    partly = changed.replace("LINE 30\n", "line 30\n")
    wait_for("the old line in the file", lambda: window.repository.read("text.txt") == partly)
    window.key("ctrl+z")
    wait_for("the agent's line again", lambda: window.repository.read("text.txt") == changed)
    assert window.repository.git("log", "--format=%s").strip() == "start"


def permission_remembered(session, programs, made):
    """A command is asked for, allowed for the session, and not asked for a second time."""
    window = open_window(session, programs, made, {"a.txt": "a\n"}, [
        answer("", ("bash", {"command": "echo one > one.txt"})),
        answer("", ("bash", {"command": "echo one > one.txt"})),
        answer("Both ran."),
    ], {"mode": "ask"})
    ask(window, "write one")
    window.wait(name="Permission needed", seconds=30)
    assert not (window.repository.folder / "one.txt").exists()
    time.sleep(2.2)  # the protection against type-ahead; it is the thing that is tested
    window.key("alt+3")
    window.wait_event("turn_ended")
    assert [event["answer"] for event in window.of_type("permission_answered")] == ["session"]
    assert len(window.of_type("permission_asked")) == 1
    assert (window.repository.folder / "one.txt").read_text() == "one\n"


def stop_and_go_on(session, programs, made):
    """A command that would run for ever is stopped with Esc Esc; the session goes on with the next message."""
    window = open_window(session, programs, made, {"a.txt": "a\n"}, [
        answer("", ("bash", {"command": "echo started > started.txt; sleep 1000"})),
        answer("Here I am again."),
    ], {"mode": "auto"})
    ask(window, "wait for ever")
    wait_for("the command", lambda: (window.repository.folder / "started.txt").exists())
    window.key("Escape")
    window.key("Escape")
    end = window.wait_event("turn_ended")
    assert end["status"] == "interrupted", end
    ask(window, "go on")
    window.wait_event("turn_ended", count=2)
    window.wait(contains="Here I am again.")


def killed_and_reopened(session, programs, made):
    """Killed with -9 in the middle of a stream: what was streamed is there again, and the session goes on."""
    words = [{"text": f"word{number} "} for number in range(400)]
    slow = [step for word in words for step in (word, {"delayMs": 30})]
    window = open_window(session, programs, made, {"a.txt": "a\n"}, [
        {"steps": slow}, answer("Back again."),
    ], {"mode": "auto"}, by="requests")
    ask(window, "tell a long story")
    window.wait(contains="word40 ", seconds=30)
    window.kill()
    seen = [event["text"] for event in window.of_type("delta")]
    assert "word30 " in "".join(seen), "less than a second of the stream may be lost"
    window.start()
    window.wait(contains="word30 ", seconds=30)
    ask(window, "are you there?")
    wait_for("the next answer", lambda: any("Back again." in str(event) for event in window.of_type("message")))
    window.wait(contains="Back again.")


def watched_from_outside(session, programs, made):
    """The command works on a session while the window shows it; then the window goes on with it."""
    words = [step for number in range(60) for step in ({"text": f"word{number} "}, {"delayMs": 50})]
    window = open_window(session, programs, made, {"a.txt": "a\n"}, [
        {"steps": words}, answer("The window speaks."),
    ], {"mode": "auto"}, by="requests")
    command = subprocess.Popen([str(programs / "moxie"), "run", "tell a story", "--repo", str(window.repository.folder)],
                               env=window.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    session.processes.append(command)
    window.wait(contains="tell a story, ", seconds=30)
    window.key("ctrl+Tab")  # the newest other session
    window.wait(contains="word5 ", seconds=30)
    assert command.poll() is None, "the window shows what still comes"
    assert command.wait(30) in (0, 3)
    window.wait(contains="word59", seconds=30)
    ask(window, "and you?")
    window.wait(contains="The window speaks.", seconds=30)


def opened_from_editor(session, programs, made):
    """`moxie open PATH:LINE --ask` shows the place in the running window and writes the question."""
    window = open_window(session, programs, made, SHOPPING, [answer("Because.")], {"mode": "auto"})
    window.wait(name="Message to the agent", role="text")
    done = subprocess.run([str(programs / "moxie"), "open", "shopping.py:2", "--ask", "why this line?"],
                          cwd=window.repository.folder, env=window.environment, timeout=30, capture_output=True)
    assert done.returncode == 0, done
    window.wait(contains="return [item.strip()", seconds=30)
    box = window.wait(name="Message to the agent", role="text")
    wait_for("the question in the message box",
             lambda: "@shopping.py:2 why this line?" in box.queryText().getText(0, -1))
    assert window.events() == [], "a question from outside is written, never sent"


def read_by_tab(session, programs, made):
    """Tab goes to what stands in an answer; a screen reader is told each, and the one that has the focus is pressed."""
    window = open_window(session, programs, made, SHOPPING, [answer("See shopping.py:2 for it.")], {"mode": "auto"})
    ask(window, "where is it?")
    window.wait_event("turn_ended")
    link = window.wait(name="shopping.py:2", role="link")
    heard = listen_to_focus(session, window)
    window.key("shift+F6")  # from the message box to the conversation
    wait_for("the focus in the conversation", lambda: has_focus(window.find(name="Conversation", role="list")))
    wait_for("Tab to come to the link", lambda: window.key("Tab") or has_focus(link))
    wait_for("a screen reader to be told of the link", lambda: "link shopping.py:2" in heard())
    window.key("Return")
    window.wait(contains="return [item.strip()", seconds=30)


def applied_code(session, programs, made):
    """Code of an answer is shown as a change, written on one's word, and taken back by key."""
    block = "def parse_list(text):\n    parts = (item.strip() for item in text.split(\",\"))\n    return [item for item in parts if item]\n"
    window = open_window(session, programs, made, SHOPPING, [
        answer(f"Put this into the file:\n\n```python shopping.py\n{block}```\n")], {"mode": "auto"})
    ask(window, "how would you write it?")
    window.wait_event("turn_ended")
    apply = window.wait(name="Apply to file", seconds=30)
    apply.queryAction().doAction(0)
    write = window.wait(name="Write the change into the file", role="push button", seconds=30)
    wait_for("the change to be shown", lambda: is_enabled(write))
    assert window.repository.read("shopping.py") == SHOPPING["shopping.py"], "nothing is written before"
    write.queryAction().doAction(0)
    wait_for("the code in the file", lambda: window.repository.read("shopping.py") == block)
    window.wait(contains="shopping.py line", seconds=30)
    window.key("ctrl+z")
    wait_for("the file as it was", lambda: window.repository.read("shopping.py") == SHOPPING["shopping.py"])


def asked_aside(session, programs, made):
    """A question on the side is answered beside the session, which learns nothing of it."""
    window = open_window(session, programs, made, {"a.txt": "a\n"}, [
        answer("All is well."), answer("On the side: because."), answer("Going on.")], {"mode": "auto"}, by="requests")
    ask(window, "look around")
    window.wait_event("turn_ended")
    n_events = len(window.events())
    window.key("ctrl+semicolon")
    window.wait(name="Question on the side", role="text")
    window.type("why?")
    window.key("Return")
    window.wait(contains="On the side: because.", seconds=30)
    assert len(window.events()) == n_events, "the log has nothing of it"
    window.key("Escape")
    ask(window, "go on")
    window.wait_event("turn_ended", count=2)
    assert not any("why?" in str(event) for event in window.events())


def is_enabled(node):
    import pyatspi
    return node.getState().contains(pyatspi.STATE_ENABLED)


def has_focus(node):
    import pyatspi
    return node.getState().contains(pyatspi.STATE_FOCUSED)


def listen_to_focus(session, window):
    """What a screen reader hears from now on: a function that gives the lines "ROLE NAME"."""
    out = session.home / "heard.txt"
    code = ("import pyatspi\n"
            "def hear(event):\n"
            "    if event.detail1: print(event.source.getRoleName(), event.source.name, flush=True)\n"
            "pyatspi.Registry.registerEventListener(hear, 'object:state-changed:focused')\n"
            "print('listens', flush=True)\n"
            "pyatspi.Registry.start()\n")
    session.spawn([sys.executable, "-c", code], stdout=open(out, "wb"))
    wait_for("the screen reader", lambda: out.exists() and "listens" in out.read_text())
    return lambda: out.read_text().splitlines()


STORIES = {
    "fix-and-commit": fix_and_commit,
    "reject-one-hunk": reject_one_hunk,
    "permission-remembered": permission_remembered,
    "stop-and-go-on": stop_and_go_on,
    "killed-and-reopened": killed_and_reopened,
    "watched-from-outside": watched_from_outside,
    "opened-from-editor": opened_from_editor,
    "read-by-tab": read_by_tab,
    "applied-code": applied_code,
    "asked-aside": asked_aside,
}

if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(run(STORIES, pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]))
