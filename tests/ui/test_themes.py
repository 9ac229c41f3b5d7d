"""Themes: chart colours are seen on every theme, and the safe themes stay apart for colour-blind eyes."""

from __future__ import annotations

from itertools import combinations

import pytest
from rich.cells import cell_len
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from tests.kit.driving import CALM, Driver, driven
from tokentui.ui.colours.contrast import contrast, distance
from tokentui.ui.colours.palette import nearest_of_16, palette_of
from tokentui.ui.colours.series import series_colours
from tokentui.ui.colours.themes import SAFE_DARK, SAFE_LIGHT, SAFE_THEMES, style_for

ALL_THEMES = [*BUILTIN_THEMES.values(), *SAFE_THEMES]
COLOURED = [theme for theme in ALL_THEMES if not theme.ansi]
SIGHTS = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "tritanopia": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}
"""Machado, Oliveira and Fernandes 2009, full severity, on linear red, green and blue."""
SIXTEEN = {
    "vga": ("#000 #a00 #0a0 #a50 #00a #a0a #0aa #aaa", "#555 #f55 #5f5 #ff5 #55f #f5f #5ff #fff"),
    "xterm": (
        "#000000 #cd0000 #00cd00 #cdcd00 #0000ee #cd00cd #00cdcd #e5e5e5",
        "#7f7f7f #ff0000 #00ff00 #ffff00 #5c5cff #ff00ff #00ffff #ffffff",
    ),
}
"""Palettes of terminals with 16 colours."""
STYLES = [
    *(f"series-{place}" for place in range(6)),
    "series-0 on series-1",
    "series-2 partial",
    "axis",
    "gap",
    "label",
    "track",
    "mark",
    "pace",
    "gauge-ok",
    "gauge-warn",
    "gauge-over",
    "state-ok",
    "state-warn",
    "state-over",
]


def seen(colour: Color, sight: str) -> Color:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    light = [min(max(sum(a * b for a, b in zip(row, linear, strict=True)), 0), 1) for row in SIGHTS[sight]]
    shown = [12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055 for part in light]
    red, green, blue = (round(part * 255) for part in shown)
    return Color(red, green, blue)


def ids(theme: Theme) -> str:
    return theme.name


@pytest.mark.parametrize("theme", COLOURED, ids=ids)
def test_series_are_seen_and_told_apart_on_every_theme(theme: Theme) -> None:
    colours = [Color.parse(name) for name in series_colours(palette_of(theme))]
    generated = theme.to_color_system().generate()
    assert len(colours) >= 6
    for ground in ("surface", "background"):
        assert min(contrast(colour, Color.parse(generated[ground])) for colour in colours) >= 2.99
    assert min(distance(one, other) for one, other in combinations(colours, 2)) >= 20


@pytest.mark.parametrize("theme", COLOURED, ids=ids)
def test_words_of_state_can_be_read(theme: Theme) -> None:
    ground = Color.parse(theme.to_color_system().generate()["surface"])
    for name in ("state-ok", "state-warn", "state-over"):
        front = style_for(name, theme).color
        assert front is not None
        assert contrast(Color.from_rich_color(front), ground) >= 4.4


@pytest.mark.parametrize("theme", SAFE_THEMES, ids=ids)
@pytest.mark.parametrize("sight", SIGHTS)
def test_safe_themes_stay_apart(theme: Theme, sight: str) -> None:
    series = [seen(Color.parse(name), sight) for name in series_colours(palette_of(theme))]
    states = [seen(Color.parse(name or ""), sight) for name in (theme.success, theme.warning, theme.error)]
    assert min(distance(one, other) for one, other in combinations(series, 2)) >= 15
    assert min(distance(one, other) for one, other in combinations(states, 2)) >= 20
    assert distance(states[0], states[2]) >= 60


@pytest.mark.parametrize("theme", ALL_THEMES, ids=ids)
def test_every_style_means_something_on_every_theme(theme: Theme) -> None:
    for name in STYLES:
        assert style_for(name, theme) != Style() or name == "label"
    assert style_for("", theme) == Style()
    assert style_for("no-such-thing on neither", theme) == Style()


def test_backgrounds_and_partial_figures() -> None:
    both = style_for("series-0 on series-1", SAFE_DARK)
    assert both.color == style_for("series-0", SAFE_DARK).color
    assert both.bgcolor == style_for("series-1", SAFE_DARK).color
    assert style_for("series-0 partial", SAFE_LIGHT).color != style_for("series-0", SAFE_LIGHT).color


