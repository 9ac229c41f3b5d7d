"""The smallest screen, with an alarm on it: every screen still has its figures and a row under its cursor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.kit.canned import busy
from tests.kit.canned_alerts import LOG, stormy
from tests.kit.canned_billed import unknown
from tests.kit.canned_budgets import CannedBook
from tests.kit.driving import driven
from tests.kit.fakes import CannedQuestions
from tokentui.queries.results import Money, Snapshot
from tokentui.ui.drawing.table import RowTable
from tokentui.view import View

SMALLEST = (40, 12)


async def test_the_tiles_stay_below_an_alarm() -> None:
    async with driven(stormy, size=SMALLEST) as driver:
        assert "ALARM" in driver.text()
        assert "fresh/min" in driver.pane_text("#headline")
        assert len(driver.pane_text("#sessions").splitlines()) == 4


async def test_no_amount_is_cut_or_runs_into_its_name() -> None:
    def dear(view: View) -> Snapshot:
        snapshot = busy(view)
        minute, day = Money(13_730_000_000_000, 1), Money(57_600_000_000_000, 1)
        return replace(snapshot, headline=snapshot.headline._replace(money_last_minute=minute, today_money=day))

    async with driven(dear, size=SMALLEST) as driver:
        text = driver.pane_text("#headline")
    assert "$/min      ≥$13.73" in text
    assert "≥$57.60" in text


@pytest.mark.parametrize("keys", ["", "a", "e", "A", "C", "enter", "enter 3", "enter 5"])
async def test_every_table_has_a_row(keys: str) -> None:
    questions = CannedQuestions(stormy, log=LOG)
    async with driven(size=SMALLEST, questions=questions, book=CannedBook()) as driver:
        await driver.press(*keys.split())
        table = driver.app.focused
        assert isinstance(table, RowTable)
        assert any(line[0][0] == "▌" for line in table._lines if line)


async def test_a_table_without_rows_says_the_whole_sentence() -> None:
    async with driven(stormy, size=SMALLEST) as driver:
        await driver.press("a")
        assert "no rule's condition held" in " ".join(driver.pane_text("#alerts").split())


async def test_the_billed_screen_says_the_whole_sentence() -> None:
    questions = CannedQuestions(stormy, make_billed=unknown)
    async with driven(size=SMALLEST, questions=questions) as driver:
        await driver.press("b")
        said = " ".join(driver.pane_text("#reckoning").split())
        assert "no Admin key and no import yet: what was billed is not known" in said
        assert "total" in driver.pane_text("#bill")
