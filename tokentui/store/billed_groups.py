"""Row ids of groups of billed usage."""

from __future__ import annotations

import sqlite3

from tokentui.billed import Group


class Groups:
    """Finds or makes the row of a group, and remembers its id until `forget`, which a rollback makes necessary."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ids: dict[Group, int] = {}

    def forget(self) -> None:
        """Forget all ids, after a rollback."""
        self._ids.clear()

    def row(self, group: Group) -> int:
        """The row id of a group, which is made if need be."""
        known = self._ids.get(group)
        if known is None:
            row = self._connection.execute(_FIND, group).fetchone() or self._connection.execute(_ADD, group).fetchone()
            known = self._ids[group] = int(row[0])
        return known


_COLUMNS = ", ".join(Group._fields)
_FIND = "SELECT id FROM billed_group WHERE " + " AND ".join(f"{name} = ?" for name in Group._fields)
_ADD = f"INSERT INTO billed_group ({_COLUMNS}) VALUES ({', '.join('?' * len(Group._fields))}) RETURNING id"
