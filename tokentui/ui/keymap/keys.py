"""Every key, declared once: bindings, footer, help, palette and the README's table all come from here."""

from __future__ import annotations

import re
from collections.abc import Mapping

from textual.binding import Binding
from textual.keys import format_key

from tokentui.ui.keymap.alert_keys import ALERT_KEYS, INTERRUPT_KEYS, PAST_KEYS
from tokentui.ui.keymap.budget_keys import BUDGET_FORM_KEYS, BUDGET_KEYS
from tokentui.ui.keymap.insight_keys import ADVICE_KEYS, COMPARE_KEYS, VIEW_KEYS
from tokentui.ui.keymap.key import Context, Key

PANE_KEYS = (
    ("headline", "1", "now", "tiles of the last minute"),
    ("chart", "2", "chart", "tokens per minute over time"),
    ("cache", "3", "cache", "how the prompt cache does"),
    ("models", "4", "models", "share of cost and tokens per model"),
    ("budgets", "5", "budgets", "how far the budgets are"),
    ("sessions", "6", "sessions", "the sessions table"),
)

KEYS: tuple[Key, ...] = (
    Key("drill", "enter", "open_row", "open", "Open the row under the cursor", "rows", "look closer", 1),
    Key(
        "back",
        "escape",
        "screen.back",
        "back",
        "Leave the past, zoom, filter or the drill-down, one step",
        "everywhere",
        "look closer",
        2,
    ),
    Key(
        "filter",
        "slash",
        "filter",
        "filter",
        "Show only the sessions that match",
        "dashboard",
        "look closer",
        4,
    ),
    *ALERT_KEYS,
    Key(
        "freeze",
        "space",
        "freeze",
        "freeze",
        "Hold the picture still, or let it run again; reading goes on",
        "everywhere",
        "look closer",
        3,
    ),
    Key(
        "range",
        "t",
        "look('next_range')",
        "range",
        "Next time range: 15m 1h 6h 24h 7d 30d all; of what was billed: 7d 30d 90d",
        "everywhere",
        "time",
        6,
    ),
    *PAST_KEYS,
    Key("zoom_in", "plus", "look('shorter_range')", "shorter range", "A shorter time range", "everywhere", "time"),
    Key("zoom_out", "minus", "look('longer_range')", "longer range", "A longer time range", "everywhere", "time"),
    Key(
        "reset_range",
        "equals_sign",
        "reset_range",
        "first range",
        "Back to the range it started with",
        "everywhere",
        "time",
    ),
    Key(
        "split",
        "m",
        "app.look('other_split')",
        "chart by kind or model",
        "Split the chart by token kind or by model",
        "dashboard",
        "time",
    ),
    Key("sort", "s", "app.look('next_sort')", "sort", "Sort by the next column", "dashboard", "order", 5),
    Key("reverse", "r", "app.look('reversed_order')", "reverse", "Turn the order around", "dashboard", "order"),
    *(
        Key(
            f"pane_{pane}",
            digit,
            f"pane('{pane}')",
            name,
            f"Show, focus or hide: {what}",
            "dashboard",
            "panes",
        )
        for pane, digit, name, what in PANE_KEYS
    ),
    Key("zoom", "z", "zoom", "zoom", "Give the focused pane the whole screen", "dashboard", "panes", 7),
    Key("next_pane", "tab", "next_pane(1)", "next pane", "Focus the next pane", "dashboard", "panes"),
    Key(
        "previous_pane",
        "shift+tab",
        "next_pane(-1)",
        "previous pane",
        "Focus the pane before",
        "dashboard",
        "panes",
    ),
    Key(
        "group",
        "m",
        "next_grouping",
        "group by",
        "Group by the next: day, model, project, key, workspace, account, actor, terminal",
        "billed",
        "order",
        5,
    ),
    *VIEW_KEYS,
    *ADVICE_KEYS,
    *COMPARE_KEYS,
    Key("up", "up,k", "move(-1)", "up", "One row up", "scrolling", "move"),
    Key("down", "down,j", "move(1)", "down", "One row down", "scrolling", "move"),
    Key("page_up", "pageup,ctrl+b", "page(-1)", "page up", "One page up", "scrolling", "move"),
    Key("page_down", "pagedown,ctrl+f", "page(1)", "page down", "One page down", "scrolling", "move"),
    Key("top", "home,g", "move_to_end(-1)", "top", "To the first row", "scrolling", "move"),
    Key("bottom", "end,G", "move_to_end(1)", "bottom", "To the last row", "scrolling", "move"),
    Key(
        "stop_history",
        "x",
        "stop_history",
        "stop reading history",
        "Stop reading old logs; new lines are still followed",
        "everywhere",
        "app",
    ),
    Key("billed", "b", "billed", "billed", "What Anthropic billed, beside the logs", "everywhere", "look closer"),
    *BUDGET_KEYS,
    Key(
        "sync", "R", "sync_now", "sync now", "Fetch Anthropic's reports now, at most once a minute", "everywhere", "app"
    ),
    Key("demo", "d", "demo", "play the demo", "Play a made-up agent run", "nothing found", "app", 1),
    Key(
        "keep_filter",
        "enter",
        "keep",
        "keep filter",
        "Keep the filter and return to the table",
        "filter",
        "look closer",
        1,
    ),
    Key(
        "close_filter",
        "escape",
        "close",
        "close",
        "Close the line, keep the filter; again: clear it",
        "filter",
        "look closer",
        2,
    ),
    *INTERRUPT_KEYS,
    *BUDGET_FORM_KEYS,
    Key("close_help", "escape,question_mark,f1,q", "dismiss_help", "close", "Close the help", "help", "app", 1),
    Key(
        "help",
        "question_mark,f1",
        "help",
        "help",
        "What this pane shows, its formulas and all keys",
        "everywhere",
        "app",
        9,
    ),
    Key("palette", "ctrl+p", "command_palette", "palette", "Find any command by name", "everywhere", "app", 10),
    Key(
        "redraw",
        "ctrl+l",
        "redraw",
        "redraw",
        "Draw the screen anew, after something else wrote on it",
        "everywhere",
        "app",
    ),
    Key("suspend", "ctrl+z", "suspend", "suspend", "Back to the shell; `fg` brings it up again", "everywhere", "app"),
    Key("quit", "q,ctrl+q", "quit", "quit", "Leave tokentui", "everywhere", "app", 11),
)

