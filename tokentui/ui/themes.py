"""Colours: two themes that are safe for colour-blind eyes, and chart colours that suit any theme.

Colours of series are taken from the theme itself, moved away from its surface until they can be told from it
and from each other; where a theme has too few, the Okabe–Ito colours fill up. Terminals with a palette of
their own (`ansi-dark`, `ansi-light`) get names of that palette.
"""

from __future__ import annotations

import math
from functools import lru_cache

from rich.style import Style
from textual.color import Color
from textual.design import ColorSystem
from textual.theme import Theme

_SERIES = 6
_MOST_LIKE = 20.0
"""Least distance (CIE76) between two series, so that neighbours in a stack can be told apart."""
_GRAPHIC_CONTRAST, _TEXT_CONTRAST = 3.0, 4.5
_OKABE_ITO = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00", "#0072B2", "#999999")
_WHITE, _BLACK = Color.parse("#ffffff"), Color.parse("#000000")
_SAFE_DARK = _OKABE_ITO[:_SERIES]
_SAFE_LIGHT = ("#0D5EA9", "#A76000", "#009E75", "#711960", "#473700", "#0C1210")
_ANSI_SERIES = ("ansi_blue", "ansi_yellow", "ansi_cyan", "ansi_magenta", "ansi_green", "ansi_red")

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
_OWN_SERIES = {SAFE_DARK.name: _SAFE_DARK, SAFE_LIGHT.name: _SAFE_LIGHT}
_ROLES = {"ok": "success", "warn": "warning", "over": "error"}
_ANSI_ROLES = {"ok": "ansi_green", "warn": "ansi_yellow", "over": "ansi_red"}

Palette = tuple[tuple[str, str], ...]
"""The colours of a theme by name: hashable, unlike the theme."""


def series_colours(theme: Theme) -> tuple[str, ...]:
    """Six colours for series in stacking order, as Textual writes them; told apart on the theme's surface."""
    return _series_colours(*_palette(theme))


def style_for(name: str, theme: Theme) -> Style:
    """What a chart's style name (see `charts.segments`) means in that theme; unknown words mean nothing."""
    return _style_for(name, *_palette(theme))


@lru_cache(maxsize=256)
def legible(style: Style) -> Style:
    """The style, its colour moved away from its ground as far as words need; a terminal's own colours stay, but no
    colour on itself."""
    front, back = style.color, style.bgcolor
    if front is None or back is None:
        return style
    if front.triplet is None or back.triplet is None:
        return style + Style(color="black") if front.number is not None and front == back else style
    ink, ground = Color(*front.triplet), Color(*back.triplet)
    if _contrast(ink, ground) >= _TEXT_CONTRAST:
        return style
    towards = max(_WHITE, _BLACK, key=lambda end: _contrast(end, ground))
    return style + Style(color=_moved(ink, towards, (ground,), _TEXT_CONTRAST).rich_color)


def _palette(theme: Theme) -> tuple[str, bool, Palette]:
    wanted = ("primary", "secondary", "accent", "warning", "error", "success")
    grounds = ("foreground", "background", "surface")
    own = tuple((role, str(getattr(theme, role) or "")) for role in (*wanted, *grounds))
    return theme.name, bool(theme.dark), own


@lru_cache(maxsize=64)
def _colours(dark: bool, palette: Palette) -> dict[str, Color]:
    """The theme's colours with what it leaves out filled in as Textual does."""
    given = {role: value for role, value in palette if value}
    system = ColorSystem(
        given.get("primary", "#0178D4"),
        secondary=given.get("secondary"),
        accent=given.get("accent"),
        warning=given.get("warning"),
        error=given.get("error"),
        success=given.get("success"),
        foreground=given.get("foreground"),
        background=given.get("background"),
        surface=given.get("surface"),
        dark=dark,
    )
    generated = system.generate()
    roles = (
        "primary",
        "secondary",
        "accent",
        "warning",
        "error",
        "success",
        "foreground",
        "background",
        "surface",
    )
    return {role: Color.parse(generated[role]) for role in roles}


def _is_ansi(palette: Palette) -> bool:
    return any(value.startswith("ansi_") for _, value in palette)


