"""Mistakes in settings that only the screen knows: the theme and the names of keys."""

from __future__ import annotations

from collections.abc import Iterator

from tokentui.checkup import Problem
from tokentui.config.settings import Settings


def screen_problems(settings: Settings, where: str) -> Iterator[Problem]:
    """One sentence for each mistake, as the monitor words it; the screen is imported only if something was set."""
    if settings.theme != Settings().theme:
        from textual.theme import BUILTIN_THEMES

        from tokentui.ui.colours.themes import SAFE_THEMES

        if settings.theme not in {*BUILTIN_THEMES, *(theme.name for theme in SAFE_THEMES)}:
            mend = "choose one in the monitor's palette (Ctrl+P, theme); until then the one that ships holds"
            yield Problem(f"there is no theme {settings.theme!r}", where, mend)
    if settings.keymap:
        from tokentui.ui.keymap.remapped import complaints

        for complaint in complaints(settings.keymap):
            yield Problem(complaint, where, "mend it or leave it out; the README lists the names")
