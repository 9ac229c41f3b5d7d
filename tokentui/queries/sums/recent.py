"""Keeps sums of the last minutes by minute and second for one connection; only changes are looked at again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tokentui.instants import MINUTE_MS, QUARTER_MS, SECOND_MS
from tokentui.queries.sums.changes import Changes, Span, joined
from tokentui.queries.sums.levels import BY_DAY, EVERYBODY, Key, Only, Step
from tokentui.queries.sums.summing import Row, summed
from tokentui.store.rollups import OF_A_RESPONSE, SUMS, USED

BACK_MS = 130_000
"""How far back the screen asks for single seconds: over the running minute and the one before."""


class RecentSums:
    """Sums as `summing.summed` does, with temporary tables for recent time: one on a connection at most."""

    def __init__(self, back_ms: int = BACK_MS, grain_ms: int = QUARTER_MS) -> None:
        """It reaches so far back at least, and so much further that it begins and ends with a whole grain."""
        self._back_ms, self._grain_ms = back_ms, grain_ms
        self._changes = Changes()
        self._kept_ms: Span | None = None
        self._is_exact = False

    @contextmanager
    def brought_up(self, connection: sqlite3.Connection, now_ms: int) -> Iterator[set[int] | None]:
        """In here, what is recent is as the store has it; inside one transaction, which must not be rolled back.

        Yields the agents of the recent responses that came, changed or went since the time before; None for any.
        """
        changed = self._bring_up(connection, now_ms)
        self._is_exact = True
        try:
            yield changed
        finally:
            self._is_exact = False

    def _bring_up(self, connection: sqlite3.Connection, now_ms: int) -> set[int] | None:
        kept, self._kept_ms = self._kept_ms, None  # of no use unless all is done
        grain_ms = self._grain_ms
        span = (now_ms - self._back_ms) // grain_ms * grain_ms, (now_ms // grain_ms + 2) * grain_ms
        changed = self._changes.since_last(connection, SECOND_MS)
        if kept is None or changed is None or not kept[0] <= span[0] <= kept[1] <= span[1]:
            for table, sums in _TABLES.items():
                connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
                connection.execute(_NEW.format(table=table, sums=sums))
            for statement in (_SUM_UP, _SUM_UP_MINUTES):
                connection.execute(statement, span)
            self._kept_ms = span
            return None
        if kept != span:
            for table in _TABLES:
                connection.execute(f"DELETE FROM temp.{table} WHERE start_ms < ?", (span[0],))
            changed = joined([*changed, (kept[1], span[1])])
        parts = [(max(start_ms, span[0]), min(end_ms, span[1])) for start_ms, end_ms in changed]
        agents = {agent for part in parts for agent in _sum_again(connection, part)}
        self._kept_ms = span
        return agents

    def __call__(
        self,
        connection: sqlite3.Connection,
        keys: Sequence[Key],
        span: tuple[int, int],
        only: Only = EVERYBODY,
        columns: Sequence[str] = USED,
        step: Step = BY_DAY,
    ) -> dict[Row, Row]:
        """See `summing.summed`."""
        return summed(connection, keys, span, only, columns, step, self._kept_ms if self._is_exact else None)


def _sum_again(connection: sqlite3.Connection, part: Span) -> set[int]:
    """Bring seconds and their minutes up to date; the agents that used something in them before and now."""
    agents: set[int] = set()
    for statement in (_FORGET.format("usage_second"), _SUM_UP):
        agents.update(agent for (agent,) in connection.execute(f"{statement} RETURNING agent_id", part))
    minutes = part[0] // MINUTE_MS * MINUTE_MS, -(-part[1] // MINUTE_MS) * MINUTE_MS
    for statement in (_FORGET.format("usage_minute"), _SUM_UP_MINUTES):
        connection.execute(statement, minutes)
    return agents


WRITTEN = "cache_write_5m_tokens + cache_write_1h_tokens"
PROMPT = f"input_tokens + {WRITTEN} + cache_read_tokens"
_PROMPTS = {
    "prompt": f"iif(part = 0, {PROMPT}, 0)",
    "written": f"iif(part = 0, {WRITTEN}, 0)",
    "least_prompt": f"iif(part = 0, nullif({PROMPT}, 0), NULL)",
}
"""The prompt tokens of the answer itself, and those of them that were written to the cache."""
SINGLE_PROMPTS = f"SELECT agent_id, {', '.join(_PROMPTS.values())} FROM response"
_SUMMED = (*USED, "prompt", "written")
_SINGLE = OF_A_RESPONSE | _PROMPTS


def _columns(names: Sequence[str]) -> str:
    return ", ".join(f"{name} INTEGER NOT NULL" for name in names)


_TABLES = {"usage_second": f"{_columns(_SUMMED)}, least_prompt INTEGER", "usage_minute": _columns(USED)}
"""Temporary table → its columns."""
_NEW = """
CREATE TEMP TABLE {table} (
    start_ms INTEGER NOT NULL, agent_id INTEGER NOT NULL, model_id INTEGER NOT NULL, session_id INTEGER NOT NULL,
    {sums},
    PRIMARY KEY (start_ms, agent_id, model_id)
) WITHOUT ROWID
"""
_FORGET = "DELETE FROM temp.{} WHERE start_ms >= ? AND start_ms < ?"
_SUM_UP = f"""
INSERT INTO temp.usage_second
SELECT start_ms, used.agent_id, model_id, agent.session_id, {", ".join(_SUMMED)}, least_prompt FROM (
    SELECT at_ms / {SECOND_MS} * {SECOND_MS} AS start_ms, agent_id, model_id,
           {", ".join(f"sum({_SINGLE.get(name, name)}) AS {name}" for name in _SUMMED)},
           min({_PROMPTS["least_prompt"]}) AS least_prompt
    FROM response WHERE at_ms >= ? AND at_ms < ? GROUP BY 1, +agent_id, model_id
) AS used CROSS JOIN agent ON agent.id = used.agent_id
"""
_SUM_UP_MINUTES = f"""
INSERT INTO temp.usage_minute
SELECT start_ms / {MINUTE_MS} * {MINUTE_MS}, agent_id, model_id, session_id, {SUMS}
FROM temp.usage_second WHERE start_ms >= ? AND start_ms < ? GROUP BY 1, +agent_id, model_id
"""
