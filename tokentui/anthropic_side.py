"""What the screen and the commands do with Anthropic's reports in a workspace: sync, import, reconcile, bill."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tokentui.instants import ms_of
from tokentui.store.database import StoreError, explained, open_writer
from tokentui.store.memo import RATES, read_memo
from tokentui.workspace import Workspace

if TYPE_CHECKING:
    from tokentui.billed import Export
    from tokentui.ingest.sync import OnSyncProgress, SyncPlan, SyncResult
    from tokentui.pricing.book import RateBook
    from tokentui.queries.reckoning.billing import Billing, BillingGrouping
    from tokentui.queries.reckoning.results import Reckoning
    from tokentui.store.imports import Imported

_Stored = TypeVar("_Stored")
BASE_URL_VARIABLE = "TOKENTUI_ANTHROPIC_URL"
"""The environment variable for another address of the API, for tests and gateways; it goes before `base_url`."""


def can_sync(workspace: Workspace, environment: Mapping[str, str]) -> bool:
    """Whether an Admin key is set, in the environment or by `key_command`, which is not run."""
    from tokentui.anthropic.key import has_key

    return has_key(environment, workspace.settings.anthropic.key_command)


def sync_now(
    workspace: Workspace,
    environment: Mapping[str, str],
    plan: SyncPlan,
    stop: threading.Event,
    on_progress: OnSyncProgress = lambda _: None,
) -> SyncResult:
    """Fetch new reports once. Raises AnthropicError if the run cannot begin, StoreError if it cannot be stored.

    A run that breaks off later is a result with its `error`.
    """
    from tokentui.anthropic.aside import Aside
    from tokentui.anthropic.asking import Asker, Pace
    from tokentui.anthropic.client import BASE_URL, Client
    from tokentui.anthropic.key import find_key
    from tokentui.ingest.sync import sync
    from tokentui.store.billing import BillingStore

    settings = workspace.settings.anthropic
    key = find_key(environment, settings.key_command)
    base_url = environment.get(BASE_URL_VARIABLE, "").strip() or settings.base_url or BASE_URL
    pace = Pace(workspace.clock, time.monotonic, stop.wait, stop.is_set)
    database = workspace.home.database
    with closing(Client(key, base_url)) as client:
        try:
            with closing(BillingStore(open_writer(database))) as store:
                plan = replace(plan, keep_emails=settings.keep_emails)
                result = sync(store, Asker(Aside(client), pace), pace, plan, on_progress)
        except sqlite3.Error as error:
            raise StoreError(explained(database, error)) from error
    return replace(result, error=f"{result.error}; {key.warning}") if result.error and key.warning else result


def import_file(workspace: Workspace, path: Path) -> tuple[Export, Imported]:
    """Read and store a console export. Raises AnthropicError if the file is none, StoreError if it cannot be stored."""
    from tokentui.anthropic.exports import ExportError, read_export
    from tokentui.store.imports import add_export

    export = read_export(path)
    if export.skipped and not export.usage and not export.cost:
        first = export.skipped[0]
        raise ExportError(
            f"{path}: none of its lines can be read, nothing was stored; line {first.number:,}: {first.reason}"
        )
    now_ms = ms_of(workspace.clock())
    return export, _writing(workspace, lambda connection: add_export(connection, export, now_ms))


def undo_file(workspace: Workspace, import_id: int) -> int | None:
    """Remove an import; returns how many rows it had, or None if there is no such import. Raises StoreError."""
    from tokentui.store.imports import undo_import

    return _writing(workspace, lambda connection: undo_import(connection, import_id))


def _writing(workspace: Workspace, write: Callable[[sqlite3.Connection], _Stored]) -> _Stored:
    database = workspace.home.database
    try:
        with closing(open_writer(database)) as connection:
            return write(connection)
    except sqlite3.Error as error:
        raise StoreError(explained(database, error)) from error


def reckon(connection: sqlite3.Connection, workspace: Workspace, since: date, until: date) -> Reckoning:
    """Compare logs, API and exports over whole UTC days, `until` excluded."""
    from tokentui.queries.reckoning.reconcile import reconcile

    return reconcile(connection, rate_book(connection, workspace), workspace.clock(), since, until)


def bill(
    connection: sqlite3.Connection, workspace: Workspace, by: BillingGrouping, since: date, until: date
) -> Billing:
    """What Anthropic billed over whole UTC days, `until` excluded."""
    from tokentui.queries.reckoning.billing import billing

    return billing(connection, rate_book(connection, workspace), workspace.clock(), by, since, until)


def rate_book(connection: sqlite3.Connection, workspace: Workspace) -> RateBook:
    """The prices that hold now, with the rate cards that earlier runs kept in the database."""
    from tokentui.pricing.book import RateBook

    sources = workspace.price_sources
    return RateBook(sources.overrides, sources.update, read_memo(connection, RATES))
