"""The status line as text; without room for all parts, the least important are left out first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from tokentui.cli.statusline.told import Told
from tokentui.figures import format_count, format_usd, whole_percent
from tokentui.instants import moment_of
from tokentui.queries.live.status import Status
from tokentui.records import PICO_PER_USD
from tokentui.store.plan_limits import PLAN_WINDOWS, PlanLimit
from tokentui.text import safe_text
from tokentui.watch.amounts import amount_text
from tokentui.watch.budget_facts import BudgetNow
from tokentui.widths import cell_width, shorten_end

MOST_CELLS = 100
_MODEL_CELLS = 16
_BETWEEN = " · "
_WINDOWS = {"day": "today", "week": "this week", "month": "this month"}
_HIGH, _FULL = 0.75, 0.9
_RED, _YELLOW, _DIM = "31", "33", "2"


class Part(NamedTuple):
    """One figure."""

    text: str
    weight: int
    """Parts with the least weight are left out first."""
    colour: str = ""


def status_line(
    told: Told, status: Status, is_behind: bool, now: datetime, time_zone: tzinfo, with_colour: bool
) -> str:
    """One line of at most `MOST_CELLS` cells; never empty."""
    parts = list(_parts(told, status, is_behind, now, time_zone)) or [Part("tokentui", 0, _DIM)]
    while len(parts) > 1 and cell_width(_BETWEEN.join(part.text for part in parts)) > MOST_CELLS:
        parts.remove(min(parts, key=lambda part: part.weight))
    parts = [part._replace(text=shorten_end(part.text, MOST_CELLS)) for part in parts]
    if not with_colour:
        return _BETWEEN.join(part.text for part in parts)
    return f"\x1b[{_DIM}m{_BETWEEN}\x1b[0m".join(map(_coloured, parts))


def _parts(told: Told, status: Status, is_behind: bool, now: datetime, time_zone: tzinfo) -> Iterator[Part]:
    if status.alarm:
        more = f" (+{status.more_alarms})" if status.more_alarms else ""
        yield Part(f"✖ ALARM {safe_text(status.alarm, 40)}{more}", 10, _RED)
    if told.model:
        yield Part(shorten_end(told.model, _MODEL_CELLS), 2)
    yield from _session(told, status, is_behind)
    if status.budget:
        yield budget_part(status.budget, is_behind)
    if told.context_share is not None:
        colour = _by_share(told.context_share)
        yield Part(f"ctx {_percent(told.context_share)}", 3 + bool(colour), colour)
    for limit in told.limits:
        yield _limit(limit, now, time_zone)


def _session(told: Told, status: Status, is_behind: bool) -> Iterator[Part]:
    """Our own cost and rate; if there are none, Claude Code's estimate with a `~`."""
    spent, minute = status.session, status.last_minute
    if spent is not None:
        cost = format_usd(spent.pico_usd, unpriced=spent.incomplete > 0, lower_bound=is_behind)
        yield Part(f"{cost} session", 9)
    elif told.estimate_usd:
        yield Part(f"~{format_usd(round(min(told.estimate_usd, 1e6) * PICO_PER_USD))} session", 9)
    if minute.fresh:
        yield Part(f"{format_count(minute.fresh, is_behind)}/min", 1)


def budget_part(budget: BudgetNow, is_behind: bool) -> Part:
    """A budget: what is spent of its limit, and a sign where it is over or will be."""
    is_over, leads_over = budget.spent >= budget.limit, budget.projection.low >= budget.limit
    sign, colour = (" ✖", _RED) if is_over else (" ▲", _YELLOW) if leads_over else ("", "")
    spent = amount_text(budget.spent, budget.unit, budget.is_lower_bound or is_behind)
    limit = amount_text(budget.limit, budget.unit).removesuffix(".00")
    if budget.unit != "usd":
        spent, limit = spent.split(" ")[0], limit.replace("fresh tokens", "fresh")
    window = _WINDOWS.get(budget.window) or f"in {budget.window.removeprefix('rolling ')}"
    whose = "" if budget.scope == "everything" else f"{safe_text(budget.name, 16)} "
    return Part(f"{whose}{spent} of {limit} {window}{sign}", 8 if sign else 6, colour)


def _limit(limit: PlanLimit, now: datetime, time_zone: tzinfo) -> Part:
    text = f"{PLAN_WINDOWS[limit.window]} {_percent(limit.used_share)}"
    if limit.resets_at_ms and moment_of(limit.resets_at_ms) - now < timedelta(days=1):
        text += f" resets {moment_of(limit.resets_at_ms).astimezone(time_zone):%H:%M}"
    colour = _by_share(limit.used_share)
    return Part(text, (8 if colour else 5) - (limit.window != "five_hour"), colour)


def _percent(share: float) -> str:
    return f"{whole_percent(share)}%"


def _by_share(share: float) -> str:
    return _RED if share >= _FULL else _YELLOW if share >= _HIGH else ""


def _coloured(part: Part) -> str:
    return f"\x1b[{part.colour}m{part.text}\x1b[0m" if part.colour else part.text
