"""The reckoning: per day what the logs, the API and the exports say, the difference, and its class in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tokentui.figures import format_count
from tokentui.queries.reckoning.differences import TOLERATED_SHARE, TOLERATED_TOKENS
from tokentui.queries.reckoning.estimates import all_estimates
from tokentui.queries.reckoning.results import REASONS
from tokentui.queries.reckoning.screen import BilledSide, ReckonedDay
from tokentui.records import Tokens
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.panes.billed.bill import ExplainRow, billed, estimate
from tokentui.ui.panes.billed.notices import nothing_to_compare
from tokentui.ui.scene import Scene

DOUBLE = "double counting"


def is_double(day: ReckonedDay) -> bool:
    """Whether more was logged than billed, which is an error of ours."""
    return any(reason == DOUBLE for reason, _ in day.parts)


def count(tokens: Tokens | None) -> str:
    """Tokens of all kinds; `–` if unknown."""
    return "–" if tokens is None else format_count(tokens.total)


def signed_count(tokens: int) -> str:
    """A difference, always with its sign."""
    return f"{'-' if tokens < 0 else '+'}{format_count(abs(tokens))}" if tokens else "0"


def _difference(day: ReckonedDay, _scene: Scene, _width: int) -> Line:
    if day.difference is None:
        return (("–", "muted"),)
    text = signed_count(day.difference)
    return ((f"✖ {text}", "bad"),) if is_double(day) else ((text, ""),)


def classes(day: ReckonedDay) -> str:
    """The classes of a day's difference, the gravest first."""
    if day.difference is None:
        return "nothing to compare with"
    names = [reason.upper() if reason == DOUBLE else reason for reason, _ in day.parts]
    return ", ".join(names) or "exact"


def _classes(day: ReckonedDay, _scene: Scene, _width: int) -> Line:
    return ((classes(day), "bad" if is_double(day) else "muted" if not day.parts else ""),)


def _logged(day: ReckonedDay, _scene: Scene, _width: int) -> Line:
    return ((format_count(day.logged.total, any(row.lower_bound_responses for row in day.rows)), ""),)


def _local(day: ReckonedDay, _scene: Scene, _width: int) -> Line:
    return ((estimate(all_estimates(row.logged_estimate for row in day.rows)), ""),)


def _list(day: ReckonedDay, _scene: Scene, _width: int) -> Line:
    is_told = any(row.against for row in day.rows)
    return ((estimate(all_estimates(row.billed_estimate for row in day.rows) if is_told else None), ""),)


def _code(day: ReckonedDay, _scene: Scene, _width: int) -> Line:
    return ((format_count(day.code.tokens.total) if day.code else "–", ""),)


COLUMNS: tuple[Column[ReckonedDay], ...] = (
    Column("day", "day UTC", 10, 0, lambda day, *_: ((day.day.isoformat(), ""),), flush_right=False),
    Column("logged", "local", 6, 0, _logged),
    Column("api", "API", 6, 1, lambda day, *_: ((count(day.api), ""),)),
    Column("csv", "CSV", 6, 2, lambda day, *_: ((count(day.csv), ""),)),
    Column("code", "Cl.Code", 7, 4, _code),
    Column("difference", "differ.", 8, 0, _difference),
    Column("class", "because of", 10, 0, _classes, flush_right=False, share=1, ease=24),
    Column("local", "local est.", 10, 5, _local),
    Column("list", "list est.", 9, 6, _list),
    Column("billed", "billed", 8, 3, lambda day, *_: ((billed(day.billed_pico_usd), ""),)),
)


class ReckoningPane(RowTable[ReckonedDay]):
    """The table of days, one row each."""

    ENTER: ClassVar[str] = "explain"
    HELP_TEXT: ClassVar = texts.PaneHelp(
        "reckoning",
        "Tokens of each UTC day by the logs, by the Usage API, by imported exports and by Claude Code's own report, "
        "their difference, and why. "
        f"Tolerance: logged above billed by {TOLERATED_TOKENS} tokens or {TOLERATED_SHARE:.1%} per day and model. "
        "{drill} explains a day.",
        (
            ("difference", "billed − local tokens; billed is the API where it was asked, else the exports"),
            ("local est.", "an estimate: the logs at list price"),
            ("list est.", "an estimate: what was reported, at list price"),
            ("billed", "no estimate: the Cost API, else imported cost exports"),
            (
                "Cl.Code",
                "tokens by Claude Code's own report, of everybody in the organization and however paid for: by key it "
                "is a part of what the API reports, by subscription it comes on top",
            ),
            *REASONS.items(),
        ),
    )
    side: BilledSide | None = None

    def show(self, side: BilledSide) -> None:
        """Take a new answer; without reports to compare with, there are no rows."""
        self.side = side
        self.set_rows(() if side.reckoning.is_empty else side.days)
        self.redraw()

    def key_of(self, row: ReckonedDay) -> str:
        """The day."""
        return row.day.isoformat()

    def open_row(self, row: ReckonedDay) -> None:
        """Explain the day."""
        self.post_message(ExplainRow(row))

    def columns(self, scene: Scene) -> Sequence[Column[ReckonedDay]]:
        """All columns; that of Claude Code's own report if it was fetched."""
        has_code = self.side is not None and any(day.code for day in self.side.days)
        return COLUMNS if has_code else tuple(column for column in COLUMNS if column.id != "code")

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The titles of the frame: the pane, and the result."""
        if self.side is None or self.side.reckoning.is_empty:
            return "reckoning", ""
        return "reckoning · tokens", "does not come out" if self.side.reckoning.is_off else "comes out"

    def empty_lines(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """Why there are no rows, and what to do."""
        return nothing_to_compare(self.side, scene, width) if self.side else ()
