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
        Key(f"view_{name}", keys=str(digit), action=f"view('{name}')", context="session views", group="panes",
            description=name, tooltip=f"{name.capitalize()}: {what}")
        for digit, (name, what) in enumerate(VIEWS, 1)
    ),
    Key("next_table", keys="tab,shift+tab", action="screen.other_table", context="two tables", group="panes", hint=7,
        description="other table", tooltip="Focus the other table"),
    Key("next_view", keys="greater_than_sign", action="next_view(1)", context="session views", group="panes",
        description="next view", tooltip="Next view of the session"),
    Key("previous_view", keys="less_than_sign", action="next_view(-1)", context="session views", group="panes",
        description="previous view", tooltip="View of the session before"),
    Key("order", keys="s", action="next_order", context="ordered", group="order", hint=5,
        description="order", tooltip="Next order: costliest, latest, longest, whatever the table has"),
    Key("zoom_lane", keys="z", action="zoom_lane", context="timeline", group="time", hint=5,
        description="zoom", tooltip="The time of the agent under the cursor; again: the whole session"),
    Key("tool_group", keys="m", action="next_grouping", context="tools", group="order", hint=6,
        description="group by", tooltip="Group by the next: tool, MCP server, skill, agent type"),
    Key("next_agent", keys="right", action="next_agent(1)", context="context", group="panes", hint=5,
        description="next agent", tooltip="The next agent's context"),
    Key("previous_agent", keys="left", action="next_agent(-1)", context="context", group="panes",
        description="agent before", tooltip="The context of the agent before"),
)  # fmt: skip

ADVICE_KEYS: tuple[Key, ...] = (
    Key("advice", keys="A", action="advice", context="everywhere", group="look closer",
        description="advice", tooltip="Where money could be saved, and how much"),
    Key("dismiss", keys="d", action="dismiss", context="advice", group="look closer", hint=4,
        description="dismiss", tooltip="Show this finding no more; a dismissed one is shown again"),
    Key("undo_dismiss", keys="u", action="undo", context="advice", group="look closer", hint=5,
        description="undo", tooltip="Take the last dismissal back"),
    Key("show_dismissed", keys="v", action="show_dismissed", context="advice", group="look closer", hint=6,
        description="dismissed too", tooltip="Show dismissed findings as well, or hide them"),
)  # fmt: skip

COMPARE_KEYS: tuple[Key, ...] = (
    Key("mark", keys="c", action="mark", context="sessions table", group="look closer",
        description="compare", tooltip="Mark this session; then, on another one, compare the two"),
    Key("compare", keys="C", action="compare", context="everywhere", group="look closer",
        description="compare", tooltip="Two sessions, projects, weeks or models side by side"),
    Key("compare_left", keys="1", action="choose(0)", context="compare", group="look closer", hint=4,
        description="left", tooltip="Put this one on the left"),
    Key("compare_right", keys="2", action="choose(1)", context="compare", group="look closer", hint=5,
        description="right", tooltip="Put this one on the right"),
    Key("compare_kind", keys="m", action="next_kind", context="compare", group="order", hint=6,
        description="next kind", tooltip="Compare the next: sessions, projects, weeks, models"),
)  # fmt: skip
