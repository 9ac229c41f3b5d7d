"""What a theme and a terminal offer in colours: hashable, so that what is worked out from it can be kept."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rich.color import ColorSystem as RichSystem
from textual.color import Color
from textual.design import ColorSystem
from textual.theme import Theme

_GIVEN = ("primary", "secondary", "accent", "warning", "error", "success", "foreground", "background", "surface")

SIXTEEN = (
    "#000000", "#AA0000", "#00AA00", "#AA5500", "#0000AA", "#AA00AA", "#00AAAA", "#AAAAAA",
    "#555555", "#FF5555", "#55FF55", "#FFFF55", "#5555FF", "#FF55FF", "#55FFFF", "#FFFFFF",
)  # fmt: skip
"""The colours of a terminal that has no more, as VGA shows them; Rich picks the nearest of these."""


class Palette(NamedTuple):
    """The colours of one theme on one kind of terminal."""

    theme_name: str
    is_dark: bool
    given: tuple[tuple[str, str], ...]
    """The colours that the theme names itself, by role."""
    has_few_colours: bool
    """Whether the terminal has only 16 colours: each colour is shown as the nearest of them."""

    @property
    def is_ansi(self) -> bool:
        """Whether the theme takes its colours from the terminal's own palette."""
        return any(value.startswith("ansi_") for _, value in self.given)

    @property
    def grounds(self) -> tuple[Color, Color]:
        """The two colours that charts and words stand on."""
        colours = filled_in(self)
        return colours["surface"], colours["background"]


def palette_of(theme: Theme, *, has_few_colours: bool = False) -> Palette:
    """The palette of a theme."""
    given = tuple((role, str(getattr(theme, role) or "")) for role in _GIVEN)
    return Palette(theme.name, bool(theme.dark), given, has_few_colours)


@lru_cache(maxsize=64)
def filled_in(palette: Palette) -> dict[str, Color]:
    """The theme's colours by role, those it leaves out filled in as Textual does."""
    given = {role: value or None for role, value in palette.given}
    system = ColorSystem(
        given["primary"] or "#0178D4",
        secondary=given["secondary"],
        accent=given["accent"],
        warning=given["warning"],
        error=given["error"],
        success=given["success"],
        foreground=given["foreground"],
        background=given["background"],
        surface=given["surface"],
        dark=palette.is_dark,
    )
    generated = system.generate()
    return {role: Color.parse(generated[role]) for role in _GIVEN}


def nearest_of_16(colour: Color) -> Color:
    """The colour that a terminal with 16 colours shows for this one, as Rich picks it."""
    number = colour.rich_color.downgrade(RichSystem.STANDARD).number
    return colour if number is None else Color.parse(SIXTEEN[number])
