"""`tokentui compare`."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import click

from tokentui.cli.answers import head
from tokentui.cli.report import checked_zone
from tokentui.cli.rows import exact_usd
from tokentui.cli.trouble import note_trouble
from tokentui.queries.compare.side_by_side import Calendar, CompareError, Side, compare
from tokentui.text import format_count, format_share, format_usd, safe_text, shorten_end
from tokentui.workspace import open_fresh, open_workspace


@click.command()
@click.argument("one")
@click.argument("other")
@click.option("--tz", metavar="ZONE", default="", help="Time zone in which weeks are counted, such as Asia/Kolkata.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(one: str, other: str, tz: str, as_json: bool) -> None:
    """Set two sessions, projects, weeks or models side by side.

    Name each as session:ID (its beginning will do), project:PART, model:PART, or week:2026-11-16, week:2026-W47,
    this-week, last-week. Without the word in front the first that fits is taken. New log lines are read first.
    """
    workspace = open_workspace(os.environ, time_zone=checked_zone(tz))
    reader, caught_up = open_fresh(workspace, threading.Event())
    calendar = Calendar(workspace.clock(), workspace.time_zone, workspace.settings.week_start)
    with closing(reader):
        try:
            sides = compare(reader, one, other, calendar)
        except CompareError as error:
            raise click.UsageError(str(error), click.get_current_context()) from None
    note_trouble(caught_up)
    if as_json:
        rows = [_fields(side) for side in sides]
        click.echo(json.dumps({**head(calendar.now), "money": "estimate at list price", "rows": rows}, indent=2))
    else:
        _print(*sides)


def _fields(side: Side) -> dict[str, Any]:
    kinds = side.tokens._asdict()
    return {
        "kind": side.kind,
        "name": side.name,
        "label": side.label,
        "sessions": side.sessions,
        "agents": side.agents,
        "responses": side.responses,
        "lower_bound_responses": side.lower_bound_responses,
        **{f"{kind}_tokens": count for kind, count in kinds.items()},
        "total_tokens": side.tokens.total,
        "cost_usd": None if _is_unpriced(side) else exact_usd(side.money.pico_usd),
        "unpriced_responses": side.money.unpriced_responses,
        "cost_per_response_usd": exact_usd(side.pico_usd_per_response),
        "cost_per_agent_usd": None if _is_unpriced(side) else exact_usd(side.pico_usd_per_agent),
        "saved_by_cache_usd": None if _is_unpriced(side) else exact_usd(side.saved_pico_usd),
        "cache_hit_rate": side.hit_rate,
        "tool_calls": side.tool_calls,
        "tool_errors": side.tool_errors,
        "models": [{"model": model, "cost_usd": exact_usd(_known(cost, side))} for model, cost in side.models],
    }


def _is_open(name: str, side: Side) -> bool:
    """Whether a figure is a lower bound: output that was never logged whole, or cost that leaves models out."""
    if name == "cost" and side.money.unpriced_responses:
        return True
    return name in ("output", "all tokens", "cost") and side.lower_bound_responses > 0


def _is_unpriced(side: Side) -> bool:
    return side.money.unpriced_responses > 0 and not side.money.pico_usd


def _known(pico_usd: int, side: Side) -> int | None:
    """The cost of a model; None where it has no price, which is not $0."""
    return pico_usd or (None if side.money.unpriced_responses else 0)


_PIPE_WIDTH = 1_000
_MOST_MODELS = 4
_MONEY = ("cost", "cost per response", "cost per agent", "saved by cache")
_Figure = Callable[[Side], float | None]
_Form = Callable[[float, bool], str]
"""Takes a figure and whether it is a lower bound, which is marked and rounded down."""


def _whole(count: float, _: bool) -> str:
    return f"{count:,.0f}"


def _usd(pico_usd: float, is_lower_bound: bool) -> str:
    return format_usd(round(pico_usd), lower_bound=is_lower_bound)


def _share(share: float, _: bool) -> str:
    return format_share(share)


_ROWS: tuple[tuple[str, _Figure, _Form], ...] = (
    ("sessions", lambda side: side.sessions, _whole),
    ("agents", lambda side: side.agents, _whole),
    ("responses", lambda side: side.responses, _whole),
    ("input", lambda side: side.tokens.input, format_count),
    ("output", lambda side: side.tokens.output, format_count),
    ("cache write 5m", lambda side: side.tokens.cache_write_5m, format_count),
    ("cache write 1h", lambda side: side.tokens.cache_write_1h, format_count),
    ("cache read", lambda side: side.tokens.cache_read, format_count),
    ("all tokens", lambda side: side.tokens.total, format_count),
    ("cost", lambda side: side.money.pico_usd, _usd),
    ("cost per response", lambda side: side.pico_usd_per_response, _usd),
    ("cost per agent", lambda side: side.pico_usd_per_agent, _usd),
    ("saved by cache", lambda side: side.saved_pico_usd, _usd),
    ("cache hit rate", lambda side: side.hit_rate, _share),
    ("tool calls", lambda side: side.tool_calls, _whole),
    ("tool errors", lambda side: side.tool_errors, _whole),
)


def _told(name: str, value_of: _Figure, form: _Form, side: Side) -> tuple[float | None, str]:
    """A figure and how it is written; no money is reckoned where nothing has a price."""
    if name in _MONEY and _is_unpriced(side):
        return None, "?"
    value = value_of(side)
    return value, "–" if value is None else form(value, _is_open(name, side))


def _print(one: Side, other: Side) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    console = Console(width=width, markup=False, highlight=False, emoji=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True, min_width=max(len(name) for name, *_ in _ROWS))
    for side in (one, other):
        table.add_column(Text(shorten_end(safe_text(side.label), 30)), justify="right", no_wrap=True)
    table.add_column("right ÷ left", justify="right", no_wrap=True)
    for row in _ROWS:
        (first, told_first), (second, told_second) = _told(*row, one), _told(*row, other)
        times = f"×{second / first:.2f}" if first and second is not None else "–"
        table.add_row(row[0], Text(told_first), Text(told_second), times)
    for index in range(min(max(len(one.models), len(other.models)), _MOST_MODELS)):
        names = (side.models[index][0] if index < len(side.models) else "" for side in (one, other))
        table.add_row("" if index else "models", *(Text(shorten_end(safe_text(name), 30)) for name in names), "")
    console.print(table)
    click.echo("Cost is an estimate at list price.")
