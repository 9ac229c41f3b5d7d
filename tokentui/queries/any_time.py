"""Answers questions about now and about moments in the past, by the same statements on two connections."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tokentui.instants import ms_of
from tokentui.queries.ask import StoredQuestions
from tokentui.queries.circumstances import Circumstances
from tokentui.queries.past import show_past
from tokentui.store.database import open_reader
from tokentui.store.opened import OpenedFile

if TYPE_CHECKING:
    from tokentui.queries.results import Snapshot
    from tokentui.view import View


class AnyTimeQuestions(StoredQuestions):
    """Answers about now, or about the moment that a view names; made, used and closed in one thread."""

    def __init__(self, database: Path, circumstances: Circumstances) -> None:
        super().__init__(open_reader(database), circumstances)
        self._database = database
        self._file = OpenedFile(database)
        self._past: tuple[datetime, StoredQuestions] | None = None

    def snapshot(self, view: View) -> Snapshot:
        """Everything that the dashboard shows; for a moment in the past, with the alerts that hold at present.

        Raises StoreError if the database is no longer in its place.
        """
        self._file.check()
        past = self._at(view.as_of)
        return replace(past.snapshot(view), alerts_now=self.alerts_now()) if past else super().snapshot(view)

    def at(self, moment: datetime | None) -> StoredQuestions:
        """The questions about a moment in the past; these questions themselves if the moment is None."""
        return self._at(moment) or self

    def close(self) -> None:
        """Close the connections."""
        self._forget_past()
        super().close()

    def _at(self, moment: datetime | None) -> StoredQuestions | None:
        """Questions whose clock stands at the moment and whose store ends there; None if the moment is None."""
        if self._past is not None and self._past[0] != moment:
            self._forget_past()
        if moment is None:
            return None
        if self._past is None:
            connection = open_reader(self._database)
            connection.execute("PRAGMA temp_store = MEMORY")
            show_past(connection, ms_of(moment))
            around = replace(self._around, clock=lambda: moment, read_registry=tuple)
            self._past = (moment, StoredQuestions(connection, around, is_live=False))
        return self._past[1]

    def _forget_past(self) -> None:
        if self._past is not None:
            self._past[1].close()
            self._past = None
