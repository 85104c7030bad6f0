"""Runs one story of tests/stories and prints the stalls of its window:  stories_stall.py BIN STORY"""

import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "stories"))
import stories  # noqa: E402
from window import Session, Window  # noqa: E402


class TimedWindow(Window):
    def start(self):
        self.environment["MOXIE_DESKTOP_TIMES"] = str(int(time.time() * 1000))
        super().start()


def main(programs, name):
    stories.Window = TimedWindow
    session = Session()
    made = {}
    try:
        stories.STORIES[name](session, programs, made)
        made["window"].key("ctrl+q")  # the stalls are said at an orderly end
        made["window"].process.wait(15)
        for line in (session.home / "desktop.log").read_text(errors="replace").splitlines():
            if "stall" in line:
                print(line)
    except subprocess.TimeoutExpired:
        print(f"{name}: the window did not end by Ctrl+Q")
        return 1
    finally:
        session.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]))
