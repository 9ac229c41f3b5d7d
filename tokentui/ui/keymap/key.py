"""The shape of a declared key."""

from __future__ import annotations

from typing import Literal, NamedTuple

from textual.binding import Binding

Context = Literal[
    "everywhere",
    "dashboard",
    "rows",
    "scrolling",
    "session",
    "alerts",
    "filter",
    "help",
    "interrupt",
    "nothing found",
    "billed",
    "budgets",
    "budget form",
    "removal",
    "session views",
    "timeline",
    "ordered",
    "tools",
    "context",
    "two tables",
    "advice",
    "compare",
    "sessions table",
]
Group = Literal["look closer", "time", "order", "panes", "move", "app"]


class Key(NamedTuple):
    """One thing that one or more keys do. The configuration remaps it by its `id`."""

    id: str
    keys: str
    action: str
    description: str
    tooltip: str
    context: Context
    group: Group
    hint: int = 0
    """Its place in the footer, 1 first; 0 if only the help names it."""

    def binding(self) -> Binding:
        """The key as Textual's binding."""
        return Binding(
            self.keys,
            self.action,
            self.description,
            show=bool(self.hint),
            tooltip=self.tooltip,
            id=self.id,
            group=Binding.Group(self.group),
        )
