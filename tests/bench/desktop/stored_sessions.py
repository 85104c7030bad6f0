"""Fills a session store: one real session is run by `moxie run`, and copied under other ids."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

from window import ModelServer, answer

PLACE = {"path": "README.md"}


def run_one_session(session, moxie, server_program, home, repository):
    """A session of one turn, with a real log; its folder."""
    server = ModelServer(session, server_program)
    server.script("bench", [answer("I look at it first.", ("read", PLACE)),
                            answer("It says what the project is. **Nothing** has to be changed.\n\n- one\n- two\n")], "turns")
    environment = {**os.environ, "MOXIE_HOME": str(home), "OPENAI_BASE_URL": f"http://127.0.0.1:{server.port}/v1",
                   "OPENAI_API_KEY": "bench-key", "OPENAI_MODEL": "bench"}
    done = subprocess.run([str(moxie), "run", "-C", str(repository), "--mode", "auto", "what is this project?"],
                          env=environment, capture_output=True, text=True)
    made = list((home / "data" / "sessions").glob("*/log.sqlite"))
    if len(made) != 1:
        sys.exit(f"moxie run made no session: {done.stderr}")
    return made[0].parent


def rows_of(folder):
    with sqlite3.connect(folder / "log.sqlite") as database:
        return database.execute("SELECT seq, time_ms, turn, type, json FROM event ORDER BY seq").fetchall()


def write_log(pattern, folder, events):
    """A copy of the folder `pattern` whose log has `events` instead: (turn, type, event)."""
    shutil.copytree(pattern, folder)
    database = sqlite3.connect(folder / "log.sqlite")
    database.execute("PRAGMA synchronous=off")
    database.execute("DELETE FROM event")
    database.executemany("INSERT INTO event VALUES(?,?,?,?,?)", (
        (seq, event["time_ms"], turn, kind, json.dumps({**event, "seq": seq}, separators=(",", ":")))
        for seq, (turn, kind, event) in enumerate(events, 1)))
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def copy_many(pattern, count):
    """`count` sessions in all, in twenty projects, older and older."""
    rows = rows_of(pattern)
    for number in range(1, count):
        name = f"{pattern.name[:-6]}{number:06x}"
        events = []
        for _, time_ms, turn, kind, text in rows:
            event = json.loads(text)
            event["time_ms"] = time_ms - number * 600_000
            if kind == "session_started":
                event["session_id"] = name
                if number % 20:
                    event["repository"] += f"-{number % 20}"
            if kind == "turn_started":
                event["task"] = f"task {number}: what is this project?"
            events.append((turn, kind, event))
        write_log(pattern, pattern.parent / name, events)


def add_long(pattern, messages):
    """A session of so many messages; its id."""
    rows = [(kind, json.loads(text)) for _, _, _, kind, text in rows_of(pattern)]
    started = next(event for kind, event in rows if kind == "session_started")
    name = pattern.name[:-6] + "ffffff"
    said = next(event for kind, event in reversed(rows) if kind == "message" and event["role"] == "assistant")
    ended = next(event for kind, event in rows if kind == "turn_ended")

    def events():
        yield 0, "session_started", {**started, "session_id": name}
        for turn in range(1, messages // 2 + 1):
            yield turn, "turn_started", {"type": "turn_started", "time_ms": started["time_ms"] + turn, "turn": turn,
                                         "mode": "auto", "task": f"message {turn}, please look at the tokenizer"}
            yield turn, "message", {**said, "turn": turn, "text": f"Answer {turn} says some words about the part.\n\n"
                                    "- first\n- second `code`\n- third, see src/a.cpp:12\n"}
            yield turn, "turn_ended", {**ended, "turn": turn}

    write_log(pattern, pattern.parent / name, events())
    return name
