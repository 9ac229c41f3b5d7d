"""Pane 6: the sessions, busiest first, in an order that does not jump."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple, cast

from textual.binding import BindingType

from tokentui.figures import format_count
from tokentui.queries.results import SessionRow, SessionState
from tokentui.ui import words
from tokentui.ui.alerts import INKS, SIGNS, grade_of
from tokentui.ui.charts.spark import sparkline
from tokentui.ui.chrome.notices import notice
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.keymap import keys, spelled
from tokentui.ui.requests import OfferInterrupt, OpenComparison, OpenSession, SetSort
from tokentui.ui.scene import Scene
from tokentui.view import RANGES, SortName, View
from tokentui.widths import shorten_middle

CALM_SECONDS = 5
"""Shortest time between two changes of the order that the user did not ask for."""
_MARKS: dict[SessionState, tuple[str, str]] = {
    "working": ("●", "good"),
    "waiting": ("◐", "accent"),
    "idle": ("○", "muted"),
}


class Order(NamedTuple):
    """The order of the keys on screen, when it was made, and for which question."""

    keys: tuple[str, ...] = ()
    made_at: datetime | None = None
    view: View | None = None


def damped(order: Order, rows: Sequence[SessionRow], view: View, now: datetime) -> Order:
    """The order to show: the new one if it was asked for or 5 s have passed, else the old one with newcomers in it."""
    asked = (view.range, view.filter, view.sort, view.reverse)
    was_asked = order.view and (order.view.range, order.view.filter, order.view.sort, order.view.reverse)
    keys = tuple(row.session_id for row in rows)
    is_due = order.made_at is None or abs(now - order.made_at) >= timedelta(seconds=CALM_SECONDS)
    if asked != was_asked or is_due:
        return Order(keys, now, view)
    present = set(keys)
    kept = [key for key in order.keys if key in present]
    known = set(kept)
    for place, key in enumerate(keys):
        if key not in known:
            kept.insert(place, key)
    return Order(tuple(kept), order.made_at, view)


def _mark(row: SessionRow, scene: Scene, width: int) -> Line:
    sign, ink = _MARKS[row.state]
    grade = grade_of(scene.alerts, row.session_id)
    if grade is not None:
        sign, ink = SIGNS[grade], INKS[grade]
    return ((sign if width == 1 else f"{sign} {row.state}", ink),)


def _title(row: SessionRow, _scene: Scene, _width: int) -> Line:
    return ((row.title or f"session {row.session_id[:8]}", "" if row.title else "muted"),)


def _project(row: SessionRow, _scene: Scene, width: int) -> Line:
    return ((shorten_middle(words.project(row.project), width), "muted"),)


def _agents(row: SessionRow, _scene: Scene, _width: int) -> Line:
    ink = "strong" if row.working_agents else "muted"
    return ((str(row.working_agents), ink), (f"/{row.agents}", "muted"))


def _rate(row: SessionRow, _scene: Scene, _width: int) -> Line:
    rate = row.tokens_last_minute.total
    return ((format_count(rate), "strong") if rate else ("–", "muted"),)


def _context(row: SessionRow, _scene: Scene, _width: int) -> Line:
    return ((format_count(row.context_tokens), ""),) if row.context_tokens else (("–", "muted"),)


def _cost(row: SessionRow, _scene: Scene, _width: int) -> Line:
    return ((words.money(row.today_money), "strong"),)


def _spark(row: SessionRow, scene: Scene, width: int) -> Line:
    trend = row.trend_tokens if any(row.trend_tokens) else ()
    return ((sparkline(trend, width, alphabet=scene.alphabet), "spark"),)


COLUMNS: tuple[Column[SessionRow], ...] = (
    Column("mark", "", 1, 0, _mark, flush_right=False),
    Column("title", "session", 14, 0, _title, flush_right=False, share=3, sort="title", ease=24),
    Column("project", "project", 12, 8, _project, flush_right=False, share=1),
    Column("branch", "branch", 12, 11, lambda row, *_: ((row.branch, "muted"),), flush_right=False, share=1),
    Column("model", "model", 10, 4, lambda row, *_: ((words.model(row.model), ""),), flush_right=False),
    Column("agents", "agents", 7, 3, _agents, sort="agents"),
    Column("rate", "tok/min", 8, 1, _rate, sort="rate"),
    Column("spark", "12 min", 8, 6, _spark, flush_right=False),
    Column("context", "context", 7, 7, _context, sort="context"),
    Column("hit", "hit", 5, 5, lambda row, *_: ((words.share_short(row.hit_rate), ""),), sort="hit"),
    Column("range_cost", "in range", 9, 10, lambda row, *_: ((words.money(row.range_money), ""),), sort="cost"),
    Column("cost", "today", 8, 0, _cost, sort="cost"),
    Column("age", "age", 4, 2, lambda row, scene, _: ((words.age(row.last_line_at, scene.now), "muted"),), sort="age"),
)  # fmt: skip


def _is_about_range(view: View) -> bool:
    """Whether to show the cost of the range: the table is sorted by it, or the range is longer than today."""
    length = RANGES[view.range]
    return view.sort == "cost" or length is None or length >= timedelta(days=1)


def _with_range_cost(columns: Sequence[Column[SessionRow]]) -> list[Column[SessionRow]]:
    """The columns ranked so that the cost of the range stays when today's has no room; sorting goes by the former."""
    places = {"range_cost": (0, "cost"), "cost": (10, "")}
    found = ((column, *places.get(column.id, (column.rank, column.sort))) for column in columns)
    return [column._replace(rank=rank, sort=sort) for column, rank, sort in found]


