"""The columns of the sessions table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tokentui.figures import format_count
from tokentui.queries.results import SessionRow, SessionState
from tokentui.ui import words
from tokentui.ui.alerts import INKS, SIGNS, grade_of
from tokentui.ui.charts.spark import sparkline
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.scene import Scene
from tokentui.view import RANGES, View
from tokentui.widths import shorten_middle

_MARKS: dict[SessionState, tuple[str, str]] = {
    "working": ("●", "good"),
    "waiting": ("◐", "accent"),
    "idle": ("○", "muted"),
}


def mark(row: SessionRow, scene: Scene, width: int) -> Line:
    """The sign of the session's loudest alert, else of its state; with room, the state in a word beside it."""
    sign, ink = _MARKS[row.state]
    grade = grade_of(scene.alerts, row.session_id)
    if grade is not None:
        sign, ink = SIGNS[grade], INKS[grade]
    return ((sign if width == 1 else f"{sign} {row.state}", ink),)


def title(row: SessionRow, _scene: Scene, _width: int) -> Line:
    """The session's title, else the beginning of its id."""
    return ((row.title or f"session {row.session_id[:8]}", "" if row.title else "muted"),)


def _project(row: SessionRow, _scene: Scene, width: int) -> Line:
    return ((shorten_middle(words.project(row.project), width), "muted"),)


def _agents(row: SessionRow, _scene: Scene, _width: int) -> Line:
    ink = "strong" if row.working_agents else "muted"
    return ((str(row.working_agents), ink), (f"/{row.agents}", "muted"))


def _rate(row: SessionRow, _scene: Scene, _width: int) -> Line:
    rate = row.tokens_last_minute.total
    return ((format_count(rate), "strong") if rate else ("–", "muted"),)


def _cost(row: SessionRow, _scene: Scene, _width: int) -> Line:
    return ((words.money(row.today_money), "strong"),)


def _spark(row: SessionRow, scene: Scene, width: int) -> Line:
    trend = row.trend_tokens if any(row.trend_tokens) else ()
    return ((sparkline(trend, width, alphabet=scene.alphabet), "spark"),)


COLUMNS: tuple[Column[SessionRow], ...] = (
    Column("mark", "", 1, 0, mark, flush_right=False),
    Column("title", "session", 14, 0, title, flush_right=False, share=3, sort="title", ease=24),
    Column("project", "project", 12, 8, _project, flush_right=False, share=1),
    Column("branch", "branch", 12, 11, lambda row, *_: ((row.branch, "muted"),), flush_right=False, share=1),
    Column("model", "model", 10, 4, lambda row, *_: ((words.model(row.model), ""),), flush_right=False),
    Column("agents", "agents", 7, 3, _agents, sort="agents"),
    Column("rate", "tok/min", 8, 1, _rate, sort="rate"),
    Column("spark", "12 min", 8, 6, _spark, flush_right=False),
    Column("context", "context", 7, 7, lambda row, *_: ((words.context(row.context_tokens), ""),), sort="context"),
    Column("hit", "hit", 5, 5, lambda row, *_: ((words.share_short(row.hit_rate), ""),), sort="hit"),
    Column("range_cost", "in range", 9, 10, lambda row, *_: ((words.money(row.range_money), ""),), sort="cost"),
    Column("cost", "today", 8, 0, _cost, sort="cost"),
    Column("age", "age", 4, 2, lambda row, scene, _: ((words.age(row.last_line_at, scene.now), "muted"),), sort="age"),
)  # fmt: skip


def is_about_range(view: View) -> bool:
    """Whether to show the cost of the range: the table is sorted by it, or the range is longer than today."""
    length = RANGES[view.range]
    return view.sort == "cost" or length is None or length >= timedelta(days=1)


def with_range_cost(columns: Sequence[Column[SessionRow]]) -> list[Column[SessionRow]]:
    """The columns ranked so that the cost of the range stays when today's has no room; sorting goes by the former."""
    places = {"range_cost": (0, "cost"), "cost": (10, "")}
    found = ((column, *places.get(column.id, (column.rank, column.sort))) for column in columns)
    return [column._replace(rank=rank, sort=sort) for column, rank, sort in found]
