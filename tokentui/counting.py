"""The counting rules: which lines are one response, which line's usage counts, and which agent owns the response.

`fold` is associative and commutative, so the order in which lines and files are read never changes a total.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tokentui.records import Tokens

SIDECHAIN, FORKED, MISNAMED = 4, 2, 1
"""Reasons to take a record for a copy; their sum is its rank, and the record with the lowest rank owns the response.

SIDECHAIN: it belongs to a side conversation. FORKED: it was copied from another session. MISNAMED: its log is named
after another session. SIDECHAIN outweighs the other two together, so that a response with any record outside a side
conversation is never taken for a replay inside one.
"""


EARLIER_PROMPT = "message"
"""Kind of an iteration that sent the prompt of a response before its last one did."""


class ExtraUsage(NamedTuple):
    """Usage of a response that is priced apart from its last prompt.

    An earlier prompt of the same response, which its top-level counts include; or what they leave out: a compaction, or
    an advisor under its own model.
    """

    kind: str
    model: str
    tokens: Tokens


class Usage(NamedTuple):
    """The usage object of one line, kept or replaced whole, never mixed field by field.

    Compares by its first fields: the most output tokens win, then the later line.
    """

    output_tokens: int
    """Of all its prompts."""
    at_ms: int
    log_offset: int
    tokens: Tokens
    """Of the last prompt, if `extras` has earlier ones."""
    model: str
    service_tier: str
    speed: str
    inference_geo: str
    web_searches: int
    extras: tuple[ExtraUsage, ...]
    cache_miss_reason: str = ""
    """The API's reason why it did not find the cached prefix: `tools_changed`, `messages_changed` …; mostly empty."""


class Owner(NamedTuple):
    """Where a response was seen. The smallest of several owns it: of the lowest rank, then the first in order.

    The path comes last, so that copies of one log, as in a backup, are next to each other.
    """

    rank: int
    session_id: str
    agent_id: str
    log_path: str

    @property
    def author(self) -> tuple[int, str, str]:
        """The owner without the log, of which there may be copies."""
        return self[:3]


class Trace(NamedTuple):
    """Tells answers apart where a proxy sends no request id: who logged an answer, when, and in which records."""

    homes: frozenset[str]
    """Each author of its lines, as `session id/agent id`."""
    line_times_ms: frozenset[int]
    records: frozenset[str] = frozenset()
    """Fingerprints of the lines' uuids; none in databases from before they were stored."""

    def meets(self, other: Trace) -> bool:
        """Whether both traces are of one answer: they share an author, the time of a line, or a record.

        A fork's copy keeps the timestamps but may have new uuids; a session that Claude Code 1.x resumed keeps the
        uuids but not the timestamps.
        """
        return not (
            self.homes.isdisjoint(other.homes)
            and self.line_times_ms.isdisjoint(other.line_times_ms)
            and self.records.isdisjoint(other.records)
        )

    def joined(self, other: Trace) -> Trace:
        """The union of both traces."""
        return Trace(self.homes | other.homes, self.line_times_ms | other.line_times_ms, self.records | other.records)


class Response(NamedTuple):
    """One billed answer of the API, as far as its lines have been seen."""

    message_id: str
    request_id: str
    """Empty where the log has none; `trace` then tells apart answers with the same message id."""
    usage: Usage
    owner: Owner
    first_at_ms: int
    at_ms: int
    """Of the last line by the owner, in any copy of the log."""
    stop_reason: str
    is_final: bool
    """Whether any line has the final count; if not, the output tokens are a lower bound."""
    trace: Trace | None = None

    @property
    def is_sidechain(self) -> bool:
        """Whether all its records belong to a side conversation."""
        return bool(self.owner.rank & SIDECHAIN)


def fold(one: Response, other: Response) -> Response:
    """Merge two sightings of the same response.

    The usage with the most output tokens wins as a whole; on a tie, that of the later line. The time is that of the
    last line by the owner, because forks and resumed sessions may be written much later.
    """
    own = one if one.owner <= other.owner else other
    first_at_ms, at_ms = own.first_at_ms, own.at_ms
    if one.owner.author == other.owner.author:
        first_at_ms, at_ms = min(one.first_at_ms, other.first_at_ms), max(one.at_ms, other.at_ms)
    trace = one.trace.joined(other.trace) if one.trace and other.trace else one.trace or other.trace
    return Response(
        min(one.message_id, other.message_id),
        max(one.request_id, other.request_id),
        max(one.usage, other.usage),
        own.owner,
        first_at_ms,
        at_ms,
        max(one.stop_reason, other.stop_reason),
        one.is_final or other.is_final,
        trace,
    )


def is_same(one: Response, other: Response) -> bool:
    """Whether two sightings with the same message id are one answer."""
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
