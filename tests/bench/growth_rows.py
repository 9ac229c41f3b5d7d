"""A database of ten million generated responses: eighteen months, 200 projects, some 20,000 sessions of many agents.

Who works when is drawn by a seeded generator; responses, calls, prompts and sums are then made in the database
itself, month by month in the order of time, as live reading would have stored them.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tokentui.pricing.book import RateBook
from tokentui.pricing.sources import PriceSources
from tokentui.pricing.stamp import rates_stamp
from tokentui.store.database import open_writer
from tokentui.store.memo import STAMP, write_memo
from tokentui.store.rollups import sum_anew
from tokentui.store.title_keys import title_key

NOW = datetime(2026, 11, 20, 16, 40, tzinfo=UTC)
"""A Friday afternoon, on a heavy day."""
DAYS = 548
PROJECTS = 200
MODELS = ("claude-opus-4-8", "claude-sonnet-5-5", "claude-haiku-4-5", "claude-opus-4-5", "claude-sonnet-4-5")
_DAY_MS = 86_400_000
_NOW_MS = round(NOW.timestamp() * 1000)
_FIRST_MS = _NOW_MS // _DAY_MS * _DAY_MS - (DAYS - 1) * _DAY_MS
_RESPONSES_A_SESSION = 500
_KINDS = ("Explore", "Plan", "worker", "reviewer", "")


@dataclass(frozen=True, slots=True)
class _Stint:
    """One agent at work: so many responses from then on, evenly spread."""

    agent: int
    start_ms: int
    step_ms: int
    responses: int
    model: int


def write_growth(path: Path, responses: int = 10_000_000) -> int:
    """Make the database; returns how many responses it holds."""
    with closing(open_writer(path)) as connection:
        for setting in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -400000"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute("BEGIN")
        dropped = [row[0] for row in connection.execute(_INDEXES)]
        for name in _TO_DROP:
            connection.execute(f"DROP INDEX {name}")
        _write_crew(connection, responses)
        for statement in (*_months(), *_REST, *dropped):
            connection.execute(statement)
        connection.execute("DROP TABLE stint")
        sum_anew(connection)
        write_memo(connection, "basis of costs", {"rates": RateBook().basis})
        write_memo(connection, STAMP, rates_stamp(PriceSources()))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA optimize")
        return int(connection.execute("SELECT count(*) FROM response").fetchone()[0])


def _write_crew(connection: sqlite3.Connection, responses: int) -> None:
    """Sessions, agents, a log for each, and when each agent works."""
    connection.execute("INSERT INTO source (id, path) VALUES (1, '/bench/projects')")
    connection.execute("INSERT INTO price_basis (id, name) VALUES (1, 'bench')")
    connection.executemany("INSERT INTO model (id, name) VALUES (?, ?)", enumerate(MODELS, 1))
    connection.execute("CREATE TABLE stint (agent INTEGER PRIMARY KEY, start_ms, step_ms, responses, model)")
    dice = random.Random(7)
    days = _days(dice, responses // _RESPONSES_A_SESSION)
    agent = made = 0
    for session, start_ms in enumerate(days, 1):
        crew = list(_crew(dice, agent + 1, start_ms))
        agent, made = agent + len(crew), made + sum(stint.responses for stint in crew)
        _write_session(connection, session, dice, crew)
        if made >= responses:
            break


def _days(dice: random.Random, sessions: int) -> list[int]:
    """When each session begins: on work days more, on every 40th day ten times as much; the last day is such a one."""
    weights = [
        (0.3 if (datetime.fromtimestamp(_FIRST_MS / 1000, UTC) + timedelta(days=day)).weekday() > 4 else 1.0)
        * (10.0 if (DAYS - 1 - day) % 40 == 0 else 1.0)
        for day in range(DAYS)
    ]
    days = dice.choices(range(DAYS), weights, k=round(sessions * 1.3))
    hours = [min(max(dice.gauss(13, 3.5), 0), 23.9) for _ in days]
    starts = [_FIRST_MS + day * _DAY_MS + round(hour * 3_600_000) for day, hour in zip(days, hours, strict=True)]
    return [start for start in starts if start < _NOW_MS]


def _crew(dice: random.Random, first_agent: int, start_ms: int) -> Iterator[_Stint]:
    """The main thread, and the agents that it spawns while it works."""
    long = min(round(dice.lognormvariate(5.0, 0.8)), 3_000) + 5
    step_ms = dice.randint(20_000, 70_000)
    strong = dice.choice((1, 1, 2, 4))
    yield _Stint(first_agent, start_ms, step_ms, long, strong)
    for number in range(min(round(dice.expovariate(1 / 12)), 400)):
        begin = start_ms + dice.randrange(long) * step_ms
        many = min(round(dice.expovariate(1 / 25)) + 1, 400)
        yield _Stint(first_agent + 1 + number, begin, dice.randint(4_000, 20_000), many, dice.choice((strong, 2, 3, 5)))


def _write_session(connection: sqlite3.Connection, session: int, dice: random.Random, crew: list[_Stint]) -> None:
    first, last = (
        crew[0].start_ms,
        min(max(stint.start_ms + stint.step_ms * stint.responses for stint in crew), _NOW_MS),
    )
    project = round(dice.paretovariate(0.7)) % PROJECTS
    name = f"{dice.getrandbits(128):032x}"
    title = f"Mend the {dice.choice(_WORDS)} of the {dice.choice(_WORDS)}"
    connection.execute(
        "INSERT INTO session (id, session_id, title, title_key, project, branch, version, entrypoint, first_at_ms,"
        " last_at_ms) VALUES (?, ?, ?, ?, ?, ?, '2.1.0', 'cli', ?, ?)",
        (session, name, title, title_key(title), f"/home/sam/work/p{project}",
         dice.choice(("main", "feature/growth", "")), first, last),
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO agent (id, session_id, agent_id, agent_type, background, last_line, first_at_ms, last_at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (one.agent, session, f"a{one.agent:x}" if one is not crew[0] else "",
             _KINDS[one.agent % 5] if one is not crew[0] else "", "compaction" if one.agent % 37 == 0 else "",
             "tool", one.start_ms, min(one.start_ms + one.step_ms * one.responses, _NOW_MS))
            for one in crew
        ],
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO log (id, source_id, path, offset_bytes, lines, last_at_ms) VALUES (?, 1, ?, ?, ?, ?)",
        [
            (one.agent, f"/bench/projects/p{project}/{name}/{one.agent}.jsonl", one.responses * 5_000,
             one.responses * 3, one.start_ms)
            for one in crew
        ],
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO stint VALUES (?, ?, ?, ?, ?)",
        [(one.agent, one.start_ms, one.step_ms, one.responses, one.model) for one in crew],
    )


def _months() -> Iterator[str]:
    """Statements that make the responses of each thirty days."""
    yield "CREATE TEMP TABLE number AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)" \
          " SELECT i FROM n"  # fmt: skip
    for start in range(_FIRST_MS, _NOW_MS, 30 * _DAY_MS):
        yield _RESPONSES.format(start=start, end=start + 30 * _DAY_MS, now=_NOW_MS)


_WORDS = ("engine", "parser", "ledger", "harbour", "window", "mirror", "garden", "signal", "bridge", "café")
_TO_DROP = (
    "response_by_time", "response_by_agent", "tool_call_by_message", "tool_call_by_agent", "event_by_time",
    "event_by_agent", "usage_quarter_by_time",
)  # fmt: skip
_INDEXES = f"SELECT sql FROM sqlite_schema WHERE name IN {_TO_DROP}"
_RESPONSES = """
INSERT INTO response (message_id, request_id, at_ms, first_at_ms, agent_id, model_id, input_tokens, output_tokens,
    cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, cost_pico_usd, uncached_pico_usd, price_basis_id,
    is_lower_bound, stop_reason, service_tier, speed, inference_geo, web_searches, log_id, owner_rank, usage_at_ms,
    usage_offset)
