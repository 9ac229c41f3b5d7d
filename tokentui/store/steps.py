"""The steps of the schema, counted without loading sqlite-utils, which only applies them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

Step = Callable[["Database"], None]


class Steps:
    """Migrations in the order in which they were written; their number is the version of the schema."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._steps: list[Step] = []

    def __call__(self) -> Callable[[Step], Step]:
        """Decorate a function that changes the schema; its name is remembered in the database."""

        def add(step: Step) -> Step:
            self._steps.append(step)
            return step

        return add

    def __len__(self) -> int:
        return len(self._steps)

    def apply(self, db: Database) -> None:
        """Run the steps that the database has not seen yet."""
        from sqlite_utils import Migrations

        migrations = Migrations(self._name)
        for step in self._steps:
            migrations()(step)
        migrations.apply(db)
