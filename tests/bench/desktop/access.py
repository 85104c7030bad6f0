"""G21: walks the accessibility tree of the real window, and through it by Tab:  access.py BIN
Prints one line of JSON: actionable, named, focusable, reached, and what is missing of each."""

import collections
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "stories"))
from stories import FIX, SHOPPING, TEST, ask, open_window  # noqa: E402
from window import Session, answer  # noqa: E402

ACTIONABLE = {"push button", "toggle button", "text", "list", "tree", "table", "tree table", "combo box", "check box",
              "radio button", "menu item", "page tab", "link", "spin button", "slider"}
# Parts of a list, a bar or a menu: reached by arrows, Alt or F10, not by Tab.
BY_ARROWS = {"menu item", "menu bar", "menu", "list item", "tree item", "table cell", "page tab", "frame", "filler",
             "table column header", "table row header"}
NOT_ACTIONABLE = {"label"}  # may take the focus by mouse, to be copied
GROUPS, GROUP_MAX = {"check box", "radio button"}, 4  # walked by arrows
PLACES = {"Changes": "ctrl+1", "Symbols": "ctrl+3", "Output": "ctrl+4", "Commit": "ctrl+5", "Settings": "ctrl+comma"}
TABS_WITHOUT_NEWS = 30


def showing(window):
    """(node, state, key) of all that is on the screen; what is inside of something hidden is hidden, too. The key is role, name
    and number among those of that name: places on the screen move when Tab scrolls."""
    import pyatspi
    stack, counts = [window.application()], collections.Counter()
    while stack:
        node = stack.pop()
        try:
            state, named = node.getState(), (node.getRoleName(), node.name)
            if named[0] != "application" and not state.contains(pyatspi.STATE_SHOWING):
                continue
            children = [node.getChildAtIndex(i) for i in range(min(node.childCount, 500))]
        except Exception:  # it died while it was looked at; pyatspi has no narrower type
            continue
        counts[named] += 1
        yield node, state, (*named, counts[named])
        stack.extend(child for child in reversed(children) if child is not None)


def look(window):
    """(all that is actionable, all that Tab should come to with the row on the screen where it is)."""
    import pyatspi
    actionable, focusable = set(), {}
    for node, state, key in showing(window):
        if key[0] in ACTIONABLE:
            actionable.add(key)
        takes_focus = state.contains(pyatspi.STATE_FOCUSABLE) and state.contains(pyatspi.STATE_ENABLED)
        if takes_focus and key[0] not in BY_ARROWS | NOT_ACTIONABLE:
            try:
                focusable[key] = node.queryComponent().getExtents(0).y
            except Exception:
                continue
    return actionable, focusable


def focused(window):
    import pyatspi
    return {key for _, state, key in showing(window) if state.contains(pyatspi.STATE_FOCUSED)}


def walk_by_tab(window, wanted):
    """Which of `wanted` have the focus while Tab goes once around."""
    reached = focused(window)
    stops_without_news = 0
    while stops_without_news < TABS_WITHOUT_NEWS and not wanted <= reached:
        window.key("Tab")
        now = focused(window)
        stops_without_news = 0 if now - reached else stops_without_news + 1
        reached |= now
    return wanted & reached


def walk_groups(window, missing, reached):
    """Which of `missing` arrows come to from what Tab `reached` in the same row (both with their rows): of exclusive boxes Tab
    finds the chosen."""
    found = set()
    rows = {(key[0], y) for key, y in missing.items() if key[0] in GROUPS}
    for wanted in {key for key, y in reached.items() if (key[0], y) in rows}:
        for node, _, key in showing(window):
            if key == wanted:
                node.queryComponent().grabFocus()
        for arrow in ("Right", "Left"):
            for _ in range(GROUP_MAX):
                window.key(arrow)
                found |= focused(window)
    return found & missing.keys()


def main(programs):
    session = Session("1280x800")
    counts = {"actionable": 0, "named": 0, "focusable": 0, "reached": 0, "unnamed": [], "unreached": []}
    try:
        window = open_window(session, programs, {}, SHOPPING, [
            answer("I look at the test first.", ("bash", {"command": TEST})),
            answer("", ("read", {"path": "shopping.py"})), answer("", ("edit", FIX)), answer("Fixed."),
        ], {"mode": "auto"})
        ask(window, "make the failing test pass")
        window.wait_event("turn_ended")
        window.wait(contains="Fixed.")
        for place, key in PLACES.items():
            window.key(key)
            if place != "Settings":
                window.key("ctrl+l")
            time.sleep(1)  # until the place has come to rest; nothing tells it
            actionable, focusable = look(window)
            named = {node for node in actionable if node[1]}
            reached = walk_by_tab(window, focusable.keys())
            reached |= walk_groups(window, {key: y for key, y in focusable.items() if key not in reached},
                                   {key: focusable[key] for key in reached})
            counts["actionable"] += len(actionable)
            counts["named"] += len(named)
            counts["focusable"] += len(focusable)
            counts["reached"] += len(reached)
            counts["unnamed"] += [[place, *node[:2]] for node in sorted(actionable - named)]
            counts["unreached"] += [[place, *node[:2]] for node in sorted(focusable.keys() - reached)]
    finally:
        session.close()
    print(json.dumps(counts))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
