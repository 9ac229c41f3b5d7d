"""Small stores for questions about runs: lines in, a reader with real prices out."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.kit.log_lines import ONE, Json, agent_log, answer, main_log, write
from tests.kit.stores import source
from tokentui.ingest.catch_up import catch_up
from tokentui.ingest.logs import Logs
from tokentui.pricing.book import RateBook
from tokentui.pricing.price import pricer
from tokentui.queries.cache.results import CacheStep
from tokentui.queries.cache.steps import Steps
from tokentui.store.database import open_reader, open_writer
from tokentui.store.write import Store

BOOK = RateBook()
MILLION = 10**6
OPUS_WRITE_5M, OPUS_WRITE_1H, OPUS_READ = 6_250_000, 10_000_000, 500_000
"""Claude Opus 4.8, pico-USD per token."""


def used(read: int = 0, written_5m: int = 0, written_1h: int = 0, output: int = 10, uncached: int = 3) -> Json:
    """A usage object."""
    return {
        "input_tokens": uncached,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written_5m + written_1h,
        "cache_creation": {"ephemeral_5m_input_tokens": written_5m, "ephemeral_1h_input_tokens": written_1h},
        "output_tokens": output,
    }


def said(number: int, at: float, usage: Json, **fields: Any) -> Json:
    """One response."""
    return answer(f"msg_{number}", f"req_{number}", at, used=usage, **fields)


@contextmanager
def store_of(
    folder: Path, database: Path, main: Mapping[str, list[Json]], agents: Mapping[str, list[Json]] | None = None
) -> Iterator[sqlite3.Connection]:
    """A reader of what these logs hold: lines by session, and of the first session's agents by agent."""
    for session, lines in main.items():
        write(main_log(folder, session), *lines)
    for agent, lines in (agents or {}).items():
        write(agent_log(folder, agent, next(iter(main), ONE)), *lines)
    with read_tree(folder, database) as reader:
        yield reader


@contextmanager
def read_tree(folder: Path, database: Path) -> Iterator[sqlite3.Connection]:
    """A reader of a tree of logs."""
    with closing(Store(open_writer(database), pricer(BOOK), database)) as store:
        logs = Logs(store)
        logs.remember_stored()
        catch_up(logs, (source(folder),), threading.Event())
    with closing(open_reader(database)) as reader:
        yield reader


def agent_steps(
    connection: sqlite3.Connection, session_id: str, agent_id: str, book: RateBook
) -> tuple[CacheStep, ...]:
    """Every response of one agent as the cache saw it, the oldest first."""
    row = connection.execute(
        "SELECT agent.id FROM agent JOIN session ON session.id = agent.session_id "
        "WHERE session.session_id = ? AND agent.agent_id = ?",
        (session_id, agent_id),
    ).fetchone()
    return tuple(Steps(connection, book).of_agent(row[0])) if row else ()
