"""Made-up runs with one fault each, and a steady rain of lines: for the tests of the rules and for benchmarks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf

from tokentui.demo import cast, lines
from tokentui.demo.agents import Task, await_background, spawn, spawn_in_background
from tokentui.demo.conversation import COMPACT_AT_TOKENS, SYSTEM_TOKENS, Conversation, Pace
from tokentui.demo.log import Event, by_time, new_agent_id, new_id, new_log, new_rng

INSTANT = Pace(tokens_per_second=inf, first_token_seconds=0.0)


def storm_lines(
    files: int,
    lines_per_second: float,
    seconds: float,
    start_at: datetime,
    seed: int = 7,
    text_limit: int = 3000,
) -> Iterator[Event]:
    """A steady rain: one line at a time, evenly spaced, over so many sessions in turn.

    Half the lines are tool calls with usage, half their results with some text.
    """
    talks = [session_alone(f"storm-{number}", start_at, seed, INSTANT) for number in range(files)]
    open_calls: dict[int, tuple[str, str]] = {}
    for number in range(int(lines_per_second * seconds)):
        place = number % files
        talk = talks[place]
        talk.at = start_at + timedelta(seconds=number / lines_per_second)
        if talk.asked_at is None:
            talk.ask("port the next handler")
        elif place in open_calls:
            caller, call_id = open_calls.pop(place)
            text = cast.RESULT_TEXT[: talk.rng.randint(200, text_limit)]
            talk.answer_call(caller, call_id, text, {"stdout": text, "stderr": "", "interrupted": False}, 40)
        else:
            if talk.context > COMPACT_AT_TOKENS:
                talk.context = talk.cached = SYSTEM_TOKENS
            call_id = new_id("toolu_", talk.rng)
            talk.respond(lines.tool_block(call_id, "Bash", {"command": f"make step-{number}"}))
            open_calls[place] = (talk.last_uuid or "", call_id)
        yield from talk.take()


def nested_spawns(start_at: datetime, depth: int = 3, width: int = 3, responses: int = 5, seed: int = 7) -> list[Event]:
    """Agents that spawn agents that spawn agents: `width` at each level, `depth` levels."""
    talk = session_alone("nested", start_at, seed)
    talk.ask("take it apart as far as it goes")
    tasks: tuple[Task, ...] = ()
    for _ in range(depth):
        tasks = tuple(Task("general-purpose", responses, children=tasks) for _ in range(width))
    spawn(talk, tasks)
    return ended(talk)


def crowd(start_at: datetime, agents: int = 40, responses: int = 10, seed: int = 7) -> list[Event]:
    """So many agents at work at once, spawned in batches of four within a minute or two."""
    talk = session_alone("crowd", start_at, seed, Pace((100, 1500, 300), tokens_per_second=250.0))
    talk.ask("one agent for each file")
    pace = Pace((600, 2500, 1500))
    started = spawn_in_background(talk, [Task("code-reviewer", responses, pace=pace) for _ in range(agents)])
    await_background(talk, started)
    return ended(talk)


def retry_storm(start_at: datetime, requests: int = 8, retries: int = 8, seed: int = 7) -> list[Event]:
    """An overloaded API: each request goes through only after so many retries."""
    talk = session_alone("retries", start_at, seed)
    talk.ask("go on")
    for _ in range(requests):
        talk.retry(retries)
        talk.use_tools()
    return ended(talk)


def tool_loop(start_at: datetime, calls: int = 25, seed: int = 7) -> list[Event]:
    """An agent that calls the same tool with the same input again and again."""
    talk = session_alone("loop", start_at, seed, Pace((100, 300, 150)))
    talk.ask("wait until the build is green")
    for _ in range(calls):
        call_id = new_id("toolu_", talk.rng)
        talk.respond(lines.tool_block(call_id, "Bash", {"command": "make status"}))
        talk.wait(0.5)
        result = {"stdout": "pending", "stderr": "", "interrupted": False, "isImage": False}
        talk.answer_call(talk.last_uuid or "", call_id, "pending", result, 12)
    return ended(talk)


def slow_burn(start_at: datetime, minutes: float = 180, seed: int = 7) -> list[Event]:
    """A session that works for hours with a full context and nobody asking."""
    talk = session_alone("burn", start_at, seed, Pace(text_limit=400))
    talk.context = talk.cached = 120_000
    talk.ask("keep improving the benchmark until it cannot be improved")
    while talk.at < start_at + timedelta(minutes=minutes):
        talk.use_tools()
        talk.wait(8.0)
        if talk.context > COMPACT_AT_TOKENS:
            talk.compact()
    return ended(talk)


def spawn_on_at_limit(start_at: datetime, agents: int = 8, seed: int = 7) -> list[Event]:
    """The plan's limit is reached, and the session goes on spawning all the same, one agent after another."""
    talk = session_alone("limit", start_at, seed)
    talk.ask("one agent for each module")
    talk.use_tools()
    uuid, parent = talk.next_uuid()
    talk.write(lines.rate_limit_error(talk.log, uuid, parent, talk.at, talk.at + timedelta(hours=3)))
    talk.wait(4)
    talk.ask("go on")
    started = []
    for _ in range(agents):
        started += spawn_in_background(talk, [Task("code-reviewer", 3)])
        talk.wait(5)
    await_background(talk, started)
    return ended(talk)


def swallowed_dumps(start_at: datetime, results: int = 8, seed: int = 7) -> list[Event]:
    """An agent that reads one huge file after another: its prompt grows by tens of thousands of tokens a minute."""
    talk = session_alone("dumps", start_at, seed, Pace((100, 300, 150)))
    talk.ask("find the row in the dumps")
    for number in range(results):
        call_id = new_id("toolu_", talk.rng)
        talk.respond(lines.tool_block(call_id, "Bash", {"command": f"cat dumps/part-{number}.sql"}))
        talk.wait(12)
        result = {"stdout": "INSERT INTO", "stderr": "", "interrupted": False, "isImage": False}
        talk.answer_call(talk.last_uuid or "", call_id, "INSERT INTO", result, 45_000)
    return ended(talk)


def cold_agents(start_at: datetime, agents: int = 14, prompt_tokens: int = 90_000, seed: int = 7) -> list[Event]:
    """Short-lived agents with large prompts, each of which is written to the cache and never read from it."""
    talk = session_alone("cold", start_at, seed)
    talk.ask("ask a fresh agent about each file")
    for _ in range(agents):
        log = replace(talk.log, agent_id=new_agent_id(talk.rng, talk.log.version), agent_type="general-purpose")
        agent = Conversation(log, talk.model, talk.rng, talk.at, 1, lifetime="5m", context=prompt_tokens, cached=0)
        agent.ask("what does this file do, and who calls it?")
        agent.finish()
        talk.events += agent.take()
        talk.wait(9)
    return ended(talk)


def session_alone(name: str, start_at: datetime, seed: int, pace: Pace | None = None) -> Conversation:
    """A session of its own for one load."""
    rng = new_rng(seed, name)
    role = cast.REFACTOR_API
    return Conversation(new_log(role, rng), role.model, rng, start_at, pace=pace or Pace())


def ended(talk: Conversation) -> list[Event]:
    """All of it in order of time, the turn brought to its end."""
    talk.finish()
    talk.end_turn()
    return by_time(talk.take())
