"""The drill-downs into one session as plain tables: columns by name, for the command line and for export."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from tokentui.instants import ms_of
from tokentui.pricing.book import RateBook
from tokentui.queries.cache.forensics import session_cache
from tokentui.queries.cache.results import HitRate
from tokentui.queries.session.context_window import agent_context
from tokentui.queries.session.tools import ToolFigures, session_tools
from tokentui.queries.session.turns import session_turns

TableName = Literal["turns", "rebuilds", "hit-rates", "clocks", "tools", "growth", "context", "compactions"]
TABLE_NAMES: tuple[TableName, ...] = get_args(TableName)


@dataclass(frozen=True, slots=True)
class Asked:
    """The subject of a table."""

    session_id: str
    agent_id: str
    """For context and compactions; empty for the main thread."""
    book: RateBook
    now: datetime


@dataclass(frozen=True, eq=False, slots=True)
class SessionTable:
    """Rows under column names that say their units: `…_at_ms`, `…_ms`, `…_pico_usd`, `…_tokens`, `…_bytes`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def session_table(connection: sqlite3.Connection, name: TableName, asked: Asked) -> SessionTable:
    """One of the tables; empty if the session or the agent is not stored."""
    columns, rows = _TABLES[name](connection, asked)
    return SessionTable(columns, tuple(rows))


_Table = tuple[tuple[str, ...], Iterable[tuple[Any, ...]]]


def _turns(connection: sqlite3.Connection, asked: Asked) -> _Table:
    columns = ("turn", "started_at_ms", "source", "responses", "agents", "tool_calls", "tool_errors", "total_tokens",
               "cost_pico_usd", "unpriced_responses", "duration_ms", "api_ms", "waiting_ms",
               "lower_bound_responses")  # fmt: skip
    return columns, (
        (turn.number, ms_of(turn.started_at), turn.source, turn.responses, turn.agents, turn.tool_calls,
         turn.tool_errors, turn.tokens.total, turn.money.pico_usd, turn.money.unpriced_responses, turn.duration_ms,
         turn.api_ms, turn.waiting_ms, turn.lower_bound_responses)
        for turn in session_turns(connection, asked.session_id).turns
    )  # fmt: skip


def _rebuilds(connection: sqlite3.Connection, asked: Asked) -> _Table:
    columns = ("at_ms", "agent", "model", "cause", "idle_ms", "expected_tokens", "read_tokens", "rewritten_tokens",
               "premium_pico_usd", "cache_miss_reason", "response_row")  # fmt: skip
    found = session_cache(connection, asked.session_id, asked.book, asked.now).rebuilds
    return columns, (
        (step.at_ms, step.agent_id, step.model, step.cause, step.gap_ms, step.expected_tokens, step.tokens.cache_read,
         step.rewritten_tokens, step.premium_pico_usd, step.miss_reason, step.response_id)
        for step in found
    )  # fmt: skip


def _hit_rates(connection: sqlite3.Connection, asked: Asked) -> _Table:
    columns = ("by", "group", "responses", "cache_hit_rate", "total_tokens", "rebuilds", "rewritten_tokens",
               "premium_pico_usd")  # fmt: skip
    report = session_cache(connection, asked.session_id, asked.book, asked.now).report

    def row(by: str, rate: HitRate) -> tuple[Any, ...]:
        rebuilds = rate.rebuilds
        return (by, rate.name, rate.responses, rate.hit_rate, rate.tokens.total, rebuilds.count, rebuilds.tokens,
                rebuilds.premium_pico_usd)  # fmt: skip

    rates = [("session", report.hits), *(("idle time", rate) for rate in report.by_gap)]
    return columns, (row(by, rate) for by, rate in [*rates, *(("agents", rate) for rate in report.by_kind)])


def _clocks(connection: sqlite3.Connection, asked: Asked) -> _Table:
    columns = ("agent", "model", "last_used_at_ms", "ttl_ms", "cold_at_ms", "is_warm", "cached_tokens",
               "going_cold_pico_usd")  # fmt: skip
    clocks = session_cache(connection, asked.session_id, asked.book, asked.now).clocks
    return columns, (
        (clock.agent_id, clock.model, ms_of(clock.last_used_at), clock.ttl_seconds * 1000, ms_of(clock.cold_at),
         clock.is_warm, clock.cached_tokens, clock.going_cold_pico_usd)
        for clock in clocks
    )  # fmt: skip


def _tools(connection: sqlite3.Connection, asked: Asked) -> _Table:
    columns = ("by", "name", "calls", "errors", "unanswered", "total_ms", "average_ms", "longest_ms", "result_bytes",
               "result_tokens_estimate", "carried_tokens_estimate")  # fmt: skip
    found = session_tools(connection, asked.session_id)
    groups: tuple[tuple[str, tuple[ToolFigures, ...]], ...] = (
        ("tool", found.by_tool), ("server", found.by_server), ("skill", found.by_skill),
        ("agent type", found.by_agent_type),
    )  # fmt: skip
    return columns, (
        (by, one.name, one.calls, one.errors, one.unanswered, one.total_ms, one.average_ms, one.longest_ms,
         one.result_bytes, one.result_tokens_estimate, one.carried_tokens_estimate)
        for by, figures in groups
        for one in figures
    )  # fmt: skip


def _growth(connection: sqlite3.Connection, asked: Asked) -> _Table:
    columns = ("at_ms", "agent", "prompt_tokens", "growth_tokens", "tool", "result_bytes", "results", "response_row")
    return columns, (
        (ms_of(one.at), one.agent_id, one.prompt_tokens, one.growth_tokens, one.results[0].tool,
         one.results[0].result_bytes, len(one.results), one.response_id)
        for one in session_tools(connection, asked.session_id).growth
    )  # fmt: skip


def _context(connection: sqlite3.Connection, asked: Asked) -> _Table:
    columns = ("at_ms", "model", "prompt_tokens", "window_tokens", "window_share", "growth_tokens", "response_row")
    steps = agent_context(connection, asked.session_id, asked.agent_id).steps
    return columns, (
        (ms_of(one.at), one.model, one.prompt_tokens, one.window_tokens, one.share, one.growth_tokens, one.response_id)
        for one in steps
    )


def _compactions(connection: sqlite3.Connection, asked: Asked) -> _Table:
    columns = ("at_ms", "trigger", "before_tokens", "after_tokens", "duration_ms")
    return columns, (
        (ms_of(one.at), one.trigger, one.before_tokens, one.after_tokens, one.duration_ms)
        for one in agent_context(connection, asked.session_id, asked.agent_id).compactions
    )


_TABLES: dict[TableName, Callable[[sqlite3.Connection, Asked], _Table]] = {
    "turns": _turns, "rebuilds": _rebuilds, "hit-rates": _hit_rates, "clocks": _clocks, "tools": _tools,
    "growth": _growth, "context": _context, "compactions": _compactions,
}  # fmt: skip
