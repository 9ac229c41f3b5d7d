"""The rules on real folders and on made-up storms: `python -m tests.bench_rules [CONFIG_DIR…]`. Run by hand.

Each folder is replayed at its own speed under a fast-forward clock: its lines reach a scratch store in the order of
their times, and the rules look after every second in which something was written, as they do live. Storms are looked
at every second. Nothing here is fast enough for the test suite, but `replay` is used by it.
"""

from __future__ import annotations

import heapq
import json
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tokentui.config.settings import Budget, Settings
from tokentui.config.thresholds import RULE_DEFAULTS
from tokentui.demo import storm
from tokentui.demo.log import Event
from tokentui.demo.player import write_event, write_history
from tokentui.demo.script import play
from tokentui.guard import Post, open_guard
from tokentui.ingest.catch_up import catch_up, read_now
from tokentui.ingest.logs import Logs
from tokentui.pricing.sources import PriceSources
from tokentui.store.priced import open_priced
from tokentui.store.write import Store
from tokentui.transcripts.places import Source, place_of
from tokentui.transcripts.writer import line_time_ms
from tokentui.watch.alarm import Change
from tokentui.watch.rules import find

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
        post = Post(lambda: self.now, UTC, lambda: self._settings)
        self.database = folder / "t.db"
        self._guard = open_guard(self.database, post)
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
        sighting = self._guard.look()
        seconds = time.perf_counter() - began
        found = self.found
        found.looks, found.look_seconds = found.looks + 1, found.look_seconds + seconds
        found.slowest_look = max(found.slowest_look, seconds)
        for finding in find(sighting.facts, sighting.usual, self._settings.rules):
            if finding.ratio >= 1 and (finding.grade or "alarm") in self._loud(finding.rule):
                found.held_at.setdefault(finding.rule, at)
        for change in sighting.changes:
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


def folder_events(folder: Path) -> Iterator[Event]:
    """The lines of a folder's logs, all of them in order of their times."""
    projects = folder / "projects" if (folder / "projects").is_dir() else folder
    logs = sorted(projects.rglob("*.jsonl"))
    return heapq.merge(*(_lines(log, projects) for log in logs), key=lambda event: event.at)


def _lines(log: Path, projects: Path) -> Iterator[Event]:
    name = f"projects/{log.relative_to(projects).as_posix()}"
    meta = log.with_name(log.name.removesuffix(".jsonl") + ".meta.json")
    at: datetime | None = None
    waiting = b""
    for line in log.read_bytes().splitlines(keepends=True):
        try:
            stamp = line_time_ms(json.loads(line).get("timestamp"))
        except (ValueError, AttributeError):
            stamp = None
        if stamp is None and at is None:
            waiting += line
            continue
        if stamp is not None:
            moment = datetime.fromtimestamp(stamp / 1000, UTC)
            if at is None and meta.exists():
                yield Event(moment, name.removesuffix(".jsonl") + ".meta.json", meta.read_bytes(), replace=True)
            at = moment if at is None else max(at, moment)
        assert at is not None
        yield Event(at, name, waiting + line)
        waiting = b""


class Storm(NamedTuple):
    """Events with one fault, and the rule that has to see it."""

    events: list[Event]
    rule: str
    settings: Settings = Settings()
    needs_history: bool = False
    """Whether the rule compares with other days."""


def storms() -> dict[str, Storm]:
    """All of them by name; at least one for each rule."""
    burn = storm.slow_burn(START_AT, 30)
    demo = list(play_for(420))
    return {
        "12 agents at once": Storm(storm.crowd(START_AT, 12), "agents_at_once"),
        "40 agents at once": Storm(storm.crowd(START_AT, 40), "agents_at_once"),
        "40 spawned in a minute": Storm(storm.crowd(START_AT, 40), "spawn_rate"),
        "nested spawns": Storm(storm.nested_spawns(START_AT), "spawn_depth"),
        "spawning after a limit": Storm(storm.spawn_on_at_limit(START_AT), "spawn_after_limit"),
        "retry storm": Storm(storm.retry_storm(START_AT), "api_errors"),
        "loop": Storm(storm.tool_loop(START_AT), "tool_loop"),
        "huge files read": Storm(storm.swallowed_dumps(START_AT), "context_growth"),
        "cold agents": Storm(storm.cold_agents(START_AT), "cache_write_share"),
        "slow burn, nobody there": Storm(storm.slow_burn(START_AT), "unattended"),
        "slow burn over budget": Storm(burn, "budget_level", with_budget(burn, 2.0)),
        "slow burn, budget by pace": Storm(burn, "budget_pace", with_budget(burn, 4.0)),
        "a day of slow burn": Storm(storm.slow_burn(START_AT, 120), "unusual_day", needs_history=True),
        "demo: storm, money": Storm(demo, "usd_per_minute"),
        "demo: storm, tokens": Storm(demo, "tokens_per_minute"),
        "demo: storm, one session's money": Storm(demo, "session_usd_per_minute"),
        "demo: storm, its tokens": Storm(demo, "session_tokens_per_minute"),
        "demo: cache collapse": Storm(demo, "cache_hit_rate"),
    }


