"""A report as a table for people: on a terminal in its width, on a pipe as wide as it has to be."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tokentui.queries.report import Report, ReportRow
from tokentui.queries.usage import Used
from tokentui.text import cell_width, format_count, format_usd, safe_text, shorten_end, shorten_middle

ESTIMATE = "Cost is an estimate at list price. On a subscription it is API-equivalent, not your bill."
_PIPE_WIDTH = 1_000
_WIDEST = {"title": 36, "project": 36, "task": 32, "agent": 20, "agent_type": 20}
_LEAST_NAME = 8


@dataclass(frozen=True, slots=True)
class _Figure:
    """One column of figures."""

    header: str
    short_header: str
    first: int
    """Where in `Used` its figures begin."""
    last: int
    has_output: bool = False
    """Whether it counts output, which is a lower bound where the final count was never logged."""

    def count(self, used: Used) -> int:
        """The figure."""
        return sum(used[self.first : self.last + 1])

    def is_open(self, used: Used) -> bool:
        """Whether it is at least this much."""
        return self.has_output and used.lower_bound_responses > 0


_WRITES = (_Figure("write 5m", "", 4, 4), _Figure("write 1h", "", 5, 5))
_SHORT_WRITES = (_Figure("", "write", 4, 5),)
_COUNTS = (_Figure("responses", "resp", 0, 0), _Figure("input", "in", 2, 2), _Figure("output", "out", 3, 3, True))
_REST = (_Figure("cache read", "read", 6, 6), _Figure("total", "total", 2, 6, True))
_FULL, _SHORT = (*_COUNTS, *_WRITES, *_REST), (*_COUNTS, *_SHORT_WRITES, *_REST)
_SHORT_ABOUT = {"session": ("session", "title"), "agent": ("agent_type", "task")}


def print_report(answer: Report) -> None:
    """Print a report to standard output."""
    is_terminal = sys.stdout.isatty()
    console = Console(width=None if is_terminal else _PIPE_WIDTH, markup=False, highlight=False, emoji=False)
    if answer.rows:
        table = _full_table(answer)
        if (
            is_terminal
            and console.measure(table, options=console.options.update(width=_PIPE_WIDTH)).maximum > console.width
        ):
            table = _short_table(answer, console.width)
        console.print(table)
    else:
        console.print(Text("Nothing was used in this range. `tokentui doctor` shows which logs were found."))
    for line in footnotes(answer):
        console.print(Text(line), soft_wrap=True)


def _full_table(answer: Report) -> Table:
    rows = [[_name(field, value, _WIDEST.get(field, 60)) for field, value in row.about] for row in answer.rows]
    costs = [cost_text(used) for used in (*(row.used for row in answer.rows), answer.totals)]
    counts = [(figure.header, [_full_count(figure, used) for used in _all_used(answer)]) for figure in _FULL]
    return _table(answer.question.about, rows, [*counts, ("cost", costs)])


def _short_table(answer: Report, width: int) -> Table:
    """Every figure in at most 6 cells, names in what is left."""
    about = _SHORT_ABOUT.get(answer.question.by, answer.question.about)
    costs = [format_usd(_priced(used), bool(used.unpriced_responses), bool(used.lower_bound_responses))
             for used in _all_used(answer)]  # fmt: skip
    counts = [
        (figure.short_header, [format_count(figure.count(used), figure.is_open(used)) for used in _all_used(answer)])
        for figure in _SHORT
    ]
    columns = [*counts, ("cost", costs)]
    left = width - sum(max(map(cell_width, (header, *texts))) + 2 for header, texts in columns)
    rows = [_short_names(row, about, max(left, _LEAST_NAME)) for row in answer.rows]
    return _table(about, rows, columns)


def _short_names(row: ReportRow, about: tuple[str, ...], left: int) -> list[str]:
    named = dict(row.about)
    if len(about) == 1:
        return [_name(about[0], named[about[0]], left)]
    width = max(_LEAST_NAME, len(about[0]))  # the header's
    return [_name(about[0], named[about[0]], width), _name(about[1], named[about[1]], max(left - width - 2, 1))]


def _table(about: tuple[str, ...], rows: list[list[str]], columns: list[tuple[str, list[str]]]) -> Table:
    """Names on the left, figures on the right; the last figure of each column is the total."""
    table = Table(box=None, pad_edge=False, header_style="bold", footer_style="bold", show_footer=len(rows) > 1)
    for index, field in enumerate(about):
        table.add_column(field.replace("_", " "), "" if index else "total", no_wrap=True, overflow="ellipsis")
    for header, texts in columns:
        table.add_column(header, texts[-1], justify="right", no_wrap=True)
    for index, names in enumerate(rows):
        table.add_row(*map(Text, names), *(texts[index] for _, texts in columns))
    return table


def _name(field: str, value: str, width: int) -> str:
    clean = safe_text(value)
    if field == "agent" and not clean:
        return "main"
    if field == "session" and width == _LEAST_NAME:
        return clean[:_LEAST_NAME]
    return (shorten_middle if field == "project" else shorten_end)(clean or "–", width)


def _all_used(answer: Report) -> list[Used]:
    return [*(row.used for row in answer.rows), answer.totals]


def _full_count(figure: _Figure, used: Used) -> str:
    return f"{'≥' if figure.is_open(used) else ''}{figure.count(used):,}"


def _priced(used: Used) -> int | None:
    return None if used.unpriced_responses and not used.cost_pico_usd else used.cost_pico_usd


def cost_text(used: Used) -> str:
    """Dollars and cents; `≥` for a lower bound, rounded down, and `?` where nothing could be priced."""
    cost = _priced(used)
    if cost is None:
        return "?"
    is_open = used.unpriced_responses > 0 or used.lower_bound_responses > 0
    cents = (cost + (0 if is_open else 5 * 10**9)) // 10**10
    if not cents and cost and not is_open:
        return "<$0.01"
    return f"{'≥' if is_open else ''}${cents // 100:,}.{cents % 100:02}"


def footnotes(answer: Report) -> list[str]:
    """What the figures are, and what keeps them from being whole."""
    notes = [ESTIMATE] if answer.rows else []
    if count := answer.totals.lower_bound_responses:
        responses = "1 response" if count == 1 else f"{count:,} responses"
        notes.append(f"≥ {responses} never had the final count logged: at least this much.")
    if answer.unpriced_models:
        named = ", ".join(f"{safe_text(name, 60)} ({count:,})" for name, count in answer.unpriced_models)
        notes.append(f"No known price for {named}: not in the cost. Set one under [[prices]] in the configuration.")
    return notes