_SIGNS = {"escape": "Esc", "enter": "Enter", "space": "Space", "tab": "Tab", "shift+tab": "Shift+Tab", "up": "↑",
          "down": "↓", "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End", "plus": "+", "minus": "-",
          "equals_sign": "=", "slash": "/", "left": "←", "right": "→", "question_mark": "?", "exclamation_mark": "!",
          "left_square_bracket": "[", "right_square_bracket": "]", "left_curly_bracket": "{",
          "less_than_sign": "<", "greater_than_sign": ">",
          "right_curly_bracket": "}", "delete": "Del"}  # fmt: skip
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


def bindings(*contexts: Context) -> list[Binding]:
    """The bindings of these contexts, for a class's BINDINGS."""
    return [key.binding() for key in KEYS if key.context in contexts]


def effective_keys(key: Key, keymap: Mapping[str, str]) -> str:
    """The keys as remapped by the user."""
    return keymap.get(key.id) or key.keys


def first_key(key_id: str, keymap: Mapping[str, str]) -> str:
    """The key for an action as people read it, remapped or not."""
    key = next(key for key in KEYS if key.id == key_id)
    return shown_key(effective_keys(key, keymap).split(",")[0].strip())


def with_keys(text: str, keymap: Mapping[str, str]) -> str:
    """A text that names keys by their ids, such as `{drill} opens`, with the keys as people read them."""
    return re.sub(r"\{(\w+)\}", lambda found: first_key(found[1], keymap), text)


def shown_keys(keys: str) -> str:
    """Keys as people read them: `Home g`."""
    return " ".join(shown_key(key.strip()) for key in keys.split(","))


def shown_key(key: str) -> str:
    """One key as people read it: `PgUp`, `Ctrl+P`, `?`."""
    if key.startswith("ctrl+"):
        return f"Ctrl+{key.removeprefix('ctrl+').upper()}"
    return _SIGNS.get(key) or (key.upper() if len(key) > 1 and key[0] == "f" and key[1:].isdigit() else format_key(key))


def key_table_markdown() -> str:
    """The README's key table."""
    lines = ["| key | does | where |", "| --- | --- | --- |"]
    for key in KEYS:
        keys = " ".join(f"`{shown_key(part.strip())}`" for part in key.keys.split(","))
        lines.append(f"| {keys} | {key.tooltip} | {_PLACES[key.context]} |")
    return "\n".join(lines)
