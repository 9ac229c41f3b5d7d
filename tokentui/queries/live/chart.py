"""Tokens per minute over the range, and the hit rate in the same buckets."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Set
from typing import NamedTuple

from tokentui.instants import QUARTER_MS
from tokentui.queries.live.chart_buckets import Buckets
from tokentui.queries.names import model_names
from tokentui.queries.results import ChartSeries, RateChart
from tokentui.queries.sums.kept_sums import SumUp
from tokentui.queries.sums.levels import TOKENS, Only, Step
from tokentui.queries.sums.quarters import ByQuarter
from tokentui.queries.sums.stretches import sums_by_step
from tokentui.queries.sums.summing import Row, add_to, summed
from tokentui.queries.sums.usage import Scope, Sums, all_of
from tokentui.records import Tokens, all_tokens, cache_hit_rate
from tokentui.view import View

GAP_SECONDS = 300
"""The chart shows a gap where nothing ran for this long; a shorter pause is a rate of zero."""
_MOST_MODELS = 5
_KINDS = ("output", "input", "cache write", "cache read")


class KeptBuckets:
    """Tokens by bucket and model; those of the last question are kept if the buckets are too short for stored sums."""

    def __init__(self, sum_up: SumUp = summed) -> None:
        self._sum_up = sum_up
        self._asked: tuple[int, Only] | None = None
        self._quarters = ByQuarter[_Models](lambda *_: {})

    def between(self, connection: sqlite3.Connection, buckets: Buckets, only: Only) -> list[dict[Row, Row]]:
        """Model → tokens of each bucket."""
        start_ms, step_ms = buckets.start_ms, buckets.seconds * 1000
        if step_ms % QUARTER_MS == 0:
            step = Step(step_ms, start_ms)
            return sums_by_step(connection, ("model_id",), step, buckets.count, only, TOKENS, self._sum_up)
        if self._asked != (step_ms, only):
            self._asked = (step_ms, only)
            self._quarters = ByQuarter(
                lambda reader, *span: self._sum_up(reader, ("at_ms", "model_id"), span, only, TOKENS, Step(step_ms))
            )
        found: list[dict[Row, Row]] = [{} for _ in range(buckets.count)]
        for part in self._quarters.between(connection, start_ms, start_ms + buckets.count * step_ms):
            for (at_ms, model), tokens in part.items():
                add_to(found[(at_ms - start_ms) // step_ms], (model,), tokens)
        return found


_Models = dict[Row, Row]


def chart_of(
    connection: sqlite3.Connection,
    view: View,
    buckets: Buckets,
    scope: Scope,
    kept: KeptBuckets,
    last_minute: Mapping[int, Sums],
) -> tuple[RateChart, tuple[float | None, ...]]:
    """The chart, and the cache hit rate of each bucket; `last_minute` is usage of the last 60 seconds by model."""
    found = kept.between(connection, buckets, scope.only)
    by_bucket = {
        number: {model: Tokens(*tokens) for (model,), tokens in models.items()} for number, models in enumerate(found)
    }
    totals = [all_tokens(by_bucket.get(bucket, {}).values()) for bucket in range(buckets.count)]
    active = _active([tokens.total > 0 for tokens in totals], buckets.seconds)
    layers = (
        _by_kind(totals, last_minute)
        if view.split == "kind"
        else _by_model(connection, by_bucket, buckets.count, last_minute)
    )
    series = tuple(
        ChartSeries(
            layer.name,
            tuple(
                value * 60 / buckets.seconds if is_active else None
                for value, is_active in zip(layer.tokens, active, strict=True)
            ),
            layer.last_minute,
            layer.is_lower_bound,
        )
        for layer in layers
    )
    hit_rates = tuple(cache_hit_rate(tokens) for tokens in totals)
    return RateChart(buckets.start_at, buckets.seconds, series, partial_last=True), hit_rates


def _active(used: list[bool], bucket_seconds: int) -> list[bool]:
    """Which buckets are part of a stretch of work: those with use, and those between uses less than a gap apart."""
    longest_pause = (GAP_SECONDS - 1) // bucket_seconds
    active, last_used = list(used), None
    for index, is_used in enumerate(used):
        if not is_used:
            continue
        if last_used is not None and index - last_used - 1 <= longest_pause:
            active[last_used + 1 : index] = [True] * (index - last_used - 1)
        last_used = index
    if last_used is not None and len(used) - last_used - 1 <= longest_pause:
        active[last_used + 1 :] = [True] * (len(used) - last_used - 1)
    return active


class _Layer(NamedTuple):
    name: str
    tokens: list[int]
    """Tokens in each bucket."""
    last_minute: int
    is_lower_bound: bool
    """Whether the tokens of the last minute are a lower bound."""


def _by_kind(totals: list[Tokens], last_minute: Mapping[int, Sums]) -> list[_Layer]:
    """What an unfinished answer's count lacks is output."""
    latest = all_of(last_minute.values())
    columns = [_kinds(tokens) for tokens in totals]
    return [
        _Layer(
            name, [column[index] for column in columns], tokens, name == "output" and latest.lower_bound_responses > 0
        )
        for index, (name, tokens) in enumerate(zip(_KINDS, _kinds(latest.tokens), strict=True))
    ]


def _kinds(tokens: Tokens) -> tuple[int, int, int, int]:
    """In the order of their names."""
    return tokens.output, tokens.input, tokens.cache_write, tokens.cache_read


def _by_model(
    connection: sqlite3.Connection,
    by_bucket: dict[int, dict[int, Tokens]],
    buckets: int,
    last_minute: Mapping[int, Sums],
) -> list[_Layer]:
    weight: Counter[int] = Counter()
    for models in by_bucket.values():
        for model, tokens in models.items():
            weight[model] += tokens.total
    names = model_names(connection)
    largest = [model for model, _ in weight.most_common(_MOST_MODELS)]
    rest = weight.keys() - set(largest)
    groups = [(names[model], {model}) for model in largest] + ([("other", rest)] if rest else [])
    return [_layer(name, models, by_bucket, buckets, last_minute) for name, models in groups]


def _layer(
    name: str, models: Set[int], by_bucket: dict[int, dict[int, Tokens]], buckets: int, last_minute: Mapping[int, Sums]
) -> _Layer:
    """One layer for some models together."""
    latest = all_of(sums for model, sums in last_minute.items() if model in models)
    tokens = [
        sum(tokens.total for model, tokens in by_bucket.get(bucket, {}).items() if model in models)
        for bucket in range(buckets)
    ]
    return _Layer(name, tokens, latest.tokens.total, latest.lower_bound_responses > 0)