@lru_cache(maxsize=64)
def _series_colours(name: str, dark: bool, palette: Palette) -> tuple[str, ...]:
    if _is_ansi(palette):
        return _ANSI_SERIES
    if name in _OWN_SERIES:
        return _OWN_SERIES[name]
    colours = _colours(dark, palette)
    grounds = (colours["surface"], colours["background"])
    own = [colours[role] for role in ("primary", "accent", "success", "secondary", "warning", "error")]
    chosen: list[Color] = []
    candidates = [_stand_out(colour, grounds, _GRAPHIC_CONTRAST) for colour in (*own, *map(Color.parse, _OKABE_ITO))]
    for least in (_MOST_LIKE, _MOST_LIKE / 2, 0.0):
        for colour in candidates:
            if len(chosen) < _SERIES and all(_distance(colour, other) >= least for other in chosen):
                chosen.append(colour)
    return tuple(colour.hex for colour in chosen)


def _stand_out(colour: Color, grounds: tuple[Color, ...], contrast: float) -> Color:
    """The colour, mixed with white or black no more than it takes to stand out from every ground."""
    towards = _WHITE if max(ground.brightness for ground in grounds) < 0.5 else _BLACK
    return _moved(colour, towards, grounds, contrast)


def _moved(colour: Color, towards: Color, grounds: tuple[Color, ...], contrast: float) -> Color:
    for step in range(20):
        mixed = colour.blend(towards, step / 20)
        if min(_contrast(mixed, ground) for ground in grounds) >= contrast:
            return mixed
    return towards


def _linear(colour: Color) -> tuple[float, float, float]:
    """Red, green and blue as amounts of light, 0 to 1."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else math.pow((part + 0.055) / 1.055, 2.4) for part in colour.normalized
    )
    return red, green, blue


def _luminance(colour: Color) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: Color, other: Color) -> float:
    """Contrast of two colours as WCAG counts it, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _lab(colour: Color) -> tuple[float, float, float]:
    red, green, blue = _linear(colour)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = _luminance(colour)
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (math.cbrt(part) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _distance(one: Color, other: Color) -> float:
    return math.dist(_lab(one), _lab(other))


@lru_cache(maxsize=1024)
def _style_for(name: str, theme_name: str, dark: bool, palette: Palette) -> Style:
    words = name.split()
    is_partial = words[-1:] == ["partial"]
    words = words[:-1] if is_partial else words
    front = _named(words[0], theme_name, dark, palette) if words else None
    back = _named(words[2], theme_name, dark, palette) if words[1:2] == ["on"] and len(words) > 2 else None
    if back and words[0] == "pace" and not _is_ansi(palette):
        front = max("#ffffff", "#000000", key=lambda ink: _contrast(Color.parse(ink), Color.parse(back)))
    if _is_ansi(palette):
        quiet = is_partial or (words[:1] or [""])[0] in ("axis", "gap", "track", "mark", "label")
        return Style(color=_ansi(front), bgcolor=_ansi(back), dim=quiet or None, bold=_is_bold(words) or None)
    if is_partial:
        ground = _colours(dark, palette)["surface"]
        front = front and ground.blend(Color.parse(front), 0.55).hex
        back = back and ground.blend(Color.parse(back), 0.55).hex
    return Style(color=front, bgcolor=back, bold=_is_bold(words) or None)


def _is_bold(words: list[str]) -> bool:
    return words[:1] == ["pace"] or any(word in ("state-over", "state-warn") for word in words)


def _ansi(name: str | None) -> str | None:
    return name.removeprefix("ansi_") if name else None


def _named(word: str, theme_name: str, dark: bool, palette: Palette) -> str | None:
    """The colour of one word of a style name."""
    kind, _, rest = word.partition("-")
    if kind == "series" and rest.isdecimal():
        series = _series_colours(theme_name, dark, palette)
        return series[int(rest) % len(series)]
    if _is_ansi(palette):
        return _ANSI_ROLES.get(rest) if kind in ("gauge", "state") else None
    colours = _colours(dark, palette)
    grounds = (colours["surface"], colours["background"])
    if kind in ("gauge", "state") and rest in _ROLES:
        contrast = _GRAPHIC_CONTRAST if kind == "gauge" else _TEXT_CONTRAST
        return _stand_out(colours[_ROLES[rest]], grounds, contrast).hex
    quiet = {"axis": 0.45, "gap": 0.35, "track": 0.25, "mark": 0.55, "label": 0.85, "pace": 1.0}.get(kind)
    return grounds[0].blend(colours["foreground"], quiet).hex if quiet else None
