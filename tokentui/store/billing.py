"""Writes what Anthropic reports: a page replaces the rows of its stretch of time, in one transaction with its run."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from tokentui.billed import CodeActivity, CodePlace, CodeUse, CostRow, KeyName, Page, UsageRow, WorkspaceName
from tokentui.store.billed_groups import Groups
from tokentui.store.memo import SALT, read_memo, write_memo
from tokentui.store.sync_runs import Change, cover, note_page

API = 0
"""`import_id` of rows that come from the API."""
_Key = tuple[object, ...]
_Values = tuple[int | None, ...]


class _Table(NamedTuple):
    """A table whose rows of one stretch of time are replaced together."""

    name: str
    key: tuple[str, ...]
    values: tuple[str, ...]


_USAGE = _Table(
    "billed_usage",
    ("start_ms", "grain_s", "import_id", "group_id"),
    ("input_tokens", "output_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "cache_read_tokens",
     "web_searches"),
)  # fmt: skip
_COST = _Table(
    "billed_cost",
    ("start_ms", "grain_s", "import_id", "group_id", "cost_type", "token_type", "description"),
    ("cost_pico_usd", "list_pico_usd", "lines"),
)
_CODE_DAY = _Table(
    "claude_code_day",
    ("start_ms", *CodePlace._fields),
    CodeActivity._fields,
)
_CODE_MODEL = _Table(
    "claude_code_model",
    ("start_ms", *CodePlace._fields, "model"),
    CodeUse._fields,
)
_GRAINS = {"usage 1m": 60, "usage 1h": 3600, "usage 1d": 86_400}


class BillingStore:
    """Writes pages of reports; made, used and closed in one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._groups = Groups(connection)

    def put_names(self, keys: Iterable[KeyName], workspaces: Iterable[WorkspaceName]) -> None:
        """Store the names of keys and workspaces, in place of earlier ones."""
        with self._transaction():
            self.connection.executemany("INSERT OR REPLACE INTO api_key VALUES (?, ?, ?, ?)", keys)
            self.connection.executemany("INSERT OR REPLACE INTO workspace VALUES (?, ?, ?)", workspaces)

    def salt(self) -> bytes:
        """The salt from which people's made-up names are worked out; made once for each database."""
        with self._transaction():
            kept = read_memo(self.connection, SALT)
            if kept is None:
                kept = {"hex": secrets.token_hex(16)}
                write_memo(self.connection, SALT, kept)
        return bytes.fromhex(kept["hex"])

    def rename_people(self, name_of: Callable[[str], str]) -> None:
        """Replace the addresses that earlier versions stored by made-up names."""
        known = " UNION ".join(
            f"SELECT actor FROM {table.name} WHERE actor_kind = 'person' AND instr(actor, '@')"
            for table in (_CODE_DAY, _CODE_MODEL)
        )
        with self._transaction():
            for (address,) in self.connection.execute(known).fetchall():
                for table in (_CODE_DAY, _CODE_MODEL):
                    where = f"{table.name} SET actor = ? WHERE actor_kind = 'person' AND actor = ?"
                    self.connection.execute(f"UPDATE OR REPLACE {where}", (name_of(address), address))

    def put_page(self, page: Page, run_id: int, asked_at_ms: int) -> Change:
        """Store a page, the stretch that it covers, and the progress of its run, all in one transaction."""
        with self._transaction():
            change = self._replace(page)
            cover(self.connection, page.series, page.from_ms, min(page.until_ms, asked_at_ms), asked_at_ms)
            note_page(self.connection, run_id, page, change)
        return change

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _replace(self, page: Page) -> Change:
        stretch = (page.from_ms, page.until_ms)
        if page.series == "claude code":
            days: dict[_Key, _Values] = {(row.start_ms, *row.place): row.activity for row in page.code_days}
            models: dict[_Key, _Values] = {(row.start_ms, *row.place, row.model): row.use for row in page.code_models}
            return self._put(_CODE_DAY, days, *stretch).plus(self._put(_CODE_MODEL, models, *stretch))
        if page.series == "cost":
            return self._put(_COST, cost_by_key(page.cost, self._groups, API), *stretch, f"import_id = {API}")
        grain = _GRAINS[page.series]
        where = f"import_id = {API} AND grain_s = {grain}"
        return self._put(_USAGE, usage_by_key(page.usage, self._groups, API), *stretch, where)

    def _put(
        self, table: _Table, rows: Mapping[_Key, _Values], from_ms: int, until_ms: int, where: str = "true"
    ) -> Change:
        """Make the table hold exactly these rows in the stretch; only differences are written."""
        columns = ", ".join((*table.key, *table.values))
        select = f"SELECT {columns} FROM {table.name} WHERE start_ms >= ? AND start_ms < ? AND {where}"
        width = len(table.key)
        found = self.connection.execute(select, (from_ms, until_ms))
        stored: dict[_Key, _Values] = {row[:width]: row[width:] for row in found}
        differing = [(*key, *values) for key, values in rows.items() if stored.get(key) != values]
        gone = [key for key in stored if key not in rows]
        marks = ", ".join("?" * (width + len(table.values)))
        self.connection.executemany(f"INSERT OR REPLACE INTO {table.name} ({columns}) VALUES ({marks})", differing)
        match = " AND ".join(f"{name} = ?" for name in table.key)
        self.connection.executemany(f"DELETE FROM {table.name} WHERE {match}", gone)
        new = sum(key not in stored for key in rows)
        return Change(new, len(differing) - new + len(gone))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with writing(self.connection, self._groups):
            yield


@contextmanager
def writing(connection: sqlite3.Connection, groups: Groups) -> Iterator[None]:
    """One transaction; ids that were remembered in it are forgotten if it fails."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        groups.forget()
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def usage_by_key(rows: Iterable[UsageRow], groups: Groups, import_id: int) -> dict[_Key, _Values]:
    """Usage by the key of its table; rows of the same group and time are added up."""
    sums: dict[_Key, _Values] = {}
    for row in rows:
        key = (row.start_ms, row.grain_s, import_id, groups.row(row.group))
        values = (*row.tokens, row.web_searches)
        before = sums.get(key)
        sums[key] = values if before is None else _added(before, values)
    return sums


def cost_by_key(rows: Iterable[CostRow], groups: Groups, import_id: int) -> dict[_Key, _Values]:
    """Cost by the key of its table; rows of the same key are added up, since the report may split one amount."""
    sums: dict[_Key, _Values] = {}
    for row in rows:
        group_id = groups.row(row.group)
        key = (row.start_ms, row.grain_s, import_id, group_id, row.cost_type, row.token_type, row.description)
        values = (row.cost_pico_usd, row.list_pico_usd, row.lines)
        before = sums.get(key)
        sums[key] = values if before is None else _added(before, values)
    return sums


def _added(one: _Values, other: _Values) -> _Values:
    return tuple(None if a is None or b is None else a + b for a, b in zip(one, other, strict=True))


def insert_usage(connection: sqlite3.Connection, rows: dict[_Key, _Values]) -> None:
    """Add rows that are not there yet."""
    _insert(connection, _USAGE, rows)


def insert_cost(connection: sqlite3.Connection, rows: dict[_Key, _Values]) -> None:
    """Add rows that are not there yet."""
    _insert(connection, _COST, rows)


def _insert(connection: sqlite3.Connection, table: _Table, rows: dict[_Key, _Values]) -> None:
    columns = (*table.key, *table.values)
    insert = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    connection.executemany(insert, ((*key, *values) for key, values in rows.items()))
