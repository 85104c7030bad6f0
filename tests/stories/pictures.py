#!/usr/bin/env python3
"""Makes the pictures of the README from a real session in a real window:
    pictures.py BIN OUT [LANGUAGE [THEME [WIDTHxHEIGHT]]]
The model is scripted; repository, tools, tests and git are real. Look at them after each change of a screen.
"""

import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from stories import FIX, SHOPPING, TEST  # noqa: E402
from window import ModelServer, Repository, Session, Window, answer  # noqa: E402


def plan(*states):
    texts = ("see how the test fails", "mend the parser", "run the tests")
    return ("plan", {"items": [{"text": text, "status": state} for text, state in zip(texts, states)]})


ANSWERS = [
    answer("I look at the test first.", plan("in_progress", "pending", "pending"), ("bash", {"command": TEST})),
    answer("", ("read", {"path": "shopping.py"})),
    answer("The trailing comma makes an empty item.", ("edit", FIX)),
    answer("", plan("done", "done", "in_progress"), ("bash", {"command": TEST})),
    answer("Fixed: a trailing comma adds **nothing** now.\n\n| input | items |\n|---|---|\n| `a, b,` | 2 |\n"
           "| `a,,b` | 2 |\n\nSee shopping.py:2."),
]

# Name of the picture, keys, text typed after them.
VIEWS = [("changes", "ctrl+r", ""), ("symbols", "ctrl+3", "parse_list"), ("terminal", "ctrl+4", ""),
         ("commit", "ctrl+5", ""), ("palette", "ctrl+shift+p", "acc")]


def main(programs, out, language="en", theme="light", size="1280x820"):
    out.mkdir(parents=True, exist_ok=True)
    session = Session(size)
    try:
        server = ModelServer(session, programs / "moxie_scripted_server")
        server.script("story", ANSWERS, "turns")
        folder = session.home / "shopping"
        folder.mkdir()
        repository = Repository(folder, SHOPPING)
        repository.git("config", "user.name", "Ada")
        repository.git("config", "user.email", "ada@example.org")
        window = Window(session, programs / "moxie-desktop", repository, "story", server,
                        {"mode": "auto", "verify": [TEST], "desktop": {"theme": theme}}, language)

        def picture(name):
            time.sleep(1.0)  # what was asked for is painted by then; nobody waits for a picture's sake
            window.screenshot(out / f"{name}.png")

        picture("new-session")
        window.key("ctrl+l")
        window.type("make the failing test pass")
        window.key("Return")
        window.wait_event("turn_ended")
        for name, keys, text in VIEWS:
            window.key(keys)
            time.sleep(0.5)
            window.type(text)
            picture(name)
        window.key("Escape", "ctrl+comma")
        picture("settings")
        window.quit()
        window.environment["MOXIE_HOME"] = str(session.home / "fresh")
        for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"):
            window.environment.pop(name)
        session.processes.append(subprocess.Popen([str(programs / "moxie-desktop")], env=window.environment,
                                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        time.sleep(1.5)
        picture("first-run")
    finally:
        session.close()
    for file in out.glob("*.png"):
        subprocess.run(["convert", str(file), "+dither", "-colors", "256", "-define", "png:compression-level=9", str(file)], check=True)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), *sys.argv[3:])
