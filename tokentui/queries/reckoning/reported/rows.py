"""What Anthropic reports, read back with names and prices: each usage once, however many files contain it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Iterator
from typing import Literal, NamedTuple

from tokentui.billed import DAY_S
from tokentui.instants import DAY_MS
from tokentui.pricing.model_names import normalise
from tokentui.queries.reckoning.reported.overlaps import Row, Slot, resolved
from tokentui.records import PICO_PER_CENT, Tokens

Origin = Literal["api", "csv"]
HALF_A_CENT = PICO_PER_CENT // 2


class Whose(NamedTuple):
    """A group with its names looked up."""

    model: str
    """Normalised, so that reports, exports and logs agree."""
    reported_model: str
    api_key: str
    """Name, else id; empty for the Workbench."""
    workspace: str
    """Name, else id; empty for the default one."""
    service_tier: str
    context_window: str
    inference_geo: str
    speed: str
    account: str = ""
    """Id of the person or service account that signed in; empty for keys."""


class UsageSum(NamedTuple):
    """Usage of one group on one UTC day."""

    day_ms: int
    group_id: int
    tokens: Tokens
    web_searches: int


class CostSum(NamedTuple):
    """Money of one group on one UTC day, by kind."""

    day_ms: int
    group_id: int
    cost_type: str
    token_type: str
    cost_pico_usd: int
    list_pico_usd: int
    """Before discounts; what was billed where that is not told."""
    lines: int


def groups(connection: sqlite3.Connection) -> dict[int, Whose]:
    """All groups by their row id."""
    return {row[0]: Whose(normalise(row[1]) if row[1] else "", *row[1:]) for row in connection.execute(_GROUPS)}


_GROUPS = """
SELECT g.id, g.model,
       coalesce(nullif(g.api_key, ''), (SELECT nullif(name, '') FROM api_key AS k WHERE k.api_key_id = g.api_key_id),
                g.api_key_id),
       coalesce(nullif(g.workspace, ''),
                (SELECT nullif(name, '') FROM workspace AS w WHERE w.workspace_id = g.workspace_id), g.workspace_id),
       service_tier, context_window, inference_geo, speed, coalesce(nullif(account_id, ''), service_account_id)
FROM billed_group AS g
"""


def usage_slots(
    connection: sqlite3.Connection, origin: Origin, from_ms: int, until_ms: int, whose: dict[int, Whose]
) -> list[Slot]:
    """Usage within one UTC day in the shortest stretches known; values are the five kinds of tokens, then searches."""
    rows = connection.execute(
        f"""SELECT start_ms, grain_s, import_id, group_id, input_tokens, output_tokens, cache_write_5m_tokens,
                   cache_write_1h_tokens, cache_read_tokens, web_searches FROM billed_usage
            WHERE start_ms >= ? AND start_ms < ? AND grain_s <= {DAY_S} AND {_ORIGINS[origin]}""",
        (from_ms, until_ms),
    )
    found = [Row(r[0], r[1], r[2], owner_of(whose[r[3]]), r[3], r[4:]) for r in rows]
    return resolved(_best_told(connection, found, whose))


def usage_by_day(
    connection: sqlite3.Connection, origin: Origin, from_ms: int, until_ms: int, whose: dict[int, Whose]
) -> Iterator[UsageSum]:
    """Usage by UTC day and group, oldest first. Days of one grain and file are summed by SQLite."""
    rows = connection.execute(
        f"""SELECT start_ms / {DAY_MS}, grain_s, import_id, group_id, sum(input_tokens), sum(output_tokens),
                   sum(cache_write_5m_tokens), sum(cache_write_1h_tokens), sum(cache_read_tokens), sum(web_searches)
            FROM billed_usage WHERE start_ms >= ? AND start_ms < ? AND grain_s <= {DAY_S} AND {_ORIGINS[origin]}
            GROUP BY 1, 2, 3, 4 ORDER BY 1""",
        (from_ms, until_ms),
    )
    by_day: dict[int, list[tuple[int, ...]]] = {}
    for row in rows:
        by_day.setdefault(row[0] * DAY_MS, []).append(row)
    for day_ms, sums in by_day.items():
        if len({row[1:3] for row in sums}) == 1:
            yield from (UsageSum(day_ms, row[3], Tokens(*row[4:9]), row[9]) for row in sums)
            continue
        for slot in usage_slots(connection, origin, max(day_ms, from_ms), min(day_ms + DAY_MS, until_ms), whose):
            yield UsageSum(day_ms, slot.part, Tokens(*slot.values[:5]), slot.values[5])


def cost_by_day(
    connection: sqlite3.Connection, origin: Origin, from_ms: int, until_ms: int, whose: dict[int, Whose]
) -> Iterator[CostSum]:
    """Money by UTC day, group and kind, oldest first."""
    rows = connection.execute(
        f"""SELECT start_ms, grain_s, import_id, group_id, cost_type, token_type, sum(cost_pico_usd),
                   sum(ifnull(list_pico_usd, cost_pico_usd)), sum(lines)
            FROM billed_cost WHERE start_ms >= ? AND start_ms < ? AND grain_s <= {DAY_S} AND {_ORIGINS[origin]}
            GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1""",
        (from_ms, until_ms),
    )
    kinds: list[tuple[int, str, str]] = []
    by_day: dict[int, list[Row]] = {}
    for row in rows:
        kinds.append((row[3], row[4], row[5]))
        owner = (owner_of(whose[row[3]]), row[4], row[5])
        part = Row(row[0], row[1], row[2], owner, len(kinds) - 1, row[6:])
        by_day.setdefault(row[0] // DAY_MS * DAY_MS, []).append(part)
    for day_ms, parts in by_day.items():
        told = _best_told(connection, parts, whose, lambda part: kinds[part][0])
        for slot in resolved(told, slack=HALF_A_CENT):
            group_id, cost_type, token_type = kinds[slot.part]
            yield CostSum(day_ms, group_id, cost_type, token_type, *slot.values)


_ORIGINS = {"api": "import_id = 0", "csv": "import_id > 0"}


def owner_of(whose: Whose) -> Hashable:
    """What rows of two files must have in common to mean the same usage."""
    return (whose.workspace, whose.api_key, whose.model, whose.service_tier)


def _best_told(
    connection: sqlite3.Connection,
    rows: list[Row],
    whose: dict[int, Whose],
    group_of: Callable[[int], int] = lambda part: part,
) -> list[Row]:
    """Drop rows of files that name fewer of key and workspace than another file of the day does for the same model."""
    imports = {row.import_id for row in rows}
    if len(imports) <= 1:
        return rows
    told = dict(connection.execute("SELECT id, dimensions FROM console_import"))
    most: dict[str, int] = {}
    for row in rows:
        model = whose[group_of(row.part)].model
        most[model] = max(most.get(model, 0), told.get(row.import_id, 2))
    return [row for row in rows if told.get(row.import_id, 2) == most[whose[group_of(row.part)].model]]
