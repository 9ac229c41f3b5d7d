"""The billed screen: its figures, the words for each state, and what sync says in the status line."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from tests.kit.canned import HOSTILE, NOW
from tests.kit.canned_billed import DONE, NEVER, double, side, unknown, well
from tests.kit.driving import PATIENCE_SECONDS, Driver, driven
from tests.kit.fakes import CannedQuestions, CannedSync
from tokentui.queries.reckoning.billing import BillingGrouping
from tokentui.queries.reckoning.screen import BilledSide
from tokentui.ui.ports import Synced

KEY = "sk-ant-admin01-SECRET-0123456789"
SERVER_SAYS = "401: invalid x-api-key: make a new Admin key in the console"


def synced(result: Synced | None = None, fail: Exception | None = None) -> CannedSync:
    """A sync that ends at once."""
    sync = CannedSync(result or Synced(), fail)
    sync.go.set()
    return sync


def _has_changed(driver: Driver, title: str) -> bool:
    return driver.pane_text("#bill").splitlines()[0] != title


def _is_over(driver: Driver, days: int) -> bool:
    return f"last {days} days UTC" in driver.pane_text("#bill")


async def by(driver: Driver, grouping: str) -> str:
    while f"by {grouping}" not in driver.pane_text("#bill"):
        title = driver.pane_text("#bill").splitlines()[0]
        await driver.press("m")
        await driver.until(partial(_has_changed, driver, title))
    return driver.pane_text("#bill")


async def test_the_month_is_told_by_kind_of_money() -> None:
    async with driven() as driver:
        await driver.press("b")
        text = driver.pane_text("#billed-summary")
        assert "Nov 2026 local estimate $76.00 so far · $131.00 projected" in text
        assert "Nov 2026 billed $81.00 so far · $143.00 projected · days are whole before 22 Nov" in text
        assert "the reckoning comes out" in text


async def test_the_range_of_days_is_the_screens_own() -> None:
    async with driven() as driver:
        before = driver.app.scene.view.range
        await driver.press("b")
        for key, days in (
            ("t", 90),
            ("t", 7),
            ("plus", 7),
            ("minus", 30),
            ("minus", 90),
            ("minus", 90),
            ("equals_sign", 30),
        ):
            await driver.press(key)
            await driver.until(partial(_is_over, driver, days))
            assert f"in {days} days billed" in driver.pane_text("#billed-summary")
        assert driver.app.scene.view.range == before
        assert "t range" in driver.text()
        await driver.press("enter")
        assert "t range" not in driver.text()
        await driver.press("t", "plus", "equals_sign", "escape")
        assert "last 30 days UTC" in driver.pane_text("#bill")
        assert driver.app.scene.view.range == before


async def test_every_grouping_has_its_rows_and_a_total_first() -> None:
    async with driven() as driver:
        await driver.press("b")
        for grouping, name in (
            ("day", "2026-11-22"), ("model", "claude-sonnet-4-5"), ("project", "/home/ada/src/[wip]/parser"),
            ("key", "(Workbench)"), ("workspace", "Default"), ("day", "2026-11-21"),
        ):  # fmt: skip
            lines = await by(driver, grouping)
            assert name in lines
            assert lines.splitlines()[2].startswith("│ total")


async def test_figures_that_nobody_tells_are_dashes_not_zeros() -> None:
    async with driven() as driver:
        await driver.press("b")
        projects = await by(driver, "project")
        assert "$12.00         –        –            –" in projects
        keys = await by(driver, "key")
        assert " –    $13.00   $12.90            –" in keys


async def test_double_counting_is_loud_with_sign_and_word() -> None:
    async with driven(questions=CannedQuestions(make_billed=double)) as driver:
        await driver.press("b")
        assert "✖ DOUBLE COUNTING: 52,000 tokens more logged than billed" in driver.pane_text("#billed-summary")
        assert "✖ -50.7k DOUBLE COUNTING" in driver.pane_text("#reckoning")
        assert "does not come out" in driver.pane_text("#reckoning")
        await driver.press("down", "enter")
        text = driver.pane_text("#explained")
        assert "✖ DOUBLE COUNTING" in text
        assert "an error of tokentui, please report it" in text
        assert "52,000 tokens more logged than billed" in text


async def test_a_day_is_explained_by_model_source_and_class() -> None:
    async with driven() as driver:
        await driver.press("b", "down", "enter")
        text = driver.pane_text("#explained")
        assert "2026-11-21 UTC" in text
        assert "compared with the API in steps of 1 min" in text
        assert "+274,000 tokens" in text
        assert "no project here uses them" in text
        await driver.press("escape")
        assert driver.app.screen.name == "billed"


@pytest.mark.parametrize(
    ("grouping", "words"),
    [
        ("project", "bills name no projects"),
        ("key", "no project here seems to use it"),
        ("workspace", "logs name no workspaces"),
        ("model", "the logs at list price"),
    ],
)
async def test_a_row_of_the_bill_is_explained(grouping: str, words: str) -> None:
    async with driven() as driver:
        await driver.press("b", "tab")
        await by(driver, grouping)
        await driver.press("g", "down", "enter")
        assert words in driver.pane_text("#explained")


async def test_b_on_its_own_screens_opens_no_second_one() -> None:
    async with driven() as driver:
        await driver.press("b", "enter", "b", "escape", "b", "escape")
        assert driver.app.screen.name == "dashboard"


async def test_a_frozen_view_still_changes_its_grouping() -> None:
    async with driven() as driver:
        await driver.press("b", "space")
        assert "by model" in await by(driver, "model")


async def test_hostile_names_and_findings_stay_text() -> None:
    error = f"403 \x1b[2J {HOSTILE}"
    async with driven(size=(160, 40), sync=synced(Synced(error=error))) as driver:
        await driver.press("b")
        await driver.until(lambda: "sync failed" in driver.pane_text("#billed-summary"))
        assert f"403  {HOSTILE}" in driver.pane_text("#billed-summary")
        for grouping in ("project", "key"):
            assert HOSTILE in await by(driver, grouping)
        await driver.press("tab", "end", "enter")
        assert HOSTILE in driver.pane_text("#explained")
        assert "\x1b" not in driver.text()


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (119, 30), (200, 50)])
async def test_every_size_draws(size: tuple[int, int]) -> None:
    async with driven(size=size, questions=CannedQuestions(make_billed=double)) as driver:
        await driver.press("b")
        assert "this pane failed" not in driver.text()
        await driver.press("enter")
        assert "this pane failed" not in driver.text()
        assert {strip.cell_length for strip in driver.strips()} == {size[0]}


class TestStates:
    async def test_without_a_key_and_import_it_says_how_to_get_either(self) -> None:
        async with driven(size=(80, 24), questions=CannedQuestions(make_billed=unknown)) as driver:
            await driver.press("b")
            text = driver.pane_text("#reckoning")
            assert all(
                word in text for word in ("no Admin key", "ANTHROPIC_ADMIN_API_KEY", "key_command", "tokentui import")
            )
            assert "$90.00" in driver.pane_text("#bill")

    async def test_while_the_first_sync_runs_it_says_so(self) -> None:
        sync = CannedSync()
        async with driven(questions=CannedQuestions(make_billed=unknown), sync=sync) as driver:
            await driver.press("b")
            await driver.until(lambda: "the first sync is running" in driver.pane_text("#reckoning"))
            assert "syncing …" in driver.pane_text("#status")
            sync.go.set()
            await driver.until(lambda: "synced 0 s ago" in driver.pane_text("#status"))

    async def test_a_key_that_never_synced_is_told_apart(self) -> None:
        sync = synced(Synced(too_soon="another sync began less than 60 s ago"))
        async with driven(questions=CannedQuestions(make_billed=unknown), sync=sync) as driver:
            await driver.press("b")
            await driver.until(lambda: "nothing was ever synced" in driver.pane_text("#reckoning"))
            assert "R syncs now" in driver.pane_text("#reckoning")
            assert "60 s ago" in driver.said()

    async def test_a_failing_sync_gives_the_servers_words_and_counting_goes_on(self) -> None:
        sync = synced(Synced(error=SERVER_SAYS))
        async with driven(questions=CannedQuestions(make_billed=unknown), sync=sync) as driver:
            await driver.until(lambda: "sync failed: 401: invalid x-api-key" in driver.pane_text("#status"))
            assert "LIVE" in driver.pane_text("#status")
            assert not driver.app.scene.failures
            await driver.press("b")
            assert "make a new Admin key in the console" in driver.pane_text("#reckoning")
            assert "R tries again" in driver.pane_text("#reckoning")

    async def test_what_is_known_stays_while_sync_fails(self) -> None:
        async with driven(sync=synced(Synced(error=SERVER_SAYS))) as driver:
            await driver.press("b")
            await driver.until(lambda: SERVER_SAYS in driver.pane_text("#billed-summary"))
            assert "other keys" in driver.pane_text("#reckoning")

    async def test_a_run_that_failed_elsewhere_is_told_without_a_key_here(self) -> None:
        failed = replace(DONE, outcome="failed", error=SERVER_SAYS)

        def make(grouping: BillingGrouping) -> BilledSide:
            return replace(well(grouping), sync=replace(NEVER, last=failed, usage_until=NOW))

        async with driven(questions=CannedQuestions(make_billed=make)) as driver:
            await driver.press("b")
            assert SERVER_SAYS in driver.pane_text("#billed-summary")

    async def test_nothing_in_the_range_is_told_apart(self) -> None:
        async with driven(questions=CannedQuestions(make_billed=lambda by: side(by, ()))) as driver:
            await driver.press("b")
            assert "falls into the last 30 days" in driver.pane_text("#reckoning")


class TestSync:
    async def test_a_recent_run_is_waited_out_and_r_syncs_all_at_once(self) -> None:
        sync = CannedSync(last=NOW - timedelta(seconds=12))
        sync.go.set()
        async with driven(sync=sync) as driver:
            await driver.until(lambda: "synced 12 s ago" in driver.pane_text("#status"))
            assert sync.runs == []
            await driver.press("R")
            await driver.until(lambda: "synced 0 s ago" in driver.pane_text("#status"))
            assert sync.runs == [True]
            sync.result = Synced(error=SERVER_SAYS)
            await driver.press("R")
            await driver.until(lambda: " · good 0 s ago" in driver.pane_text("#status"))
            assert "sync failed: 401: invalid x-api-key" in driver.pane_text("#status")

    async def test_it_works_again_after_a_failure(self) -> None:
        sync = synced(Synced(error=SERVER_SAYS))
        async with driven(sync=sync) as driver:
            await driver.until(lambda: "sync failed" in driver.pane_text("#status"))
            assert "good" not in driver.pane_text("#status")
            sync.result = Synced()
            await driver.press("R")
            await driver.until(lambda: "synced 0 s ago" in driver.pane_text("#status"))
            assert "sync failed" not in driver.text()

    async def test_the_key_is_nowhere_on_screen_whatever_fails(self) -> None:
        sync = synced(fail=RuntimeError(f"header x-api-key: {KEY}"))
        async with driven(sync=sync) as driver:
            await driver.until(lambda: "sync failed: RuntimeError" in driver.pane_text("#status"))
            for keys in (("b",), ("enter",), ("question_mark", "escape"), ("R",)):
                await driver.press(*keys)
                assert KEY not in driver.text()
                assert KEY not in driver.app.export_screenshot()

    async def test_leaving_waits_for_no_slow_server(self) -> None:
        sync = CannedSync()
        async with driven(sync=sync) as driver:
            await driver.until(lambda: sync.stops)
            await driver.pilot.press("q")
        assert sync.stops[0].wait(PATIENCE_SECONDS)
        sync.go.set()
        assert not any(thread.name == "sync" and not thread.daemon for thread in threading.enumerate())

    async def test_without_a_key_the_status_line_says_nothing_of_it(self) -> None:
        async with driven() as driver:
            assert "sync" not in driver.pane_text("#status")
