"""The plan's windows on the dashboard: as told, with their age, and never instead of the user's own budgets."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from tests.conftest import Compare
from tests.kit.canned import NOW, busy
from tests.kit.driving import driven
from tokentui.instants import ms_of
from tokentui.queries.budgets.plan import plan_gauges
from tokentui.queries.past import show_past
from tokentui.queries.results import PlanGauge, Snapshot
from tokentui.store.database import open_reader, open_writer
from tokentui.store.plan_limits import PlanLimit, record_plan_limits
from tokentui.view import View

AT_WORK = (
    PlanGauge("5h", 0.62, False, 0.57, NOW + timedelta(hours=2, minutes=8), NOW - timedelta(seconds=4)),
    PlanGauge("7d", 0.91, False, 0.4, NOW + timedelta(days=3), NOW - timedelta(seconds=4)),
)
AFTER_A_PAUSE = (
    PlanGauge("5h", None, True, 1.0, NOW - timedelta(hours=1), NOW - timedelta(hours=3)),
    PlanGauge("7d", 0.21, True, 0.4, NOW + timedelta(days=3), NOW - timedelta(hours=3)),
)


def with_plan(plan: tuple[PlanGauge, ...], *, are_shipped: bool, budgets: int = 3) -> Callable[[View], Snapshot]:
    def make(view: View) -> Snapshot:
        snapshot = busy(view)
        own = tuple(budget._replace(is_default=are_shipped) for budget in snapshot.budgets[:budgets])
        return replace(snapshot, plan=plan, budgets=own)

    return make


async def test_the_plan_stands_before_budgets_that_were_shipped() -> None:
    async with driven(with_plan(AT_WORK, are_shipped=True), size=(80, 24)) as driver:
        rows = driver.pane_text("#budgets").splitlines()
        assert "+2 more" in rows[0]
        assert rows[1].split()[:2] == ["plan", "5h"]
        assert rows[1].endswith("62%   resets 16:10")
        assert "▲ 91%" in rows[2]
        assert rows[3].split()[0] in ("day", "week", "month")


async def test_budgets_of_the_users_own_stay_and_the_frame_tells_the_plan() -> None:
    async with driven(with_plan(AT_WORK, are_shipped=False), size=(80, 24)) as driver:
        rows = driver.pane_text("#budgets").splitlines()
        assert "5h 62% · 7d ▲ 91%" in rows[0]
        assert [row.split()[0] for row in rows[1:]] == ["day", "week", "month"]


async def test_where_not_all_have_room_the_tightest_stay() -> None:
    make = with_plan((), are_shipped=False)

    def five(view: View) -> Snapshot:
        snapshot = make(view)
        calm = [snapshot.budgets[0]._replace(name=name, window=name, spent=1.0) for name in ("aaa", "bbb")]
        return replace(snapshot, budgets=(*calm, *snapshot.budgets))

    async with driven(five, size=(80, 24)) as driver:
        rows = driver.pane_text("#budgets").splitlines()
        assert "+2 more" in rows[0]
        assert [row.split()[0] for row in rows[1:]] == ["day", "week", "month"]


async def test_budgets_of_the_same_window_go_by_their_names() -> None:
    def twins(view: View) -> Snapshot:
        day, week, _ = busy(view).budgets
        return replace(busy(view), budgets=(day, day._replace(name="api"), week._replace(window="rolling 5h")))

    async with driven(twins, size=(80, 24)) as driver:
        assert [row.split()[0] for row in driver.pane_text("#budgets").splitlines()[1:]] == ["daily", "api", "5h"]


async def test_what_was_told_long_ago_is_at_least_so_much() -> None:
    async with driven(with_plan(AFTER_A_PAUSE, are_shipped=True), size=(120, 36)) as driver:
        await driver.press("5", "z")
        text = driver.pane_text("#budgets")
        assert "reset 13:02 · told 3h ago by Claude Code" in text
        assert "≥21% ok" in text
        assert "resets Wed 14:02 · told 3h ago by Claude Code" in text


async def test_the_budgets_screen_tells_it_too() -> None:
    async with driven(with_plan(AT_WORK, are_shipped=False), size=(80, 24)) as driver:
        await driver.press("e")
        assert "plan 5h 62% · 7d ▲ 91%" in driver.pane_text("#trail")


async def test_picture_of_a_plan(compare_picture: Compare) -> None:
    async with driven(
        with_plan((*AT_WORK[:1], *AFTER_A_PAUSE[1:]), are_shipped=False, budgets=2), size=(80, 24)
    ) as driver:
        await driver.press("5", "z")
        compare_picture("zoomed-plan-80x24", driver.app.export_screenshot())


def told_at(database: Path, now: datetime, *limits: PlanLimit) -> tuple[PlanGauge, ...]:
    with closing(open_writer(database)) as writer:
        record_plan_limits(writer, limits)
    with closing(open_reader(database)) as reader:
        return plan_gauges(reader, now)


def test_a_window_is_shown_while_it_runs_and_a_day_longer(new_database: Callable[[], Path]) -> None:
    database, reset = new_database(), NOW + timedelta(hours=2)
    limits = (
        PlanLimit("five_hour", 0.62, ms_of(reset), ms_of(NOW)),
        PlanLimit("spend_limit", 0.3, 0, ms_of(NOW)),
    )
    assert told_at(database, NOW, *limits) == (
        PlanGauge("5h", 0.62, False, 0.6, reset, NOW),
        PlanGauge("spend", 0.3, False, None, None, NOW),
    )
    assert [gauge.is_stale for gauge in told_at(database, NOW + timedelta(minutes=11))] == [True, True]
    assert [gauge.used_share for gauge in told_at(database, reset)] == [None, 0.3]
    assert [gauge.name for gauge in told_at(database, NOW + timedelta(days=1))] == ["5h"]
    assert told_at(database, reset + timedelta(days=1)) == ()


def test_the_past_knows_only_what_had_been_told(new_database: Callable[[], Path]) -> None:
    database, reset = new_database(), NOW + timedelta(days=2)
    told_at(database, NOW, PlanLimit("seven_day", 0.2, ms_of(reset), ms_of(NOW)))
    with closing(open_reader(database)) as reader:
        show_past(reader, ms_of(NOW - timedelta(hours=1)))
        assert plan_gauges(reader, NOW - timedelta(hours=1)) == ()
        show_past(reader, ms_of(NOW))
        assert [gauge.used_share for gauge in plan_gauges(reader, NOW)] == [0.2]
