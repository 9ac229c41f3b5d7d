"""Themes: two that are safe for colour-blind eyes, and what the charts' style names mean in any theme."""

from __future__ import annotations

from functools import lru_cache

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from tokentui.ui.colours.contrast import BLACK, GRAPHIC_CONTRAST, TEXT_CONTRAST, WHITE, contrast, moved, stand_out
from tokentui.ui.colours.palette import Palette, filled_in, nearest_of_16, palette_of
from tokentui.ui.colours.series import dimmed, series_colours

SAFE_DARK = Theme(
    name="tokentui-safe",
    primary="#4C9BE8",
    secondary="#8FB8DE",
    accent="#E69F00",
    success="#4C9BE8",
    warning="#F0B429",
    error="#F06A3A",
    foreground="#E6E6E6",
    background="#101418",
    surface="#171D23",
    panel="#222B34",
    dark=True,
)
SAFE_LIGHT = Theme(
    name="tokentui-safe-light",
    primary="#0067A5",
    secondary="#3E6C8F",
    accent="#B35900",
    success="#0067A5",
    warning="#946200",
    error="#7A1C00",
    foreground="#1C2024",
    background="#FAFAF7",
    surface="#F0F1EE",
    panel="#E2E5E4",
    dark=False,
)
SAFE_THEMES = (SAFE_DARK, SAFE_LIGHT)
_ROLES = {"ok": "success", "warn": "warning", "over": "error"}
_ANSI_ROLES = {"ok": "ansi_green", "warn": "ansi_yellow", "over": "ansi_red"}
_QUIET = {
    "track": (0.25, 1.0),
    "gap": (0.35, GRAPHIC_CONTRAST),
    "axis": (0.45, GRAPHIC_CONTRAST),
    "mark": (0.55, GRAPHIC_CONTRAST),
    "label": (0.85, TEXT_CONTRAST),
    "pace": (1.0, GRAPHIC_CONTRAST),
}
"""How much of the foreground is mixed into the surface, 0 to 1, and the least contrast of the result. The track is the
empty part of a gauge, which no figure depends on."""


def style_for(name: str, theme: Theme, *, has_few_colours: bool = False) -> Style:
    """What a chart's style name (see `charts.segments`) means in that theme; unknown words mean nothing."""
    return _style_for(name, palette_of(theme, has_few_colours=has_few_colours))


@lru_cache(maxsize=512)
def legible(style: Style, least_contrast: float = TEXT_CONTRAST, *, has_few_colours: bool = False) -> Style:
    """The style, its colour moved away from its ground until it has that contrast.

    A terminal's own colours stay as they are, since nobody knows what they look like; only a colour on itself becomes
    black. Where there are 16 colours, those are compared that will be shown, and a bad one becomes black or white.
    """
    front, back = style.color, style.bgcolor
    if front is None or back is None:
        return style
    if front.triplet is None or back.triplet is None:
        return style + Style(color="black") if front.number is not None and front == back else style
    ink, ground = Color(*front.triplet), Color(*back.triplet)
    if has_few_colours:
        ink, ground = nearest_of_16(ink), nearest_of_16(ground)
    if contrast(ink, ground) >= least_contrast:
        return style
    towards = max(WHITE, BLACK, key=lambda end: contrast(end, ground))
    chosen = towards if has_few_colours else moved(ink, towards, (ground,), least_contrast)
    return style + Style(color=chosen.rich_color)


@lru_cache(maxsize=1024)
def _style_for(name: str, palette: Palette) -> Style:
    words = name.split()
    is_partial = words[-1:] == ["partial"]
    words = words[:-1] if is_partial else words
    front = _colour_of(words[0], palette) if words else None
    back = _colour_of(words[2], palette) if words[1:2] == ["on"] and len(words) > 2 else None
    if back and words[0] == "pace" and not palette.is_ansi:
        front = max("#ffffff", "#000000", key=lambda ink: contrast(Color.parse(ink), Color.parse(back)))
    is_bold = words[:1] == ["pace"] or any(word in ("state-over", "state-warn") for word in words)
    if palette.is_ansi:
        is_dim = is_partial or (words[:1] or [""])[0] in ("axis", "gap", "track", "mark", "label")
        return Style(color=_ansi(front), bgcolor=_ansi(back), dim=is_dim or None, bold=is_bold or None)
    if is_partial:
        front, back = front and dimmed(front, palette), back and dimmed(back, palette)
    return Style(color=front, bgcolor=back, bold=is_bold or None)


def _ansi(name: str | None) -> str | None:
    """What Rich calls a colour of the terminal's palette that Textual calls `ansi_…`."""
    return name.removeprefix("ansi_") if name else None


def _colour_of(word: str, palette: Palette) -> str | None:
    """The colour of one word of a style name."""
    kind, _, rest = word.partition("-")
    if kind == "series" and rest.isdecimal():
        series = series_colours(palette)
        return series[int(rest) % len(series)]
    if palette.is_ansi:
        return _ANSI_ROLES.get(rest) if kind in ("gauge", "state") else None
    colours = filled_in(palette)
    if kind in ("gauge", "state") and rest in _ROLES:
        least_contrast = GRAPHIC_CONTRAST if kind == "gauge" else TEXT_CONTRAST
        return stand_out(colours[_ROLES[rest]], palette.grounds, least_contrast).hex
    if kind not in _QUIET:
        return None
    share, least_contrast = _QUIET[kind]
    return stand_out(colours["surface"].blend(colours["foreground"], share), palette.grounds, least_contrast).hex
