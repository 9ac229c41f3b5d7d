"""An assistant line's usage object as a sighting of a response."""

from __future__ import annotations

import math

from tokentui.counting import ExtraUsage, Owner, Response, Trace, Usage
from tokentui.records import Tokens
from tokentui.transcripts import wire
from tokentui.transcripts.wire import BadLineError, Line
from tokentui.transcripts.writer import Writer, identifier, record_id, word

SYNTHETIC = "<synthetic>"
"""The model name of answers that Claude Code wrote itself: no request, never counted."""

_LARGEST_COUNT = 10**8
"""A larger count is damage: no context comes near, and sums of prices must stay exact in 64 bits."""

_BILLED_APART = ("compaction", "advisor_message")


def response_of(line: Line, writer: Writer) -> Response | None:
    """The response that an assistant line belongs to, as far as this line tells; None where nothing was billed.

    Raises BadLineError where a count is impossible.
    """
    message = line.message
    if message is None or message.usage is None or message.model == SYNTHETIC:
        return None
    request_id = identifier(line.request_id)
    message_id = identifier(message.id) or f"uuid:{record_id(line, writer)}"
    trace = None
    if not request_id:
        trace = Trace(frozenset({writer.home}), frozenset({writer.at_ms}))
    stop_reason = word(message.stop_reason)
    usage = _usage(message, message.usage, writer)
    return Response(
        message_id,
        request_id,
        usage,
        Owner(writer.copy_rank, writer.log_path, writer.session_id, writer.agent_id),
        writer.at_ms,
        writer.at_ms,
        stop_reason,
        bool(stop_reason) or bytes(message.usage.iterations) not in _NO_ITERATIONS,
        trace,
    )


_NO_ITERATIONS = (b"", b"null", b"[]")


def _usage(message: wire.Message, usage: wire.Usage, writer: Writer) -> Usage:
    tokens = tokens_of(usage)
    model = word(message.model) or "unknown"
    searches = 0
    if isinstance(usage.server_tool_use, dict):
        searches = _count(usage.server_tool_use.get("web_search_requests"))
    return Usage(
        tokens.output,
        writer.at_ms,
        writer.log_offset,
        tokens,
        model,
        word(usage.service_tier),
        word(usage.speed),
        word(usage.inference_geo),
        searches,
        _extras(usage, model),
        _cache_miss_reason(message.diagnostics),
    )


def _cache_miss_reason(diagnostics: object) -> str:
    """`diagnostics.cache_miss_reason.type`, where the API gives one."""
    reason = diagnostics.get("cache_miss_reason") if isinstance(diagnostics, dict) else None
    return word(reason.get("type")) if isinstance(reason, dict) else ""


def tokens_of(usage: wire.Usage | wire.Iteration) -> Tokens:
    """The five kinds of one usage object; an unsplit cache write counts as 5 minutes.

    The larger of the total write and its two parts holds: before 2.1.152 the total could be 0 beside right parts.
    """
    write_5m = write_1h = 0
    if isinstance(usage.cache_creation, dict):
        write_5m = _count(usage.cache_creation.get("ephemeral_5m_input_tokens"))
        write_1h = _count(usage.cache_creation.get("ephemeral_1h_input_tokens"))
    unsplit = _count(usage.cache_creation_input_tokens) - write_5m - write_1h
    return Tokens(
        _count(usage.input_tokens),
        _count(usage.output_tokens),
        write_5m + max(unsplit, 0),
        write_1h,
        _count(usage.cache_read_input_tokens),
    )


def _extras(usage: wire.Usage, model: str) -> tuple[ExtraUsage, ...]:
    raw = bytes(usage.iterations)
    if b'"compaction"' not in raw and b'"advisor_message"' not in raw:
        return ()
    return tuple(
        ExtraUsage(entry.type, word(entry.model) or model, tokens_of(entry))
        for entry in wire.decode_part(list[wire.Iteration], usage.iterations) or ()
        if entry.type in _BILLED_APART
    )


def _count(value: object) -> int:
    """A token count: what is no number, or is negative, counts as 0."""
    if type(value) is int and 0 <= value <= _LARGEST_COUNT:  # as good as always
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    if value > _LARGEST_COUNT:
        raise BadLineError("a token count is impossibly large")
    return max(int(value), 0)
