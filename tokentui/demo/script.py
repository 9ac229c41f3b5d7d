"""The plot of the live demo: four sessions, and in each round a storm, a collapse, retries, then calm."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from tokentui.demo import cast, lines
from tokentui.demo.agents import Task, ask_aside, await_background, spawn, spawn_in_background
from tokentui.demo.conversation import COMPACT_AT_TOKENS, Conversation, Pace
from tokentui.demo.log import Event, by_time, new_log, new_rng

CYCLE_SECONDS = 480.0
DEFAULT_PIDS = (41_001, 41_014, 41_027, 41_033)
STORM_PACE = Pace((800, 2500, 1400), tokens_per_second=260.0, result_scale=11.0, text_limit=2000)
SPAWN_SECONDS = 110.0
"""No ordinary sub-agents this short before a scene, so that it begins in time."""
RESUMED_TOKENS = {cast.DOCS_SITE: 84_000, cast.BILLING: 118_000}

Scene = Callable[[Conversation], None]


@dataclass(frozen=True, slots=True)
class Seat:
    """A session of the play: its role, its process, and when it starts."""

    role: cast.Role
    pid: int
    began_at: datetime
    renews: bool = False
    """Whether each round of the plot is a session of its own."""
    resumed_tokens: int = 0
    """The prompt that the session already has, warm in the cache, when the play begins."""


def play(seed: int, start_at: datetime, pids: Sequence[int] = DEFAULT_PIDS) -> Iterator[Event]:
    """The live run from that moment on, in order of time, for as long as it is asked."""
    start_at = start_at.astimezone(UTC)
    seats = [
        Seat(
            role,
            pid,
            start_at + timedelta(seconds=2.5 * number),
            renews=role is cast.MOBILE_APP,
            resumed_tokens=RESUMED_TOKENS.get(role, 0),
        )
        for number, (role, pid) in enumerate(zip(cast.LIVE_ROLES, pids, strict=True))
    ]
    return heapq.merge(*(_session(seed, seat) for seat in seats), key=lambda event: event.at)


def _begin(seed: object, seat: Seat, number: int, at: datetime) -> Conversation:
    """A new session of that role, with a title."""
    rng = new_rng(seed, seat.role.project, number)
    talk = Conversation(new_log(seat.role, rng), seat.role.model, rng, at)
    if seat.resumed_tokens and not number:
        talk.context = talk.cached = seat.resumed_tokens
    talk.context += rng.randint(2_000, 20_000)
    talk.write(lines.ai_title(talk.log, seat.role.title))
    return talk


def _take_turn(talk: Conversation, role: cast.Role, until_at: datetime) -> None:
    """The user asks, the session works until it is done or the time is up, and the user thinks."""
    talk.ask(talk.rng.choice(role.prompts))
    for _ in range(talk.rng.randint(3, 9)):
        left_seconds = (until_at - talk.at).total_seconds()
        if left_seconds <= 0:
            break
        if role.agents and left_seconds > SPAWN_SECONDS and talk.rng.random() < 0.12:
            spawn(talk, _helpers(talk, role))
        else:
            talk.use_tools(talk.rng.choice((1, 1, 1, 2)))
    talk.finish()
    talk.end_turn()
    if talk.context > COMPACT_AT_TOKENS:
        talk.compact()


def _session(seed: int, seat: Seat) -> Iterator[Event]:
    talk = _begin(seed, seat, 0, seat.began_at)
    pending: list[Event] = []
    for cycle in count():
        if seat.renews and cycle:
            pending += talk.take()
            talk = _begin(seed, seat, cycle, talk.at)
        for offset, scene in PLOT[seat.role]:
            due_at = seat.began_at + timedelta(seconds=cycle * CYCLE_SECONDS + offset)
            for _ in _turns(talk, seat, due_at, scene):
                pending = by_time(pending + talk.take())
                done = sum(event.at <= talk.at for event in pending)
                yield from pending[:done]
                pending = pending[done:]


def _turns(talk: Conversation, seat: Seat, due_at: datetime, scene: Scene) -> Iterator[None]:
    """Ordinary turns until the scene is due, then the scene; pauses after each."""
    while talk.at < due_at:
        _register(talk, seat, "busy")
        _take_turn(talk, seat.role, due_at)
        _register(talk, seat, "idle")
        yield
        talk.wait(min(talk.rng.uniform(*talk.pace.rest_seconds), max((due_at - talk.at).total_seconds(), 0.5)))
    _register(talk, seat, "busy")
    scene(talk)
    _register(talk, seat, "idle")
    yield
    talk.wait(2.0)


def _register(talk: Conversation, seat: Seat, status: str) -> None:
    name = seat.role.title
    card = lines.registry(talk.log, talk.at, seat.pid, seat.began_at, name, status)
    talk.events.append(Event(talk.at, f"sessions/{seat.pid}.json", lines.to_bytes(card), replace=True))


def _helpers(talk: Conversation, role: cast.Role) -> list[Task]:
    """One or two ordinary sub-agents, now and then with a helper of their own."""
    known = [name for name in role.agents if cast.AGENT_TYPES[name].model != cast.UNKNOWN]
    tasks = []
    for _ in range(talk.rng.choice((1, 1, 2))):
        children = (Task("Explore", talk.rng.randint(2, 4)),) if talk.rng.random() < 0.3 else ()
        tasks.append(Task(talk.rng.choice(known), talk.rng.randint(4, 8), children=children))
    return tasks


def _storm(talk: Conversation) -> None:
    """A fan-out that runs away: twelve agents within a minute, and they spawn more."""
    talk.ask("port all remaining handlers at once, one agent for each")
    tasks = [_storm_task(talk, number) for number in range(12)]
    started = spawn_in_background(talk, tasks)
    await_background(talk, started)
    talk.finish()
    talk.end_turn()


def _storm_task(talk: Conversation, number: int) -> Task:
    deepest = (Task("Explore", 4, pace=STORM_PACE, model=cast.OPUS),) if number % 4 == 0 else ()
    nested = Task("general-purpose", 5, pace=STORM_PACE, children=deepest)
    children = (nested,) * (3, 2, 2, 0)[number % 4]
    kind = "code-reviewer" if number % 3 == 1 else "general-purpose"
    delay = 2.5 * (number % 4) + talk.rng.random()
    return Task(kind, talk.rng.randint(7, 10), delay, children, STORM_PACE, retries=number % 5 == 4)


def _collapse(talk: Conversation) -> None:
    """Something early in the prompt changes with each request, so all of it is written anew."""
    talk.context = max(talk.context, 60_000)
    talk.ask("put the current time into the page header and check how it looks")
    for _ in range(8):
        talk.break_cache()
        talk.use_tools()
    talk.finish()
    talk.end_turn()


def _retries(talk: Conversation) -> None:
    """The API is overloaded for a while."""
    talk.ask("run the whole suite once more")
    for attempts in (4, 7, 5):
        talk.retry(attempts)
        talk.use_tools()
    spawn(talk, [Task("test-runner", 4, retries=3), Task("general-purpose", 5, children=(Task("Explore", 4),))])
    talk.finish()
    talk.end_turn()


def _compaction(talk: Conversation) -> None:
    """A long conversation is compacted."""
    talk.context = max(talk.context, COMPACT_AT_TOKENS - 2_000)
    talk.ask("go through the whole log of that day")
    talk.use_tools(2)
    talk.compact()
    talk.use_tools()
    talk.finish()
    talk.end_turn()


def _audit(talk: Conversation) -> None:
    """An agent on a model that no price list knows."""
    talk.ask("have the callbacks audited by the in-house model")
    spawn(talk, [Task("security-audit", 5)])
    talk.finish()
    talk.end_turn()


def _side_question(talk: Conversation) -> None:
    """A hidden background agent beside an ordinary turn."""
    talk.ask("tidy up the imports")
    talk.use_tools()
    ask_aside(talk, talk.rng.choice(cast.SIDE_QUESTIONS))
    talk.finish()
    talk.end_turn()


def _limit(talk: Conversation) -> None:
    """The plan's five hours are used up; the user goes on with extra usage."""
    talk.ask("and the second customer?")
    talk.wait(1.0)
    uuid, parent = talk.next_uuid()
    resets_at = talk.at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    talk.write(lines.rate_limit_error(talk.log, uuid, parent, talk.at, resets_at))
    talk.wait(12.0)


def _calm(talk: Conversation) -> None:
    """A last short turn of the round."""
    talk.ask("thanks, commit that")
    talk.use_tools()
    talk.finish()
    talk.end_turn()


PLOT: Mapping[cast.Role, Sequence[tuple[float, Scene]]] = {
    cast.REFACTOR_API: ((30.0, _storm), (330.0, _side_question), (470.0, _calm)),
    cast.DOCS_SITE: ((60.0, _side_question), (205.0, _collapse), (465.0, _calm)),
    cast.MOBILE_APP: ((285.0, _retries), (440.0, _calm)),
    cast.BILLING: ((25.0, _audit), (250.0, _compaction), (400.0, _limit), (468.0, _calm)),
}
