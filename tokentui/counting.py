"""The counting rules: which lines are one response, which line's figures hold, and whose response it is.

Folding is associative and commutative, so the order in which lines and files are read never changes a total.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tokentui.records import Tokens

SIDECHAIN, FORKED, MISNAMED = 4, 2, 1
"""Reasons why a record is a copy rather than the owner; their sum is the rank, and the lowest rank owns.

The side conversation weighs most, so that a response seen outside one, by whatever record, is never taken for a replay.
"""


class ExtraUsage(NamedTuple):
    """An iteration that the top-level counts leave out: a compaction, or an advisor under its own model."""

    kind: str
    model: str
    tokens: Tokens


class Usage(NamedTuple):
    """The usage object of one line, kept or replaced whole, never mixed field by field."""

    output_tokens: int
    at_ms: int
    log_offset: int
    tokens: Tokens
    model: str
    service_tier: str
    speed: str
    inference_geo: str
    web_searches: int
    extras: tuple[ExtraUsage, ...]
    cache_miss_reason: str = ""
    """Why the API says the cached prefix was not found: `tools_changed`, `messages_changed` …; mostly empty."""


class Owner(NamedTuple):
    """Where a response was seen; of several the smallest owns it (no side copy, no fork, well named, earliest path)."""

    rank: int
    log_path: str
    session_id: str
    agent_id: str


class Trace(NamedTuple):
    """What tells answers apart where a proxy sends no request id: who logged them, when, and in which records."""

    homes: frozenset[str]
    line_times_ms: frozenset[int]
    records: frozenset[str] = frozenset()
    """Fingerprints of the lines' uuids; none in what was stored before they were kept."""

    def meets(self, other: Trace) -> bool:
        """Whether both are one answer: the same writer, or a copy.

        A fork's copy keeps its timestamps and may have new uuids; a resumed session of 1.x keeps uuids, not timestamps.
        """
        return not (
            self.homes.isdisjoint(other.homes)
            and self.line_times_ms.isdisjoint(other.line_times_ms)
            and self.records.isdisjoint(other.records)
        )

    def joined(self, other: Trace) -> Trace:
        """Both together."""
        return Trace(self.homes | other.homes, self.line_times_ms | other.line_times_ms, self.records | other.records)


class Response(NamedTuple):
    """One billed answer of the API, as far as its lines have been seen."""

    message_id: str
    request_id: str
    """Empty where the log has none; `trace` then guards the message id."""
    usage: Usage
    owner: Owner
    first_at_ms: int
    at_ms: int
    """Of the last line in the owner's log."""
    stop_reason: str
    is_final: bool
    """Whether any line carried the final count; if not, the output is a lower bound."""
    trace: Trace | None = None

    @property
    def is_sidechain(self) -> bool:
        """Whether even the best record is one of a side conversation."""
        return bool(self.owner.rank & SIDECHAIN)


def fold(one: Response, other: Response) -> Response:
    """Two sightings of the same response as one.

    The usage with most output tokens wins whole; on a tie the later line does. The time is that of the last line
    in the owner's log, because copies may be written much later.
    """
    owner, first_at_ms, at_ms = one.owner, one.first_at_ms, one.at_ms
    if owner == other.owner:
        first_at_ms, at_ms = min(first_at_ms, other.first_at_ms), max(at_ms, other.at_ms)
    elif other.owner < owner:
        owner, first_at_ms, at_ms = other.owner, other.first_at_ms, other.at_ms
    trace = one.trace.joined(other.trace) if one.trace and other.trace else one.trace or other.trace
    return Response(
        min(one.message_id, other.message_id),
        max(one.request_id, other.request_id),
        max(one.usage, other.usage),
        owner,
        first_at_ms,
        at_ms,
        max(one.stop_reason, other.stop_reason),
        one.is_final or other.is_final,
        trace,
    )


def is_same(one: Response, other: Response) -> bool:
    """Whether two sightings with one message id are one answer."""
    if one.request_id or other.request_id:
        return one.request_id == other.request_id
    if one.trace is None or other.trace is None:
        return one.trace is other.trace
    return one.trace.meets(other.trace)


def settle(sightings: Iterable[Response]) -> list[Response]:
    """The distinct responses among sightings that share one message id.

    A side question may replay its parent's answer under another request id: where an equal message id stands
    outside the side conversation, the side copy is dropped.
    """
    settled: list[Response] = []
    for sighting in sightings:
        merged, apart = sighting, []
        for known in settled:
            if is_same(known, merged):
                merged = fold(known, merged)
            else:
                apart.append(known)
        settled = [*apart, merged]
    if len(settled) > 1:
        direct = [response for response in settled if not response.is_sidechain and response.request_id]
        if direct:
            settled = [r for r in settled if not (r.is_sidechain and r.request_id)]
    return settled
