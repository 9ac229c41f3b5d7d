"""Reads stored responses back, as they were folded so far."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import json

from tokentui.counting import EARLIER_PROMPT, ExtraUsage, Owner, Response, Trace, Usage
from tokentui.records import Tokens


class Stored(NamedTuple):
    """A stored response and the number that tells it from others with its ids."""

    variant: int
    response: Response


def stored_responses(connection: sqlite3.Connection, message_ids: Sequence[str]) -> dict[str, list[Stored]]:
    """The stored responses with these message ids, by message id."""
    found: dict[str, dict[tuple[str, int], Stored]] = defaultdict(dict)
    for row in map(_Row._make, connection.execute(_SELECT, (json.encode(message_ids).decode(),))):
        by_ids, ids = found[row.message_id], (row.request_id, row.variant)
        by_ids[ids] = _with_extra(by_ids[ids], row) if row.part else Stored(row.variant, _answer(row))
    return {message_id: list(by_ids.values()) for message_id, by_ids in found.items()}


def trace_text(trace: Trace | None) -> str | None:
    """A trace as it is stored, in JSON."""
    return json.encode([sorted(known) for known in trace]).decode() if trace else None


def _trace(text: str | None) -> Trace | None:
    return None if text is None else Trace(*map(frozenset, json.decode(text)))


class _Row(NamedTuple):
    """A row of `_SELECT`, in its order: an answer (part 0), or an iteration that is billed beside it."""

    message_id: str
    request_id: str
    variant: int
    part: int
    part_kind: str
    model: str
    at_ms: int
    first_at_ms: int
    input_tokens: int
    output_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int
    cache_read_tokens: int
    is_lower_bound: int
    stop_reason: str
    service_tier: str
    speed: str
    inference_geo: str
    web_searches: int
    owner_rank: int
    usage_at_ms: int
    usage_offset: int
    trace: str | None
    log_path: str
    session_id: str
    agent_id: str
    cache_miss_reason: str

    @property
    def tokens(self) -> Tokens:
        return Tokens(
            self.input_tokens,
            self.output_tokens,
            self.cache_write_5m_tokens,
            self.cache_write_1h_tokens,
            self.cache_read_tokens,
        )


def _answer(row: _Row) -> Response:
    tokens = row.tokens
    usage = Usage(
        tokens.output, row.usage_at_ms, row.usage_offset, tokens, row.model, row.service_tier, row.speed,
        row.inference_geo, row.web_searches, (), row.cache_miss_reason,
    )  # fmt: skip
    owner = Owner(row.owner_rank, row.session_id, row.agent_id, row.log_path)
    return Response(
        row.message_id, row.request_id, usage, owner, row.first_at_ms, row.at_ms, row.stop_reason,
        not row.is_lower_bound, _trace(row.trace),
    )  # fmt: skip


def _with_extra(answer: Stored, row: _Row) -> Stored:
    """The response with one iteration more."""
    usage = answer.response.usage
    output = row.tokens.output if row.part_kind == EARLIER_PROMPT else 0
    extras = (*usage.extras, ExtraUsage(row.part_kind, row.model, row.tokens))
    usage = usage._replace(output_tokens=usage.output_tokens + output, extras=extras)
    return answer._replace(response=answer.response._replace(usage=usage))


_SELECT = """
SELECT message_id, request_id, variant, part, part_kind, model.name, response.at_ms, response.first_at_ms,
       input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens,
       is_lower_bound, stop_reason, service_tier, speed, inference_geo, web_searches, owner_rank, usage_at_ms,
       usage_offset, trace, log.path, session.session_id, agent.agent_id, cache_miss_reason
FROM json_each(?) AS wanted
JOIN response ON response.message_id = wanted.value
JOIN model ON model.id = response.model_id
JOIN log ON log.id = response.log_id
JOIN agent ON agent.id = response.agent_id
JOIN session ON session.id = agent.session_id
ORDER BY message_id, request_id, variant, part
"""