class SessionsPane(RowTable[SessionRow]):
    """The table that everything is opened from."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("session", "sessions table"))
    STARTS_ON_TOP: ClassVar = True
    HELP_TEXT: ClassVar = texts.PaneHelp(
        "sessions",
        "Sessions with use in the range. ● working, ◐ waiting for you, ○ idle; ✖ over an alarm's "
        "limit, ▲ a warning. agents: working / so far. The order "
        "changes at most every 5 s, or when you press a key; columns without room are left out.",
        (
            texts.WORKING,
            ("tok/min", "all tokens of the session in the last 60 s"),
            ("context", "prompt of the newest response of the main thread"),
            ("hit", f"{texts.HIT_RATE[1]}, over the range"),
            ("today", "cost since midnight in your time zone"),
            ("in range", "cost in the time range, as in pane 4; what the order by cost goes by"),
            (
                "filter",
                "words, !word, model: project: session: branch: agent:, cost>1, tokens>=1m, agents>3, since:2h",
            ),
            texts.MONEY,
        ),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._order = Order()
        self.marked = ""
        """Session to compare with the next one that is marked."""

    def key_of(self, row: SessionRow) -> str:
        """The session's id."""
        return row.session_id

    def open_row(self, row: SessionRow) -> None:
        """Show the session's agents."""
        self.post_message(OpenSession(row.session_id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse to open, interrupt or mark where there is no row."""
        return bool(self.rows) if action in ("open_row", "interrupt", "mark") else True

    def action_interrupt(self) -> None:
        """Offer to interrupt the session."""
        if row := self.cursor_row:
            self.is_chosen = True
            self.post_message(OfferInterrupt(row.session_id, row.title or f"session {row.session_id[:8]}"))

    def action_mark(self) -> None:
        """Mark the row, or compare it with the one marked before."""
        row = self.cursor_row
        if row is None:
            return
        self.is_chosen = True
        if self.marked and self.marked != row.session_id:
            self.app.clear_notifications()  # the note about the first mark is out of date
            self.post_message(OpenComparison("session", self.marked, row.session_id))
            self.marked = ""
        else:
            self.marked = "" if self.marked else row.session_id
            key = spelled.first_key("mark", self.scene.keymap if self.scene else {})
            self.app.notify(f"marked: {key} on another session compares the two" if self.marked else "unmarked")
        self.redraw()

    def columns(self, scene: Scene) -> Sequence[Column[SessionRow]]:
        """All columns; on a wide screen the sign of a session's state has its word beside it."""
        mark = Column("mark", "", 9, 0, _mark, flush_right=False) if self.size.width >= 110 else COLUMNS[0]
        rest = [column._replace(title=scene.today_word) if column.id == "cost" else column for column in COLUMNS[1:]]
        rest = _with_range_cost(rest) if _is_about_range(scene.view) else rest
        if not self.marked:
            return (mark, *rest)

        def title(row: SessionRow, scene: Scene, width: int) -> Line:
            return ((("◆ ", "accent"),) if row.session_id == self.marked else ()) + _title(row, scene, width)

        return (mark, rest[0]._replace(cell=title), *rest[1:])

    def sorted_by(self, scene: Scene) -> tuple[str, bool]:
        """The order of the answer on screen."""
        return (scene.snapshot.view.sort, scene.snapshot.view.reverse) if scene.snapshot else ("", False)

    def sort_asked(self, sort: str) -> None:
        """Sort by the column whose header was clicked."""
        self.post_message(SetSort(cast("SortName", sort)))

    def watch_scene(self) -> None:
        """Take the new rows, in an order that does not jump."""
        snapshot = self.scene.snapshot if self.scene else None
        if snapshot is not None:
            self._order = damped(self._order, snapshot.sessions, snapshot.view, snapshot.as_of)
            by_key = {row.session_id: row for row in snapshot.sessions}
            self.set_rows([by_key[key] for key in self._order.keys])
        self.redraw()

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """How many sessions there are, and how many of them are shown."""
        snapshot = scene.snapshot
        if snapshot is None:
            return "6 sessions", ""
        matching, in_range = snapshot.sessions_matching, snapshot.sessions_in_range
        counted = f"{matching:,} of {in_range:,}" if matching != in_range else f"{in_range:,}"
        if len(snapshot.sessions) < matching:
            counted += f" · first {len(snapshot.sessions):,}"
        return f"6 sessions · {counted}", f"in {snapshot.view.range}"

    def empty_lines(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """Why there is nothing to see."""
        return notice(scene, width, height)
