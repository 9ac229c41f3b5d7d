"""The screen's answer from a real store, and syncing in the background against the made-up server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.kit.admin_api import KEY, NOW, Server, Time, fault, minute_of, run_sync, usage_row
from tests.kit.answer_logs import HAIKU, SONNET
from tests.kit.driving import driven
from tests.kit.worlds import LOGGED, MORE, USE, World, as_billed, costs, list_price
from tokentui.anthropic.key import VARIABLE
from tokentui.anthropic_side import BASE_URL_VARIABLE, rate_book
from tokentui.cli.monitor.sync import BackgroundSync, background_sync
from tokentui.ingest.sync import SyncPlan
from tokentui.pricing.model_names import normalise
from tokentui.queries.any_time import AnyTimeQuestions
from tokentui.queries.ask import StoredQuestions
from tokentui.queries.circumstances import Circumstances
from tokentui.queries.reckoning.screen import BilledSide, billed_side
from tokentui.ui.panes.billed.bill import billed_lines
from tokentui.ui.ports import Synced

NOTHING = threading.Event()


@pytest.fixture
def world(tmp_path: Path, server: Server) -> World:
    return World(tmp_path, server)


@contextmanager
def questions(world: World) -> Iterator[StoredQuestions]:
    around = Circumstances(
        lambda: NOW, ZoneInfo("UTC"), tuple, tuple, read_rates=lambda reader: rate_book(reader, world.workspace)
    )
    with closing(AnyTimeQuestions(world.database, around)) as asked:
        yield asked


def environment(world: World) -> dict[str, str]:
    return {VARIABLE: KEY, BASE_URL_VARIABLE: world.server.url}


def rows(side: BilledSide) -> dict[str, tuple[int | None, int | None]]:
    return {row.name: (row.logged and row.logged.pico_usd, row.billed_pico_usd) for row in side.billing.rows}


def test_local_estimate_and_bill_and_reckoning_are_of_the_same_days(world: World) -> None:
    world.log(LOGGED)
    price = list_price(world, [answer for answer in LOGGED if answer.model == SONNET])
    world.sync(as_billed(LOGGED), costs({SONNET: price}))
    with questions(world) as asked:
        side = asked.billed("model")
        assert rows(side)["claude-sonnet-4-5"] == (price, price)
        day = next(day for day in side.days if day.day == LOGGED[0].at.date())
        assert day.difference == 0
        assert day.logged == day.api
        assert day.csv is None
        assert day.parts == ()
        assert side.is_known
        assert side.sync.last_done_at is not None


def test_days_without_a_bill_yet_are_in_no_difference(world: World) -> None:
    today = [replace(answer, number=100 + answer.number, at=NOW - timedelta(hours=1)) for answer in LOGGED[:3]]
    world.log(LOGGED + today)
    sonnet, haiku = (list_price(world, [a for a in LOGGED if a.model == model]) for model in (SONNET, HAIKU))
    world.sync(as_billed(LOGGED + today), costs({SONNET: sonnet - 7 * 10**10}))
    with questions(world) as asked:
        side = asked.billed("model")
    assert side.difference_pico_usd(normalise(SONNET)) == -7 * 10**10
    assert side.difference_pico_usd(normalise(HAIKU)) == -haiku
    assert side.difference_pico_usd() == -7 * 10**10 - haiku
    shown = {line.name: line.difference_pico_usd for line in billed_lines(side)}
    assert shown["total"] == side.difference_pico_usd()
    assert shown[normalise(SONNET)] == -7 * 10**10


def test_double_counting_comes_first_among_the_classes(world: World) -> None:
    world.log(LOGGED)
    billed = as_billed(LOGGED[1:])
    billed.append(usage_row(minute_of(LOGGED[0].at) - 400, USE.plus(USE).plus(MORE), SONNET))
    world.sync(billed)
    with questions(world) as asked:
        day = next(day for day in asked.billed("day").days if day.day == LOGGED[0].at.date())
        assert day.difference == USE.total + MORE.total
        assert sum(tokens.total for _, tokens in day.parts) == day.difference
        assert day.parts[0][0] == "double counting"


def test_an_answer_is_kept_until_something_was_synced_or_another_is_wanted(world: World) -> None:
    world.log(LOGGED)
    world.sync(as_billed(LOGGED[:10]))
    with questions(world) as asked:
        side = asked.billed("day")
        assert asked.billed("day") is side
        assert asked.billed("model") is not side
        before = asked.billed("day")
        world.server.tell(usage=as_billed(LOGGED))
        assert run_sync(world.server, world.database, Time(NOW + timedelta(minutes=2))).outcome == "done"
        after = asked.billed("day")
        assert after is not before
        assert after.days[-1].api != before.days[-1].api


def test_another_range_of_days_is_another_answer_and_both_are_kept(world: World) -> None:
    world.log(LOGGED)
    world.sync(as_billed(LOGGED))
    with questions(world) as asked:
        month, day = asked.billed("day"), asked.billed("day", 1)
        assert (month.days_back, day.days_back) == (30, 1)
        assert [len(side.reckoning.rows) for side in (month, day)] == [2, 0]
        assert asked.billed("model", 1).reckoning is day.reckoning
        assert asked.billed("day") is month


def test_an_empty_store_has_an_answer(world: World) -> None:
    world.log([])
    with questions(world) as asked:
        side = asked.billed("day")
        assert (side.days, side.is_known, side.reckoning.is_empty) == ((), False, True)


def test_a_month_of_minutes_is_answered_in_seconds(world: World, new_database: Callable[[], Path]) -> None:
    world.log(LOGGED)
    tokens = [usage_row(0, USE, SONNET), usage_row(0, MORE, SONNET, "apikey_2")]
    world.server.reset(usage=[], every_minute=tokens)
    assert run_sync(world.server, world.database, Time(), SyncPlan()).outcome == "done"
    with questions(world) as asked:
        for by in ("day", "model", "key"):
            assert len(asked.billed(by).days) == 30


class TestBackground:
    def test_none_without_a_key_and_for_the_demo(self, world: World) -> None:
        assert background_sync(world.workspace, {}) is None
        assert background_sync(world.workspace._replace(is_demo=True), environment(world)) is None
        assert background_sync(world.workspace, environment(world)) is not None

    def test_a_run_stores_and_the_next_is_too_soon(self, world: World) -> None:
        world.log(LOGGED)
        world.server.reset(usage=as_billed(LOGGED))
        sync = BackgroundSync(world.workspace, environment(world))
        assert sync.last_done_at() is None
        assert sync.once(NOTHING, everything=True) == Synced()
        assert sync.last_done_at() is not None
        second = sync.once(NOTHING, everything=True)
        assert "60 s ago" in second.too_soon
        assert not second.error

    def test_a_key_command_that_fails_is_an_error_with_its_fix(self, world: World) -> None:
        settings = world.workspace.settings.anthropic._replace(key_command=("/no/such/program",))
        workspace = world.workspace._replace(settings=world.workspace.settings._replace(anthropic=settings))
        assert "mend it in the configuration" in BackgroundSync(workspace, {}).once(NOTHING, False).error

    async def test_a_server_that_says_the_key_back_does_not_get_it_on_screen(self, world: World) -> None:
        world.log(LOGGED)
        refusal = fault("status", status=401, type="authentication_error", message=f"invalid x-api-key {KEY}")
        world.server.reset(usage=[], faults=[refusal] * 9)
        sync = background_sync(world.workspace, environment(world))
        async with driven(size=(200, 50), sync=sync) as driver:
            await driver.until(lambda: driver.app.scene.sync.phase == "failed")
            await driver.press("b")
            assert "HTTP 401 authentication_error: invalid x-api-key [secret]" in driver.pane_text("#billed-summary")
            assert KEY not in driver.text()
            assert KEY not in driver.app.export_screenshot()
        with closing(
            AnyTimeQuestions(world.database, Circumstances(lambda: NOW, ZoneInfo("UTC"), tuple, tuple))
        ) as asked:
            assert KEY not in repr(asked.billed("day"))


def test_without_prices_of_its_own_the_shipped_ones_count(world: World) -> None:
    world.log(LOGGED)
    around = Circumstances(lambda: NOW, ZoneInfo("UTC"), tuple, tuple)
    with closing(AnyTimeQuestions(world.database, around)) as asked:
        assert asked.billed("day").billing.month.logged_pico_usd > 0
        assert isinstance(billed_side(asked._connection, around.read_rates(asked._connection), NOW, "day"), BilledSide)
