"""Answers what the dashboard shows, from one reading connection, in one thread."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime

from tokentui.instants import EARLIEST_MS, LATEST_MS, MINUTE_MS, ms_of
from tokentui.queries.budgets.plan import plan_gauges
from tokentui.queries.budgets.standing import BudgetQuestions, gauge_of
from tokentui.queries.circumstances import Circumstances
from tokentui.queries.live.by_model import cache_of, models_of, shares_of, unpriced_of
from tokentui.queries.live.chart import KeptBuckets, chart_of
from tokentui.queries.live.chart_buckets import Buckets, buckets_of
from tokentui.queries.live.choosing import Selection, select
from tokentui.queries.live.headline import headline_of
from tokentui.queries.live.ranking import leading
from tokentui.queries.live.recent import Recent, RecentQuestion
from tokentui.queries.live.sessions import session_rows
from tokentui.queries.live.usual_pace import PacedUsual
from tokentui.queries.live.working import Working
from tokentui.queries.results import Snapshot, Totals
from tokentui.queries.runaway.alerts import open_alerts
from tokentui.queries.sums.kept_sums import KeptSums
from tokentui.queries.sums.recent import RecentSums
from tokentui.queries.sums.summing import summed
from tokentui.queries.sums.usage import Scope, by
from tokentui.view import View


class Dashboard:
    """Answers the dashboard's questions; what has not changed is kept from one picture to the next."""

    def __init__(
        self, connection: sqlite3.Connection, circumstances: Circumstances, recent_sums: RecentSums, *, is_live: bool
    ) -> None:
        """With `is_live`, the first answers leave out what is usual, which is worked out in small steps."""
        self._connection, self._around, self._recent_sums = connection, circumstances, recent_sums
        self._usual = PacedUsual(is_live=is_live)
        self._recent = RecentQuestion(recent_sums)
        self._sums = KeptSums(recent_sums)
        self._buckets = KeptBuckets(self._sums)
        self._budgets = BudgetQuestions(connection, circumstances.time_zone, circumstances.week_start, recent_sums)

    def latest(self, now: datetime) -> Recent:
        """What happened in the last minutes, and today."""
        return self._recent.ask(self._connection, ms_of(now), ms_of(self._around.day_start(now)))

    def snapshot(self, view: View, now: datetime, working: Working) -> Snapshot:
        """Everything that the dashboard shows; to be called in a read transaction."""
        connection, around = self._connection, self._around
        self._sums.begin(ms_of(now))
        buckets, selection = self._select(view, now)
        latest = self.latest(now)
        last_minute = by(
            connection, "model_id", replace(selection.scope, start_ms=ms_of(now) - MINUTE_MS), self._recent_sums
        )
        chart, hit_rates = chart_of(connection, view, buckets, selection.scope, self._buckets, last_minute)
        by_model, whole = models_of(connection, selection.scope, self._sums)
        headline = headline_of(latest, working, self._usual.figures(connection, now, around.time_zone))
        lines = leading(connection, selection, view, working, latest.last_minute, self._sums)
        return Snapshot(
            as_of=now,
            view=view,
            headline=headline,
            chart=chart,
            cache=cache_of(headline.tokens_last_minute, whole, hit_rates),
            models=shares_of(by_model, whole),
            budgets=tuple(map(gauge_of, self._budgets.now(around.read_budgets(), now))),
            sessions=session_rows(connection, lines, selection.scope, working, latest, self._sums),
            sessions_matching=selection.matching,
            sessions_in_range=selection.in_range,
            totals=Totals(*_totals(connection), unpriced_of(by_model), _skipped_lines(connection)),
            alerts=open_alerts(connection, now),
            plan=plan_gauges(connection, now),
        )

    def _select(self, view: View, now: datetime) -> tuple[Buckets, Selection]:
        buckets = buckets_of(self._connection, view, now, self._around.time_zone)
        scope = Scope(EARLIEST_MS if view.range == "all" else buckets.start_ms)
        return buckets, select(self._connection, view, scope, buckets.range_start_ms, now, self._sums)


def _totals(connection: sqlite3.Connection) -> tuple[int, int]:
    responses = summed(connection, (), (EARLIEST_MS, LATEST_MS), columns=("responses",)).get((), (0,))[0]
    return responses, connection.execute("SELECT count(*) FROM session").fetchone()[0]


def _skipped_lines(connection: sqlite3.Connection) -> int:
    statement = "SELECT ifnull(sum(skipped_lines), 0) FROM log WHERE skipped_lines > 0"
    return int(connection.execute(statement).fetchone()[0])
