"""A report as a table for people: on a terminal in its width, on a pipe as wide as it has to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tokentui.cli.printing.columns import Column, print_lines, table_width, widths_of
from tokentui.cli.printing.dollars import cents_text
from tokentui.cli.printing.folding import print_folded, terminal_width
from tokentui.figures import format_count, format_usd, model_name, plural
from tokentui.queries.reports.report import TIME_GROUPINGS, Report, ReportRow
from tokentui.queries.sums.scoped import ReportScope, Used
from tokentui.text import safe_text
from tokentui.widths import cell_width, shorten_end, shorten_middle

ESTIMATE = "Cost is an estimate at list price. On a subscription it is API-equivalent, not your bill."
_WIDEST = {"title": 36, "project": 36, "task": 32, "agent": 20, "agent_type": 20}
_LEAST_NAME = 8


@dataclass(frozen=True, slots=True)
class _Figure:
    """One column of figures."""

    header: str
    short_header: str
    first: int
    """Indexes of the first and the last field of `Used` that it adds up."""
    last: int
    has_output: bool = False
    """Whether it counts output, which is a lower bound where the final count was never logged."""

    def count(self, used: Used) -> int:
        """The figure."""
        return sum(used[self.first : self.last + 1])

    def is_open(self, used: Used) -> bool:
        """Whether the count is a lower bound."""
        return self.has_output and used.lower_bound_responses > 0


_WRITES = (_Figure("write 5m", "", 4, 4), _Figure("write 1h", "", 5, 5))
_SHORT_WRITES = (_Figure("", "write", 4, 5),)
_COUNTS = (_Figure("responses", "resp", 0, 0), _Figure("input", "in", 2, 2), _Figure("output", "out", 3, 3, True))
_REST = (_Figure("cache read", "read", 6, 6), _Figure("total", "total", 2, 6, True))
_FULL, _SHORT = (*_COUNTS, *_WRITES, *_REST), (*_COUNTS, *_SHORT_WRITES, *_REST)
_SHORT_ABOUT = {"session": ("session", "title"), "agent": ("agent_type", "task")}


def print_report(answer: Report) -> None:
    """Print a report to standard output."""
    rows = list(answer.rows)
    if rows:
        columns, lines = _full_table(answer, rows)
        width = terminal_width()
        if width is not None and table_width(widths_of(columns, lines)) > width:
            columns, lines = _short_table(answer, rows, width)
        print_lines(columns, lines[:-1], lines[-1] if answer.row_count > 1 else ())
    else:
        print_folded(_nothing(answer.question.scope))
    for line in footnotes(answer):
        print_folded(line)


def _nothing(scope: ReportScope) -> str:
    """A sentence that there are no rows, and which command shows the names asked for, or else the logs."""
    asked = {"model": scope.models, "project": scope.projects, "session": scope.sessions}
    lists = [f"`tokentui report --by {name}`" for name, texts in asked.items() if texts]
    if lists:
        return f"Nothing in this range matches; see {' and '.join(lists)} for what there is."
    return "Nothing was used in this range. `tokentui doctor` shows which logs were found."


_Table = tuple[list[Column], list[list[str]]]
"""Columns, and rows of texts of which the last is the total."""


def _full_table(answer: Report, rows: Sequence[ReportRow]) -> _Table:
    about = answer.question.about
    names = [[_name(field, value, _WIDEST.get(field, 60)) for field, value in zip(about, row.names, strict=True)]
             for row in rows]  # fmt: skip
    columns = [*map(_header, about), *(Column(figure.header, True) for figure in _FULL), Column("cost", True)]
    figures = ([*(_full_count(figure, used) for figure in _FULL), cost_text(used)] for used in _all_used(answer, rows))
    return columns, _joined(about, names, figures)


def _short_table(answer: Report, rows: Sequence[ReportRow], width: int) -> _Table:
    """The table with every figure in at most 6 cells, and names in the rest of `width`."""
    about = _SHORT_ABOUT.get(answer.question.by, answer.question.about)
    columns = [*(Column(figure.short_header, True) for figure in _SHORT), Column("cost", True)]
    figures = [
        [*(format_count(figure.count(used), figure.is_open(used)) for figure in _SHORT),
         format_usd(_priced(used), bool(used.unpriced_responses), bool(used.lower_bound_responses))]
        for used in _all_used(answer, rows)
    ]  # fmt: skip
    left = max(width - table_width(widths_of(columns, figures)) - 2, _LEAST_NAME)
    shown = [(field, cells) for field, cells in zip(about, _name_widths(about, left), strict=False) if cells]
    places = [answer.question.about.index(field) for field, _ in shown]
    names = [
        [_name(field, row.names[place], cells) for place, (field, cells) in zip(places, shown, strict=True)]
        for row in rows
    ]
    headers = [_header(field) for field, _ in shown]
    return [*headers, *columns], _joined([field for field, _ in shown], names, figures)


def _name_widths(about: Sequence[str], left: int) -> list[int]:
    """Cells of the one name, or of two, of which the second needs enough to say something."""
    if len(about) == 1:
        return [left]
    first = max(_LEAST_NAME, len(about[0]))  # of the header
    second = left - first - len("  ")
    return [first, second] if second >= _LEAST_NAME else [first]


def _header(field: str) -> Column:
    return Column(field.replace("_", " "), is_whole=field in TIME_GROUPINGS)


def _joined(about: Sequence[str], names: Iterable[list[str]], figures: Iterable[list[str]]) -> list[list[str]]:
    """Names and figures of each row, and of the total, which comes last among the figures."""
    total = ["total", *("" for _ in about[1:])]
    return [[*own, *counts] for own, counts in zip([*names, total], figures, strict=True)]


def _name(field: str, value: str, width: int) -> str:
    clean = safe_text(value)
    if field == "agent" and not clean:
        return "main"
    if field == "session" and width == _LEAST_NAME:
        return clean[:_LEAST_NAME]
    if field in TIME_GROUPINGS:
        return _time(clean, width)
    if field == "model" and cell_width(clean) > width:
        clean = model_name(clean)
    return (shorten_middle if field == "project" else shorten_end)(clean or "–", width)


def _time(said: str, width: int) -> str:
    """`2026-11-22T10:05:00+00:00`, or without room its end to the minute, which differs between rows."""
    to_the_minute = said[:16].replace("T", " ")
    candidates = (said, *(to_the_minute[start:] for start in (0, 5, 8)))
    return next((text for text in candidates if len(text) <= width), said)


def _all_used(answer: Report, rows: Sequence[ReportRow]) -> list[Used]:
    return [*(row.used for row in rows), answer.totals]


def _full_count(figure: _Figure, used: Used) -> str:
    return f"{'≥' if figure.is_open(used) else ''}{figure.count(used):,}"


def _priced(used: Used) -> int | None:
    return None if used.unpriced_responses and not used.cost_pico_usd else used.cost_pico_usd


def cost_text(used: Used) -> str:
    """Dollars and cents; `≥` for a lower bound, rounded down, and `?` where nothing could be priced."""
    cost = _priced(used)
    if cost is None:
        return "?"
    return cents_text(cost, at_least=used.unpriced_responses > 0 or used.lower_bound_responses > 0)


def footnotes(answer: Report) -> list[str]:
    """Sentences about what the figures are, and what is missing from them."""
    notes = [_left_out(answer)] if answer.rows_left_out else []
    if answer.row_count:
        notes.append(ESTIMATE)
    if count := answer.totals.lower_bound_responses:
        notes.append(f"≥ {plural(count, 'response')} never had the final count logged: at least this much.")
    if answer.unpriced_models:
        named = ", ".join(f"{safe_text(name, 60)} ({count:,})" for name, count in answer.unpriced_models)
        notes.append(f"No known price for {named}: not in the cost. Set one under [[prices]] in the configuration.")
    return notes


def _left_out(answer: Report) -> str:
    by, count = answer.question.by, answer.rows_left_out
    which = plural(count, f"{'earlier' if by in TIME_GROUPINGS else 'cheaper'} {by}")
    return f"… and {which}, in the total too: see them with --all, --csv or --json."