SELECT printf('msg_01%08x%05d%09d', agent, i, agent * 31 %% 1000000007), printf('req_011%08x%05d%09d', agent, i, agent),
    at, at - 4000, agent, model, 3 + agent %% 7, 20 + (agent * 7919 + i * 104729) %% 900,
    CASE WHEN agent %% 2 THEN written ELSE 0 END, CASE WHEN agent %% 2 THEN 0 ELSE written END,
    12000 + i * 700 %% 150000, (9 + i %% 90 + agent %% 11) * 700000000 + agent,
    (40 + i %% 300) * 4500000000 + agent, 1, (agent + i) %% 900 = 0, 'tool_use', 'standard', '', '', 0,
    agent, 0, at, i * 5000
FROM (
    SELECT agent, i, model, start_ms + i * step_ms + (agent * 7919 + i * 31) %% 3000 AS at,
           CASE (agent + i) %% 40 WHEN 0 THEN 12000 + i * 700 %% 150000 ELSE 700 END AS written
    FROM stint JOIN number ON number.i < stint.responses
    WHERE start_ms >= {start} - 400000000 AND start_ms < {end}
) WHERE at >= {start} AND at < {end} AND at <= {now} ORDER BY at
""".replace("%%", "%")
_REST = (
    """INSERT INTO tool_call (tool_use_id, message_id, agent_id, name, at_ms, input_digest, log_id, result_at_ms,
                              is_error, result_bytes)
    SELECT printf('toolu_01%020d', id), message_id, agent_id,
           CASE id % 5 WHEN 0 THEN 'Read' WHEN 1 THEN 'Bash' WHEN 2 THEN 'mcp__web__fetch' WHEN 3 THEN 'Edit'
               ELSE 'Grep' END,
           at_ms, printf('%016x', id % 500000), agent_id, at_ms + id % 9000, id % 20 = 0, id * 7919 % 60000
    FROM response WHERE id % 2""",
    """INSERT INTO event (event_id, agent_id, kind, at_ms, detail, owner_rank, log_id)
    SELECT printf('e%d', response.id), response.agent_id, CASE response.id % 3 WHEN 0 THEN 'turn end' ELSE 'prompt' END,
           response.at_ms - 5000, CASE response.id % 3 WHEN 0 THEN '{"duration_ms": 90000}'
               ELSE '{"source":"typed"}' END, 0, response.log_id
    FROM response JOIN agent ON agent.id = response.agent_id WHERE agent.agent_id = '' AND response.id % 5 = 0""",
    """INSERT INTO usage_quarter
    SELECT at_ms / 900000 * 900000, agent_id, model_id, count(*), sum(is_lower_bound), 0, sum(input_tokens),
           sum(output_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens), sum(cache_read_tokens),
           sum(cost_pico_usd), sum(uncached_pico_usd)
    FROM response GROUP BY 2, 1, 3""",
)
