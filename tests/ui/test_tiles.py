"""The tiles: what they say about usual, and how."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC

import pytest

from tests.kit.canned import LIVE, NOW, busy, empty, storm
from tests.kit.driving import driven
from tokentui.queries.results import Money, Snapshot
from tokentui.records import Tokens
from tokentui.ui.scene import Scene
from tokentui.ui.tiles import Tile, tiles_of
from tokentui.view import View
from tokentui.watch.usual import Usual


def tiles(snapshot: Snapshot) -> dict[str, Tile]:
    scene = Scene(NOW, UTC, View(), snapshot, report=LIVE)
    return {tile.labels[0]: tile for tile in tiles_of(snapshot.headline, scene)}


def test_a_figure_is_set_against_usual() -> None:
    assert tiles(busy())["cost today"].notes[1:] == ("usual $31.20 a day", "usual $31.20", "")
    assert tiles(busy())["fresh tokens/min"].notes[0] == "2.0× usual · p95 61.0k"
    assert tiles(busy())["dollars/min"].notes[:2] == ("$67.20/h · 1.8× usual", "$67.20/h · 1.8×")
    assert tiles(busy())["cache hit rate"].notes[0] == "usual 95.1%"


@pytest.mark.parametrize(("fresh", "said"), [(999, "<0.1×"), (1_000, "0.1×"), (0, "usual 20.0k")])
def test_only_nothing_is_no_times_as_much_as_usual(fresh: int, said: str) -> None:
    snapshot = busy()
    headline = snapshot.headline._replace(
        tokens_last_minute=Tokens(input=fresh), usual_fresh=Usual(20_000, 61_000, 1_912)
    )
    assert tiles(replace(snapshot, headline=headline))["fresh tokens/min"].notes[0].startswith(said)


def test_above_its_p95_a_figure_has_a_sign_in_every_wording() -> None:
    tile = tiles(storm())["working agents"]
    assert tile.is_high
    assert all("▲" in note for note in tile.notes)


def test_a_hit_rate_far_below_usual_has_a_sign_in_every_wording() -> None:
    snapshot = busy()
    usual, usual_fresh = Usual(0.951, 0.991, 1_912), Usual(20_000, 61_000, 1_912)
    for cached, size, is_low in ((70, 1_000, True), (86, 9_000, False), (97, 9_000, False), (70, 600, False)):
        tokens = Tokens(input=(100 - cached) * size, cache_read=cached * size)
        headline = snapshot.headline._replace(tokens_last_minute=tokens, usual_hit_rate=usual, usual_fresh=usual_fresh)
        tile = tiles(replace(snapshot, headline=headline))["cache hit rate"]
        assert tile.is_high is is_low
        assert all(("▼" in note) is is_low for note in tile.notes)
    assert tiles(busy())["cache hit rate"].notes[0] == "usual 95.1%"


def test_a_dear_day_has_a_sign_in_every_wording() -> None:
    snapshot = busy()
    dear = snapshot.headline._replace(today_money=Money(int(4.5 * 31.2e12)))
    tile = tiles(replace(snapshot, headline=dear))["cost today"]
    assert tile.is_high
    assert tile.notes == ("▲ 4.5× usual · $31.20 a day", "▲ 4.5× usual", "▲ 4.5×")


def test_too_little_history_leaves_nothing_dangling() -> None:
    quiet = busy().headline._replace(money_last_minute=Money(), working_agents=0)
    for tile in (*tiles(empty()).values(), *tiles(replace(busy(), headline=quiet)).values()):
        assert not any(note.endswith(("·", "· ", " ")) for note in tile.notes)


def test_lower_bounds_and_unknown_prices_are_marked() -> None:
    snapshot = busy()
    headline = snapshot.headline._replace(today_lower_bound=1, money_last_minute=Money(0, 3))
    marked = tiles(replace(snapshot, headline=headline))
    assert marked["cost today"].value == "≥$48.12"
    assert marked["dollars/min"].value == "?"


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (79, 60), (80, 24), (100, 30), (132, 43), (200, 50)])
async def test_a_dear_day_and_a_burst_limit_keep_their_figures_whole(size: tuple[int, int]) -> None:
    def make(view: View) -> Snapshot:
        snapshot = busy(view)
        dear = snapshot.headline._replace(today_money=Money(int(132.81e12)), today_lower_bound=1)
        day = snapshot.budgets[0]._replace(spent=133.4, limit=10.0)
        return replace(snapshot, headline=dear, budgets=(day, *snapshot.budgets[1:]))

    async with driven(make, size=size) as driver:
        assert "≥$132.81" in driver.text()
        if size[1] > 12:
            assert re.search(r"✖ ?1334%", driver.text())
