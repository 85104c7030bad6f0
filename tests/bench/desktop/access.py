"""G21: walks the accessibility tree of the real window, and through it by Tab:  access.py BIN
Prints one line of JSON: actionable, named, focusable, reached, and what is missing of each."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "stories"))
from stories import FIX, SHOPPING, TEST, ask, open_window  # noqa: E402
from window import Session, answer  # noqa: E402

ACTIONABLE = {"push button", "toggle button", "text", "list", "tree", "table", "tree table", "combo box", "check box",
              "radio button", "menu item", "page tab", "link", "spin button", "slider"}
# Parts of a list, a bar or a menu: reached by arrows, Alt or F10, not by Tab.
BY_ARROWS = {"menu item", "menu bar", "menu", "list item", "tree item", "table cell", "page tab", "frame", "filler",
             "table column header", "table row header", "radio button"}
PLACES = {"Changes": "ctrl+1", "Symbols": "ctrl+3", "Output": "ctrl+4", "Commit": "ctrl+5", "Settings": "ctrl+comma"}
TABS_MAX = 90


def described(node):
    box = node.queryComponent().getExtents(0)
    return node.getRoleName(), node.name, box.x, box.y, box.width, box.height


def shown_nodes(window):
    import pyatspi
    found = {}
    for node in window.nodes():
        try:
            state = node.getState()
            if not state.contains(pyatspi.STATE_SHOWING):
                continue
            found[described(node)] = (state.contains(pyatspi.STATE_FOCUSABLE) and state.contains(pyatspi.STATE_ENABLED),
                                      state.contains(pyatspi.STATE_FOCUSED))
        except Exception:  # it died while it was looked at; pyatspi has no narrower type
            continue
    return found


def focused(window):
    return {key for key, (_, has_focus) in shown_nodes(window).items() if has_focus}


def walk_by_tab(window, wanted):
    """Which of `wanted` have the focus while Tab goes once around."""
    reached = focused(window)
    for _ in range(TABS_MAX):
        window.key("Tab")
        now = focused(window)
        if wanted <= reached and now <= reached:
            break
        reached |= now
    return {key for key in wanted if any(key[:2] == other[:2] and key[2:4] == other[2:4] for other in reached)}


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
            window.key("ctrl+l") if place != "Settings" else None
            nodes = shown_nodes(window)
            actionable = {node for node in nodes if node[0] in ACTIONABLE}
            named = {node for node in actionable if node[1]}
            focusable = {node for node, (is_focusable, _) in nodes.items() if is_focusable and node[0] not in BY_ARROWS}
            reached = walk_by_tab(window, focusable)
            counts["actionable"] += len(actionable)
            counts["named"] += len(named)
            counts["focusable"] += len(focusable)
            counts["reached"] += len(reached)
            counts["unnamed"] += [[place, *node] for node in actionable - named]
            counts["unreached"] += [[place, *node] for node in focusable - reached]
    finally:
        session.close()
    print(json.dumps(counts))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
