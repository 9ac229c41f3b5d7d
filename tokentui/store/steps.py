"""The steps of the schema, counted without loading sqlite-utils, which only applies them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

Change = Callable[["Database"], None]


@dataclass(slots=True)
class Step:
    """One change of the schema, by the name that is remembered in the database."""

    name: str
    fn: Change


class Steps:
    """Migrations in the order in which they were written; their number is the version of the schema."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._migrations: list[Step] = []

    def __call__(self) -> Callable[[Change], Change]:
        """Decorate a function that changes the schema."""

        def add(change: Change) -> Change:
            self._migrations.append(Step(change.__name__, change))
            return change

        return add

    def __len__(self) -> int:
        return len(self._migrations)

    def pending(self, db: Database) -> list[Any]:
        """The steps that a database has not seen yet; each has a `name`."""
        return self._loaded().pending(db)

    def apply(self, db: Database, stop_before: str | None = None) -> None:
        """Run the steps that the database has not seen yet."""
        self._loaded().apply(db, stop_before=stop_before)

    def _loaded(self) -> Migrations:
        from sqlite_utils import Migrations

        loaded = Migrations(self._name)
        for step in self._migrations:
            loaded(name=step.name)(step.fn)
        return loaded
