"""The figures of a comparison, and how each is written on the screen and on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tokentui.figures import format_count, format_share, format_usd
from tokentui.queries.compare.side_by_side import Side


class Figure(NamedTuple):
    """One line of a comparison."""

    value_of: Callable[[Side], float | None]
    form: Callable[[Side, float], str]
    is_money: bool = False


def told(name: str, side: Side) -> tuple[float | None, str]:
    """A figure's value and how it is written; no money is given where nothing has a price."""
    figure = FIGURES[name]
    if figure.is_money and side.is_unpriced:
        return None, "?"
    value = figure.value_of(side)
    return value, "–" if value is None else figure.form(side, value)


def times(left: float | None, right: float | None) -> str:
    """How many times as much the right one has: `×1.25`, `<×0.01`, `×12.3k`; `–` where that says nothing."""
    if not left or right is None:
        return "–"
    ratio = right / left
    if 0 < ratio < 0.005:
        return "<×0.01"
    return f"×{ratio:.2f}" if ratio < 1_000 else f"×{format_count(ratio)}"


def _count(_side: Side, value: float) -> str:
    return f"{value:,.0f}"


def _tokens(_side: Side, value: float) -> str:
    return format_count(value)


def _output(side: Side, value: float) -> str:
    return format_count(value, bool(side.lower_bound_responses))


def _cost(side: Side, value: float) -> str:
    return format_usd(round(value), bool(side.money.unpriced_responses), bool(side.lower_bound_responses))


def _money(_side: Side, value: float) -> str:
    return format_usd(round(value))


def _share(_side: Side, value: float) -> str:
    return format_share(value)


FIGURES: Mapping[str, Figure] = {
    "cost": Figure(lambda side: side.money.pico_usd, _cost, is_money=True),
    "cost per response": Figure(lambda side: side.pico_usd_per_response, _money, is_money=True),
    "cost per agent": Figure(lambda side: side.pico_usd_per_agent, _money, is_money=True),
    "saved by cache": Figure(lambda side: side.saved_pico_usd, _money, is_money=True),
    "cache hit rate": Figure(lambda side: side.hit_rate, _share),
    "responses": Figure(lambda side: side.responses, _count),
    "sessions": Figure(lambda side: side.sessions, _count),
    "agents": Figure(lambda side: side.agents, _count),
    "all tokens": Figure(lambda side: side.tokens.total, _output),
    "input": Figure(lambda side: side.tokens.input, _tokens),
    "output": Figure(lambda side: side.tokens.output, _output),
    "cache write 5m": Figure(lambda side: side.tokens.cache_write_5m, _tokens),
    "cache write 1h": Figure(lambda side: side.tokens.cache_write_1h, _tokens),
    "cache read": Figure(lambda side: side.tokens.cache_read, _tokens),
    "tool calls": Figure(lambda side: side.tool_calls, _count),
    "tool errors": Figure(lambda side: side.tool_errors, _count),
}
"""In the order of the screen."""
