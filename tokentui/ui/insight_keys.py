"""The keys of a session's views, of advice and of comparing; part of `keys.KEYS`."""

from __future__ import annotations

from tokentui.ui.key import Key

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
    Key("next_view", "right_square_bracket", "next_view(1)", "next view", "Next view of the session", "session views",
        "panes"),
    Key("previous_view", "left_square_bracket", "next_view(-1)", "previous view", "View of the session before",
        "session views", "panes"),
    Key("order", "s", "next_order", "order", "Next order: costliest, latest, longest, whatever the table has",
        "ordered", "order", 5),
    Key("tool_group", "m", "next_grouping", "by", "Group by the next: tool, MCP server, skill, agent type", "tools",
        "order", 6),
    Key("next_agent", "right", "next_agent(1)", "next agent", "The next agent's context", "context", "panes", 5),
    Key("previous_agent", "left", "next_agent(-1)", "agent before", "The context of the agent before", "context",
        "panes"),
)  # fmt: skip
