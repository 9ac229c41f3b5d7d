"""Reading trees of logs into databases, and what is in them then.

Run as a program it catches up on a directory in small steps and says so after each: for tests that kill it.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.kit.oracle import Answer, count
from tokentui.ingest import batches
from tokentui.ingest import catch_up as steps
from tokentui.ingest.logs import Logs
from tokentui.pricing.price import Price
from tokentui.records import BilledUsage
from tokentui.store.database import open_writer
from tokentui.store.write import Store
from tokentui.transcripts.found_logs import find_logs
from tokentui.transcripts.sources import Source

UNPRICED = "unheard-of"
QUARTER_MS = 900_000

Rows = list[tuple[object, ...]]
NewDatabase = Callable[[], Path]
"""Makes one more empty database at each call: the fixture `new_database`."""


def price(usage: BilledUsage, at_ms: int) -> Price:
    """A price that depends on all that a price may depend on, the time included."""
    if usage.model == UNPRICED:
        return Price(None, None, "test")
    cost = sum(count * rate for count, rate in zip(usage.tokens, (5, 25, 6, 10, 1), strict=True)) + at_ms // 60_000 % 60
    return Price(cost, cost + 4 * usage.tokens.cache_read, "test")


def source(folder: Path) -> Source:
    """The source of a tree."""
    return Source(folder / "projects", folder)


@contextmanager
def opened(database: Path) -> Iterator[Logs]:
    """Logs whose store is that database."""
    with closing(Store(open_writer(database), price, database)) as store:
        logs = Logs(store)
        logs.remember_stored()
        yield logs


def catch_up(logs: Logs, folder: Path) -> int:
    """Read all that is new; how many responses were new."""
    return steps.catch_up(logs, (source(folder),), threading.Event()).responses_added


def ingest(folder: Path, database: Path) -> Path:
    """Read a whole tree into a database, as one run of the program does."""
    with opened(database) as logs:
        catch_up(logs, folder)
    return database


def log_paths(folder: Path) -> list[Path]:
    """All logs of a tree."""
    return sorted(Path(log.place.path) for log in find_logs(source(folder)))


# What a database says.


def query(database: Path, sql: str) -> Rows:
    """Rows of a question to a database, by another connection."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


_RESPONSES = """
SELECT message_id, request_id, part, part_kind, response.at_ms, response.first_at_ms, session.session_id,
    agent.agent_id, model.name, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
    cache_read_tokens, cost_pico_usd, uncached_pico_usd, is_lower_bound, stop_reason, web_searches, log.path,
    owner_rank, usage_at_ms, usage_offset, trace
FROM response JOIN agent ON agent.id = response.agent_id JOIN session ON session.id = agent.session_id
JOIN model ON model.id = model_id JOIN log ON log.id = log_id
"""
_SUMS = (
    "responses, lower_bound_responses, unpriced_responses, input_tokens, output_tokens, cache_write_5m_tokens, "
    "cache_write_1h_tokens, cache_read_tokens, cost_pico_usd, uncached_pico_usd"
)
_ADDED = ", ".join(f"sum({name})" for name in _SUMS.split(", "))
_QUARTERS = "FROM usage_quarter JOIN agent ON agent.id = usage_quarter.agent_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
_ROLLUPS = (
    (
        f"SELECT hour_ms, session_id, model_id, {_SUMS} FROM usage_hour ORDER BY 1, 2, 3",
        f"SELECT quarter_ms / 3600000 * 3600000, session_id, model_id, {_ADDED} {_QUARTERS}",
    ),
    (
        f"SELECT session_id, day_ms, model_id, {_SUMS} FROM usage_day ORDER BY 1, 2, 3",
        f"SELECT session_id, quarter_ms / 86400000 * 86400000, model_id, {_ADDED} {_QUARTERS}",
    ),
    *(
        (
            f"SELECT {span}, start_ms, model_id, {_SUMS} FROM usage_total WHERE span_ms = {span} AND"
            f" ({_SUMS}) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0) ORDER BY 1, 2, 3",
            f"SELECT {span}, quarter_ms / {span} * {span}, model_id, {_ADDED} {_QUARTERS}",
        )
        for span in (QUARTER_MS, 3_600_000, 86_400_000)
    ),
)
_NAMES = "SELECT agent.id, session.session_id, agent.agent_id FROM agent JOIN session ON session.id = agent.session_id"
_TABLES = {
    "response": _RESPONSES,
    "usage_quarter": f"WITH names(id, session, agent) AS ({_NAMES}) SELECT quarter_ms, session, agent, name, {_SUMS} "
    "FROM usage_quarter JOIN names ON names.id = usage_quarter.agent_id JOIN model ON model.id = model_id",
    "log": "SELECT path, offset_bytes, mark, size_bytes, modified_ns, last_at_ms, lines, skipped_lines, "
    "skipped_first_offset, skipped_reason, error FROM log",
    "session": "SELECT session_id, title, title_rank, title_at_ms, title_offset, project, project_at_ms, branch, "
    "version, entrypoint, setting_at_ms, first_at_ms, last_at_ms FROM session",
    "agent": "SELECT session.session_id, agent.agent_id, agent_type, task, background, prompt_digest, prompt_at_ms, "
    "prompt_offset, last_line, last_line_at_ms, last_line_offset, agent.first_at_ms, agent.last_at_ms "
    "FROM agent JOIN session ON session.id = agent.session_id",
    "agent_link": "SELECT session.session_id, agent_id, rank, kind, tool_use_id, parent_agent_id, spawn_depth, "
    "agent_type, name, description, status, is_fork, at_ms "
    "FROM agent_link JOIN session ON session.id = agent_link.session_id",
    "event": f"WITH names(id, session, agent) AS ({_NAMES}) SELECT event_id, session, agent, kind, at_ms, detail, "
    "owner_rank, path FROM event JOIN names ON names.id = event.agent_id JOIN log ON log.id = log_id",
    "tool_call": f"WITH names(id, session, agent) AS ({_NAMES}) SELECT tool_use_id, message_id, session, agent, name, "
    "tool_call.at_ms, input_digest, prompt_digest, agent_type, task, owner_rank, path, result_at_ms, is_error, "
    "result_bytes FROM tool_call LEFT JOIN names ON names.id = tool_call.agent_id LEFT JOIN log ON log.id = log_id",
}


