"""The three reports and the two lists of names of the Admin API, as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, TypeVar

from tokentui.anthropic.asking import Asker
from tokentui.anthropic.errors import BadAnswerError, RefusedError
from tokentui.anthropic.groupings import ways
from tokentui.anthropic.paging import listed, pages
from tokentui.anthropic.shapes import Bucket, CostResult, KeyEntry, Paged, UsageResult, WorkspaceEntry, unknown_tokens
from tokentui.billed import (
    DAY_S,
    HOUR_S,
    MINUTE_S,
    CostRow,
    Group,
    KeyName,
    Page,
    SeriesName,
    UsageRow,
    WorkspaceName,
    service_tier,
    token_type,
)
from tokentui.instants import ms_of
from tokentui.records import PICO_PER_CENT, Tokens
from tokentui.text import safe_text

Width = Literal["1m", "1h", "1d"]
MOST_PICO_USD = 10**18
"""A million dollars: no line of a day comes to that, and sums of some stay below what the database can hold."""
_ROOT = "/v1/organizations"
_PATH = f"{_ROOT}/usage_report/messages"
_GRAINS: Mapping[Width, tuple[int, int, SeriesName]] = MappingProxyType(
    {"1m": (MINUTE_S, 1440, "usage 1m"), "1h": (HOUR_S, 168, "usage 1h"), "1d": (DAY_S, 31, "usage 1d")}
)
"""Seconds of a bucket, and how many a page may hold at most."""
_Result = TypeVar("_Result", UsageResult, CostResult)


@dataclass(frozen=True, slots=True)
class Span:
    """From here up to, not including, there; UTC."""

    since: datetime
    until: datetime


def usage_series(width: Width) -> SeriesName:
    """The series that a bucket width makes."""
    return _GRAINS[width][2]


def usage_pages(asker: Asker, span: Span, width: Width = "1m") -> Iterator[Page]:
    """The messages usage report, page by page, oldest first; the buckets are snapped to whole ones.

    Where the server refuses what came late, it is asked again: `speed` with the beta header, then less and less.
    """
    grain, limit, series = _GRAINS[width]
    span = Span(_floor(span.since, grain), _ceil(span.until, grain))
    size = min(limit, max(round((span.until - span.since).total_seconds() / grain), 1))
    query = [("starting_at", _text(span.since)), ("ending_at", _text(span.until)), ("bucket_width", width)]
    shape = Paged[Bucket[UsageResult]]
    for found, (start, end) in _stretches(_with_fallback(asker, [*query, ("limit", str(size))], shape), span, _PATH):
        rows = [_usage_row(bucket, result, grain) for bucket in found.data for result in bucket.results]
        unknown = {name for bucket in found.data for result in bucket.results for name in unknown_tokens(result)}
        notes = [f"{_PATH} counts {name}, which this version does not know" for name in sorted(unknown)]
        yield Page(series, start, end, usage=tuple(rows), notes=tuple(safe_text(note) for note in notes))


def cost_pages(asker: Asker, span: Span) -> Iterator[Page]:
    """The cost report by day, page by page: what was billed, after discounts."""
    span = Span(_floor(span.since, DAY_S), _ceil(span.until, DAY_S))
    path = f"{_ROOT}/cost_report"
    query = [("starting_at", _text(span.since)), ("ending_at", _text(span.until)), ("bucket_width", "1d")]
    query += [("limit", "31"), *_grouped("workspace_id", "description")]
    for found, (start, end) in _stretches(pages(asker, path, query, Paged[Bucket[CostResult]]), span, path):
        rows = tuple(_cost_row(bucket, result) for bucket in found.data for result in bucket.results)
        yield Page("cost", start, end, cost=rows)


def api_keys(asker: Asker) -> Iterator[KeyName]:
    """Names of all keys, also of those no longer active."""
    entries = listed(asker, f"{_ROOT}/api_keys", [("limit", "1000")], Paged[KeyEntry])
    return (KeyName(e.id, safe_text(e.name), e.workspace_id, e.status) for e in entries)


def workspaces(asker: Asker) -> Iterator[WorkspaceName]:
    """Names of all workspaces, archived ones too; the default one has no entry."""
    query = [("limit", "1000"), ("include_archived", "true")]
    entries = listed(asker, f"{_ROOT}/workspaces", query, Paged[WorkspaceEntry])
    return (WorkspaceName(e.id, safe_text(e.name), bool(e.archived_at)) for e in entries)


def pico_of_cents(text: str) -> int:
    """Cents as a decimal string in whole pico-USD; exact up to 10 decimals. Raises BadAnswerError."""
    try:
        amount = Decimal(text) * PICO_PER_CENT
        if not amount.is_finite() or abs(amount) > MOST_PICO_USD:
            raise InvalidOperation
        return int(amount.to_integral_value(ROUND_HALF_EVEN))
    except InvalidOperation:
        raise BadAnswerError(f"{_ROOT}/cost_report: an amount is no number, or beyond reason") from None


def _with_fallback(
    asker: Asker, query: list[tuple[str, str]], shape: type[Paged[Bucket[UsageResult]]]
) -> Iterator[Paged[Bucket[UsageResult]]]:
    """Pages of the first way of asking whose groups are not refused as a bad request; a later page's refusal stands.

    A refusal that names the time or another part of the query would be the same whatever the groups.
    """
    refusal: RefusedError | None = None
    for names, headers in ways():
        found = pages(asker, _PATH, [*query, *_grouped(*names)], shape, headers)
        try:
            first = next(found)
        except RefusedError as error:
            if error.status != 400 or any(name in str(error) for name, _ in query):
                raise
            refusal = refusal or error
            continue
        yield first
        yield from found
        return
    if refusal:
        raise refusal


def _stretches(
    found: Iterator[Paged[Bucket[_Result]]], span: Span, path: str
) -> Iterator[tuple[Paged[Bucket[_Result]], tuple[int, int]]]:
    """Each page with the stretch of time that it answers for, in milliseconds. Raises BadAnswerError."""
    reached, end = ms_of(span.since), ms_of(span.until)
    for page in found:
        last = reached
        for bucket in page.data:
            start_ms = ms_of(bucket.starting_at)
            if not last <= start_ms < end or bucket.ending_at <= bucket.starting_at:
                raise BadAnswerError(
                    f"{path}: a bucket at {_text(bucket.starting_at)} is out of order or was not asked for"
                )
            last = ms_of(bucket.ending_at)
        if not page.is_last and last == reached:
            raise BadAnswerError(f"{path}: a page without a bucket, and more to come")
        stretch = (reached, end if page.is_last else min(last, end))
        reached = stretch[1]
        yield page, stretch


def _usage_row(bucket: Bucket[UsageResult], result: UsageResult, grain: int) -> UsageRow:
    writes, tools = result.cache_creation, result.server_tool_use
    tokens = Tokens(
        result.uncached_input_tokens,
        result.output_tokens,
        writes.ephemeral_5m_input_tokens if writes else 0,
        writes.ephemeral_1h_input_tokens if writes else 0,
        result.cache_read_input_tokens,
    )
    group = Group(
        model=result.model,
        api_key_id=result.api_key_id,
        workspace_id=result.workspace_id,
        service_tier=service_tier(result.service_tier),
        context_window=result.context_window,
        inference_geo=result.inference_geo,
        speed=result.speed,
        account_id=result.account_id,
        service_account_id=result.service_account_id,
    )
    searches = tools.web_search_requests if tools else 0
    return UsageRow(ms_of(bucket.starting_at), grain, _safe(group), tokens, searches)


def _cost_row(bucket: Bucket[CostResult], result: CostResult) -> CostRow:
    if result.currency != "USD":
        raise BadAnswerError(f"{_ROOT}/cost_report: an amount is in {safe_text(result.currency, 12)}, not in USD")
    amount = pico_of_cents(result.amount)
    group = Group(
        model=result.model,
        workspace_id=result.workspace_id,
        service_tier=service_tier(result.service_tier),
        context_window=result.context_window,
        inference_geo=result.inference_geo,
        speed=result.speed,
    )
    kind, token = safe_text(result.cost_type), safe_text(token_type(result.token_type))
    start_ms = ms_of(bucket.starting_at)
    return CostRow(start_ms, DAY_S, _safe(group), kind, token, safe_text(result.description), amount, None, 1)


@lru_cache(10_000)
def _safe(group: Group) -> Group:
    """A group, its words made safe; there are few, and each comes in every minute."""
    return Group(*map(safe_text, group))


def _grouped(*names: str) -> list[tuple[str, str]]:
    return [("group_by[]", name) for name in names]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _floor(moment: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, UTC)


def _ceil(moment: datetime, seconds: int) -> datetime:
    floor = _floor(moment, seconds)
    return floor if floor == moment else floor + timedelta(seconds=seconds)
