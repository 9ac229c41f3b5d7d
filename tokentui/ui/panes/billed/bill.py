"""Local estimates beside what was billed: one row a day, model, project, key or workspace, and the total."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.message import Message

from tokentui.figures import format_count, format_usd
from tokentui.queries.reckoning.billing import BillingRow
from tokentui.queries.reckoning.claude_code.sums import CODE_GROUPINGS
from tokentui.queries.reckoning.estimates import Estimate
from tokentui.queries.reckoning.screen import BilledSide
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.scene import Scene
from tokentui.widths import shorten_middle

WORKBENCH, DEFAULT = "(Workbench)", "Default"
SOURCES = (
    (
        "local est.",
        "an estimate: responses in this machine's logs at list price on the day of use; logs name no keys and no "
        "workspaces",
    ),
    (
        "list est.",
        "an estimate: tokens that the Usage API reports, else those of imported token exports, at list price; ≥ where "
        "part of them has no price that can be told",
    ),
    (
        "billed",
        "no estimate: the Cost API, on days it was not asked for imported cost exports; single keys are named in "
        "exports only, projects nowhere",
    ),
    ("billed−local", "billed − local estimate: what was billed and not logged, less any discount"),
    (
        "Cl.Code est.",
        "Anthropic's estimate in Claude Code's own report, of everybody in the organization, subscriptions included",
    ),
    (
        "projected",
        "billed: so far + the mean of the last 7 days known × the days left; local: so far + the mean of the last 7 "
        "whole days × the days left; months and days are UTC",
    ),
)


def estimate(value: Estimate | None) -> str:
    """A sum at list price with its marks; `–` if unknown."""
    if value is None:
        return "–"
    return format_usd(value.pico_usd, unpriced=value.is_unknown, lower_bound=value.is_lower_bound)


def billed(pico_usd: int | None) -> str:
    """Billed money, a credit with its sign; `–` if unknown."""
    if pico_usd is None:
        return "–"
    return f"-{format_usd(-pico_usd)}" if pico_usd < 0 else format_usd(pico_usd)


def signed(pico_usd: int) -> str:
    """A difference of money, always with its sign."""
    return f"{'-' if pico_usd < 0 else '+'}{format_usd(abs(pico_usd))}"


def name_of(row: BillingRow, by: str) -> str:
    """A row's name as people read it."""
    empty = {"key": WORKBENCH, "workspace": DEFAULT, "account": "(no account)", "actor": "(all people)"}
    return safe_text(row.name) or empty.get(by, "(none)")


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A row and what it stands for."""

    key: str
    name: str
    row: BillingRow
    difference_pico_usd: int | None
    """Billed money minus our estimate, over past days that have a bill."""


def billed_lines(side: BilledSide) -> list[BilledLine]:
    """The total, then the rows; days newest first."""
    billing = side.billing
    rows = reversed(billing.rows) if billing.by == "day" else iter(billing.rows)
    over = {day.day.isoformat() for day in side.billed_days}
    lines = [
        BilledLine(f"{billing.by} {row.name}", name_of(row, billing.by), row, _difference(side, row, over))
        for row in rows
    ]
    return [BilledLine("total", "total", billing.total, side.difference_pico_usd()), *lines] if lines else []


def _difference(side: BilledSide, row: BillingRow, over: Container[str]) -> int | None:
    """The difference of a row; of a day only if it is over and has a bill."""
    if row.billed_pico_usd is None or row.logged is None:
        return None
    if side.billing.by == "model":
        return side.difference_pico_usd(row.name)
    return row.billed_pico_usd - row.logged.pico_usd if row.name in over else None


def _difference_cell(line: BilledLine, _scene: Scene, _width: int) -> Line:
    difference = line.difference_pico_usd
    return (("–", "muted"),) if difference is None else ((signed(difference), ""),)


def _tokens(line: BilledLine, _scene: Scene, _width: int) -> Line:
    tokens = line.row.reported_tokens
    return ((format_count(tokens.total) if tokens else "–", ""),)


def _name(line: BilledLine, _scene: Scene, width: int) -> Line:
    return ((words.left(shorten_middle(line.name, width), width), "strong" if line.key == "total" else ""),)


COLUMNS: tuple[Column[BilledLine], ...] = (
    Column("name", "", 10, 0, _name, flush_right=False, share=1, ease=16),
    Column("tokens", "tokens", 6, 4, _tokens),
    Column("local", "local est.", 10, 0, lambda line, *_: ((estimate(line.row.logged), ""),)),
    Column("list", "list est.", 9, 3, lambda line, *_: ((estimate(line.row.reported), ""),)),
    Column("billed", "billed", 8, 0, lambda line, *_: ((billed(line.row.billed_pico_usd), "strong"),)),
    Column("difference", "billed−local", 12, 2, _difference_cell),
    Column("code", "Cl.Code est.", 12, 1, lambda line, *_: ((billed(line.row.code and line.row.code.pico_usd), ""),)),
)


def _code_tokens(line: BilledLine, _scene: Scene, _width: int) -> Line:
    return ((format_count(line.row.code.tokens.total) if line.row.code else "–", ""),)


CODE_COLUMNS: tuple[Column[BilledLine], ...] = (
    COLUMNS[0],
    Column("tokens", "tokens", 6, 4, _code_tokens),
    COLUMNS[-1],
)
"""The columns for rows that only Claude Code's own report knows of."""


class ExplainRow(Message):
    """Posted to show where a row's figures come from and why they differ."""

    def __init__(self, row: object) -> None:
        super().__init__()
        self.row = row


class BilledPane(RowTable[BilledLine]):
    """The table of money by group."""

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "billed",
        "The last UTC days: what the logs come to at list price, beside what Anthropic reports and "
        "billed. {drill} explains a row.",
        SOURCES,
    )
    side: BilledSide | None = None

    def show(self, side: BilledSide) -> None:
        """Take a new answer."""
        self.side = side
        self.set_rows(billed_lines(side))
        self.redraw()

    def key_of(self, row: BilledLine) -> str:
        """The grouping and the name."""
        return row.key

    def open_row(self, row: BilledLine) -> None:
        """Explain the row."""
        self.post_message(ExplainRow(row))

    def columns(self, scene: Scene) -> Sequence[Column[BilledLine]]:
        """All columns; those of Claude Code's own report if it knows of such rows, and alone if nothing else does."""
        billing = self.side.billing if self.side else None
        if billing is None or not any(row.code for row in billing.rows):
            return tuple(column for column in COLUMNS if column.id != "code")
        is_alone = billing.by in CODE_GROUPINGS
        return CODE_COLUMNS if is_alone else COLUMNS

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The grouping, and the days."""
        by = self.side.billing.by if self.side else "day"
        days = f"last {self.side.days_back} days" if self.side else "days"
        return f"by {by} · {days} UTC", "est. = at list price"

    def empty_lines(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """That nothing was logged or billed, or that there is no answer yet."""
        if self.side is None:
            return [((" asking …", "muted"),)]
        return [((f" nothing logged and nothing billed in the last {self.side.days_back} days", "muted"),)]
