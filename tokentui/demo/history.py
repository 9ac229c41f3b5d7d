"""The days before the demo starts: office hours, quiet nights and weekends, a fork and an old layout."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from random import Random

from tokentui.demo import cast, lines
from tokentui.demo.agents import Task, ask_aside, spawn
from tokentui.demo.conversation import COMPACT_AT_TOKENS, Conversation, Pace
from tokentui.demo.log import Event, by_time, new_log, new_rng, new_uuid

DEFAULT_DAYS = 8
HISTORY_PACE = Pace(text_limit=160, rest_seconds=(30.0, 420.0))
LAST_HOURS = timedelta(hours=2)
"""Work right before the start, whatever the hour, so that the last hour is never empty."""
WEEKEND_SHARE = 0.25
"""How often someone works on a day of the weekend."""


def history(seed: int, start_at: datetime, days: int = DEFAULT_DAYS, zone: tzinfo = UTC) -> Iterator[tuple[str, bytes]]:
    """Each log of the days before the start, whole, with its path relative to the configuration folder."""
    written: dict[str, list[bytes]] = {}
    for event in by_time(_events(seed, start_at.astimezone(UTC), days, zone)):
        chunks = written.setdefault(event.path, [])
        if event.replace:
            chunks.clear()
        chunks.append(event.data)
    for path, chunks in written.items():
        yield path, b"".join(chunks)


def _events(seed: int, start_at: datetime, days: int, zone: tzinfo) -> Iterator[Event]:
    for number, (began_at, ended_at) in enumerate(_shifts(seed, start_at, days, zone)):
        rng = new_rng(seed, "shift", number)
        role = rng.choices(cast.ALL_ROLES, (24, 18, 20, 12, 18, 8))[0]
        version = cast.FLAT_VERSION if number == 1 else cast.VERSION
        talk = _work(role, rng, version, began_at, min(ended_at, start_at))
        events = by_time(talk.take())
        yield from events
        if number == 2:
            yield from _fork(talk, events, rng, start_at)


def _shifts(seed: int, start_at: datetime, days: int, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
    """When someone worked: one to three sessions at a time in office hours, and right before the start."""
    today = start_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(days, -1, -1):
        day = today - timedelta(days=back)
        rng = new_rng(seed, "day", back)
        if day.weekday() >= 5 and rng.random() >= WEEKEND_SHARE:
            continue
        for _ in range(rng.choice((2, 3, 4, 5, 6))):
            began_at = day + timedelta(hours=rng.triangular(8.5, 17.5, 10.0))
            ended_at = began_at + timedelta(hours=rng.uniform(0.4, 2.2))
            if ended_at < start_at - LAST_HOURS:
                yield began_at.astimezone(UTC), ended_at.astimezone(UTC)
    for minutes in (118, 64, 35):
        yield start_at - timedelta(minutes=minutes), start_at - timedelta(minutes=minutes // 9)


def _work(role: cast.Role, rng: Random, version: str, began_at: datetime, ended_at: datetime) -> Conversation:
    """One session up to the last turn that was over in time, so that nothing is left open."""
    talk = Conversation(new_log(role, rng, version), role.model, rng, began_at, pace=HISTORY_PACE)
    talk.context += rng.randint(4_000, 24_000)
    talk.write(lines.ai_title(talk.log, role.title))
    while True:
        kept = len(talk.events)
        _turn(talk, role)
        if talk.at >= ended_at:
            del talk.events[kept:]
            return talk
        _happen(talk)
        talk.wait(rng.uniform(*talk.pace.rest_seconds))


def _turn(talk: Conversation, role: cast.Role) -> None:
    talk.ask(talk.rng.choice(role.prompts))
    for _ in range(talk.rng.randint(2, 9)):
        if role.agents and talk.rng.random() < 0.07:
            children = (Task("Explore", 3),) if talk.rng.random() < 0.2 and not talk.log.is_flat else ()
            task = Task(talk.rng.choice(role.agents), talk.rng.randint(3, 9), children=children)
            spawn(talk, [task])
        else:
            talk.use_tools(talk.rng.choice((1, 1, 1, 2)))
    talk.finish()
    talk.end_turn()


def _happen(talk: Conversation) -> None:
    """What now and then befalls a session between two turns."""
    if talk.context > COMPACT_AT_TOKENS:
        talk.compact()
    chance = talk.rng.random()
    if chance < 0.03:
        talk.wait(3_700)
        talk.break_cache()
    elif chance < 0.07:
        talk.retry(talk.rng.randint(1, 4))
    elif chance < 0.10 and not talk.log.is_flat:
        ask_aside(talk, talk.rng.choice(cast.SIDE_QUESTIONS))
    elif chance < 0.11:
        uuid, parent = talk.next_uuid()
        resets_at = talk.at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=3)
        talk.write(lines.rate_limit_error(talk.log, uuid, parent, talk.at, resets_at))


def _fork(talk: Conversation, events: list[Event], rng: Random, start_at: datetime) -> Iterator[Event]:
    """A fork of that session: its first lines once more under another id, then a turn of its own."""
    copied = [event for event in events if event.path == talk.log.path][:20]
    log = replace(talk.log, session_id=new_uuid(rng))
    for event in copied:
        old = [json.loads(line) for line in event.data.splitlines()]
        new = [lines.forked(line, log.session_id) if "uuid" in line else line for line in old]
        yield Event(event.at, log.path, b"".join(map(lines.to_bytes, new)))
    branch = Conversation(log, talk.model, rng, events[-1].at + timedelta(minutes=2), pace=talk.pace)
    branch.context = branch.cached = 60_000
    branch.ask("try it the other way round")
    branch.use_tools()
    branch.finish()
    branch.end_turn()
    if branch.at < start_at:
        yield from branch.take()