def with_budget(events: list[Event], limit_usd: float) -> Settings:
    """A budget a day for the storm's session alone: what was spent before does not count."""
    session_id = Path(events[0].path).stem
    return Settings(budgets=(Budget("daily", limit_usd, "usd", "day", scope=f"session:{session_id}"),))


def play_for(seconds: float) -> Iterator[Event]:
    """The live part of the demo."""
    for event in play(7, START_AT):
        if event.at > START_AT + timedelta(seconds=seconds):
            return
        yield event


def staged(settings: Settings, history: bool = False) -> tuple[Stage, Path]:
    folder = Path(tempfile.mkdtemp(prefix="rules-"))
    stage = Stage(folder, settings)
    if history:
        write_history(stage.config_dir, START_AT)
        stage.read_all()
    return stage, folder


def say(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)  # noqa: T201 - this is what the command is for


def bench_folders(folders: list[Path]) -> None:
    minutes, alarms, warns = 0, 0, 0
    say(f"{'folder':<14}{'active h':>9}{'alarms':>8}{'per h':>7}{'warns':>7}{'notes':>7}{'ms/look':>9}{'worst':>7}")
    said: list[str] = []
    for folder in folders:
        stage, scratch = staged(Settings())
        try:
            found = replay(stage, folder_events(folder), timedelta(seconds=3))
        finally:
            stage.close()
            shutil.rmtree(scratch)
        hours = found.active_minutes / 60
        counts = [len(found.raised(grade)) for grade in ("alarm", "warn", "note")]
        mean, worst = found.look_seconds / max(found.looks, 1) * 1e3, found.slowest_look * 1e3
        per_hour = counts[0] / hours if hours else 0.0
        say(
            f"{folder.name:<14}{hours:>9.1f}{counts[0]:>8}{per_hour:>7.2f}{counts[1]:>7}{counts[2]:>7}"
            f"{mean:>9.2f}{worst:>7.0f}"
        )
        minutes, alarms, warns = minutes + found.active_minutes, alarms + counts[0], warns + counts[1]
        said += [_said(folder.name, change) for change in found.raised("alarm", "warn")]
    hours = minutes / 60
    say(f"{'all':<14}{hours:>9.1f}{alarms:>8}{alarms / hours if hours else 0:>7.2f}{warns:>7}")
    say(f"one alarm per {hours / alarms if alarms else float('inf'):.1f} active hours", *said)


def _said(name: str, change: Change) -> str:
    at = datetime.fromtimestamp(change.at_ms / 1000, UTC)
    return f"  {name} {at:%m-%d %H:%M:%S} {change.grade} {change.rule}: {change.finding.evidence}"


def bench_storms() -> None:
    say(f"\n{'storm':<34}{'rule':<20}{'held':>8}{'raised':>8}{'delay':>7}{'first word':>12}  also raised")
    for history in (False, True):
        say("with a week of history" if history else "with no history: floors alone")
        for name, made in storms().items():
            if made.needs_history and not history:
                continue
            stage, scratch = staged(made.settings, history)
            try:
                found = replay(stage, made.events)
            finally:
                stage.close()
                shutil.rmtree(scratch)
            _print_storm(name, made.rule, found)


def _print_storm(name: str, rule: str, found: Replay) -> None:
    held, raised = found.held_at.get(rule), found.raised_at.get(rule)
    others = Counter(change.rule for change in found.raised("alarm", "warn") if change.rule != rule)
    texts = ["-" if at is None else f"{(at - START_AT).total_seconds():.0f} s" for at in (held, raised)]
    delay = "MISSED" if held is None or raised is None else f"{(raised - held).total_seconds():.0f} s"
    earliest = min((change.at_ms for change in found.raised("alarm")), default=None)
    first = "-" if earliest is None else f"{earliest / 1000 - START_AT.timestamp():.0f} s"
    say(f"{name:<34}{rule:<20}{texts[0]:>8}{texts[1]:>8}{delay:>7}{first:>12}  {', '.join(others) or '-'}")


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    if given:
        bench_folders(given)
    else:
        bench_storms()
