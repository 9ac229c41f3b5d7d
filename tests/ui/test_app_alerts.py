"""What the monitor shows of alerts, and what it does about them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.conftest import Compare
from tests.kit.canned_alerts import (
    BUDGET,
    DOLLARS,
    LOG,
    LOOP,
    NOTE,
    OVER,
    RATE,
    STORM,
    CannedWatch,
    stormy,
    with_alerts,
)
from tests.kit.driving import PATIENCE_SECONDS, Driver, driven
from tests.kit.fakes import CannedQuestions
from tokentui.queries.alert_rows import AlertLog
from tokentui.ui.panes.session.agents import AgentsPane
from tokentui.ui.screens.alerts import AlertsScreen
from tokentui.ui.screens.dashboard import DashboardScreen
from tokentui.ui.screens.session import SessionScreen

SEEN = replace(STORM, acknowledged_at=STORM.last_at)


def banner(driver: Driver) -> str:
    return driver.pane_text("#banners").splitlines()[0]


async def in_log(driver: Driver) -> None:
    await driver.press("a")
    assert isinstance(driver.app.screen, AlertsScreen)


class TestTheBanner:
    async def test_it_names_rule_evidence_and_culprit_and_counts_the_others(self) -> None:
        async with driven(stormy, size=(170, 40)) as driver:
            assert "✖ ALARM too many agents at once: 14 agents working, usual 2; 9 spawned" in banner(driver)
            assert 'session "refactor-api", 82 % of it' in banner(driver)
            assert banner(driver).endswith("+2 more · ! culprit · a log")
            assert "! culprit" in driver.text().splitlines()[-1]

    async def test_where_one_line_is_too_short_the_culprit_stands_beside_the_rule(self) -> None:
        async with driven(stormy, size=(100, 30)) as driver:
            first, second = driver.pane_text("#banners").splitlines()
            assert '✖ ALARM too many agents at once · session "refactor-api", 82 % of it' in first
            assert "+2 more · ! culprit · a log" in first
            assert "14 agents working, usual 2; 9 spawned in 60 s; $31.20/min" in second
            await driver.resize(170, 30)
            assert len(driver.pane_text("#banners").splitlines()) == 1

    async def test_nothing_raised_shows_nothing(self) -> None:
        async with driven(with_alerts(NOTE)) as driver:
            assert driver.pane("#banners").size.height == 0
            assert "culprit" not in driver.text()
            await driver.press("exclamation_mark")
            assert isinstance(driver.app.screen, DashboardScreen)

    async def test_it_calms_down_once_somebody_has_seen_it(self) -> None:
        async with driven(with_alerts(SEEN)) as driver:
            assert "✓ seen · too many agents at once: 14 agents" in banner(driver)
            assert "ALARM" not in driver.text()
            assert driver.pane("#banners")._lines[0][1][1] == "calm"

    async def test_what_nobody_has_seen_speaks_before_what_is_louder(self) -> None:
        async with driven(with_alerts(SEEN, LOOP)) as driver:
            assert "▲ WARNING an agent goes in circles" in banner(driver)
            assert "+1 more" in banner(driver)

    async def test_a_frozen_picture_does_not_hide_an_alarm(self) -> None:
        questions = CannedQuestions()
        async with driven(questions=questions) as driver:
            await driver.press("space")
            questions.make = stormy
            assert driver.ingest.on_change is not None
            driver.ingest.on_change()
            await driver.until(lambda: "✖ ALARM" in driver.text())
            assert "FROZEN" in driver.text()

    async def test_it_does_not_move_while_nothing_changes(self) -> None:
        async with driven(stormy) as driver:
            before = driver.text()
            driver.app.ask_again()
            await driver.settle()
            assert driver.text() == before

    async def test_hostile_evidence_is_only_text(self) -> None:
        async with driven(with_alerts(LOOP), size=(170, 40)) as driver:
            assert "14 × Bash with the same input · [/b]" in banner(driver)
            assert "\x1b" not in driver.text()

    @pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24)])
    async def test_it_has_room_on_small_screens(self, size: tuple[int, int]) -> None:
        async with driven(stormy, size=size) as driver:
            assert "✖ ALARM too many agents" in banner(driver)
            assert all(len(line) <= size[0] for line in driver.text().splitlines())


class TestTheCulprit:
    async def test_sessions_say_what_is_over_with_a_sign(self) -> None:
        async with driven(stormy, size=(170, 40)) as driver:
            lines = driver.pane_text("#sessions").splitlines()
            assert "✖ working" in next(line for line in lines if "Port billing" in line)
            assert "▲ idle" in next(line for line in lines if "fix [/b]" in line)
            assert "● working" in next(line for line in lines if "Move the ingest" in line)

    async def test_the_tree_marks_the_guilty_and_stands_on_the_first(self) -> None:
        async with driven(stormy) as driver:
            await driver.press("exclamation_mark")
            assert isinstance(driver.app.screen, SessionScreen)
            text = driver.pane_text("#agents")
            assert "▲ general-purpose" in text
            assert "▲ test-runner" in text
            assert "▲ reviewer" not in text
            assert driver.app.screen.query_one(AgentsPane).cursor_key == "a2"

    async def test_again_in_the_same_tree_opens_no_second_one(self) -> None:
        async with driven(stormy) as driver:
            await driver.press("exclamation_mark", "down", "down", "exclamation_mark")
            assert len([one for one in driver.app.screen_stack if isinstance(one, SessionScreen)]) == 1
            assert driver.app.screen.query_one(AgentsPane).cursor_key == "a2"

    async def test_a_session_opened_by_hand_is_marked_too_and_the_cursor_stays(self) -> None:
        async with driven(stormy) as driver:
            await driver.press("down", "enter")
            assert "▲ general-purpose" in driver.pane_text("#agents")
            assert driver.app.screen.query_one(AgentsPane).cursor_key == ""

    async def test_an_alert_without_a_session_leads_to_the_log(self) -> None:
        async with driven(with_alerts(replace(BUDGET, acknowledged_at=None))) as driver:
            await driver.press("exclamation_mark")
            assert isinstance(driver.app.screen, AlertsScreen)


class TestTheLog:
    async def test_it_has_rule_state_times_peak_and_what_was_sent(self) -> None:
        questions = CannedQuestions(stormy, log=LOG)
        async with driven(questions=questions, watch=CannedWatch(), size=(120, 40)) as driver:
            await in_log(driver)
            table, shown = driver.pane_text("#alerts"), driver.pane_text("#alert")
            for words in ("✖ alarm", "▲ warn", "✓ seen", "· note", "○ over", "17 agents", "✖ 1 of 2", "$11.92"):
                assert words in table
            assert 'session "refactor-api", 82 % of it' in shown
            assert "17 agents at 14:01:51, limit 10 agents" in shown
            assert "raised 2026-11-22 14:00:36 UTC · holds now" in shown
            assert "✖ not sent" in shown
            assert "webhook at 14:00:41 after 4 attempts: the server answered 503 [/b]" in shown
            assert "desktop at 14:00:37" in shown

    async def test_a_peak_by_the_minute_says_so(self) -> None:
        log = replace(LOG, alerts=(RATE, DOLLARS))
        async with driven(questions=CannedQuestions(stormy, log=log), watch=CannedWatch(), size=(120, 40)) as driver:
            await in_log(driver)
            assert "3.06M fresh/min" in driver.pane_text("#alerts")
            assert "$33.48/min" in driver.pane_text("#alerts")
            assert "3.06M fresh tokens/min at 14:01:51, limit 61.0k fresh tokens/min" in driver.pane_text("#alert")

    async def test_the_cursor_says_what_is_shown_in_full(self) -> None:
        questions = CannedQuestions(stormy, log=LOG)
        async with driven(questions=questions, watch=CannedWatch(), size=(120, 40)) as driver:
            await in_log(driver)
            await driver.press("down")
            assert "tool_loop is quiet until 14:32" in driver.pane_text("#alert")
            assert "14 × Bash with the same input · [/b]" in driver.pane_text("#alert")
            await driver.press("down")
            assert "told with alert 28" in driver.pane_text("#alert")
            await driver.press("end")
            assert "ended 2026-11-20 14:06:11 UTC" in driver.pane_text("#alert")
            assert "came back 2 times" in driver.pane_text("#alert")

    @pytest.mark.parametrize(("times", "words"), [(2, "came back once"), (4, "came back 3 times")])
    async def test_it_says_how_often_an_alert_came_back(self, times: int, words: str) -> None:
        questions = CannedQuestions(log=AlertLog(LOG.as_of, (replace(OVER, times=times),), ()))
        async with driven(questions=questions, size=(120, 36)) as driver:
            await in_log(driver)
            assert words in driver.pane_text("#alert")

    async def test_enter_opens_the_tree_of_the_one_that_is_over_too(self) -> None:
        questions = CannedQuestions(log=AlertLog(LOG.as_of, (OVER,), ()))
        async with driven(questions=questions, watch=CannedWatch()) as driver:
            await in_log(driver)
            await driver.press("enter")
            assert isinstance(driver.app.screen, SessionScreen)
            assert "▲ general-purpose" in driver.pane_text("#agents")
            await driver.press("escape")
            assert isinstance(driver.app.screen, AlertsScreen)

    async def test_what_is_done_is_said(self) -> None:
        watch = CannedWatch()
        async with driven(questions=CannedQuestions(stormy, log=LOG), watch=watch) as driver:
            await in_log(driver)
            await driver.press("m")
            await driver.until(lambda: "rule agents_at_once is quiet for an hour" in driver.said())
            await driver.press("down", "M")
            await driver.until(lambda: watch.done[-1] == ("mute", "", LOOP.session_id))
            await driver.until(lambda: "fix [/b] the [red]parser[/red]" in driver.said())

    async def test_what_cannot_be_done_is_said(self) -> None:
        watch = CannedWatch(fail="database is locked")
        async with driven(questions=CannedQuestions(stormy, log=LOG), watch=watch) as driver:
            await in_log(driver)
            await driver.press("c")
            await driver.until(lambda: "OSError: database is locked [/b]" in driver.said())

    async def test_keys_without_sense_do_nothing(self) -> None:
        watch = CannedWatch()
        questions = CannedQuestions(log=AlertLog(LOG.as_of, (BUDGET,), ()))
        async with driven(questions=questions, watch=watch) as driver:
            await in_log(driver)
            await driver.press("c", "M", "K", "enter")
            assert isinstance(driver.app.screen, AlertsScreen)
            assert watch.done == []

    async def test_an_empty_log_says_so(self) -> None:
        async with driven(watch=CannedWatch()) as driver:
            await in_log(driver)
            assert "nothing was raised so far" in driver.text()
            await driver.press("enter", "c", "m", "M", "K", "a")
            assert isinstance(driver.app.screen, AlertsScreen)

    async def test_the_help_has_every_rule_with_its_figures(self) -> None:
        async with driven(questions=CannedQuestions(log=LOG), watch=CannedWatch(), size=(120, 50)) as driver:
            await in_log(driver)
            await driver.press("question_mark")
            assert "working agents ≥ max(10, 2 × usual p95)" in driver.text()
            assert "agents_at_once" in driver.text()
            await driver.press("end")
            assert "Keep this alert's rule quiet for an hour" in driver.text() or "everywhere" in driver.text()

    @pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (200, 50)])
    async def test_it_fits(self, size: tuple[int, int]) -> None:
        async with driven(questions=CannedQuestions(stormy, log=LOG), watch=CannedWatch(), size=size) as driver:
            await in_log(driver)
            assert "too many agents at once" in driver.pane_text("#alerts")
            strips = driver.strips()
            assert {strip.cell_length for strip in strips} == {size[0]}


class TestTheThread:
    async def test_a_dead_watch_is_shown_and_the_figures_stay(self) -> None:
        async with driven(watch=CannedWatch(fail="run")) as driver:
            await driver.until(lambda: "✖ watch failing: OSError: the rules are gone [/b]" in driver.text())
            assert "Move the ingest loop" in driver.text()

    async def test_troubles_come_once_and_go(self) -> None:
        watch = CannedWatch()
        async with driven(watch=watch) as driver:
            await driver.until(lambda: watch.listener)
            assert watch.listener is not None
            watch.listener.on_trouble("configuration", "line 3: [budget] is no table")
            await driver.until(lambda: "✖ configuration failing: line 3: [budget] is no table" in driver.text())
            watch.listener.on_trouble("configuration", "")
            await driver.until(lambda: "configuration" not in driver.text())

    async def test_new_lines_wake_it_and_its_changes_wake_the_screen(self) -> None:
        watch, questions = CannedWatch(), CannedQuestions()
        async with driven(watch=watch, questions=questions) as driver:
            await driver.until(lambda: watch.listener)
            assert watch.listener is not None
            assert watch.listener.is_caught_up()
            watch.woken.clear()
            assert driver.ingest.on_change is not None
            driver.ingest.on_change()
            assert watch.woken.is_set()
            questions.make = stormy
            watch.listener.on_change()
            await driver.until(lambda: "✖ ALARM" in driver.text())

    async def test_the_terminal_hears_it_through_the_screens_driver(self, monkeypatch: pytest.MonkeyPatch) -> None:
        watch = CannedWatch()
        written: list[str] = []
        async with driven(watch=watch) as driver:
            await driver.until(lambda: watch.listener)
            assert watch.listener is not None
            assert driver.app._driver is not None
            monkeypatch.setattr(driver.app._driver, "write", written.append)
            watch.listener.write_terminal("\a\x1b]2;tokentui\x1b\\")
            await driver.until(lambda: "\a\x1b]2;tokentui\x1b\\" in written)

    async def test_it_ends_with_the_app(self) -> None:
        watch = CannedWatch()
        async with driven(watch=watch) as driver:
            await driver.until(lambda: watch.listener)
            await driver.pilot.press("q")
            await driver.until(lambda: not driver.app.is_running)
        assert watch.over.wait(PATIENCE_SECONDS)
        assert watch.woken.is_set()


PICTURES = (
    ("alarm-120x36", (120, 36), ()),
    ("alarm-60x20", (60, 20), ()),
    ("alarm-culprit-80x24", (80, 24), ("exclamation_mark",)),
    ("alert-log-120x36", (120, 36), ("a",)),
    ("past-120x36", (120, 36), ("a", "w")),
)


@pytest.mark.parametrize(("name", "size", "keys"), PICTURES)
async def test_picture(name: str, size: tuple[int, int], keys: tuple[str, ...], compare_picture: Compare) -> None:
    questions = CannedQuestions(stormy, log=LOG)
    async with driven(questions=questions, watch=CannedWatch(), size=size) as driver:
        await driver.press(*keys)
        compare_picture(name, driver.app.export_screenshot())


async def test_a_log_that_is_left_as_it_comes_up_leaves_nothing_behind() -> None:
    async with driven(questions=CannedQuestions(stormy, log=LOG), watch=CannedWatch()) as driver:
        for turns in range(40):
            for key in ("a", "down", "escape"):
                driver.app.simulate_key(key)
                for _ in range(turns % 7):
                    await asyncio.sleep(0)
        await driver.settle()
        assert "sessions" in driver.pane_text("#sessions")
