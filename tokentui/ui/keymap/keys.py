"""Every key, declared once: bindings, footer, help, palette and the README's key table are made from `KEYS`."""

from __future__ import annotations

from textual.binding import Binding

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
    Key("drill", keys="enter", action="open_row", context="rows", group="look closer", hint=1,
        description="open", tooltip="Open the row under the cursor"),
    Key("back", keys="escape", action="screen.back", context="everywhere", group="look closer", hint=2,
        description="back", tooltip="Leave the past, zoom, filter or the drill-down, one step"),
    Key("filter", keys="slash", action="filter", context="dashboard", group="look closer", hint=4,
        description="filter", tooltip="Show only the sessions that match"),
    *ALERT_KEYS,
    Key("freeze", keys="space", action="freeze", context="everywhere", group="look closer", hint=3,
        description="freeze", tooltip="Hold the picture still, or let it run again; reading goes on"),
    Key("range", keys="t", action="look('next_range')", context="everywhere", group="time", hint=6,
        description="range", tooltip="Next time range: 15m 1h 6h 24h 7d 30d all; of what was billed: 7d 30d 90d"),
    *PAST_KEYS,
    Key("zoom_in", keys="plus", action="look('shorter_range')", context="everywhere", group="time",
        description="shorter range", tooltip="A shorter time range"),
    Key("zoom_out", keys="minus", action="look('longer_range')", context="everywhere", group="time",
        description="longer range", tooltip="A longer time range"),
    Key("reset_range", keys="equals_sign", action="reset_range", context="everywhere", group="time",
        description="first range", tooltip="Back to the range it started with"),
    Key("split", keys="m", action="app.look('other_split')", context="dashboard", group="time",
        description="chart by kind or model", tooltip="Split the chart by token kind or by model"),
    Key("sort", keys="s", action="app.look('next_sort')", context="dashboard", group="order", hint=5,
        description="sort", tooltip="Sort by the next column"),
    Key("reverse", keys="r", action="app.look('reversed_order')", context="dashboard", group="order",
        description="reverse", tooltip="Turn the order around"),
    *(
        Key(f"pane_{pane}", keys=digit, action=f"pane('{pane}')", context="dashboard", group="panes",
            description=name, tooltip=f"Show, focus or hide: {what}")
        for pane, digit, name, what in PANE_KEYS
    ),
    Key("zoom", keys="z", action="zoom", context="dashboard", group="panes", hint=7,
        description="zoom", tooltip="Give the focused pane the whole screen"),
    Key("next_pane", keys="tab", action="next_pane(1)", context="dashboard", group="panes",
        description="next pane", tooltip="Focus the next pane"),
    Key("previous_pane", keys="shift+tab", action="next_pane(-1)", context="dashboard", group="panes",
        description="previous pane", tooltip="Focus the pane before"),
    Key("group", keys="m", action="next_grouping", context="billed", group="order", hint=5,
        description="group by",
        tooltip="Group by the next: day, model, project, key, workspace, account, actor, terminal"),
    *VIEW_KEYS,
    *ADVICE_KEYS,
    *COMPARE_KEYS,
    Key("up", keys="up,k", action="move(-1)", context="scrolling", group="move",
        description="up", tooltip="One row up"),
    Key("down", keys="down,j", action="move(1)", context="scrolling", group="move",
        description="down", tooltip="One row down"),
    Key("page_up", keys="pageup,ctrl+b", action="page(-1)", context="scrolling", group="move",
        description="page up", tooltip="One page up"),
    Key("page_down", keys="pagedown,ctrl+f", action="page(1)", context="scrolling", group="move",
        description="page down", tooltip="One page down"),
    Key("top", keys="home,g", action="move_to_end(-1)", context="scrolling", group="move",
        description="top", tooltip="To the first row"),
    Key("bottom", keys="end,G", action="move_to_end(1)", context="scrolling", group="move",
        description="bottom", tooltip="To the last row"),
    Key("stop_history", keys="x", action="stop_history", context="everywhere", group="app",
        description="stop reading history", tooltip="Stop reading old logs; new lines are still followed"),
    Key("billed", keys="b", action="billed", context="everywhere", group="look closer",
        description="billed", tooltip="What Anthropic billed, beside the logs"),
    *BUDGET_KEYS,
    Key("sync", keys="R", action="sync_now", context="everywhere", group="app",
        description="sync now", tooltip="Fetch Anthropic's reports now, at most once a minute"),
    Key("demo", keys="d", action="demo", context="nothing found", group="app", hint=1,
        description="play the demo", tooltip="Play a made-up agent run"),
    Key("keep_filter", keys="enter", action="keep", context="filter", group="look closer", hint=1,
        description="keep filter", tooltip="Keep the filter and return to the table"),
    Key("close_filter", keys="escape", action="close", context="filter", group="look closer", hint=2,
        description="close", tooltip="Close the line, keep the filter; again: clear it"),
    *INTERRUPT_KEYS,
    *BUDGET_FORM_KEYS,
    Key("close_help", keys="escape,question_mark,f1,q", action="dismiss_help", context="help", group="app", hint=1,
        description="close", tooltip="Close the help"),
    Key("help", keys="question_mark,f1", action="help", context="everywhere", group="app", hint=9,
        description="help", tooltip="What this pane shows, its formulas and all keys"),
    Key("palette", keys="ctrl+p", action="command_palette", context="everywhere", group="app", hint=10,
        description="palette", tooltip="Find any command by name"),
    Key("redraw", keys="ctrl+l", action="redraw", context="everywhere", group="app",
        description="redraw", tooltip="Draw the screen anew, after something else wrote on it"),
    Key("suspend", keys="ctrl+z", action="suspend", context="everywhere", group="app",
        description="suspend", tooltip="Back to the shell; `fg` brings it up again"),
    Key("quit", keys="q,ctrl+q", action="quit", context="everywhere", group="app", hint=11,
        description="quit", tooltip="Leave tokentui"),
)  # fmt: skip


def bindings(*contexts: Context) -> list[Binding]:
    """The bindings of these contexts, for a class's BINDINGS."""
    return [key.binding() for key in KEYS if key.context in contexts]
