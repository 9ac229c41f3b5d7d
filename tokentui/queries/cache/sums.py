"""Adds up cache steps by cause, idle gap and kind of agent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tokentui.instants import HOUR_MS, MINUTE_MS
from tokentui.queries.cache.mix import MixSums
from tokentui.queries.cache.results import (
    CAUSES,
    FIVE_MINUTES_MS,
    GAPS,
    AgentKind,
    CacheReport,
    CacheStep,
    Cause,
    Gap,
    HitRate,
    Rebuilds,
)
from tokentui.queries.cache.steps import Steps
from tokentui.records import Tokens

_KINDS: tuple[AgentKind, ...] = ("main", "sub-agent", "fork", "background")


@dataclass(slots=True)
class _Group:
    responses: int = 0
    tokens: list[int] = field(default_factory=lambda: [0] * 5)
    rebuilds: list[int] = field(default_factory=lambda: [0] * 4)

    def add(self, step: CacheStep) -> None:
        self.responses += 1
        tokens, sums = step.tokens, self.tokens
        sums[0] += tokens[0]  # written out: this runs for every response
        sums[1] += tokens[1]
        sums[2] += tokens[2]
        sums[3] += tokens[3]
        sums[4] += tokens[4]
        if step.cause is not None:
            premium = step.premium_pico_usd
            for index, count in enumerate((1, step.rewritten_tokens, premium or 0, premium is None)):
                self.rebuilds[index] += count

    def join(self, other: _Group) -> None:
        self.responses += other.responses
        self.tokens = [a + b for a, b in zip(self.tokens, other.tokens, strict=True)]
        self.rebuilds = [a + b for a, b in zip(self.rebuilds, other.rebuilds, strict=True)]

    def rate(self, name: str) -> HitRate:
        return HitRate(name, self.responses, Tokens(*self.tokens), Rebuilds(*self.rebuilds))


class CacheSums:
    """Steps added up by cause, gap and kind of agent."""

    def __init__(self) -> None:
        self._groups: dict[tuple[Gap, AgentKind], _Group] = {}
        self._causes: dict[Cause, list[int]] = {}
        self._mix = MixSums()

    def add(self, step: CacheStep, kind: AgentKind, steps: Steps) -> None:
        """Count one more response."""
        key = (gap_of(step.gap_ms), kind)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group()
        group.add(step)
        if step.cause is not None:
            sums = self._causes.setdefault(step.cause, [0] * 4)
            premium = step.premium_pico_usd
            for index, count in enumerate((1, step.rewritten_tokens, premium or 0, premium is None)):
                sums[index] += count
        self._mix.add(step, steps)

    def join(self, other: CacheSums) -> None:
        """Add the sums of another."""
        for key, group in other._groups.items():
            self._groups.setdefault(key, _Group()).join(group)
        for cause, counts in other._causes.items():
            sums = self._causes.setdefault(cause, [0] * 4)
            for index, count in enumerate(counts):
                sums[index] += count
        self._mix.join(other._mix)

    def report(self) -> CacheReport:
        """The report of all that was added."""
        by_gap = tuple(_joined(gap, self._of(gap=gap)) for gap in GAPS if any(key[0] == gap for key in self._groups))
        by_kind = tuple(
            _joined(kind, self._of(kind=kind)) for kind in _KINDS if any(k[1] == kind for k in self._groups)
        )
        causes = tuple((cause, Rebuilds(*self._causes[cause])) for cause in CAUSES if cause in self._causes)
        return CacheReport(_joined("all", iter(self._groups.values())), causes, by_gap, by_kind, self._mix.result())

    def _of(self, gap: Gap | None = None, kind: AgentKind | None = None) -> Iterator[_Group]:
        return (group for key, group in self._groups.items() if gap in (None, key[0]) and kind in (None, key[1]))


def _joined(name: str, groups: Iterator[_Group]) -> HitRate:
    whole = _Group()
    for group in groups:
        whole.join(group)
    return whole.rate(name)


def gap_of(gap_ms: int | None) -> Gap:
    """The bucket of an idle time."""
    if gap_ms is None:
        return "first"
    for limit, gap in ((MINUTE_MS, GAPS[1]), (FIVE_MINUTES_MS, GAPS[2]), (HOUR_MS, GAPS[3])):
        if gap_ms < limit:
            return gap
    return "1h and more"
