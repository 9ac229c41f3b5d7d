"""Why billed and logged differ: every token of a difference has one class, and the right one."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.queries.reckoning.cells import DAY_MINUTES, Cell, Explained, Reason, minus
from tokentui.queries.reckoning.differences import Clues, explain
from tokentui.records import Tokens

DAY = 1440 * 20_000
NOON = DAY + 720
NONE = Tokens()
USE = Tokens(1_000, 2_000, 3_000, 4_000, 50_000)
MORE = Tokens(100, 200, 300, 400, 5_000)


def clues(
    active: tuple[int, ...] = (NOON,), begin: int = DAY - 1440, settled: int = DAY + 5000, foreign: tuple[str, ...] = ()
) -> Clues:
    return Clues(active, begin, settled, foreign_keys=frozenset(foreign))


def cell(minute: int, logged: Tokens, billed: Tokens, minutes: int = 1, key: str = "one", lower: bool = False) -> Cell:
    by_key = {key: billed} if billed.total else {}
    return Cell(minute, minutes, logged, billed, by_key, lower, logged if minutes > 1 else NONE, NONE)


def classes(parts: list[Explained]) -> dict[Reason, Tokens]:
    sums: dict[Reason, Tokens] = defaultdict(Tokens)
    for part in parts:
        sums[part.reason] = sums[part.reason].plus(part.tokens)
    return {reason: tokens for reason, tokens in sums.items() if any(tokens)}


def negative(tokens: Tokens) -> Tokens:
    return minus(NONE, tokens)


def test_what_agrees_needs_no_words() -> None:
    assert explain([cell(NOON, USE, USE), cell(NOON + 5, MORE, MORE)], clues()) == []


@pytest.mark.parametrize(
    ("cells", "circumstances", "reason", "tokens"),
    [
        ([cell(NOON, USE, USE.plus(MORE))], clues(), "unlogged requests", MORE),
        ([cell(NOON + 8, NONE, MORE)], clues(), "unlogged requests", MORE),
        ([cell(NOON + 60, NONE, MORE)], clues(), "other machines", MORE),
        ([cell(NOON, NONE, MORE, key="two")], clues(foreign=("two",)), "other keys", MORE),
        ([cell(NOON, NONE, MORE)], clues(begin=NOON + 1), "before the logs", MORE),
        ([cell(NOON, USE, USE._replace(output=9_000), lower=True)], clues(), "lower bounds", Tokens(output=7_000)),
        ([cell(NOON, USE, NONE)], clues(settled=NOON), "late data", negative(USE)),
        ([cell(NOON, USE, NONE)], clues(), "billed elsewhere", negative(USE)),
        ([cell(NOON, USE, NONE), cell(NOON + 30, MORE, MORE)], clues(), "billed elsewhere", negative(USE)),
        ([cell(NOON, USE.plus(USE), USE)], clues(), "double counting", negative(USE)),
        ([cell(DAY, USE.plus(USE), USE, 1440)], clues(), "double counting", negative(USE)),
        ([cell(NOON, USE.plus(Tokens(output=60)), USE)], clues(), "within tolerance", Tokens(output=-60)),
        ([cell(NOON, Tokens(cache_write_5m=900), Tokens(cache_write_1h=900))], clues(), "cache lifetime",
         Tokens(cache_write_5m=-900, cache_write_1h=900)),
    ],
)  # fmt: skip
def test_each_difference_has_its_class(cells: list[Cell], circumstances: Clues, reason: Reason, tokens: Tokens) -> None:
    assert classes(explain(cells, circumstances)) == {reason: tokens}


def test_what_ends_some_minutes_after_it_is_billed_is_no_difference() -> None:
    assert explain([cell(NOON, NONE, USE), cell(NOON + 10, USE, NONE)], clues()) == []
    assert set(classes(explain([cell(NOON, NONE, USE), cell(NOON + 11, USE, NONE)], clues()))) == {
        "other machines", "billed elsewhere", "unlogged requests"} - {"other machines"}  # fmt: skip


def test_across_midnight_it_is_a_time_edge_of_both_days() -> None:
    parts = explain([cell(DAY - 3, NONE, USE), cell(DAY + 2, USE, NONE)], clues())
    assert {(part.minute, part.reason, part.tokens) for part in parts if part.tokens.input} == {
        (DAY - 3, "time edges", Tokens(input=1_000)),
        (DAY + 2, "time edges", Tokens(input=-1_000)),
    }
    assert sum(part.tokens.total for part in parts) == 0


def test_by_the_day_only_what_was_logged_near_midnight_may_have_crossed_it() -> None:
    yesterday = Cell(DAY - 1440, 1440, NONE, USE, {"one": USE})
    today = Cell(DAY, 1440, USE, NONE, {}, head_tokens=Tokens(input=600))
    found = classes(explain([yesterday, today], clues()))
    assert "time edges" not in found  # both sides of it cancel in the sum of the days
    parts = [part for part in explain([yesterday, today], clues()) if part.reason == "time edges"]
    assert [part.tokens.input for part in parts] == [600, -600]


def test_a_doubled_day_is_loud_even_where_something_else_went_unlogged() -> None:
    cells = [cell(NOON, USE.plus(USE), USE), cell(NOON + 300, NONE, MORE)]
    assert classes(explain(cells, clues())) == {"double counting": negative(USE), "other machines": MORE}


COUNTS = st.builds(Tokens, *[st.integers(0, 5_000)] * 5)
CELLS = st.lists(
    st.builds(
        cell,
        st.integers(0, 4 * DAY_MINUTES).map(lambda minute: DAY + minute),
        COUNTS,
        COUNTS,
        st.just(1),
        st.sampled_from(["one", "two"]),
        st.booleans(),
    ),
    unique_by=lambda one: one.minute,
    max_size=40,
)


@given(CELLS, st.booleans(), st.integers(DAY, DAY + 4 * DAY_MINUTES), st.integers(DAY, DAY + 4 * DAY_MINUTES))
def test_parts_add_up_to_the_difference_of_each_day(cells: list[Cell], coarse: bool, begin: int, settled: int) -> None:
    if coarse:
        days = {one.minute // DAY_MINUTES: one for one in cells}
        cells = [cell(day * DAY_MINUTES, one.logged, one.billed, DAY_MINUTES) for day, one in days.items()]
    active = tuple(sorted(one.minute for one in cells if one.logged.total))
    parts = explain(cells, Clues(active, begin, settled, foreign_keys=frozenset({"two"})))
    expected: dict[int, Tokens] = defaultdict(Tokens)
    for one in cells:
        expected[one.minute // DAY_MINUTES] = expected[one.minute // DAY_MINUTES].plus(one.difference)
    explained: dict[int, Tokens] = defaultdict(Tokens)
    for part in parts:
        explained[part.minute // DAY_MINUTES] = explained[part.minute // DAY_MINUTES].plus(part.tokens)
    for day in expected.keys() | explained.keys():
        assert explained[day] == expected[day]
