"""Advice as frozen results: what was found, what it could save, how that is reckoned, and where to look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Literal, NamedTuple

FindingKind = Literal["idle rebuilds", "model choice", "large results", "repeated calls", "repeated agents"]


class Evidence(NamedTuple):
    """One place to look."""

    session_id: str
    agent_id: str
    """Empty for the main thread."""
    response_id: int | None
    """Row of the response, for the drill-down; None where it is about the agent."""
    tool_use_id: str
    """Empty where it is not about a tool call."""
    pico_usd: int
    """What this one cost, or could have saved; the largest come first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of advice, from facts only."""

    key: str
    """The same in every range for the same subject, so that a dismissed finding stays dismissed."""
    kind: FindingKind
    project: str
    subject: str
    """What it is about: a model, a tool, a type of agent; may be empty."""
    text: str
    """What was seen, in one sentence."""
    reckoning: str
    """How the lower and the upper figure are worked out."""
    low_pico_usd: int
    """The least that could have been saved in the range; 0 or more."""
    high_pico_usd: int
    count: int
    """How many times it was seen."""
    evidence: tuple[Evidence, ...]
    """The costliest places, at most `MOST_EVIDENCE`."""
    is_dismissed: bool = False


MOST_EVIDENCE = 10


@dataclass(frozen=True, eq=False, slots=True)
class Advice:
    """All findings of a range, the largest possible saving first."""

    as_of: datetime
    since: datetime
    findings: tuple[Finding, ...]
    """Dismissed ones included, marked so. Savings of different findings may overlap: they do not add up."""

    @property
    def open(self) -> tuple[Finding, ...]:
        """Those that were not dismissed."""
        return tuple(finding for finding in self.findings if not finding.is_dismissed)


def finding_key(kind: FindingKind, *subject: str) -> str:
    """A short stable key for a finding."""
    return blake2b("\0".join((kind, *subject)).encode("utf-8", "replace"), digest_size=5).hexdigest()


def costliest(evidence: list[Evidence]) -> tuple[Evidence, ...]:
    """The largest first, in a stable order."""
    evidence.sort(key=lambda one: (-one.pico_usd, one.session_id, one.agent_id, one.response_id or 0, one.tool_use_id))
    return tuple(evidence[:MOST_EVIDENCE])
