"""The goals of the window: what must be reached, what is aimed at. Times in ms, memory in MB."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    id: str
    what: str
    must: float
    aim: float
    unit: str
    is_floor: bool = False  # more is better

    def reaches(self, value, bound):
        return value >= bound if self.is_floor else value <= bound

    def verdict(self, value):
        if value is None:
            return "not measured"
        if self.reaches(value, self.aim):
            return "reached aim"
        return "must" if self.reaches(value, self.must) else "MISSED"

    def bound(self, value):
        sign = "≥ " if self.is_floor else ""
        return f"{sign}{value:g} {self.unit}"


GOALS = {
    "first paint": Goal("G1", "start to first paint, 1,000 sessions, warm", 400, 200, "ms"),
    "ready": Goal("G2", "start to accepting input, last session shown", 600, 300, "ms"),
    "memory": Goal("G3", "memory (PSS) after 8 s, idle, no engine", 120, 80, "MB"),
    "idle cpu": Goal("G4", "CPU while idle, 60 s", 0.5, 0.1, "%"),
    "idle paints": Goal("G4", "paints in 10 s beside the caret", 0, 0, ""),
    "key": Goal("G5", "key to paint, 200 tokens/s, 200 kB open, p99", 16, 12, "ms"),
    "flush": Goal("G6", "GUI CPU per flush, p99", 4, 1, "ms"),
    "share": Goal("G6", "GUI share of a core at 200 tokens/s", 12, 7, "%"),
    "long open": Goal("G7", "100,000 messages: open", 200, 100, "ms"),
    "long scroll": Goal("G7", "100,000 messages: scroll frame p99", 8, 5, "ms"),
    "long jump": Goal("G7", "100,000 messages: jump p99", 16, 10, "ms"),
    "long memory": Goal("G7", "100,000 messages: extra memory", 60, 30, "MB"),
    "card": Goal("G8", "1,000,000 lines of output: row appears", 100, 50, "ms"),
    "full view": Goal("G8", "1,000,000 lines: text is shown", 300, 150, "ms"),
    "output stall": Goal("G8", "1,000,000 lines: longest stall", 50, 16, "ms"),
    "diff open": Goal("G9", "diff of 100,000 lines, 3,000 hunks: open", 200, 100, "ms"),
    "diff frame": Goal("G9", "the same: scroll frame p99", 8, 4, "ms"),
    "hunk": Goal("G10", "accept or reject, to disk and redrawn, p50", 50, 20, "ms"),
    "terminal stall": Goal("G11", "100 MB of output: longest stall", 50, 16, "ms"),
    "terminal rate": Goal("G11", "100 MB of output: throughput", 5, 7, "MB/s", is_floor=True),
    "symbols": Goal("G13", "search over 200,000 symbols, worst", 50, 20, "ms"),
    "story stall": Goal("G16", "longest stall in any story", 100, 50, "ms"),
    "names": Goal("G21", "actionable nodes with an accessible name", 100, 100, "%", is_floor=True),
    "tab": Goal("G21", "focusable nodes reached by Tab", 100, 100, "%", is_floor=True),
    "contrast": Goal("G22", "contrasts too low: 4.5:1, 7:1 for body text", 0, 0, ""),
    "languages": Goal("G23", "texts untranslated, or clipped at 1.4 length", 0, 0, ""),
    "size": Goal("G24", "installed size, stripped", 40, 20, "MB"),
    "tests": Goal("G25", "all tests of the window, offscreen", 90, 45, "s"),
    "build": Goal("G26", "the window from scratch, no ccache", 240, 120, "s"),
    "rebuild": Goal("G26", "one file rebuilt", 6, 4, "s"),
}


class Measured:
    """Values by the names of GOALS, each with how it came about."""

    def __init__(self):
        self.values = {}
        self.notes = {}

    def note(self, name, value, remark=""):
        assert name in GOALS, name
        self.values[name] = value
        self.notes[name] = remark

    def table(self):
        rows = [("id", "what", "must", "aim", "measured", "verdict", "how")]
        for name, goal in GOALS.items():
            value = self.values.get(name)
            shown = "-" if value is None else f"{value:.3g} {goal.unit}" if value < 100 else f"{value:.0f} {goal.unit}"
            rows.append((goal.id, goal.what, goal.bound(goal.must).strip(), goal.bound(goal.aim).strip(), shown.strip(),
                         goal.verdict(value), self.notes.get(name, "")))
        return rows

    def missed(self):
        return [name for name, goal in GOALS.items() if goal.verdict(self.values.get(name)) == "MISSED"]


def print_table(rows):
    """As Markdown, in columns."""
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    rule = tuple("-" * width for width in widths)
    for row in [rows[0], rule, *rows[1:]]:
        print("| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths)) + " |", flush=True)
