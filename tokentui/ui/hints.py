"""The footer: the keys that work here and now, from the one declaration in `keys`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.screen import Screen

from tokentui.ui.keys import KEYS, shown_key
from tokentui.ui.lines import Line, LinePane, Piece, line_width
from tokentui.ui.scene import Scene

_BY_ID = {key.id: key for key in KEYS}


@dataclass(frozen=True, slots=True)
class Hint:
    """One key in the footer."""

    place: int
    key: str
    sign: str
    description: str
    is_enabled: bool

    @property
    def line(self) -> Line:
        """The key and what it does."""
        ink = "key" if self.is_enabled else "muted"
        return ((self.sign, ink), (f" {self.description}", "muted"))


class KeyHints(LinePane, can_focus=False):
    """One line, the nearest context first."""

    def on_mount(self) -> None:
        """Follow what is bound."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, _screen: Screen[object]) -> None:
        self.redraw()

    def hints(self) -> list[Hint]:
        """What is bound in the focused place, in footer order, each action once."""
        found: dict[str, Hint] = {}
        for active in self.screen.active_bindings.values():
            key = _BY_ID.get(active.binding.id or "")
            if key is not None and key.hint and key.id not in found:
                binding = active.binding
                found[key.id] = Hint(key.hint, binding.key, shown_key(binding.key), key.description, active.enabled)
        return sorted(found.values(), key=lambda hint: hint.place)

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """As many hints as fit; the last ones (help, palette, quit) before the middle ones."""
        return [tuple(piece for _, line in self._placed(width) for piece in line)]

    def _placed(self, width: int) -> list[tuple[Hint, Line]]:
        hints = self.hints()
        while hints and sum(line_width(hint.line) + 2 for hint in hints) + 1 > width:
            droppable = [hint for hint in hints if hint.place not in (1, 2, 8, 10)] or hints
            hints.remove(droppable[-1])
        gap: Piece = ("  ", "")
        return [(hint, ((" ", ""), *hint.line) if not index else (gap, *hint.line)) for index, hint in enumerate(hints)]

    def on_click(self, event: events.Click) -> None:
        """A click on a hint is its key."""
        start = 0
        for hint, line in self._placed(self.size.width):
            end = start + line_width(line)
            if start <= event.x < end and hint.is_enabled:
                self.app.simulate_key(hint.key)
            start = end
