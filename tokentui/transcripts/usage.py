"""Turns the usage objects of assistant lines into sightings of responses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from tokentui.counting import EARLIER_PROMPT, ExtraUsage, Response, Trace, Usage
from tokentui.records import Tokens, all_tokens
from tokentui.transcripts import wire
from tokentui.transcripts.decode import BadLineError, decode_part
from tokentui.transcripts.fields import digest, identifier, word
from tokentui.transcripts.sighting import Sighting
from tokentui.transcripts.wire import Line
from tokentui.transcripts.writer import Writer, record_id

SYNTHETIC = "<synthetic>"
"""The model name of answers that Claude Code wrote itself: there was no request, so they are never counted."""

_LARGEST_COUNT = 10**8
"""A larger count is damaged: no context comes near it, and sums of prices must stay exact in 64 bits."""

_MOST_SEARCHES = 10**4
"""Most web searches in one answer; at a cent each, the cost of many more would not fit into the database."""

_BILLED_APART = ("compaction", "advisor_message")
_NO_ITERATIONS = (b"", b"null", b"[]")


def see(line: Line, writer: Writer) -> None:
    """Add an assistant line to the sightings of its writer. Raises BadLineError if a count is impossible."""
    message = line.message
    if message is None or message.usage is None or message.model == SYNTHETIC:
        return
    tokens = tokens_of(message.usage)
    key = message.id or f"uuid:{record_id(line, writer)}", line.request_id
    seen = Sighting(tokens.output, writer.at_ms, writer.log_offset, tokens, message.usage, message)
    writer.sightings.setdefault(key, []).append(seen)
    if not line.request_id and (uuid := identifier(line.uuid)):
        writer.records.setdefault(key, set()).add(digest(uuid.encode()))


def response_of(logged_ids: tuple[str, str | None], seen: list[Sighting], writer: Writer) -> Response:
    """One response, by its message and request id, from the lines of one author in one log."""
    message_id, request_id = map(identifier, logged_ids)
    best = max(seen) if len(seen) > 1 else seen[0]
    times = [sighting.at_ms for sighting in seen]
    stop_reason = max([word(sighting.message.stop_reason) for sighting in seen])
    is_final = bool(stop_reason) or any(bytes(sighting.usage.iterations) not in _NO_ITERATIONS for sighting in seen)
    trace = None
    if not request_id:
        trace = Trace(frozenset({writer.home}), frozenset(times), frozenset(writer.records.get(logged_ids, ())))
    return Response(
        message_id or f"uuid:{digest(logged_ids[0].encode('utf-8', 'replace'))}", request_id, _usage(best),
        writer.owner, min(times), max(times), stop_reason, is_final, trace,
    )  # fmt: skip


def _usage(sighting: Sighting) -> Usage:
    usage, model = sighting.usage, word(sighting.message.model) or "unknown"
    tokens, extras = _priced_apart(usage, sighting.tokens, model)
    return Usage(
        sighting.output_tokens,
        sighting.at_ms,
        sighting.log_offset,
        tokens,
        model,
        word(usage.service_tier),
        word(usage.speed),
        word(usage.inference_geo),
        _web_searches(usage.server_tool_use),
        extras,
        _cache_miss_reason(sighting.message.diagnostics),
    )


def _web_searches(tools: object) -> int:
    searches = tools.get("web_search_requests") if isinstance(tools, dict) else None
    return searches if isinstance(searches, int) and 0 <= searches <= _MOST_SEARCHES else 0


def _cache_miss_reason(diagnostics: object) -> str:
    """`diagnostics.cache_miss_reason.type`, empty if the API gave none."""
    reason = diagnostics.get("cache_miss_reason") if isinstance(diagnostics, dict) else None
    return word(reason.get("type")) if isinstance(reason, dict) else ""


def tokens_of(usage: wire.Usage | wire.Iteration) -> Tokens:
    """The five kinds of tokens of one usage object; a cache write that is not split counts as one for 5 minutes.

    Of the total write and the sum of its parts the larger holds: before 2.1.152 the total could be 0 beside right ones.
    """
    write_5m = write_1h = 0
    if usage.cache_creation is not None:
        write_5m = _count(usage.cache_creation.ephemeral_5m_input_tokens)
        write_1h = _count(usage.cache_creation.ephemeral_1h_input_tokens)
    unsplit = _count(usage.cache_creation_input_tokens) - write_5m - write_1h
    return Tokens(
        _count(usage.input_tokens),
        _count(usage.output_tokens),
        write_5m + max(unsplit, 0),
        write_1h,
        _count(usage.cache_read_input_tokens),
    )


def _priced_apart(usage: wire.Usage, tokens: Tokens, model: str) -> tuple[Tokens, tuple[ExtraUsage, ...]]:
    """The tokens of the last prompt, and everything that is priced apart from it.

    With an advisor, a response sends its growing prompt several times, and its top-level counts are the sum: priced and
    shown as one prompt, it would reach dearer tiers and fill windows that none of them did.
    """
    raw = bytes(usage.iterations)
    if raw.count(b'"message"') < 2 and raw.find(b'"compaction"') < 0 and raw.find(b'"advisor_message"') < 0:
        return tokens, ()
    iterations = decode_part(list[wire.Iteration], usage.iterations) or []
    *earlier, last = _prompts(iterations, tokens) or [tokens]
    extras = (ExtraUsage(EARLIER_PROMPT, model, one) for one in earlier)
    return last, (*extras, *_billed_apart(iterations, model))


def _prompts(iterations: list[wire.Iteration], tokens: Tokens) -> list[Tokens]:
    """The tokens of each prompt; none if they do not add up to the counts of the whole."""
    with suppress(BadLineError):
        prompts = [tokens_of(entry) for entry in iterations if entry.type == EARLIER_PROMPT]
        if all_tokens(prompts) == tokens:
            return prompts
    return []


def _billed_apart(iterations: list[wire.Iteration], model: str) -> Iterator[ExtraUsage]:
    for entry in iterations:
        if entry.type in _BILLED_APART:
            with suppress(BadLineError):  # a damaged one does not cost the answer that it stands beside
                yield ExtraUsage(entry.type, word(entry.model) or model, tokens_of(entry))


def _count(value: int | None) -> int:
    """A token count; a missing or negative one is 0."""
    if value is None or value < 0:
        return 0
    if value > _LARGEST_COUNT:
        raise BadLineError("a token count is impossibly large")
    return value
