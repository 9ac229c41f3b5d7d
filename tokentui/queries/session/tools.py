"""Figures of a session's tools: calls, durations, errors, and what their results drag into prompts.

Results are measured in bytes as logged; tokens are estimated as bytes ÷ 4 and marked so by their names.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from operator import attrgetter
from typing import Literal, get_args

from tokentui.instants import moment_of
from tokentui.queries.session.rows import (
    Called,
    Happened,
    Member,
    Sized,
    by_agent,
    called,
    happened,
    members,
    session_row,
    sized,
)

BYTES_PER_TOKEN = 4
ToolGrouping = Literal["tool", "MCP server", "skill", "agent type"]
TOOL_GROUPINGS: tuple[ToolGrouping, ...] = get_args(ToolGrouping)


@dataclass(frozen=True, slots=True)
class ToolFigures:
    """The calls of one tool, server, skill or type of agent."""

    name: str
    calls: int
    errors: int
    unanswered: int
    """Calls without a result so far."""
    total_ms: int
    """Sum of the times from call to result; calls at the same time count each."""
    longest_ms: int
    result_bytes: int
    largest_result_bytes: int
    carried_tokens_estimate: int
    """result bytes ÷ 4 × responses of the same agent after the result, up to its next compaction: what the results
    come to in all the prompts that carried them."""

    @property
    def result_tokens_estimate(self) -> int:
        """Result bytes ÷ 4."""
        return self.result_bytes // BYTES_PER_TOKEN

    @property
    def average_ms(self) -> float | None:
        """Of the answered calls; None where there are none."""
        answered = self.calls - self.unanswered
        return self.total_ms / answered if answered else None


@dataclass(frozen=True, slots=True)
class GrowthCause:
    """A tool result that stands between two prompts."""

    tool: str
    tool_use_id: str
    result_bytes: int
    is_error: bool


@dataclass(frozen=True, slots=True)
class PromptGrowth:
    """A prompt that grew, and the results that came in before it, the largest first."""

    response_id: int
    agent_id: str
    at: datetime
    prompt_tokens: int
    growth_tokens: int
    """prompt − previous prompt − previous output: what came from outside; never negative here."""
    results: tuple[GrowthCause, ...]


@dataclass(frozen=True, eq=False, slots=True)
class SessionTools:
    """The tools of a session, each list with the most calls first."""

    session_id: str
    by_tool: tuple[ToolFigures, ...]
    by_server: tuple[ToolFigures, ...]
    """MCP servers, from names such as mcp__server__tool."""
    by_skill: tuple[ToolFigures, ...]
    by_agent_type: tuple[ToolFigures, ...]
    growth: tuple[PromptGrowth, ...]
    """Prompts that tool results made grow the most."""

    def by(self, grouping: ToolGrouping) -> tuple[ToolFigures, ...]:
        """The list of that grouping."""
        lists = (self.by_tool, self.by_server, self.by_skill, self.by_agent_type)
        return lists[TOOL_GROUPINGS.index(grouping)]


def session_tools(connection: sqlite3.Connection, session_id: str, most_growth: int = 20) -> SessionTools:
    """The tools of a session; empty if the session is not stored."""
    row = session_row(connection, session_id)
    if row is None:
        return SessionTools(session_id, (), (), (), (), ())
    agents, responses = members(connection, row), by_agent(sized(connection, row))
    calls = called(connection, row)
    carried = _carried(calls, responses, by_agent(happened(connection, row, "compaction")))

    def group(by: ToolGrouping) -> tuple[ToolFigures, ...]:
        return _figures(calls, carried, naming(by, agents))

    return SessionTools(
        session_id,
        by_tool=group("tool"),
        by_server=group("MCP server"),
        by_skill=group("skill"),
        by_agent_type=group("agent type"),
        growth=_growth(agents, responses, by_agent(calls), most_growth),
    )


def naming(by: ToolGrouping, agents: dict[int, Member]) -> Callable[[Called], str]:
    """The name under which a call is counted; empty if it is not counted."""
    namings: dict[ToolGrouping, Callable[[Called], str]] = {
        "tool": attrgetter("name"),
        "MCP server": lambda call: server_of(call.name),
        "skill": lambda call: call.task if call.name == "Skill" else "",
        "agent type": lambda call: agents[call.agent_row].agent_type or "agent",
    }
    return namings[by]


def server_of(tool: str) -> str:
    """The MCP server of a tool named mcp__server__tool; empty for any other."""
    parts = tool.split("__", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "mcp" else ""


def _carried(
    calls: list[Called], responses: dict[int, list[Sized]], compactions: dict[int, list[Happened]]
) -> list[int]:
    """For each call, how many prompts carried its result."""
    times = {agent: [response.at_ms for response in found] for agent, found in responses.items()}
    ends = {agent: [event.at_ms for event in found] for agent, found in compactions.items()}
    counts = []
    for call in calls:
        if call.result_at_ms is None or call.agent_row not in times:
            counts.append(0)
            continue
        own, breaks = times[call.agent_row], ends.get(call.agent_row, [])
        next_break = bisect_left(breaks, call.result_at_ms)
        end = bisect_right(own, breaks[next_break]) if next_break < len(breaks) else len(own)
        counts.append(max(end - bisect_right(own, call.result_at_ms), 0))
    return counts


@dataclass(slots=True)
class _Sums:
    values: list[int] = field(default_factory=lambda: [0] * 8)

    def add(self, call: Called, carried: int) -> None:
        size = call.result_bytes or 0
        took = max(call.result_at_ms - call.at_ms, 0) if call.result_at_ms is not None else 0
        values = self.values
        values[0] += 1
        values[1] += call.is_error or 0
        values[2] += call.result_at_ms is None
        values[3] += took
        values[4] = max(values[4], took)
        values[5] += size
        values[6] = max(values[6], size)
        values[7] += size // BYTES_PER_TOKEN * carried


def _figures(calls: list[Called], carried: list[int], name: Callable[[Called], str]) -> tuple[ToolFigures, ...]:
    groups: dict[str, _Sums] = {}
    for call, count in zip(calls, carried, strict=True):
        if key := name(call):
            groups.setdefault(key, _Sums()).add(call, count)
    found = [ToolFigures(key, *sums.values) for key, sums in groups.items()]
    return tuple(sorted(found, key=lambda figures: (-figures.calls, figures.name)))


def _growth(
    agents: dict[int, Member], responses: dict[int, list[Sized]], calls: dict[int, list[Called]], most: int
) -> tuple[PromptGrowth, ...]:
    grown: list[tuple[int, Sized, Sized]] = []
    for found in responses.values():
        for before, after in pairwise(found):
            growth = after.prompt_tokens - before.prompt_tokens - before.output_tokens
            if growth > 0:
                grown.append((growth, before, after))
    grown.sort(key=lambda item: (-item[0], item[2].at_ms, item[2].response_id))
    causes = ((*item, _results_between(calls.get(item[2].agent_row, []), item[1], item[2])) for item in grown)
    shown: list[PromptGrowth] = []
    for growth, _, after, results in causes:
        if results:
            agent = agents[after.agent_row].agent_id
            shown.append(
                PromptGrowth(after.response_id, agent, moment_of(after.at_ms), after.prompt_tokens, growth, results)
            )
        if len(shown) == most:
            break
    return tuple(shown)


def _results_between(calls: list[Called], before: Sized, after: Sized) -> tuple[GrowthCause, ...]:
    found = [
        GrowthCause(call.name, call.tool_use_id, call.result_bytes, bool(call.is_error))
        for call in calls
        if call.result_bytes and call.result_at_ms is not None and before.at_ms <= call.result_at_ms <= after.at_ms
    ]
    return tuple(sorted(found, key=lambda cause: (-cause.result_bytes, cause.tool_use_id)))
