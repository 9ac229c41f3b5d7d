"""The past: the dashboard as it stood at a moment, and the way back to the present."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.kit.canned import NOW, busy
from tests.kit.canned_alerts import (
    LOG,
    LOOP,
    STORM,
    CannedWatch,
    stormy,
)
from tests.kit.driving import Driver, driven
from tests.kit.fakes import CannedQuestions
from tokentui.queries.results import Snapshot
from tokentui.ui.messages import SnapshotReady
from tokentui.ui.screens.alerts import AlertsScreen
from tokentui.ui.screens.dashboard import DashboardScreen
from tokentui.ui.screens.session import SessionScreen
from tokentui.view import View


def banner(driver: Driver) -> str:
    return driver.pane_text("#banners").splitlines()[0]


async def in_log(driver: Driver) -> None:
    await driver.press("a")
    assert isinstance(driver.app.screen, AlertsScreen)


def minutes_ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


class TestThePast:
    async def test_an_alert_leads_to_the_dashboard_as_it_stood_then(self) -> None:
        questions = CannedQuestions(stormy, log=LOG)
        async with driven(questions=questions, watch=CannedWatch(), size=(120, 40)) as driver:
            await in_log(driver)
            await driver.press("w")
            assert isinstance(driver.app.screen, DashboardScreen)
            assert questions.asked[-1].as_of == STORM.raised_at
            assert "« PAST" in driver.text()
            assert "« THE PAST: 2026-11-22 14:00:36 UTC · [ ] a minute earlier, later · Space back to now" in banner(
                driver
            )
            assert "LIVE" not in driver.text()
            assert "14:00" in driver.text().splitlines()[0]

    async def test_from_a_drill_down_below_the_log_too(self) -> None:
        async with driven(questions=CannedQuestions(stormy, log=LOG), watch=CannedWatch()) as driver:
            await driver.press("enter", "a", "w")
            assert isinstance(driver.app.screen, DashboardScreen)
            assert len(driver.app.screen_stack) == 1
            await driver.press("enter")
            assert isinstance(driver.app.screen, SessionScreen)
            assert driver.questions.asked[-1].as_of == STORM.raised_at
            assert "THE PAST" in banner(driver)

    async def test_no_figure_of_then_is_called_one_of_now(self) -> None:
        async with driven(size=(140, 40)) as driver:
            assert "1 now" in driver.text()
            await driver.press("left_square_bracket")
            for then in ("╭─ 1 then ─", "cost that day", "   then █ output", "% then ", " that day  age"):
                assert then in driver.text()
            await driver.press("enter")
            assert "that day at list price" in driver.text()
            await driver.press("escape", "escape")
            assert "1 now" in driver.text()

    @pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (200, 50)])
    async def test_so_at_every_size(self, size: tuple[int, int]) -> None:
        async with driven(size=size) as driver:
            await driver.press("left_square_bracket")
            below = driver.text().split("\n", 2)[2].rsplit("\n", 1)[0]
            assert "today" not in below
            assert "now" not in re.sub(r" now ?[▐│]?$", "", below, flags=re.MULTILINE)  # an age at that moment

    async def test_keys_go_back_and_forth_and_never_beyond_now(self) -> None:
        async with driven() as driver:
            await driver.press("right_square_bracket", "right_curly_bracket")
            assert driver.app.scene.view.as_of is None
            await driver.press("left_square_bracket", "left_square_bracket", "left_curly_bracket")
            assert driver.questions.asked[-1].as_of == minutes_ago(62)
            await driver.press("right_curly_bracket", "right_square_bracket")
            assert driver.questions.asked[-1].as_of == minutes_ago(1)
            await driver.press("right_square_bracket")
            assert driver.questions.asked[-1].as_of is None
            assert "● LIVE" in driver.text()

    async def test_escape_and_space_lead_back_to_now_and_keep_the_filter(self) -> None:
        async with driven() as driver:
            await driver.press("slash")
            await driver.type("o", "p", "u", "s", "enter")
            for way_back in ("escape", "space"):
                await driver.press("left_square_bracket")
                assert "THE PAST" in driver.text()
                await driver.press(way_back)
                assert driver.app.scene.view.as_of is None
                assert driver.app.scene.frozen_at is None
                assert "filter: opus" in driver.text()

    async def test_the_past_ends_a_freeze(self) -> None:
        async with driven() as driver:
            await driver.press("space", "left_square_bracket")
            assert "FROZEN" not in driver.text()
            assert driver.questions.asked[-1].as_of == minutes_ago(1)
            await driver.press("escape")
            assert "● LIVE" in driver.text()

    async def test_an_alarm_of_the_present_is_told_in_the_past(self) -> None:
        def make(view: View) -> Snapshot:
            return replace(busy(view), alerts_now=(STORM, LOOP) if view.as_of else ())

        async with driven(make, size=(140, 40)) as driver:
            await driver.press("left_square_bracket")
            assert "2 alerts now! · [ ] a minute" in banner(driver)
            assert driver.pane("#banners")._lines[0][1][1] == "alarm"

    async def test_the_alarm_of_then_stands_below_and_leads_to_its_culprit(self) -> None:
        async with driven(stormy, size=(140, 40)) as driver:
            await driver.press("left_square_bracket")
            first, second, *_ = driver.pane_text("#banners").splitlines()
            assert "THE PAST" in first
            assert "culprit" not in first
            assert "✖ ALARM too many agents at once" in second
            assert "! culprit" in driver.pane_text("#banners")
            await driver.press("exclamation_mark")
            assert isinstance(driver.app.screen, SessionScreen)

    async def test_an_answer_about_now_that_comes_late_is_not_shown(self) -> None:
        async with driven() as driver:
            await driver.press("left_square_bracket")
            driver.app.show_snapshot(SnapshotReady(busy(View())))
            assert driver.app.scene.snapshot is not None
            assert driver.app.scene.snapshot.view.as_of == minutes_ago(1)

    async def test_the_alarm_of_the_present_has_room_on_the_smallest_screen(self) -> None:
        def make(view: View) -> Snapshot:
            return replace(busy(view), alerts_now=(STORM, LOOP) if view.as_of else ())

        async with driven(make, size=(40, 12)) as driver:
            await driver.press("left_square_bracket")
            assert banner(driver).strip() == "« THE PAST: 2 alerts now!"

    @pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24)])
    async def test_it_is_plain_on_small_screens(self, size: tuple[int, int]) -> None:
        async with driven(stormy, size=size) as driver:
            await driver.press("left_square_bracket")
            assert "« PAST" in driver.text().splitlines()[0]
            assert "« THE PAST: 2026-11-22 14:01:11" in banner(driver)
            assert size[0] < 60 or "Space back to now" in banner(driver) or "Space now" in banner(driver)
            assert all(len(line) <= size[0] for line in driver.text().splitlines())
