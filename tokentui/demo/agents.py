"""Sub-agents of the made-up run: spawned in parallel, nested, awaited or left in the background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tokentui.demo import cast, lines
from tokentui.demo.conversation import SYSTEM_TOKENS, Conversation, Pace
from tokentui.demo.lines import Json
from tokentui.demo.log import Event, Log, new_agent_id, new_id

PARALLEL_CALLS = 4
"""Most agents that one response spawns."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a sub-agent is told to do, and how much it will do for it."""

    agent_type: str
    responses: int
    delay_seconds: float = 0.0
    """How long after its siblings it starts."""
    children: tuple[Task, ...] = ()
    """Agents that it spawns itself after its first responses."""
    pace: Pace | None = None
    model: str = ""
    """Instead of the model of its type."""
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Spawned:
    """A sub-agent that has been played, and the call that spawned it."""

    call_id: str
    caller: str
    description: str
    began_at: datetime
    agent: Conversation
    responses: int


def spawn(parent: Conversation, tasks: Sequence[Task]) -> None:
    """Spawn agents in parallel and wait for all of them."""
    for spawned in sorted(_call(parent, tasks), key=lambda one: one.agent.at):
        parent.at = max(parent.at, spawned.agent.at)
        text = "Done. The findings are below."
        parent.answer_call(spawned.caller, spawned.call_id, text, _completed(spawned, text), 600)


def spawn_in_background(parent: Conversation, tasks: Sequence[Task]) -> list[Spawned]:
    """Spawn agents and go on; `await_background` ends the wait for them."""
    started = []
    for first in range(0, len(tasks), PARALLEL_CALLS):
        batch = _call(parent, tasks[first : first + PARALLEL_CALLS])
        for spawned in batch:
            parent.wait(0.2)
            text = "Async agent launched successfully."
            parent.answer_call(spawned.caller, spawned.call_id, text, _launched(spawned), 150)
        started += batch
    return started


def await_background(parent: Conversation, started: Sequence[Spawned]) -> None:
    """Notify the session as its background agents end, and wait for the last."""
    parent.end_turn(pending_agents=len(started))
    notices = []
    for one in sorted(started, key=lambda spawned: spawned.agent.at):
        used = one.agent.last_tokens.total
        notice = lines.task_notification(one.agent.log.agent_id, one.call_id, one.description, used)
        parent.at = max(parent.at, one.agent.at)
        parent.write(lines.queue_operation(parent.log, parent.at, notice))
        notices.append(notice)
    parent.wait(0.5)
    parent.ask("\n".join(notices))


def ask_aside(parent: Conversation, question: str) -> None:
    """A side question: a hidden agent that reads the parent's cached prompt."""
    log = replace(parent.log, agent_id=f"aside_question-{parent.rng.getrandbits(64):016x}")
    aside = Conversation(log, parent.model, parent.rng, parent.at, 1, lifetime=parent.lifetime)
    aside.context, aside.cached = parent.context, parent.cached
    aside.ask(question)
    aside.finish()
    parent.events += aside.take()


def _call(parent: Conversation, tasks: Sequence[Task]) -> list[Spawned]:
    """One response that spawns agents, and the agents from beginning to end."""
    described = [parent.rng.choice(cast.AGENT_TYPES[task.agent_type].tasks) for task in tasks]
    call_ids = [new_id("toolu_", parent.rng) for _ in tasks]
    name = "Task" if parent.log.is_flat else "Agent"
    parent.respond(
        *(
            lines.tool_block(call_id, name, _arguments(task, description))
            for task, description, call_id in zip(tasks, described, call_ids, strict=True)
        )
    )
    caller = parent.last_uuid or ""
    spawned = []
    for task, description, call_id in zip(tasks, described, call_ids, strict=True):
        began_at = parent.at + timedelta(seconds=0.1 + task.delay_seconds)
        agent = _run(parent, task, description, call_id, began_at)
        parent.events += agent.take()
        spawned.append(Spawned(call_id, caller, description, began_at, agent, task.responses))
    return spawned


def _run(parent: Conversation, task: Task, description: str, call_id: str, began_at: datetime) -> Conversation:
    """A sub-agent's whole life, its children's included; its events are left in it."""
    agent = _begin(parent, task, began_at)
    if not agent.log.is_flat:
        card = lines.agent_meta(agent.log, description, call_id, agent.depth, parent.log.agent_id)
        agent.events.append(Event(agent.at, agent.log.meta_path, lines.to_bytes(card).rstrip(), replace=True))
    agent.ask(_prompt(description))
    agent.retry(task.retries)
    for number in range(task.responses - 1):
        if task.children and number == 2:
            spawn(agent, task.children)
        else:
            agent.use_tools(agent.rng.choice((1, 1, 2)))
    agent.finish()
    return agent


def _begin(parent: Conversation, task: Task, began_at: datetime) -> Conversation:
    agent_id = new_agent_id(parent.rng, parent.log.version)
    log: Log = replace(parent.log, agent_id=agent_id, agent_type=task.agent_type)
    model = task.model or cast.AGENT_TYPES[task.agent_type].model
    pace = task.pace or parent.pace
    agent = Conversation(log, model, parent.rng, began_at, parent.depth + 1, pace, "5m")
    agent.context = SYSTEM_TOKENS - 4_000 + agent.rng.randint(0, 3_000)
    agent.cached = 0 if agent.rng.random() < 0.5 else 9_000
    return agent


def _prompt(description: str) -> str:
    return f"{description}. Report what you find with file and line, and change nothing else."


def _arguments(task: Task, description: str) -> Json:
    return {"description": description, "prompt": _prompt(description), "subagent_type": task.agent_type}


def _completed(spawned: Spawned, text: str) -> Json:
    agent = spawned.agent
    return {
        "status": "completed",
        "prompt": _prompt(spawned.description),
        "agentId": agent.log.agent_id,
        "agentType": agent.log.agent_type,
        "content": [lines.text_block(text)],
        "resolvedModel": agent.model,
        "totalDurationMs": int((agent.at - spawned.began_at).total_seconds() * 1000),
        "totalTokens": agent.last_tokens.total,
        "totalToolUseCount": spawned.responses - 1,
        "usage": lines.usage(agent.last_tokens),
    }


def _launched(spawned: Spawned) -> Json:
    log = spawned.agent.log
    return {
        "isAsync": True,
        "status": "async_launched",
        "agentId": log.agent_id,
        "description": spawned.description,
        "resolvedModel": spawned.agent.model,
        "prompt": _prompt(spawned.description),
        "outputFile": f"/tmp/claude-1000/tasks/{log.agent_id}.output",  # noqa: S108
        "canReadOutputFile": True,
    }
