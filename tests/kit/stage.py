"""A stage for the watch: a scratch folder, its store, and the rules looking under a clock that is set by hand."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tokentui.config.settings import Budget, Settings
from tokentui.config.thresholds import RULE_DEFAULTS
from tokentui.demo.log import Event
from tokentui.demo.player import write_event
from tokentui.guard.guard import open_guard
from tokentui.guard.surroundings import Surroundings
from tokentui.ingest.batches import read_now
from tokentui.ingest.catch_up import catch_up
from tokentui.ingest.logs import Logs
from tokentui.pricing.sources import PriceSources
from tokentui.store.priced import open_priced
from tokentui.store.write import Store
from tokentui.transcripts.log_names import place_of
from tokentui.transcripts.sources import Source
from tokentui.watch.alarm import Change
from tokentui.watch.rules.catalogue import find

TAIL_SECONDS = 150
START_AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class Replay:
    """What one replay came to."""

    changes: list[Change] = field(default_factory=list)
    held_at: dict[str, datetime] = field(default_factory=dict)
    """Rule → when its condition first held."""
    raised_at: dict[str, datetime] = field(default_factory=dict)
    active_minutes: int = 0
    looks: int = 0
    look_seconds: float = 0.0
    slowest_look: float = 0.0

    def raised(self, *grades: str) -> list[Change]:
        """Alerts that were new."""
        return [change for change in self.changes if change.is_new and change.grade in grades]


class Stage:
    """A scratch configuration folder, its store, and a guard under a clock that is set by hand."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.now = START_AT
        self.config_dir = folder / "claude"
        (self.config_dir / "projects").mkdir(parents=True)
        self._source = Source(self.config_dir / "projects", self.config_dir)
        self._settings = settings
        self._store: Store = open_priced(folder / "t.db", PriceSources())
        self._logs = Logs(self._store)
        surroundings = Surroundings(lambda: self.now, UTC, lambda: self._settings)
        self.database = folder / "t.db"
        self._guard = open_guard(self.database, surroundings)
        self.found = Replay()

    def close(self) -> None:
        self._guard.close()
        self._store.close()

    def read_all(self) -> None:
        catch_up(self._logs, (self._source,), threading.Event())

    def write(self, events: Iterable[Event]) -> None:
        paths: dict[str, None] = {}
        for event in events:
            write_event(self.config_dir, event)
            if event.path.endswith(".jsonl"):
                paths[str(self.config_dir / event.path)] = None
        read_now(self._logs, [place_of(path, str(self._source.root)) for path in paths])

    def look(self, at: datetime) -> None:
        self.now = at
        began = time.perf_counter()
        look = self._guard.look()
        seconds = time.perf_counter() - began
        found = self.found
        found.looks, found.look_seconds = found.looks + 1, found.look_seconds + seconds
        found.slowest_look = max(found.slowest_look, seconds)
        for finding in find(look.facts, look.usual, self._settings.rules):
            if finding.ratio >= 1 and (finding.grade or "alarm") in self._loud(finding.rule):
                found.held_at.setdefault(finding.rule, at)
        for change in look.changes:
            found.changes.append(change)
            if change.is_new and change.grade in self._loud(change.rule):
                found.raised_at.setdefault(change.rule, at)

    def _loud(self, rule: str) -> tuple[str, ...]:
        """The grades that count as raised: a rule that ships as a warning is raised by one."""
        return ("warn", "alarm") if RULE_DEFAULTS[rule].grade == "warn" else ("alarm",)

    def active_minutes(self) -> int:
        with closing(sqlite3.connect(self._store.path)) as reader:
            return int(reader.execute("SELECT count(DISTINCT at_ms / 60000) FROM response").fetchone()[0])


def replay(stage: Stage, events: Iterable[Event], pause: timedelta = SECOND) -> Replay:
    """Write events in time, look after each second with any, and for a while after; then skip the silence."""
    due: list[Event] = []
    second: datetime | None = None
    for event in events:
        at = event.at.replace(microsecond=0) + SECOND
        if second is not None and at > second:
            stage.write(due)
            _look_until(stage, second, min(at, second + timedelta(seconds=TAIL_SECONDS)), pause)
            due = []
        second = at if second is None else max(at, second)
        due.append(event)
    if second is not None:
        stage.write(due)
        _look_until(stage, second, second + timedelta(seconds=TAIL_SECONDS), pause)
    stage.found.active_minutes = stage.active_minutes()
    return stage.found


def _look_until(stage: Stage, at: datetime, end: datetime, pause: timedelta) -> None:
    while at < end:
        stage.look(at)
        at += pause


def with_budget(events: list[Event], limit_usd: float) -> Settings:
    """A budget a day for the storm's session alone: what was spent before does not count."""
    session_id = Path(events[0].path).stem
    return Settings(budgets=(Budget("daily", limit_usd, "usd", "day", scope=f"session:{session_id}"),))
