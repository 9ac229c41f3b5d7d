"""The colours of chart series: told from their ground and from each other, on every theme and every terminal.

They are taken from the theme itself, moved away from its surface until they stand out; where a theme has too few,
the Okabe-Ito colours fill up. The safe themes have colours of their own, and so have terminals with 16 colours. Themes
that use the terminal's palette (`ansi-dark`, `ansi-light`) get names of that palette.
"""

from __future__ import annotations

from functools import lru_cache

from textual.color import Color

from tokentui.ui.colours.contrast import GRAPHIC_CONTRAST, distance, stand_out
from tokentui.ui.colours.palette import SIXTEEN, Palette, filled_in

SERIES_COUNT = 6
_LEAST_DISTANCE = 20.0
"""Between any two series, so that neighbours in a stack can be told apart."""
_OKABE_ITO = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00", "#0072B2", "#999999")
_OWN_SERIES = {
    "tokentui-safe": _OKABE_ITO[:SERIES_COUNT],
    "tokentui-safe-light": ("#0D5EA9", "#A76000", "#009E75", "#711960", "#473700", "#0C1210"),
}
_ANSI_SERIES = ("ansi_blue", "ansi_yellow", "ansi_cyan", "ansi_magenta", "ansi_green", "ansi_red")
_FEW_ON_DARK = tuple(SIXTEEN[number] for number in (14, 11, 9, 12, 5, 6))
_FEW_ON_LIGHT = tuple(SIXTEEN[number] for number in (12, 1, 0, 8, 4, 5))
"""Of 16 colours the six, and first among them the four for the kinds of tokens, that lie farthest apart for normal and
for colour-blind eyes as VGA and xterm show them."""
_DIMMED_ON_DARK = {SIXTEEN[number]: SIXTEEN[number - 8] for number in (9, 11, 12, 14)}


@lru_cache(maxsize=64)
def series_colours(palette: Palette) -> tuple[str, ...]:
    """Six colours for series in stacking order, as Textual writes them."""
    if palette.is_ansi:
        return _ANSI_SERIES
    if palette.has_few_colours:
        return _FEW_ON_DARK if palette.is_dark else _FEW_ON_LIGHT
    return _OWN_SERIES.get(palette.theme_name) or _chosen(palette)


def dimmed(colour: str, palette: Palette) -> str:
    """The colour of a series where its figure is still growing; of 16 colours a mixture could be any other series."""
    if palette.has_few_colours:
        return _DIMMED_ON_DARK.get(colour, colour) if palette.is_dark else colour
    return palette.grounds[0].blend(Color.parse(colour), 0.55).hex


def _chosen(palette: Palette) -> tuple[str, ...]:
    """Colours of the theme, then of Okabe and Ito; closer ones only where there are too few that lie far apart."""
    roles = ("primary", "accent", "success", "secondary", "warning", "error")
    own = [filled_in(palette)[role] for role in roles]
    candidates = [
        stand_out(colour, palette.grounds, GRAPHIC_CONTRAST) for colour in (*own, *map(Color.parse, _OKABE_ITO))
    ]
    chosen: list[Color] = []
    for least in (_LEAST_DISTANCE, _LEAST_DISTANCE / 2, 0.0):
        for colour in candidates:
            if len(chosen) < SERIES_COUNT and all(distance(colour, other) >= least for other in chosen):
                chosen.append(colour)
    return tuple(colour.hex for colour in chosen)
