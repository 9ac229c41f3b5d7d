"""How well two colours are told apart, and how far a colour is moved until they are."""

from __future__ import annotations

import math

from textual.color import Color

GRAPHIC_CONTRAST, TEXT_CONTRAST = 3.0, 4.5
"""Least contrast of chart marks and of words against their ground (WCAG 2.2, 1.4.11 and 1.4.3)."""
WHITE, BLACK = Color.parse("#ffffff"), Color.parse("#000000")
_STEPS = 20


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio of two colours as WCAG defines it, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def distance(one: Color, other: Color) -> float:
    """Distance of two colours in CIELAB (CIE76); 2.3 is just noticeable."""
    return math.dist(_lab(one), _lab(other))


def stand_out(colour: Color, grounds: tuple[Color, ...], least_contrast: float) -> Color:
    """The colour, mixed with white or black just enough to have that contrast with every ground."""
    towards = WHITE if max(ground.brightness for ground in grounds) < 0.5 else BLACK
    return moved(colour, towards, grounds, least_contrast)


def moved(colour: Color, towards: Color, grounds: tuple[Color, ...], least_contrast: float) -> Color:
    """The colour, mixed with `towards` in steps of a twentieth until it has that contrast with every ground."""
    for step in range(_STEPS):
        mixed = colour.blend(towards, step / _STEPS)
        if min(contrast(mixed, ground) for ground in grounds) >= least_contrast:
            return mixed
    return towards


def _linear(colour: Color) -> tuple[float, float, float]:
    """Red, green and blue as amounts of light, 0 to 1 (sRGB, IEC 61966-2-1)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else math.pow((part + 0.055) / 1.055, 2.4) for part in colour.normalized
    )
    return red, green, blue


def _luminance(colour: Color) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _lab(colour: Color) -> tuple[float, float, float]:
    """The colour in CIELAB, under daylight (D65)."""
    red, green, blue = _linear(colour)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = _luminance(colour)
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (math.cbrt(part) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)
