"""`tokentui compare`."""

from __future__ import annotations

import json
import os
import threading
from contextlib import closing
from typing import Any

import click

from tokentui.cli.printing.answers import head
from tokentui.cli.printing.columns import Column, print_lines
from tokentui.cli.printing.dollars import exact_usd
from tokentui.cli.printing.folding import terminal_width
from tokentui.cli.trouble import note_trouble
from tokentui.cli.typed_range import checked_zone
from tokentui.fresh import open_fresh
from tokentui.queries.compare.figures import times, told
from tokentui.queries.compare.side_by_side import Side, compare
from tokentui.queries.compare.subjects import Calendar, CompareError
from tokentui.text import safe_text
from tokentui.widths import cell_width, shorten_end, shorten_middle
from tokentui.workspace import open_workspace


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
        "cost_usd": None if side.is_unpriced else exact_usd(side.money.pico_usd),
        "unpriced_responses": side.money.unpriced_responses,
        "cost_per_response_usd": exact_usd(side.pico_usd_per_response),
        "cost_per_agent_usd": None if side.is_unpriced else exact_usd(side.pico_usd_per_agent),
        "saved_by_cache_usd": None if side.is_unpriced else exact_usd(side.saved_pico_usd),
        "cache_hit_rate": side.hit_rate,
        "tool_calls": side.tool_calls,
        "tool_errors": side.tool_errors,
        "models": [{"model": model, "cost_usd": exact_usd(_known(cost, side))} for model, cost in side.models],
    }


def _known(pico_usd: int, side: Side) -> int | None:
    """The cost of a model; None if it has no price, which is not $0."""
    return pico_usd or (None if side.money.unpriced_responses else 0)


_TIMES = Column("right ÷ left", is_figure=True)
_WIDEST, _NARROWEST = 30, 9
_MOST_MODELS = 4
_FIGURES = (
    "sessions", "agents", "responses", "input", "output", "cache write 5m", "cache write 1h", "cache read",
    "all tokens", "cost", "cost per response", "cost per agent", "saved by cache", "cache hit rate", "tool calls",
    "tool errors",
)  # fmt: skip
"""The figures in the order of the table."""


def _print(one: Side, other: Side) -> None:
    names = max(map(len, _FIGURES))
    room = _most_cells(names)
    columns = [
        Column("", is_whole=True),
        *(Column(_label(side, room), is_figure=True) for side in (one, other)),
        _TIMES,
    ]
    lines: list[tuple[str, ...]] = []
    for name in _FIGURES:
        (left, shown_left), (right, shown_right) = told(name, one), told(name, other)
        lines.append((name, shown_left, shown_right, times(left, right)))
    for index in range(min(max(len(one.models), len(other.models)), _MOST_MODELS)):
        models = (side.models[index][0] if index < len(side.models) else "" for side in (one, other))
        lines.append(("" if index else "models", *(shorten_middle(safe_text(name), room) for name in models), ""))
    print_lines(columns, lines)
    click.echo("Cost is an estimate at list price.")


def _most_cells(names: int) -> int:
    """Most cells for the name of one side: half of what a terminal has beside the other columns."""
    width = terminal_width()
    return _WIDEST if width is None else min(_WIDEST, max(_NARROWEST, (width - names - len(_TIMES.header) - 6) // 2))


def _label(side: Side, room: int) -> str:
    """The name of a side, in at most `room` cells if it can be folded so."""
    label = shorten_end(safe_text(side.label), _WIDEST)
    return label if all(cell_width(word) <= room for word in label.split(" ")) else shorten_end(label, room)
