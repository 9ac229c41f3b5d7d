"""Tokens per minute over the range, and the hit rate in the same buckets."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable

from tokentui.queries.live.chart_buckets import Buckets
from tokentui.queries.names import model_names
from tokentui.queries.results import ChartSeries, RateChart
from tokentui.queries.sums.kept import SumUp
from tokentui.queries.sums.levels import TOKENS, Only, Row, Step, add_to, summed
from tokentui.queries.sums.quarters import ByQuarter
from tokentui.queries.sums.stretches import sums_by_step
from tokentui.queries.sums.usage import Scope
from tokentui.records import Tokens, cache_hit_rate
from tokentui.store.rollups import QUARTER_MS
from tokentui.view import View

GAP_SECONDS = 300
"""Where nothing ran for this long the chart shows a gap; a shorter pause is a rate of zero."""
_MOST_MODELS = 5
_KINDS = ("output", "input", "cache write", "cache read")


class KeptBuckets:
    """Tokens by bucket and model; of buckets so short that only responses tell them, the last ones asked are kept."""

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
    connection: sqlite3.Connection, view: View, buckets: Buckets, scope: Scope, kept: KeptBuckets
) -> tuple[RateChart, tuple[float | None, ...]]:
    """The chart, and the cache hit rate of each bucket."""
    found = kept.between(connection, buckets, scope.only)
    by_bucket = {
        number: {model: Tokens(*tokens) for (model,), tokens in models.items()} for number, models in enumerate(found)
    }
    totals = [_sum(by_bucket.get(bucket, {}).values()) for bucket in range(buckets.count)]
    active = _active([tokens.total > 0 for tokens in totals], buckets.seconds)
    layers = _by_kind(totals) if view.split == "kind" else _by_model(connection, by_bucket, buckets.count)
    series = tuple(
        ChartSeries(
            name,
            tuple(
                value * 60 / buckets.seconds if is_active else None
                for value, is_active in zip(values, active, strict=True)
            ),
        )
        for name, values in layers
    )
    hit_rates = tuple(cache_hit_rate(tokens) for tokens in totals)
    return RateChart(buckets.start_at, buckets.seconds, series, partial_last=True), hit_rates


def _sum(parts: Iterable[Tokens]) -> Tokens:
    whole = Tokens()
    for part in parts:
        whole = whole.plus(part)
    return whole


def _active(used: list[bool], bucket_seconds: int) -> list[bool]:
    """Which buckets are part of a stretch of work: used, or between uses less than a gap apart."""
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


def _by_kind(totals: list[Tokens]) -> list[tuple[str, list[int]]]:
    columns = [(t.output, t.input, t.cache_write, t.cache_read) for t in totals]
    return [(name, [column[index] for column in columns]) for index, name in enumerate(_KINDS)]


def _by_model(
    connection: sqlite3.Connection, by_bucket: dict[int, dict[int, Tokens]], buckets: int
) -> list[tuple[str, list[int]]]:
    weight: Counter[int] = Counter()
    for models in by_bucket.values():
        for model, tokens in models.items():
            weight[model] += tokens.total
    names = model_names(connection)
    largest = [model for model, _ in weight.most_common(_MOST_MODELS)]
    layers = [
        (names[model], [by_bucket.get(b, {}).get(model, Tokens()).total for b in range(buckets)]) for model in largest
    ]
    if len(weight) > len(largest):
        rest = [
            sum(tokens.total for model, tokens in by_bucket.get(b, {}).items() if model not in largest)
            for b in range(buckets)
        ]
        layers.append(("other", rest))
    return layers