def contents(database: Path) -> dict[str, Rows]:
    """Everything in a database but its row ids, so that two can be compared."""
    with closing(sqlite3.connect(database)) as connection:
        return {table: sorted(connection.execute(sql), key=repr) for table, sql in _TABLES.items()}


_STRAYS = """
SELECT response.id FROM response JOIN agent ON agent.id = response.agent_id
WHERE response.at_ms NOT BETWEEN agent.first_at_ms AND agent.last_at_ms
"""


def quarters_are_sums(database: Path) -> bool:
    """Whether the sums by quarters of an hour are those of the responses, and longer ones those of the quarters.

    No more rows and no fewer, but for totals that came to nothing; and no agent used anything outside its time.
    """
    by_hand = query(
        database,
        f"""SELECT at_ms / {QUARTER_MS} * {QUARTER_MS}, agent_id, model_id, sum(part = 0),
            sum(part = 0 AND is_lower_bound), sum(cost_pico_usd IS NULL), sum(input_tokens), sum(output_tokens),
            sum(cache_write_5m_tokens), sum(cache_write_1h_tokens), sum(cache_read_tokens),
            sum(ifnull(cost_pico_usd, 0)), sum(ifnull(uncached_pico_usd, 0))
        FROM response GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    )
    kept = query(database, f"SELECT quarter_ms, agent_id, model_id, {_SUMS} FROM usage_quarter ORDER BY 1, 2, 3")
    strays = query(database, _STRAYS)
    return (
        not strays
        and kept == by_hand
        and all(query(database, kept) == query(database, summed) for kept, summed in _ROLLUPS)
    )


def answers(database: Path) -> list[Answer]:
    """The responses of a database as the oracle has them."""
    found: dict[tuple[object, ...], Answer] = {}
    columns = """message_id, request_id, variant, session.session_id, agent.agent_id, response.at_ms,
        response.first_at_ms, is_lower_bound, model.name, input_tokens, output_tokens, cache_write_5m_tokens,
        cache_write_1h_tokens, cache_read_tokens"""
    tables = _RESPONSES[_RESPONSES.index("FROM") :]
    for row in query(database, f"SELECT {columns} {tables} ORDER BY message_id, request_id, variant, part"):
        message, request, _, session, agent, at_ms, first_at_ms, is_lower_bound, model, *tokens = row
        answer = Answer(message, request, (session, agent), at_ms, first_at_ms, bool(is_lower_bound))  # type: ignore[arg-type]
        found.setdefault(row[:3], answer).billed.append((model, tuple(tokens)))  # type: ignore[arg-type]
    return sorted(found.values(), key=_order)


def truth(folder: Path) -> list[Answer]:
    """The responses of a tree as the oracle counts them."""
    return sorted(count(log_paths(folder)), key=_order)


def _order(answer: Answer) -> tuple[object, ...]:
    return answer.message, answer.request, answer.home, answer.at_ms


def by_model(found: Iterable[Answer]) -> dict[str, list[int]]:
    """Tokens by model, the five kinds."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for answer in found:
        for model, tokens in answer.billed:
            sums[model] = [a + b for a, b in zip(sums[model], tokens, strict=True)]
    return dict(sums)


def start_reading(database: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start this module as a program; see above."""
    command = [sys.executable, "-W", "error", "-m", "tests.kit.stores", str(database), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])


def main(database: Path, folder: Path) -> None:
    """Catch up in steps of one small transaction each, and say so after each."""
    batches.BATCH_BYTES = 2000
    with opened(database) as logs:
        logs.block_bytes = 500
        for _ in steps.catching_up(logs, (source(folder),)):
            print("stored", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
