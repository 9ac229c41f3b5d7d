"""The help: what the focused pane shows, its formulas, its keys, then all keys, generated from the declarations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from tokentui.ui import words
from tokentui.ui.drawing.help import PaneHelp
from tokentui.ui.drawing.lines import Line, fold
from tokentui.ui.drawing.scrolling import ScrolledLines
from tokentui.ui.keymap import keys, spelled
from tokentui.ui.keymap.key import Context, Key
from tokentui.ui.keymap.keys import KEYS
from tokentui.ui.scene import Scene

_KEY_CELLS = 16
_HEADINGS: tuple[tuple[Context, str], ...] = (
    ("rows", "this table"),
    ("session", "a session"),
    ("session views", "a session's views"),
    ("timeline", "timeline"),
    ("ordered", "order"),
    ("tools", "tools"),
    ("context", "context"),
    ("two tables", "two tables"),
    ("advice", "advice"),
    ("compare", "comparing"),
    ("sessions table", "sessions"),
    ("alerts", "alert log"),
    ("budgets", "budgets"),
    ("scrolling", "moving"),
    ("dashboard", "dashboard"),
    ("nothing found", "without logs"),
    ("filter", "filter line"),
    ("billed", "billed"),
    ("everywhere", "everywhere"),
)
_MOUSE = (
    ("click", "Focus a pane, take a row, sort by a header; on the footer or the name of a view: its key"),
    ("second click", "Open the row, or from their gauges the budgets"),
    ("wheel", "Move up and down"),
)


class HelpText(ScrolledLines):
    """The text of the help."""

    def __init__(self, pane_help: PaneHelp | None, contexts: frozenset[Context], keymap: Mapping[str, str]) -> None:
        super().__init__(id="help-text")
        self._pane_help = pane_help
        self._contexts = contexts
        self._keymap = keymap

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The titles of the frame: the pane, and the key that closes."""
        name = f"help · {self._pane_help.title}" if self._pane_help else "help"
        return name, f"{spelled.first_key('close_help', scene.keymap)} closes"

    def text(self, scene: Scene, width: int) -> Sequence[Line]:
        """The lines of the help: the pane, its formulas, the keys by place, and the mouse."""
        lines = _about(self._pane_help, self._keymap, width) if self._pane_help else []
        for context, heading in _HEADINGS:
            if context in self._contexts:
                lines += [((f" keys · {heading}", "title"),), *_keys(context, self._keymap, width), ()]
        return [*lines, ((" mouse", "title"),), *(line for what, does in _MOUSE for line in _told(what, does, width))]


def _about(pane_help: PaneHelp, keymap: Mapping[str, str], width: int) -> list[Line]:
    shows = spelled.with_keys(pane_help.shows, keymap)
    lines: list[Line] = [*(((f" {part}", ""),) for part in fold(shows, width - 2)), ()]
    if pane_help.formulas:
        lines.append(((" formulas", "title"),))
    for figure, formula in pane_help.formulas:
        if len(figure) > _KEY_CELLS:  # a rule's long name stands alone, above its formula
            lines.append(((f" {figure}", "strong"),))
            figure = ""  # noqa: PLW2901
        lines += _told(figure, formula, width, "strong")
    return [*lines, ()]


def _keys(context: Context, keymap: Mapping[str, str], width: int) -> list[Line]:
    return [line for key in KEYS if key.context == context for line in _key(key, keymap, width)]


def _key(key: Key, keymap: Mapping[str, str], width: int) -> list[Line]:
    return _told(spelled.shown_keys(spelled.effective_keys(key, keymap)), key.tooltip, width)


def _told(what: str, does: str, width: int, ink: str = "key") -> list[Line]:
    """A key or a formula's name, and beside it what it means, in as many lines as that takes."""
    parts = fold(does, max(10, width - _KEY_CELLS - 3))
    first: Line = ((f" {words.left(what, _KEY_CELLS)} ", ink), (parts[0], ""))
    return [first, *(((" " * (_KEY_CELLS + 2), ""), (part, "")) for part in parts[1:])]


class HelpScreen(ModalScreen[None]):
    """The help over whatever is below."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("help"))
    AUTO_FOCUS: ClassVar[str | None] = "#help-text"

    def __init__(self, text: HelpText, scene: Scene) -> None:
        super().__init__()
        self._text = text
        self._scene = scene

    def compose(self) -> ComposeResult:
        """The text in a box."""
        yield self._text

    def on_mount(self) -> None:
        """Draw the help."""
        self._text.frame = "box"
        self._text.scene = self._scene

    def action_dismiss_help(self) -> None:
        """Close the help."""
        self.dismiss()
