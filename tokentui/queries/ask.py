"""Answers for the screen, all from one reading connection, in one thread."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from tokentui.config import Budget
from tokentui.pricing.book import RateBook
from tokentui.queries.alert_rows import AlertLog
from tokentui.queries.alerts import alert_log, mutes_now, open_alerts
from tokentui.queries.billed_side import BilledSide, KeptBilledSide
from tokentui.queries.budgets import gauges_of
from tokentui.queries.chart import KeptBuckets, chart_of
from tokentui.queries.chart_buckets import Buckets, buckets_of
from tokentui.queries.choosing import Selection, line_of, select
from tokentui.queries.headline import headline_of
from tokentui.queries.kept_sums import KeptSums
from tokentui.queries.levels import EARLIEST_MS, LATEST_MS, summed
from tokentui.queries.ranking import leading
from tokentui.queries.responses import agent_responses, response_detail
from tokentui.queries.results import AgentResponses, ResponseDetail, SessionRow, SessionTree, Snapshot, Totals
from tokentui.queries.sessions import recent, session_rows
from tokentui.queries.split import cache_of, models_of, shares_of, unpriced_of
from tokentui.queries.sums import Scope
from tokentui.queries.tree import session_tree
from tokentui.queries.usual import UsualFigures, UsualQuestion
from tokentui.queries.working import Working, working_now
from tokentui.store.database import open_reader
from tokentui.transcripts.registry import LiveSession
from tokentui.view import View

if TYPE_CHECKING:
    from tokentui.queries.billing import BillingGrouping

USUAL_SECONDS = 60.0
"""How often what is usual is worked out anew."""
USUAL_AT_FIRST_SECONDS = 5.0
"""The same while there is too little history, which may still be on its way in."""
USUAL_STEP = 8_000
"""How many responses one answer may look at for it; the next one goes on where it left off."""
REGISTRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What answers depend on besides the store."""

    clock: Callable[[], datetime]
    time_zone: tzinfo
    read_budgets: Callable[[], tuple[Budget, ...]]
    read_registry: Callable[[], Iterable[LiveSession]]
    week_starts_on: int = 0
    """0 Monday to 6 Sunday."""
    read_rates: Callable[[sqlite3.Connection], RateBook] = lambda _: RateBook()
    """The prices that estimates are made with."""


def open_questions(database: Path, circumstances: Circumstances) -> StoredQuestions:
    """Answers from the database at this path. Raises StoreError where it cannot be read."""
    return StoredQuestions(open_reader(database), circumstances)


