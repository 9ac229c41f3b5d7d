"""Made-up parts of a session for its views."""

from __future__ import annotations

from datetime import timedelta

from tests.kit.canned import NOW, OPUS, SONNET, dollars, tokens
from tests.kit.canned_drill import responses
from tokentui.queries.cache.results import (
    CacheClock,
    CacheReport,
    CacheStep,
    Cause,
    HitRate,
    LifetimeMix,
    Rebuilds,
    SessionCache,
)
from tokentui.queries.session.context_window import AgentContext, Compaction, ContextStep, TurnGrowth
from tokentui.queries.session.drills import ToolCall, ToolCalls, TurnResponses
from tokentui.queries.session.parts import PartName, SessionInsight
from tokentui.queries.session.results import SessionTree
from tokentui.queries.session.timeline import Lane, Stretch, Timeline
from tokentui.queries.session.tools import GrowthCause, PromptGrowth, SessionTools, ToolFigures, ToolGrouping
from tokentui.queries.session.turns import SessionTurns, Turn
from tokentui.records import Tokens


def _at(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


def turns(session_id: str) -> SessionTurns:
    """Something before any prompt, then four prompts."""
    rows = (
        (0, 44, "", 0.02, 1, 1, 0, 0, 4, None, 61),
        (1, 42, "typed", 3.10, 41, 2, 31, 0, 512, 480, 40),
        (2, 31, "typed", 21.92, 230, 5, 162, 7, 1_190, 1_010, 0),
        (3, 9, "queued", 0.41, 9, 1, 4, 0, 33, None, 250),
        (4, 3, "typed", 1.08, 12, 3, 9, 1, 176, None, None),
    )
    return SessionTurns(session_id, tuple(
        Turn(number, NOW - _at(ago), source, count, tokens(cost * 1_400_000), dollars(cost), int(number == 2), agents,
             calls, errors, took * 1000, None if api is None else api * 1000, None if idle is None else idle * 1000)
        for number, ago, source, cost, count, agents, calls, errors, took, api, idle in rows
    ))  # fmt: skip


def timeline(session_id: str) -> Timeline:
    """The main thread at work twice, a fan-out of helpers in between; one agent was never seen at work."""
    lanes = {"": ((42, 31), (12, 0.1)), "a1": ((36, 30),), "a2": ((33, 0.1),), "a4": ((30, 21),), "a3": ((26, 3),)}
    return Timeline(session_id, NOW - _at(42), NOW - _at(0.1), tuple(
        Lane(agent, tuple(Stretch(NOW - _at(start), NOW - _at(end)) for start, end in spans))
        for agent, spans in lanes.items()
    ), (), 4)  # fmt: skip


def _step(number: int, ago: float, cause: Cause, again: int, gap_s: int, agent: str = "") -> CacheStep:
    used = Tokens(4, 310, 0, again + 900, 151_000 - again)
    return CacheStep(
        8_000 + number, agent, round((NOW - _at(ago)).timestamp() * 1000), OPUS, used, gap_s * 1000, 3_600_000,
        151_000, again, cause, again * 9_500_000 if number != 3 else None,
        "messages_changed" if cause == "prefix changed" else "",
    )  # fmt: skip


def cache(session_id: str) -> SessionCache:
    """A warm main thread, a warm helper, and rebuilds of every kind."""
    steps = (
        _step(5, 2, "prefix changed", 67_500, 21), _step(4, 9, "expired", 148_000, 3_700),
        _step(3, 14, "model switch", 90_000, 40, "a2"), _step(2, 20, "tools or system changed", 31_000, 12, "a2"),
        _step(1, 33, "compaction", 27_800, 147),
    )  # fmt: skip

    def rate(name: str, count: int, share: float, rebuilds: Rebuilds = Rebuilds()) -> HitRate:  # noqa: B008
        return HitRate(name, count, Tokens(100, 0, 0, round(10_000 * (1 - share)), round(10_000 * share)), rebuilds)

    report = CacheReport(
        rate("all", 296, 0.942, Rebuilds(5, 364_300, 2_605_850_000_000, 1)),
        (("compaction", Rebuilds(1, 27_800, 264_100_000_000)), ("model switch", Rebuilds(1, 90_000, 0, 1)),
         ("expired", Rebuilds(1, 148_000, 1_406_000_000_000)),
         ("tools or system changed", Rebuilds(1, 31_000, 294_500_000_000)),
         ("prefix changed", Rebuilds(1, 67_500, 641_250_000_000))),
        (rate("first", 6, 0.41), rate("under 1m", 250, 0.97, Rebuilds(3, 188_500, 935_750_000_000, 1)),
         rate("1m to 5m", 31, 0.93, Rebuilds(1, 27_800, 264_100_000_000)), rate("5m to 1h", 8, 0.95),
         rate("1h and more", 1, 0.02, Rebuilds(1, 148_000, 1_406_000_000_000))),
        (rate("main", 120, 0.93, Rebuilds(3, 243_300, 2_311_350_000_000)),
         rate("sub-agent", 175, 0.95, Rebuilds(2, 121_000, 294_500_000_000, 1)), rate("background", 1, 0.99)),
        LifetimeMix(410_000, 1_940_000, -312 * 10**9, 1_720 * 10**9, 0.3913),
    )  # fmt: skip
    clocks = (
        CacheClock("", OPUS, NOW - _at(2), 3_600, NOW + _at(58), True, 151_900, 1_443_050_000_000),
        CacheClock("a2", OPUS, NOW - _at(1), 300, NOW + _at(4), True, 88_000, 836_000_000_000),
    )
    return SessionCache(NOW, session_id, report, steps, clocks)


def tools(session_id: str) -> SessionTools:
    """Built-in tools, two servers, a skill."""

    def row(name: str, calls: int, errors: int, average_ms: int, size: int) -> ToolFigures:
        return ToolFigures(name, calls, errors, int(name == "Bash"), calls * average_ms, 9 * average_ms, size * calls,
                           3 * size, size * calls * 4)  # fmt: skip

    by_tool = (row("Bash", 118, 4, 5_400, 1_740), row("Read", 74, 0, 210, 6_100), row("Edit", 31, 3, 340, 170),
               row("mcp__tracker__search", 9, 1, 2_200, 14_800), row("Skill", 2, 0, 12, 40))  # fmt: skip
    causes = (GrowthCause("Bash", "toolu_1", 122_000, False), GrowthCause("Read", "toolu_2", 4_100, False),
              GrowthCause("Read", "toolu_3", 2_000, False))  # fmt: skip
    growth = (PromptGrowth(9_000, "", NOW - _at(6), 151_000, 41_200, causes),
              PromptGrowth(8_999, "a2", NOW - _at(11), 88_000, 9_800, causes[1:]))  # fmt: skip
    servers, skills = (row("tracker", 9, 1, 2_200, 14_800),), (row("release-notes", 2, 0, 12, 40),)
    kinds = (row("main", 160, 5, 3_000, 3_100), row("general-purpose", 72, 3, 2_400, 2_600))
    return SessionTools(session_id, by_tool, servers, skills, kinds, growth)


def context(session_id: str, agent_id: str) -> AgentContext:
    """Growth, a compaction, growth."""
    sizes = [18_000 + 2_950 * place for place in range(52)] + [24_000 + 2_700 * place for place in range(38)]
    steps = tuple(
        ContextStep(7_000 + place, NOW - _at(42 - place * 0.46), SONNET if agent_id else OPUS, size, 200_000,
                    size - (sizes[place - 1] if place else 0))
        for place, size in enumerate(sizes)
    )  # fmt: skip
    compaction = Compaction(steps[51].at + timedelta(seconds=5), "auto", 168_450, 24_000, 141_000)
    growth = (
        TurnGrowth(1, NOW - _at(42), 61_000, 16),
        TurnGrowth(2, NOW - _at(31), 40_000, 58),
        TurnGrowth(3, NOW - _at(3), 22_900, 16),
    )
    return AgentContext(session_id, agent_id, steps, (compaction,), growth)


def insight(tree: SessionTree, name: PartName, agent_id: str) -> SessionInsight:
    """The tree with any of them."""
    session_id = tree.session.session_id
    if name == "context":
        return SessionInsight(tree, context(session_id, agent_id))
    if name == "cache":
        return SessionInsight(tree, cache(session_id))
    if name == "tools":
        return SessionInsight(tree, tools(session_id))
    return SessionInsight(tree, timeline(session_id) if name == "timeline" else turns(session_id))


def turn_responses(tree: SessionTree, number: int, limit: int) -> TurnResponses | None:
    """The responses of a turn."""
    found = next((turn for turn in turns(tree.session.session_id).turns if turn.number == number), None)
    return None if found is None else TurnResponses(tree, found, responses()[:limit], found.responses)


def tool_calls(tree: SessionTree, by: ToolGrouping, name: str) -> ToolCalls:
    """Three calls: one well, one failed, one without a result."""
    calls = tuple(
        ToolCall(
            f"toolu_{place}", "Bash", "a2" if place else "", NOW - _at(place), took, is_error, size, "", 9_000 - place
        )
        for place, (took, is_error, size) in enumerate(((2_100, False, 122_000), (350, True, 400), (None, None, None)))
    )
    return ToolCalls(tree, by, name, calls, 118)
