"""What the user may set about the screen, handed over ready-made by the command line."""

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
    """What charts are drawn with."""
    interval_seconds: float = 1.0
    """How often the screen asks again when nothing has changed."""
    is_demo: bool = False
    view: View = View()
    """What is shown first."""
    keep_theme: Callable[[str], str] = lambda _: ""
    """Takes the name of a theme chosen on screen; returns why it could not be kept, if so. Called in a thread."""
    mark_finding: Callable[[str, bool], None] | None = None
    """Takes the key of a piece of advice and whether it is dismissed or shown again. Called in a thread, may raise."""
    on_shown: Callable[[], object] = lambda: None
    """Called once, when the first answer or failure is on screen: what a start needs is loaded by then."""
