"""The rules on real folders and on made-up storms: `python -m tests.bench.rules [CONFIG_DIR…]`.

Each folder is replayed at its own speed under a fast-forward clock: its lines reach a scratch store in the order of
their times, and the rules look after every second in which something was written, as they do live. Storms are looked
at every second.
"""

from __future__ import annotations

import heapq
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tests.kit import storms
from tests.kit.played import until
from tests.kit.stage import START_AT, Replay, Stage, replay, with_budget
from tokentui.config.settings import Settings
from tokentui.demo.log import Event
from tokentui.demo.player import write_history
from tokentui.demo.script import play
from tokentui.transcripts.fields import line_time_ms
from tokentui.watch.alarm import Change


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


def all_storms() -> dict[str, Storm]:
    """All of them by name; at least one for each rule."""
    burn = storms.slow_burn(START_AT, 30)
    demo = list(until(play(7, START_AT), START_AT + timedelta(seconds=420)))
    return {
        "12 agents at once": Storm(storms.crowd(START_AT, 12), "agents_at_once"),
        "40 agents at once": Storm(storms.crowd(START_AT, 40), "agents_at_once"),
        "40 spawned in a minute": Storm(storms.crowd(START_AT, 40), "spawn_rate"),
        "nested spawns": Storm(storms.nested_spawns(START_AT), "spawn_depth"),
        "spawning after a limit": Storm(storms.spawn_on_at_limit(START_AT), "spawn_after_limit"),
        "retry storm": Storm(storms.retry_storm(START_AT), "api_errors"),
        "loop": Storm(storms.tool_loop(START_AT), "tool_loop"),
        "huge files read": Storm(storms.swallowed_dumps(START_AT), "context_growth"),
        "cold agents": Storm(storms.cold_agents(START_AT), "cache_write_share"),
        "slow burn, nobody there": Storm(storms.slow_burn(START_AT), "unattended"),
        "slow burn over budget": Storm(burn, "budget_level", with_budget(burn, 2.0)),
        "slow burn, budget by pace": Storm(burn, "budget_pace", with_budget(burn, 4.0)),
        "a day of slow burn": Storm(storms.slow_burn(START_AT, 120), "unusual_day", needs_history=True),
        "demo: storm, money": Storm(demo, "usd_per_minute"),
        "demo: storm, tokens": Storm(demo, "tokens_per_minute"),
        "demo: storm, one session's money": Storm(demo, "session_usd_per_minute"),
        "demo: storm, its tokens": Storm(demo, "session_tokens_per_minute"),
        "demo: cache collapse": Storm(demo, "cache_hit_rate"),
    }


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
        for name, made in all_storms().items():
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
