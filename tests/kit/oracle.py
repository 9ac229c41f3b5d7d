"""An independent count of what logs hold: plain Python, simple loops, nothing shared with the program.

It follows the rules of the README's chapter on counting, one after the other, over all lines at once.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Home = tuple[str, str]
"""Session and agent."""


@dataclass(frozen=True)
class Sighting:
    """One assistant line with usage."""

    message: str
    request: str
    uuid: str
    path: str
    offset: int
    session: str
    agent: str
    at_ms: int
    is_side: bool
    copy: tuple[bool, bool, bool]
    """Whether it is a side conversation's, was forked, stands in a file of another session."""
    usage: Json
    model: str
    is_final: bool

    @property
    def output(self) -> int:
        return number(self.usage.get("output_tokens"))


@dataclass
class Answer:
    """One response, as counted."""

    message: str
    request: str
    home: Home
    at_ms: int
    first_at_ms: int
    is_lower_bound: bool
    billed: list[tuple[str, tuple[int, int, int, int, int]]] = field(default_factory=list)
    """(model, input, output, 5m, 1h, read): the answer, then the iterations billed beside it."""


def count(paths: Iterable[Path]) -> list[Answer]:
    """All responses in some logs, each once."""
    by_message: dict[str, list[Sighting]] = defaultdict(list)
    for path in paths:
        for sighting in sightings(path):
            by_message[sighting.message].append(sighting)
    answers: list[Answer] = []
    for found in by_message.values():
        groups = distinct(found)
        said_directly = any(group[0].request and not owner(group).is_side for group in groups)
        for group in groups:
            is_replay = said_directly and group[0].request and owner(group).is_side
            if not is_replay:
                answers.append(counted(group))
    return sorted(answers, key=lambda answer: (answer.message, answer.request, answer.home, answer.at_ms))


def sightings(path: Path) -> Iterable[Sighting]:
    data = path.read_bytes()
    offset = 0
    for raw in data[: data.rfind(b"\n") + 1].split(b"\n"):
        here, offset = offset, offset + len(raw) + 1
        try:
            line = json.loads(raw)
        except ValueError:
            continue
        message = line.get("message")
        if line.get("type") != "assistant" or not message.get("usage") or message["model"] == "<synthetic>":
            continue
        in_name = re.fullmatch(r"agent-(.+)\.jsonl", path.name)
        in_folder = re.search(r"/([^/]+)/subagents/", str(path))
        named_after = in_folder[1] if in_folder else "" if in_name else path.stem
        yield Sighting(
            message["id"] or "uuid:" + line["uuid"],
            line.get("requestId") or "",
            line["uuid"],
            str(path),
            here,
            line["sessionId"],
            in_name[1] if in_name else "",
            round(datetime.fromisoformat(line["timestamp"]).timestamp() * 1000),
            line["isSidechain"],
            (line["isSidechain"], bool(line.get("forkedFrom")), bool(named_after) and named_after != line["sessionId"]),
            message["usage"],
            message["model"],
            bool(message["stop_reason"] or message["usage"].get("iterations")),
        )


def distinct(found: list[Sighting]) -> list[list[Sighting]]:
    """Sightings of one message id, by request id; without one by writer, or by a time or record they share."""
    groups: list[list[Sighting]] = []
    for sighting in found:
        near = [group for group in groups if is_one_of(sighting, group)]
        far = [group for group in groups if not is_one_of(sighting, group)]
        groups = [*far, [one for group in near for one in group] + [sighting]]
    return groups


def is_one_of(sighting: Sighting, group: list[Sighting]) -> bool:
    if sighting.request or group[0].request:
        return sighting.request == group[0].request
    homes = {(one.session, one.agent) for one in group}
    is_copy = any(sighting.at_ms == one.at_ms or sighting.uuid == one.uuid for one in group)
    return (sighting.session, sighting.agent) in homes or is_copy


def ownership(sighting: Sighting) -> tuple[object, ...]:
    return (sighting.copy, sighting.session, sighting.agent)


def owner(group: list[Sighting]) -> Sighting:
    """No side copy, then no fork copy, then the file named after its session, then the first session and agent."""
    return min(group, key=ownership)


def counted(group: list[Sighting]) -> Answer:
    own = owner(group)
    times = [one.at_ms for one in group if ownership(one) == ownership(own)]
    best = max(group, key=lambda one: (one.output, one.at_ms, one.offset))
    answer = Answer(
        own.message,
        own.request,
        (own.session, own.agent),
        max(times),
        min(times),
        not any(one.is_final for one in group),
    )
    iterations = best.usage.get("iterations") or []
    prompts = [kinds(one) for one in iterations if one["type"] == "message"]
    are_apart = tuple(map(sum, zip(*prompts, strict=True))) == kinds(best.usage)
    answer.billed += [
        (best.model, one) for one in ([*prompts[-1:], *prompts[:-1]] if are_apart else [kinds(best.usage)])
    ]
    for iteration in iterations:
        if iteration["type"] in ("compaction", "advisor_message"):
            answer.billed.append((iteration.get("model") or best.model, kinds(iteration)))
    return answer


def kinds(used: Json) -> tuple[int, int, int, int, int]:
    """Input, output, 5-minute writes, 1-hour writes, reads."""
    parts = used.get("cache_creation") or {}
    short, long = number(parts.get("ephemeral_5m_input_tokens")), number(parts.get("ephemeral_1h_input_tokens"))
    top = number(used.get("cache_creation_input_tokens"))
    if top > short + long:
        short = top - long
    reads = number(used.get("cache_read_input_tokens"))
    return number(used.get("input_tokens")), number(used.get("output_tokens")), short, long, reads


def number(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
