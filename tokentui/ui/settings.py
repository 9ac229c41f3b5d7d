"""The user's settings of the screen, as the command line passes them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from tokentui.ui.charts.alphabet import AlphabetName
from tokentui.view import View


class UiSettings(NamedTuple):
    """Looks and keys; nothing here changes what is counted."""

    keymap: Mapping[str, str] = MappingProxyType({})
    """Key id → keys that replace the shipped ones, e.g. `{"freeze": "p"}`."""
    theme: str = "textual-dark"
    alphabet: AlphabetName = "auto"
    """The glyphs of the charts; `auto` takes what the terminal can show."""
    interval_seconds: float = 1.0
    """How often the screen asks again when nothing has changed."""
    is_demo: bool = False
    view: View = View()
    """The view at the start."""
    keep_theme: Callable[[str], str] = lambda _: ""
    """Called in a thread with the name of a theme chosen on screen; returns why it was not stored, empty if it was."""
    mark_finding: Callable[[str, bool], None] | None = None
    """Called in a thread with the key of a finding and whether it is dismissed; may raise."""
    on_shown: Callable[[], object] = lambda: None
    """Called once, when the first answer or failure is on screen and everything a start needs is loaded."""
