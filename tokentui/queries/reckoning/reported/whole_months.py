"""Rows of exports that give whole months only: what they tell beyond the days known from elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tokentui.billed import DAY_S, MONTH_S
from tokentui.queries.reckoning.reported.overlaps import Row, resolved
from tokentui.queries.reckoning.reported.rows import HALF_A_CENT, CostSum, UsageSum, Whose, owner_of
from tokentui.records import Tokens


def usage_of_months(
    connection: sqlite3.Connection, from_ms: int, until_ms: int, days: Iterable[UsageSum], whose: dict[int, Whose]
) -> list[UsageSum]:
    """Usage of months that begin in the range, less what is known of their days; dated to the start of the month."""
    rows = [
        Row(r[0], MONTH_S, r[1], owner_of(whose[r[2]]), r[2], r[3:])
        for r in connection.execute(
            f"""SELECT start_ms, import_id, group_id, input_tokens, output_tokens, cache_write_5m_tokens,
                       cache_write_1h_tokens, cache_read_tokens, web_searches FROM billed_usage
                WHERE grain_s = {MONTH_S} AND start_ms >= ? AND start_ms < ?""",
            (from_ms, until_ms),
        )
    ]
    finer = (
        Row(day.day_ms, DAY_S, 0, owner_of(whose[day.group_id]), day.group_id, (*day.tokens, day.web_searches))
        for day in days
    )
    rests = resolved([*rows, *finer]) if rows else []
    return [
        UsageSum(rest.start_ms, rest.part, Tokens(*rest.values[:5]), rest.values[5])
        for rest in rests
        if rest.grain_s == MONTH_S
    ]


def cost_of_months(
    connection: sqlite3.Connection, from_ms: int, until_ms: int, days: Iterable[CostSum], whose: dict[int, Whose]
) -> list[CostSum]:
    """Cost of months that begin in the range, less what is known of their days; dated to the start of the month."""
    kinds: list[tuple[int, str, str]] = []
    rows: list[Row] = []
    for r in connection.execute(
        f"""SELECT start_ms, import_id, group_id, cost_type, token_type, cost_pico_usd,
                   ifnull(list_pico_usd, cost_pico_usd), lines FROM billed_cost
            WHERE grain_s = {MONTH_S} AND start_ms >= ? AND start_ms < ?""",
        (from_ms, until_ms),
    ):
        kinds.append(r[2:5])
        rows.append(Row(r[0], MONTH_S, r[1], (owner_of(whose[r[2]]), *r[3:5]), len(kinds) - 1, r[5:]))
    if not rows:
        return []
    for day in days:
        kinds.append((day.group_id, day.cost_type, day.token_type))
        owner = (owner_of(whose[day.group_id]), day.cost_type, day.token_type)
        rows.append(Row(day.day_ms, DAY_S, 0, owner, len(kinds) - 1, day[4:]))
    return [
        CostSum(rest.start_ms, *kinds[rest.part], *rest.values)
        for rest in resolved(rows, slack=HALF_A_CENT)
        if rest.grain_s == MONTH_S
    ]
