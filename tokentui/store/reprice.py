"""Prices everything anew when rates have changed, in one transaction, so that no total shows a mixture."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from tokentui.instants import QUARTER_MS
from tokentui.pricing.price import Pricer
from tokentui.records import BilledUsage, Tokens
from tokentui.store.memo import read_memo, write_memo
from tokentui.store.names import Names
from tokentui.store.rollups import sum_anew

_CHUNK_ROWS = 5_000
_BASIS = "basis of costs"
"""Name of the memo that says on which rates all stored costs stand."""

OnRepricing = Callable[[int, int], None]
"""Called with (responses priced anew, responses in all)."""


def bring_costs_up_to_date(
    connection: sqlite3.Connection, price: Pricer, basis: str, on_progress: OnRepricing = lambda *_: None
) -> int:
    """Price everything anew if stored costs stand on other rates than `basis`; returns how many costs changed."""
    return 0 if are_costs_on(connection, basis) else reprice(connection, price, basis, on_progress)


def are_costs_on(connection: sqlite3.Connection, basis: str) -> bool:
    """Whether all stored costs stand on these rates."""
    return read_memo(connection, _BASIS) == {"rates": basis}


def reprice(
    connection: sqlite3.Connection, price: Pricer, basis: str, on_progress: OnRepricing = lambda *_: None
) -> int:
    """Price every stored response by `price` and note the basis; readers see the old costs until it is done.

    `on_progress` is told (rows done, rows in all). Returns how many costs changed.
    """
    names = Names(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        in_all = connection.execute("SELECT count(*) FROM response").fetchone()[0]
        changed = done = 0
        for chunk in _chunks(connection):
            updates = [row for row in (_repriced(row, price, names) for row in chunk) if row is not None]
            connection.executemany(
                "UPDATE response SET cost_pico_usd = ?, uncached_pico_usd = ?, price_basis_id = ? WHERE id = ?", updates
            )
            changed, done = changed + len(updates), done + len(chunk)
            on_progress(done, in_all)
        if changed:
            connection.execute(_SUM_AGAIN)
            sum_anew(connection)
        write_memo(connection, _BASIS, {"rates": basis})
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return changed


def _chunks(connection: sqlite3.Connection) -> Iterator[list[tuple[Any, ...]]]:
    rows = connection.execute(
        "SELECT response.id, model.name, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, "
        "cache_read_tokens, service_tier, speed, inference_geo, web_searches, at_ms, cost_pico_usd, "
        "uncached_pico_usd, price_basis_id FROM response JOIN model ON model.id = model_id"
    )
    while chunk := list(islice(rows, _CHUNK_ROWS)):
        yield chunk


def _repriced(row: tuple[Any, ...], price: Pricer, names: Names) -> tuple[int | None, int | None, int, int] | None:
    usage = BilledUsage(row[1], Tokens(*row[2:7]), row[7], row[8], row[9], row[10])
    cost, uncached, basis = price(usage, row[11])
    basis_id = names.price_basis(basis)
    return None if (cost, uncached, basis_id) == row[12:15] else (cost, uncached, basis_id, row[0])


_SUM_AGAIN = f"""
UPDATE usage_quarter SET
    cost_pico_usd = anew.cost, uncached_pico_usd = anew.uncached, unpriced_responses = anew.unpriced
FROM (
    SELECT at_ms / {QUARTER_MS} * {QUARTER_MS} AS quarter_ms, agent_id, model_id, sum(ifnull(cost_pico_usd, 0)) AS cost,
           sum(ifnull(uncached_pico_usd, 0)) AS uncached, sum(cost_pico_usd IS NULL) AS unpriced
    FROM response GROUP BY 1, 2, 3
) AS anew
WHERE anew.quarter_ms = usage_quarter.quarter_ms AND anew.agent_id = usage_quarter.agent_id
  AND anew.model_id = usage_quarter.model_id
"""
