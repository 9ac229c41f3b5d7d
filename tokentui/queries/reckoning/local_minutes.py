"""Our own minutes: in the console's columns, and as what reports are compared with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from tokentui.instants import MINUTE_MS, ms_of
from tokentui.pricing.model_names import normalise
from tokentui.queries.names import model_names
from tokentui.records import Tokens
from tokentui.store.schema.anthropic import MINUTES_OF_RANGE

_LAST_MS = 1 << 53


class ConsoleMinute(NamedTuple):
    """One row of `local_minutes`, in the columns of the console's token export."""

    usage_date_utc: str
    """`2026-11-22 14:05`, UTC."""
    model_version: str
    api_key: str
    """Always empty: logs do not name the key."""
    workspace: str
    usage_type: str
    context_window: str
    """`≤ 200k` or `> 200k`."""
    usage_input_tokens_no_cache: int
    usage_input_tokens_cache_write_5m: int
    usage_input_tokens_cache_write_1h: int
    usage_input_tokens_cache_read: int
    usage_output_tokens: int
    web_search_count: int
    inference_geo: str
    speed: str


class LocalMinute(NamedTuple):
    """What the logs say of one model in one minute."""

    minute: int
    """Since 1970, UTC."""
    model: str
    """Normalised."""
    tokens: Tokens
    responses: int
    lower_bound_responses: int
    cost_pico_usd: int
    unpriced_responses: int


def console_minutes(
    connection: sqlite3.Connection, since: datetime | None = None, until: datetime | None = None
) -> Iterator[ConsoleMinute]:
    """Our minutes in the console's columns, oldest first; the range counts in whole minutes."""
    range_ = {"since_ms": ms_of(since) if since else 0, "until_ms": ms_of(until) if until else _LAST_MS}
    rows = connection.execute(
        f"SELECT {', '.join(ConsoleMinute._fields)} FROM ({MINUTES_OF_RANGE}) ORDER BY usage_date_utc, model_version",
        range_,
    )
    return (ConsoleMinute(*row) for row in rows)


def local_minutes(connection: sqlite3.Connection, from_ms: int, until_ms: int) -> list[LocalMinute]:
    """Usage by minute and model, oldest first."""
    names = {row: normalise(name) for row, name in model_names(connection).items()}
    rows = connection.execute(
        f"""SELECT at_ms / {MINUTE_MS}, model_id, sum(input_tokens), sum(output_tokens), sum(cache_write_5m_tokens),
                  sum(cache_write_1h_tokens), sum(cache_read_tokens), sum(part = 0), sum(is_lower_bound),
                  sum(ifnull(cost_pico_usd, 0)), sum(cost_pico_usd IS NULL)
           FROM response WHERE at_ms >= ? AND at_ms < ? GROUP BY 1, 2 ORDER BY 1""",
        (from_ms, until_ms),
    )
    return [LocalMinute(row[0], names[row[1]], Tokens(*row[2:7]), *row[7:]) for row in rows]


def first_local_ms(connection: sqlite3.Connection) -> int | None:
    """The earliest moment that any stored log tells of; None where there are none."""
    row = connection.execute("SELECT min(at_ms) FROM response").fetchone()
    return None if row[0] is None else int(row[0])