def test_ansi_themes_use_the_terminals_palette() -> None:
    theme = BUILTIN_THEMES["ansi-dark"]
    assert series_colours(palette_of(theme))[0] == "ansi_blue"
    assert style_for("series-1 on series-0", theme) == Style(color="yellow", bgcolor="blue")
    assert style_for("series-1 partial", theme) == Style(color="yellow", dim=True)
    assert RichColor.parse("red") == style_for("gauge-over", theme).color


def standard(red: int, green: int, blue: int) -> int:
    """The number of the colour of 16 that Rich shows this one as."""
    number = RichColor.from_rgb(red, green, blue).downgrade(ColorSystem.STANDARD).number
    assert number is not None
    return number


@pytest.mark.parametrize("theme", COLOURED, ids=ids)
def test_series_differ_from_each_other_and_their_ground_with_16_colours(theme: Theme) -> None:
    palette = palette_of(theme, has_few_colours=True)
    series = [standard(*Color.parse(name).rgb) for name in series_colours(palette)]
    assert len({*series}) == 6
    assert {standard(*ground.rgb) for ground in palette.grounds}.isdisjoint(series)


@pytest.mark.parametrize("theme", SAFE_THEMES, ids=ids)
@pytest.mark.parametrize("terminal", SIXTEEN)
@pytest.mark.parametrize("sight", SIGHTS)
def test_series_stay_apart_for_all_eyes_with_16_colours(theme: Theme, terminal: str, sight: str) -> None:
    palette = palette_of(theme, has_few_colours=True)
    sixteen = [Color.parse(colour) for colour in " ".join(SIXTEEN[terminal]).split()]
    shown = [sixteen[standard(*Color.parse(name).rgb)] for name in series_colours(palette)]
    ground = sixteen[0 if theme.dark else 15]
    assert min(contrast(colour, ground) for colour in shown) >= 3
    series = [seen(colour, sight) for colour in shown]
    kinds = series[:4]
    assert min(distance(one, other) for one, other in combinations(kinds, 2)) >= 30
    assert min(distance(one, other) for one, other in combinations(series, 2)) >= 14


async def test_words_can_be_read_with_16_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM", raising=False)
    for theme in SAFE_THEMES:
        async with driven(settings=CALM._replace(theme=theme.name)) as driver:
            for ink in ("cursor", "muted", "calm", "key"):
                style = driver.pane("#sessions").ink(ink)
                assert style.color is not None
                assert style.bgcolor is not None
                shown = (nearest_of_16(Color.from_rich_color(colour)) for colour in (style.color, style.bgcolor))
                assert contrast(*shown) >= 4.5, (theme.name, ink)


async def test_a_terminal_of_16_colours_gets_series_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM", raising=False)
    async with driven(settings=CALM._replace(theme="tokentui-safe")) as driver:
        inks = [driver.pane("#chart").ink(f"series-{place}").color for place in range(6)]
        assert len({ink.downgrade(ColorSystem.STANDARD).number for ink in inks if ink}) == 6


@pytest.mark.parametrize("theme", COLOURED, ids=ids)
def test_labels_can_be_read_and_marks_be_seen(theme: Theme) -> None:
    for name, at_least in (("label", 4.5), ("axis", 3.0), ("gap", 3.0), ("mark", 3.0)):
        front = style_for(name, theme).color
        assert front is not None
        grounds = palette_of(theme).grounds
        assert min(contrast(Color.from_rich_color(front), ground) for ground in grounds) >= at_least - 0.01, name


def test_a_theme_of_one_grey_still_has_six_series() -> None:
    grey = Theme(name="grey", primary="#808080", surface="#7f7f7f", background="#7f7f7f", dark=True)
    assert len(series_colours(palette_of(grey))) == 6


def least_contrast(driver: Driver, words: str) -> float:
    """Of the cells in which these words stand on the screen."""
    for strip in driver.strips():
        if words in strip.text:
            start = cell_len(strip.text.partition(words)[0])
            inks = [one.style for one in strip.crop(start, start + cell_len(words)) if one.style and one.text.strip()]
            pairs = [(ink.color, ink.bgcolor) for ink in inks]
            return min(
                contrast(Color.from_rich_color(front), Color.from_rich_color(back))
                for front, back in pairs
                if front and back
            )
    raise AssertionError(words)


@pytest.mark.parametrize("theme", COLOURED, ids=ids)
async def test_the_filter_line_can_be_read(theme: Theme) -> None:
    async with driven(settings=CALM._replace(theme=theme.name)) as driver:
        assert least_contrast(driver, "rate ▼") >= 4.45
        await driver.press("slash")
        assert least_contrast(driver, "words  !word  model:opus") >= 4.45
        await driver.type(*"cost")
        await driver.press("colon", "1", "enter")
        assert least_contrast(driver, "cost is a number") >= 4.45
