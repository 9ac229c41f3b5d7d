"""The keys of a session's views, of advice and of comparing; part of `keys.KEYS`."""

from __future__ import annotations

from tokentui.ui.keymap.key import Key

VIEWS: tuple[tuple[str, str], ...] = (
    ("agents", "who spawned whom, and what each spent"),
    ("timeline", "which agents ran at once"),
    ("turns", "what each prompt led to, and what it cost"),
    ("cache", "what was written again, why, and what that cost"),
    ("tools", "calls, errors, durations, and what results drag into prompts"),
    ("context", "how full the model's window is, and how it filled"),
)
"""The views of a session in the order of their digits."""

VIEW_KEYS: tuple[Key, ...] = (
    *(
        Key(f"view_{name}", str(digit), f"view('{name}')", name, f"{name.capitalize()}: {what}", "session views",
            "panes")
        for digit, (name, what) in enumerate(VIEWS, 1)
    ),
    Key("next_table", "tab,shift+tab", "screen.other_table", "other table", "Focus the other table", "two tables",
        "panes", 7),
    Key("next_view", "greater_than_sign", "next_view(1)", "next view", "Next view of the session", "session views",
        "panes"),
    Key("previous_view", "less_than_sign", "next_view(-1)", "previous view", "View of the session before",
        "session views", "panes"),
    Key("order", "s", "next_order", "order", "Next order: costliest, latest, longest, whatever the table has",
        "ordered", "order", 5),
    Key("zoom_lane", "z", "zoom_lane", "zoom", "The time of the agent under the cursor; again: the whole session",
        "timeline", "time", 5),
    Key("tool_group", "m", "next_grouping", "group by", "Group by the next: tool, MCP server, skill, agent type",
        "tools", "order", 6),
    Key("next_agent", "right", "next_agent(1)", "next agent", "The next agent's context", "context", "panes", 5),
    Key("previous_agent", "left", "next_agent(-1)", "agent before", "The context of the agent before", "context",
        "panes"),
)  # fmt: skip

ADVICE_KEYS: tuple[Key, ...] = (
    Key("advice", "A", "advice", "advice", "Where money could be saved, and how much", "everywhere", "look closer"),
    Key("dismiss", "d", "dismiss", "dismiss", "Show this finding no more; a dismissed one is shown again", "advice",
        "look closer", 4),
    Key("undo_dismiss", "u", "undo", "undo", "Take the last dismissal back", "advice", "look closer", 5),
    Key("show_dismissed", "v", "show_dismissed", "dismissed too", "Show dismissed findings as well, or hide them",
        "advice", "look closer", 6),
)  # fmt: skip

COMPARE_KEYS: tuple[Key, ...] = (
    Key("mark", "c", "mark", "compare", "Mark this session; then, on another one, compare the two", "sessions table",
        "look closer"),
    Key("compare", "C", "compare", "compare", "Two sessions, projects, weeks or models side by side", "everywhere",
        "look closer"),
    Key("compare_left", "1", "choose(0)", "left", "Put this one on the left", "compare", "look closer", 4),
    Key("compare_right", "2", "choose(1)", "right", "Put this one on the right", "compare", "look closer", 5),
    Key("compare_kind", "m", "next_kind", "next kind", "Compare the next: sessions, projects, weeks, models", "compare",
        "order", 6),
)  # fmt: skip
