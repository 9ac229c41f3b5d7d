"""Brings the store up to date with the logs before it is asked anything, so that no answer is stale."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tokentui.home import Home
from tokentui.ingest.news import has_new_rates, has_news
from tokentui.store.database import StoreError, explained, open_reader
from tokentui.transcripts.found_logs import FoundLog
from tokentui.workspace import Workspace, open_store

if TYPE_CHECKING:
    from tokentui.ingest.batches import Told
    from tokentui.ingest.catch_up import Apart, Progress

SHORT_WAIT_SECONDS = 3.0
"""How long an answer waits for another program's lock before it makes do with what is stored."""


class CatchUp(NamedTuple):
    """What was read to bring the store up to date, and what could not be."""

    progress: Progress | None = None
    """None if nothing was new, or if nothing could be written."""
    unreadable: tuple[tuple[str, str], ...] = ()
    """(path, reason) of each directory and log that could not be read."""
    trouble: str = ""
    """Why the store could not be brought up to date, in one line."""


def open_fresh(
    workspace: Workspace, stop: threading.Event, on_progress: Callable[[Progress], None] = lambda _: None
) -> tuple[sqlite3.Connection, CatchUp]:
    """Catch up, then open the store for reading; with what catching up came to.

    If the store cannot be brought up to date, the reader sees what is stored already, and `trouble` says why. Raises
    StoreError if there is no store to read either.
    """
    database = workspace.home.database
    try:
        reader = open_reader(database, SHORT_WAIT_SECONDS)
    except StoreError:
        caught_up = bring_up_to_date(workspace, stop, on_progress, SHORT_WAIT_SECONDS)
        return open_reader(database), caught_up
    try:
        if not has_new_rates(reader, workspace.price_sources) and not has_news(reader, workspace.sources):
            return reader, CatchUp()
        return reader, bring_up_to_date(workspace, stop, on_progress, SHORT_WAIT_SECONDS)
    except StoreError as error:
        return reader, CatchUp(trouble=str(error))
    except BaseException:
        reader.close()
        raise


def bring_up_to_date(
    workspace: Workspace,
    stop: threading.Event,
    on_progress: Callable[[Progress], None] = lambda _: None,
    timeout_seconds: float | None = None,
) -> CatchUp:
    """Store what is new in all logs. Raises StoreError if the store cannot be written."""
    from tokentui.ingest.catch_up import catch_up
    from tokentui.ingest.logs import Logs

    try:
        with _crew(workspace) as apart, closing(open_store(workspace, timeout_seconds)) as store:
            logs = Logs(store)
            logs.remember_stored()
            progress = catch_up(logs, workspace.sources, stop, on_progress, apart)
    except sqlite3.Error as error:
        raise StoreError(explained(workspace.home.database, error)) from error
    return CatchUp(progress, (*logs.errors, *logs.failures.items()))


@contextmanager
def _crew(workspace: Workspace) -> Iterator[Apart]:
    """A function that reads a large history in several processes, which end with the context.

    Without a database they are started at once, so that they load their modules while the database is made.
    """
    home = workspace.home
    if os.path.exists(home.database):  # noqa: PTH110 - a path object raises where nobody may look
        yield partial(_read_apart, home)
        return
    from tokentui.ingest.catch_up import is_worth_it
    from tokentui.ingest.crew import crew_of, reading_apart, started_ahead

    with started_ahead(crew_of(home)) if is_worth_it(workspace.sources) else nullcontext(crew_of(home)) as crew:
        yield partial(reading_apart, crew)


def _read_apart(home: Home, found: list[FoundLog]) -> Iterator[Told]:
    """Read logs in several processes. The module for that is only loaded when a history is large enough to need it."""
    from tokentui.ingest.crew import crew_of, reading_apart

    return reading_apart(crew_of(home), found)


def read_few(workspace: Workspace, found: Iterable[FoundLog], timeout_seconds: float) -> None:
    """Store what is new in these logs alone, in one transaction. Raises StoreError if the store cannot be written."""
    from tokentui.ingest.batches import store as keep
    from tokentui.ingest.logs import Logs

    try:
        with closing(open_store(workspace, timeout_seconds)) as store:
            logs = Logs(store)
            logs.remember_stored()
            keep(logs, [addition for log in found for addition in logs.read(log.place)])
    except sqlite3.Error as error:
        raise StoreError(explained(workspace.home.database, error)) from error
