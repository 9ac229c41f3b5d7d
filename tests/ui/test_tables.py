"""Tables: columns that fit, a calm order, trees, and lines of exact width."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.kit.canned import NOW, session
from tests.kit.canned_drill import agents
from tokentui.queries.session.results import AgentRow
from tokentui.ui.drawing.columns import Column, fit_columns
from tokentui.ui.drawing.lines import clip, fit, fold, line_width, spread
from tokentui.ui.panes.dashboard import session_columns
from tokentui.ui.panes.dashboard.calm_order import CALM_SECONDS, Order, damped
from tokentui.ui.panes.session import agents as agents_pane
from tokentui.ui.panes.session import responses as responses_pane
from tokentui.ui.panes.session.agents import tree_rows
from tokentui.view import View

TABLES: tuple[tuple[Column[object], ...], ...] = (
    session_columns.COLUMNS,  # type: ignore[assignment]
    agents_pane.COLUMNS,
    responses_pane.COLUMNS,
)
TEXTS = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cf", "Mn", "Me", "Mc", "Cn", "Co"]), max_size=30
)
LINES = st.lists(st.tuples(TEXTS, st.just("")), max_size=4).map(tuple)


@given(st.sampled_from(TABLES), st.integers(38, 300))
def test_columns_fill_the_width_exactly(columns: tuple[Column[object], ...], width: int) -> None:
    fitted = fit_columns(columns, width)
    used = sum(cells for _, cells in fitted) + len(fitted) - 1
    assert used == width if any(column.share for column, _ in fitted) else used <= width
    assert all(cells >= column.width for column, cells in fitted)


@given(st.sampled_from(TABLES), st.integers(38, 299))
def test_wider_never_shows_less(columns: tuple[Column[object], ...], width: int) -> None:
    narrow = {column.id for column, _ in fit_columns(columns, width)}
    assert narrow <= {column.id for column, _ in fit_columns(columns, width + 1)}


def test_the_least_width_keeps_what_matters() -> None:
    kept = [column.id for column, _ in fit_columns(session_columns.COLUMNS, 38)]
    assert kept == ["mark", "title", "rate", "cost"]


ROWS = tuple(session(place) for place in range(6))


def test_the_order_is_the_new_one_at_first_and_when_asked() -> None:
    order = damped(Order(), ROWS, View(), NOW)
    assert order.keys == tuple(row.session_id for row in ROWS)
    asked = damped(order, ROWS[::-1], View()._replace(reverse=True), NOW)
    assert asked.keys == order.keys[::-1]


def test_the_order_stays_calm_until_its_time_has_come() -> None:
    order = damped(Order(), ROWS, View(), NOW)
    soon = damped(order, ROWS[::-1], View(), NOW + timedelta(seconds=CALM_SECONDS - 1))
    assert soon.keys == order.keys
    later = damped(soon, ROWS[::-1], View(), NOW + timedelta(seconds=CALM_SECONDS))
    assert later.keys == order.keys[::-1]


def test_a_clock_that_jumps_back_does_not_hold_the_order_for_ever() -> None:
    order = damped(Order(), ROWS, View(), NOW)
    assert damped(order, ROWS[::-1], View(), NOW - timedelta(hours=1)).keys == order.keys[::-1]


@given(st.permutations(range(6)), st.sets(st.integers(0, 5)))
def test_a_calm_order_has_each_session_once(places: list[int], gone: set[int]) -> None:
    order = damped(Order(), ROWS[:3], View(), NOW)
    now_there = [ROWS[place] for place in places if place not in gone]
    calm = damped(order, now_there, View(), NOW + timedelta(seconds=1))
    assert sorted(calm.keys) == sorted(row.session_id for row in now_there)
    kept = [key for key in calm.keys if key in order.keys]
    assert kept == [key for key in order.keys if key in kept]


def test_the_tree_draws_its_branches() -> None:
    drawn = [branch + agent.name for agent, branch in tree_rows(agents())]
    assert drawn == ["main", "├─explorer", "├─general-purpose", "│ └─test-runner", "├─reviewer", "└─compaction"]


def test_tokens_that_are_at_least_so_many_are_marked_as_their_cost_is() -> None:
    cells = {column.id: column.cell for column in agents_pane.COLUMNS}
    scene: Any = None
    drawn = {row[0].agent_id: [cells[name](row, scene, 9)[0][0][0] == "≥" for name in ("own", "all", "tokens",
             "all_tokens")] for row in tree_rows(agents())}  # fmt: skip
    assert (drawn[""], drawn["a2"], drawn["a4"]) == ([False, True, False, True], [False] * 4, [True] * 4)


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=30))
def test_any_tree_is_drawn_two_cells_a_level(shape: list[tuple[int, bool]]) -> None:
    base = agents()[0]
    rows: list[AgentRow] = [base._replace(depth=depth, is_last_child=is_last) for depth, is_last in shape]
    for agent, branch in tree_rows(rows):
        assert len(branch) == 2 * min(agent.depth, 16)


@given(LINES, st.integers(0, 60), st.booleans())
def test_a_fitted_line_has_its_width(line: tuple[tuple[str, str], ...], width: int, flush_right: bool) -> None:
    assert line_width(fit(line, width, flush_right=flush_right)) == width


@given(LINES, st.integers(0, 60))
def test_a_clipped_line_is_no_wider(line: tuple[tuple[str, str], ...], width: int) -> None:
    assert line_width(clip(line, width)) <= width


@given(LINES, LINES, st.integers(0, 80))
def test_spread_lines_fit(start: tuple[tuple[str, str], ...], end: tuple[tuple[str, str], ...], width: int) -> None:
    assert line_width(spread(start, end, width)) <= width


@given(TEXTS, st.integers(4, 40))
def test_folded_text_loses_no_word_that_fits(text: str, width: int) -> None:
    folded = fold(text, width)
    assert all(line_width(((line, ""),)) <= width for line in folded)
    assert len(" ".join(folded).split()) == len(text.split())
