"""The footer: the keys that work here and now, from the one declaration in `keys`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from textual import events
from textual.binding import ActiveBinding
from textual.screen import Screen

from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line, Piece, line_width
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.keymap.key import Key
from tokentui.ui.keymap.keys import KEYS
from tokentui.ui.keymap.spelled import shown_key
from tokentui.ui.scene import Scene

_PANES_PLACE = 8
_KEPT_PLACES = (1, 2, 9, 11)
"""Open, back, help and quit stay when there is no room for all."""


class Hint(NamedTuple):
    """One key in the footer."""

    place: int
    key: str
    """The key that a click presses; empty if the hint stands for several keys."""
    sign: str
    description: str
    is_enabled: bool
    is_general: bool = False
    """Whether the key does the same on every screen, so that it gives way to others."""

    @classmethod
    def of(cls, key: Key, active: list[ActiveBinding], *, is_first_screen: bool) -> Hint:
        """The hint of a key, with the first of the keys that are bound to it."""
        order = key.keys.split(",")
        first = min(active, key=lambda one: order.index(one.binding.key) if one.binding.key in order else -1)
        sign, is_general = shown_key(first.binding.key), key.context == "everywhere" and not is_first_screen
        return cls(key.hint, first.binding.key, sign, key.description, first.enabled, is_general)

    @property
    def line(self) -> Line:
        """The key and what it does."""
        ink = "key" if self.is_enabled else "muted"
        return ((self.sign, ink), (f" {self.description}", "muted"))


class KeyHints(LinePane, can_focus=False):
    """One line, the nearest context first."""

    def on_mount(self) -> None:
        """Draw again whenever the active bindings change."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, _screen: Screen[object]) -> None:
        self.redraw()

    def hints(self) -> list[Hint]:
        """The hints of the active bindings in footer order, each action once."""
        active: defaultdict[str, list[ActiveBinding]] = defaultdict(list)
        for binding in self.screen.active_bindings.values():
            active[binding.binding.id or ""].append(binding)
        said = self._said()
        is_first = (
            "filter" in active
        )  # only the dashboard has the filter; there, freezing and alerts come before sorting
        found = [
            Hint.of(
                key._replace(description=said.get(key.id, key.description)), active[key.id], is_first_screen=is_first
            )
            for key in KEYS
            if key.hint and key.id in active
        ]
        for prefix, what in (("pane_", "panes"), ("view_", "views")):
            row = [active[key.id][0].binding.key for key in KEYS if key.id.startswith(prefix) and key.id in active]
            if row:
                found.append(Hint(_PANES_PLACE, "", f"{shown_key(row[0])}-{shown_key(row[-1])}", what, True))
        return sorted(found, key=lambda hint: hint.place)

    def _said(self) -> Mapping[str, str]:
        """The words for keys that do something else here than usual."""
        focused, said = self.screen.focused, {}
        if isinstance(focused, RowTable):
            said["drill"] = focused.ENTER
        if self.scene is not None and self.scene.view.as_of is not None:
            said["freeze"] = "back to now"
        elif self.scene is not None and self.scene.frozen_at is not None:
            said["freeze"] = "resume"
        return said

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """As many hints as fit; those of `_KEPT_PLACES` stay longest."""
        return [tuple(piece for _, line in self._placed(width) for piece in line)]

    def _placed(self, width: int) -> list[tuple[Hint, Line]]:
        hints = self.hints()
        while hints and sum(line_width(hint.line) + 2 for hint in hints) + 1 > width:
            droppable = [hint for hint in hints if hint.place not in _KEPT_PLACES] or hints
            general = [hint for hint in droppable if hint.is_general]
            hints.remove((general or droppable)[-1])
        gap: Piece = ("  ", "")
        return [(hint, ((" ", ""), *hint.line) if not index else (gap, *hint.line)) for index, hint in enumerate(hints)]

    def on_click(self, event: events.Click) -> None:
        """Press the key of the hint that was clicked."""
        start = 0
        for hint, line in self._placed(self.size.width):
            end = start + line_width(line)
            if start <= event.x < end and hint.is_enabled and hint.key:
                self.app.simulate_key(hint.key)
            start = end
