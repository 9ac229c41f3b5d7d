"""What the screens look like: pictures to compare with, and every theme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from textual.color import Color

from tests.conftest import Compare
from tests.kit.canned import (
    CATCHING_UP,
    FAILING,
    LIVE,
    NOTHING_FOUND,
    busy,
    empty,
    filtered_out,
    storm,
    unpriced,
)
from tests.kit.canned_billed import double, unknown, well
from tests.kit.driving import driven
from tests.kit.fakes import CannedQuestions
from tokentui.ingest.report import IngestReport
from tokentui.queries.reckoning.billing import BillingGrouping
from tokentui.queries.reckoning.screen import BilledSide
from tokentui.queries.results import Snapshot
from tokentui.ui.chrome.filter_bar import FilterInput
from tokentui.ui.colours.contrast import contrast
from tokentui.ui.colours.themes import style_for
from tokentui.view import View


@dataclass(frozen=True)
class Picture:
    """A state worth a picture."""

    name: str
    size: tuple[int, int]
    make: Callable[[View], Snapshot] = busy
    report: IngestReport = LIVE
    keys: tuple[str, ...] = ()
    billed: Callable[[BillingGrouping], BilledSide] = well
    filter_text: str = ""
    """Put into the open filter line at once, so that no pause in typing applies a part of it; then Enter."""


WORDS = ("muted", "strong", "title", "accent", "warn", "bad", "live", "demo", "frozen", "banner", "alarm", "cursor")
DOWN_TO_AGENT = ("enter", "down", "down", "enter")
PICTURES = (
    Picture("busy-80x24", (80, 24)),
    Picture("busy-120x36", (120, 36)),
    Picture("busy-200x50", (200, 50)),
    Picture("busy-60x20", (60, 20)),
    Picture("busy-40x12", (40, 12)),
    Picture("storm-by-model-120x36", (120, 36), storm, keys=("m",)),
    Picture("unpriced-frozen-80x24", (80, 24), unpriced, keys=("space",)),
    Picture("wrong-filter-80x24", (80, 24), keys=("slash",), filter_text="cost:1"),
    Picture("filtered-out-80x24", (80, 24), filtered_out),
    Picture("nothing-found-80x24", (80, 24), empty, NOTHING_FOUND),
    Picture("catching-up-60x20", (60, 20), empty, CATCHING_UP),
    Picture("failing-120x36", (120, 36), busy, FAILING),
    Picture("zoomed-budgets-80x24", (80, 24), keys=("5", "z")),
    Picture("help-80x24", (80, 24), keys=("question_mark",)),
    Picture("session-120x36", (120, 36), keys=("enter",)),
    Picture("agent-80x24", (80, 24), keys=DOWN_TO_AGENT),
    Picture("billed-double-120x36", (120, 36), keys=("b",), billed=double),
    Picture("billed-no-key-80x24", (80, 24), keys=("b",), billed=unknown),
    Picture("session-80x24", (80, 24), keys=("enter",)),
    *(
        Picture(f"{view}-{width}x{height}", (width, height), keys=("enter", digit))
        for digit, view in (("2", "timeline"), ("3", "turns"), ("4", "cache"), ("5", "tools"), ("6", "context"))
        for width, height in ((80, 24), (160, 45))
    ),
    Picture("turn-80x24", (80, 24), keys=("enter", "3", "enter")),
    Picture("calls-120x36", (120, 36), keys=("enter", "5", "enter")),
    Picture("advice-80x24", (80, 24), keys=("A",)),
    Picture("advice-120x36", (120, 36), keys=("A",)),
    Picture("evidence-80x24", (80, 24), keys=("A", "enter")),
    Picture("compare-80x24", (80, 24), keys=("C",)),
    Picture("compare-120x45", (120, 45), keys=("c", "down", "c")),
    Picture("response-120x36", (120, 36), keys=(*DOWN_TO_AGENT, "enter")),
)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
async def test_picture(picture: Picture, compare_picture: Compare) -> None:
    questions = CannedQuestions(picture.make, make_billed=picture.billed)
    async with driven(report=picture.report, size=picture.size, questions=questions) as driver:
        await driver.press(*picture.keys)
        if picture.filter_text:
            driver.app.screen.query_one(FilterInput).value = picture.filter_text
            await driver.press("enter")
        compare_picture(picture.name, driver.app.export_screenshot())


async def test_every_theme_shows_text_and_chart() -> None:
    async with driven(size=(80, 24)) as driver:
        before = driver.text()
        for name, theme in driver.app.available_themes.items():
            driver.app.theme = name
            await driver.pilot.pause()
            assert driver.text() == before, name
            styles = driver.pane("#sessions").ink("muted"), driver.pane("#sessions").ink("cursor")
            assert styles[0] != styles[1], name
            assert style_for("series-0", theme).color is not None


async def test_words_can_be_read_on_every_theme_of_colours() -> None:
    async with driven(unpriced, size=(80, 24)) as driver:
        for name, theme in driver.app.available_themes.items():
            driver.app.theme = name
            await driver.pilot.pause()
            for pane in ("#status", "#banners", "#sessions") if not theme.ansi else ():
                for ink in WORDS:
                    style = driver.pane(pane).ink(ink)
                    assert style.color is not None
                    assert style.bgcolor is not None
                    colours = (Color.from_rich_color(colour) for colour in (style.color, style.bgcolor))
                    assert contrast(*colours) >= 4.4, (name, pane, ink)


async def test_no_word_has_the_colour_of_its_ground_in_a_palette_of_the_terminal() -> None:
    async with driven(unpriced, size=(80, 24)) as driver:
        for name, theme in driver.app.available_themes.items():
            if theme.ansi:
                driver.app.theme = name
                await driver.pilot.pause()
                for ink in WORDS:
                    style = driver.pane("#banners").ink(ink)
                    assert style.color is not None
                    assert style.color.is_default or style.color != style.bgcolor, (name, ink)


@pytest.mark.parametrize("width", [40, 47, 59, 79, 80, 99, 119, 120, 167, 168, 240])
async def test_no_width_breaks_a_line(width: int) -> None:
    async with driven(storm, size=(width, 30)) as driver:
        strips = driver.strips()
        assert {strip.cell_length for strip in strips} == {width}
        for pane in ("headline", "models", "budgets", "sessions"):
            for line in driver.pane_text(f"#{pane}").splitlines():
                assert len(line) <= width


@pytest.mark.parametrize("alphabet", ["braille", "block", "ascii"])
async def test_every_alphabet_draws(alphabet: str) -> None:
    from tokentui.ui.settings import UiSettings

    settings = UiSettings(alphabet=alphabet, interval_seconds=60)  # type: ignore[arg-type]
    async with driven(size=(120, 36), settings=settings) as driver:
        chart = driver.pane_text("#chart")
        assert {"braille": "⣿", "block": "█", "ascii": "#"}[alphabet] in chart