class StoredQuestions:
    """Answers the screen's questions; made, used and closed in one thread."""

    def __init__(self, connection: sqlite3.Connection, circumstances: Circumstances) -> None:
        self._connection, self._around = connection, circumstances
        self._usual, self._usual_due = UsualFigures(), 0.0
        self._usual_question = UsualQuestion()
        self._sums = KeptSums()
        self._buckets = KeptBuckets(self._sums)
        self._registry: tuple[LiveSession, ...] = ()
        self._registry_due = 0.0
        self._asked = 0
        self._billed = KeptBilledSide(circumstances.read_rates)

    def snapshot(self, view: View) -> Snapshot:
        """Everything the dashboard shows, as of one state of the store."""
        with _one_state(self._connection):
            return self._snapshot(view, self._now())

    def _snapshot(self, view: View, now: datetime) -> Snapshot:
        connection, around = self._connection, self._around
        now_ms, day_ms = _ms(now), _ms(self._day_start(now))
        self._sums.begin(now_ms)
        buckets, selection = self._select(view, now)
        working, latest = self._working(now_ms), recent(connection, now_ms, day_ms)
        chart, hit_rates = chart_of(connection, view, buckets, selection.scope, self._buckets)
        by_model, whole = models_of(connection, selection.scope, self._sums)
        headline = headline_of(connection, now_ms, day_ms, working, self._usual_figures(now))
        lines = leading(connection, selection, view, working, latest.last_minute, self._sums)
        return Snapshot(
            as_of=now,
            view=view,
            headline=headline,
            chart=chart,
            cache=cache_of(headline.tokens_last_minute, whole, hit_rates),
            models=shares_of(by_model, whole),
            budgets=gauges_of(connection, around.read_budgets(), now, around.time_zone, around.week_starts_on),
            sessions=session_rows(connection, lines, selection.scope, working, latest),
            sessions_matching=selection.matching,
            sessions_in_range=selection.in_range,
            totals=Totals(*_totals(connection), unpriced_of(by_model), _skipped_lines(connection)),
            alerts=open_alerts(connection, now),
        )

    def session_tree(self, session_id: str, view: View) -> SessionTree | None:
        """A session's agents; None where the session is unknown."""
        with _one_state(self._connection):
            now = self._now()
            session = self._session(session_id, now)
            if session is None:
                return None
            return session_tree(self._connection, session, self._working(_ms(now)), now)

    def agent_responses(self, session_id: str, agent_id: str, view: View, limit: int) -> AgentResponses | None:
        """The newest responses of one agent; `agent_id` is empty for the main thread."""
        tree = self.session_tree(session_id, view)
        agent = next((agent for agent in tree.agents if agent.agent_id == agent_id), None) if tree else None
        if tree is None or agent is None:
            return None
        responses, in_all = agent_responses(self._connection, session_id, agent_id, limit)
        return AgentResponses(tree.as_of, tree.session, agent, responses, in_all)

    def response(self, response_id: int) -> ResponseDetail | None:
        """One response in full."""
        return response_detail(self._connection, response_id)

    def alert_log(self, limit: int) -> AlertLog:
        """The newest alerts, and what is kept quiet."""
        with _one_state(self._connection):
            now = self._now()
            return AlertLog(now, alert_log(self._connection, now, limit), mutes_now(self._connection, now))

    def billed(self, by: BillingGrouping) -> BilledSide:
        """Local estimates beside what was billed, and the reckoning; not older than half a minute or so."""
        return self._billed.ask(self._connection, self._now(), by)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _select(self, view: View, now: datetime) -> tuple[Buckets, Selection]:
        buckets = buckets_of(self._connection, view, now, self._around.time_zone)
        scope = Scope(EARLIEST_MS if view.range == "all" else buckets.start_ms)
        return buckets, select(self._connection, view, scope, buckets.range_start_ms, now, self._sums)

    def _session(self, session_id: str, now: datetime) -> SessionRow | None:
        """One session's row, over all time."""
        line = line_of(self._connection, session_id)
        if line is None:
            return None
        latest = recent(self._connection, _ms(now), _ms(self._day_start(now)))
        return session_rows(self._connection, [line], Scope(EARLIEST_MS), self._working(_ms(now)), latest)[0]

    def _working(self, now_ms: int) -> Working:
        if time.monotonic() >= self._registry_due:
            self._registry = tuple(self._around.read_registry())
            self._registry_due = time.monotonic() + REGISTRY_SECONDS
        return working_now(self._connection, now_ms, self._registry)

    def _usual_figures(self, now: datetime) -> UsualFigures:
        """Worked out once a minute, a little at a time, and not for the first answer, which should be there at once."""
        self._asked += 1
        if self._asked > 1 and time.monotonic() >= self._usual_due:
            found = self._usual_question.ask(self._connection, now, self._around.time_zone, USUAL_STEP)
            if found is not None:
                self._usual = found
                pause = USUAL_AT_FIRST_SECONDS if found.fresh is None else USUAL_SECONDS
                self._usual_due = time.monotonic() + pause
        return self._usual

    def _now(self) -> datetime:
        return self._around.clock().astimezone(UTC)

    def _day_start(self, now: datetime) -> datetime:
        return now.astimezone(self._around.time_zone).replace(hour=0, minute=0, second=0, microsecond=0)


@contextmanager
def _one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """A read transaction: everything asked inside sees the same state of the store."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _totals(connection: sqlite3.Connection) -> tuple[int, int]:
    responses = summed(connection, (), (EARLIEST_MS, LATEST_MS), columns=("responses",)).get((), (0,))[0]
    return responses, connection.execute("SELECT count(*) FROM session").fetchone()[0]


def _skipped_lines(connection: sqlite3.Connection) -> int:
    statement = "SELECT ifnull(sum(skipped_lines), 0) FROM log WHERE skipped_lines > 0"
    return int(connection.execute(statement).fetchone()[0])
