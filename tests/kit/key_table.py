"""The README's table of keys, made from the declared keys."""

from __future__ import annotations

from tokentui.ui.keymap.key import Context
from tokentui.ui.keymap.keys import KEYS
from tokentui.ui.keymap.spelled import shown_key

_PLACES: dict[Context, str] = {
    "everywhere": "everywhere",
    "dashboard": "on the dashboard",
    "rows": "in a table",
    "scrolling": "in a table or text",
    "session": "on a session",
    "alerts": "in the alert log",
    "filter": "in the filter line",
    "help": "in the help",
    "interrupt": "when asked whether to stop a session",
    "nothing found": "when no logs were found",
    "billed": "on the billed screen",
    "budgets": "on the budgets screen",
    "budget form": "in a budget's form",
    "removal": "when asked whether to remove a budget",
    "session views": "in a session's views",
    "timeline": "on a session's timeline",
    "ordered": "on turns, tools and rebuilds",
    "tools": "on a session's tools",
    "context": "on a session's context",
    "two tables": "where there are two tables",
    "advice": "on the advice screen",
    "compare": "on the compare screen",
    "sessions table": "in the sessions table",
}


def key_table_markdown() -> str:
    """A row for each key: the key, what it does, and where."""
    lines = ["| key | does | where |", "| --- | --- | --- |"]
    for key in KEYS:
        keys = " ".join(f"`{shown_key(part.strip())}`" for part in key.keys.split(","))
        lines.append(f"| {keys} | {key.tooltip} | {_PLACES[key.context]} |")
    return "\n".join(lines)
