"""A report as a table for people: on a terminal in its width, on a pipe as wide as it has to be."""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tokentui.queries.report import Report, ReportRow
from tokentui.queries.usage import Used
from tokentui.text import safe_text, shorten_end, shorten_middle

_PIPE_WIDTH = 400
_WIDEST = {"title": 36, "project": 36, "task": 32, "agent": 20, "agent_type": 20, "model": 40}
_FEWEST_WIDE = 100
"""On a narrower terminal the two cache writes share a column, and what only helps to recognise a row goes."""


def print_report(answer: Report) -> None:
    """Print a report to standard output."""
    console = console_for_output()
    narrow = console.width < _FEWEST_WIDE
    if answer.rows:
        console.print(_table(answer, narrow))
    else:
        console.print(Text("Nothing was used in this range. `tokentui doctor` shows which logs were found."))
    for line in footnotes(answer):
        console.print(Text(line))


def console_for_output() -> Console:
    """A console on standard output that never cuts what goes down a pipe, and takes no text for markup."""
    is_terminal = sys.stdout.isatty()
    width = None if is_terminal or "COLUMNS" in os.environ else _PIPE_WIDTH
    return Console(width=width, markup=False, highlight=False, emoji=False, soft_wrap=False)


def _table(answer: Report, narrow: bool) -> Table:
    about = answer.question.about[:1] if narrow else answer.question.about
    figures = _figures(narrow)
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=len(answer.rows) > 1, footer_style="bold")
    for index, name in enumerate(about):
        table.add_column(name.replace("_", " "), "total" if index == 0 else "", no_wrap=True, overflow="ellipsis")
    for name in figures:
        table.add_column(name, figure(name, answer.totals), justify="right", no_wrap=True)
    for row in answer.rows:
        table.add_row(*_names(row, about), *(figure(name, row.used) for name in figures))
    return table


def _names(row: ReportRow, about: tuple[str, ...]) -> list[Text]:
    return [Text(_name(field, value)) for field, value in row.about if field in about]


def _name(field: str, value: str) -> str:
    clean = safe_text(value)
    if field == "agent" and not clean:
        return "main"
    if field == "session" and len(clean) == 36:
        return clean
    shorten = shorten_middle if field == "project" else shorten_end
    return shorten(clean or "–", _WIDEST.get(field, 60))


def _figures(narrow: bool) -> tuple[str, ...]:
    writes = ("cache write",) if narrow else ("write 5m", "write 1h")
    return ("responses", "input", "output", *writes, "cache read", "total", "cost")


def figure(name: str, used: Used) -> str:
    """One figure of a row as people read it; `≥` where it is a lower bound."""
    if name == "cost":
        return cost_text(used)
    count = {
        "responses": used.responses,
        "input": used.input_tokens,
        "output": used.output_tokens,
        "write 5m": used.cache_write_5m_tokens,
        "write 1h": used.cache_write_1h_tokens,
        "cache write": used.cache_write_5m_tokens + used.cache_write_1h_tokens,
        "cache read": used.cache_read_tokens,
        "total": used.total_tokens,
    }[name]
    is_open = used.lower_bound_responses > 0 and name in ("output", "total")
    return f"{'≥' if is_open else ''}{count:,}"


def cost_text(used: Used) -> str:
    """Dollars and cents; `≥` for a lower bound, `?` where nothing could be priced."""
    if used.unpriced_responses and not used.cost_pico_usd:
        return "?"
    is_open = used.unpriced_responses > 0 or used.lower_bound_responses > 0
    cents = (used.cost_pico_usd + (0 if is_open else 5 * 10**9)) // 10**10
    if not cents and used.cost_pico_usd and not is_open:
        return "<$0.01"
    return f"{'≥' if is_open else ''}${cents // 100:,}.{cents % 100:02}"


def footnotes(answer: Report) -> list[str]:
    """What the figures are, and what keeps them from being whole."""
    totals = answer.totals
    notes = ["Cost is an estimate at list price."] if answer.rows else []
    if totals.lower_bound_responses:
        count = _count(totals.lower_bound_responses, "response")
        notes.append(f"≥ {count} never had the final count logged: at least this much.")
    if answer.unpriced_models:
        named = ", ".join(f"{safe_text(name, 60)} ({count:,})" for name, count in answer.unpriced_models)
        notes.append(f"No known price for {named}: not in the cost. Set one under [[prices]] in the configuration.")
    return notes


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
