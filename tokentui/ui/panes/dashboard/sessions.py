"""Pane 6: the sessions, busiest first, in an order that does not jump."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from textual.binding import BindingType

from tokentui.queries.results import SessionRow
from tokentui.ui.chrome.notices import notice
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.keymap import keys, spelled
from tokentui.ui.panes.dashboard.calm_order import Order, damped
from tokentui.ui.panes.dashboard.session_columns import COLUMNS, is_about_range, mark, title, with_range_cost
from tokentui.ui.requests import OfferInterrupt, OpenComparison, OpenSession, SetSort
from tokentui.ui.scene import Scene
from tokentui.view import SortName


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
        first = Column("mark", "", 9, 0, mark, flush_right=False) if self.size.width >= 110 else COLUMNS[0]
        rest = [column._replace(title=scene.today_word) if column.id == "cost" else column for column in COLUMNS[1:]]
        rest = with_range_cost(rest) if is_about_range(scene.view) else rest
        if not self.marked:
            return (first, *rest)

        def named(row: SessionRow, scene: Scene, width: int) -> Line:
            return ((("◆ ", "accent"),) if row.session_id == self.marked else ()) + title(row, scene, width)

        return (first, rest[0]._replace(cell=named), *rest[1:])

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
