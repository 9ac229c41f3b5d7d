"""What depends on the view's range: sessions, chart and models; kept where a long range makes them dear."""

from __future__ import annotations

import sqlite3
from datetime import datetime, tzinfo
from typing import NamedTuple

from tokentui.queries.chart import chart_of
from tokentui.queries.chart_buckets import Buckets, buckets_of
from tokentui.queries.kept import Kept
from tokentui.queries.results import RateChart
from tokentui.queries.sessions import Selection, select
from tokentui.queries.split import models_of
from tokentui.queries.sums import Scope, Sums, coarse
from tokentui.view import View

_MINUTE_MS = 60_000


class Ranged(NamedTuple):
    """The part of a snapshot that the range decides."""

    selection: Selection
    chart: RateChart
    hit_rates: tuple[float | None, ...]
    by_model: dict[str, Sums]
    whole: Sums


class KeptRange:
    """Worked out for each answer while the range is short, else when the store has changed and it is not too dear."""

    def __init__(self) -> None:
        self._kept: Kept[Ranged] = Kept()

    def ask(self, connection: sqlite3.Connection, view: View, now: datetime, zone: tzinfo) -> Ranged:
        """The range that ends now."""
        buckets = buckets_of(connection, view, now, zone)
        if buckets.is_fine or view.filter.terms:
            return _ranged(connection, view, buckets, now)
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        mark = (version, buckets.start_ms, buckets.count, buckets.range_start_ms // _MINUTE_MS)
        return self._kept.ask(view, mark, lambda: _ranged(connection, view, buckets, now))


def _ranged(connection: sqlite3.Connection, view: View, buckets: Buckets, now: datetime) -> Ranged:
    scope = Scope(buckets.start_ms) if buckets.is_fine else coarse(buckets.start_ms)
    selection = select(connection, view, scope, buckets.range_start_ms, now)
    chart, hit_rates = chart_of(connection, view, buckets, selection.scope)
    by_model, whole = models_of(connection, selection.scope)
    return Ranged(selection, chart, hit_rates, by_model, whole)
