"""What the screen shows of Anthropic's side: the bill, the reckoning, and how sync and imports stand."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import TYPE_CHECKING

from tokentui.queries.reckoning.claude_code.report import CodeVoice
from tokentui.records import Tokens, all_tokens

if TYPE_CHECKING:
    from tokentui.pricing.book import RateBook
    from tokentui.queries.reckoning.billing import Billing, BillingGrouping
    from tokentui.queries.reckoning.cells import Reason
    from tokentui.queries.reckoning.reported.reach import ImportedFile, SyncState
    from tokentui.queries.reckoning.results import Reckoning, ReckoningRow

BILLED_DAYS = (7, 30, 90)
"""How many UTC days the screen looks back, by choice."""
USUAL_DAYS = 30
KEPT_SECONDS = 15.0
"""An answer stays good so long, and 20 times as long as it took: the figures of this moment must not wait for it."""


@dataclass(frozen=True, eq=False, slots=True)
class ReckonedDay:
    """All models of one UTC day."""

    day: date
    rows: tuple[ReckoningRow, ...]

    @property
    def logged(self) -> Tokens:
        """What the logs say."""
        return all_tokens(row.logged for row in self.rows)

    @property
    def api(self) -> Tokens | None:
        """What the Usage API says; None where it was not asked."""
        return _known(row.api for row in self.rows)

    @property
    def csv(self) -> Tokens | None:
        """What token exports say; None where none tells of the day."""
        return _known(row.csv for row in self.rows)

    @property
    def code(self) -> CodeVoice | None:
        """What Claude Code's own report says; None where it was not asked."""
        voices = [row.code for row in self.rows if row.code is not None]
        return reduce(CodeVoice.plus, voices) if voices else None

    @property
    def parts(self) -> tuple[tuple[Reason, Tokens], ...]:
        """Billed minus logged by class: double counting first, then the largest."""
        sums: dict[Reason, Tokens] = {}
        for row in self.rows:
            for reason, tokens in row.parts:
                sums[reason] = sums.get(reason, Tokens()).plus(tokens)
        kept = [(reason, tokens) for reason, tokens in sums.items() if any(tokens)]
        return tuple(sorted(kept, key=lambda part: (part[0] != "double counting", -abs(part[1].total))))

    @property
    def difference(self) -> int | None:
        """Billed minus logged; None where there is nothing to compare with."""
        compared = [row for row in self.rows if row.billed is not None]
        if not compared:
            return None
        return sum((row.billed or Tokens()).total - row.logged.total for row in compared)

    @property
    def billed_pico_usd(self) -> int | None:
        """What was billed; None where no bill tells of the day."""
        known = [row.billed_pico_usd for row in self.rows if row.billed_pico_usd is not None]
        return sum(known) if known else None


def _known(parts: Iterable[Tokens | None]) -> Tokens | None:
    """The sum of the parts that are known; None where none is."""
    known = [part for part in parts if part is not None]
    return all_tokens(known) if known else None


@dataclass(frozen=True, eq=False, slots=True)
class BilledSide:
    """The whole answer, over the last days in UTC."""

    billing: Billing
    reckoning: Reckoning
    days: tuple[ReckonedDay, ...]
    """Newest first."""
    sync: SyncState
    imports: tuple[ImportedFile, ...]
    groupings: tuple[BillingGrouping, ...] = ("day", "model", "project", "key", "workspace")
    """What there is to group by: accounts, actors and terminals only where a report names any."""

    @property
    def days_back(self) -> int:
        """Over how many UTC days, today included."""
        return (self.reckoning.until - self.reckoning.since).days

    def difference_pico_usd(self, model: str | None = None) -> int | None:
        """Billed minus our estimate, of one model or of all, over the billed days; None where there are none."""
        rows = [row for day in self.billed_days for row in day.rows if model is None or row.model == model]
        return sum((row.billed_pico_usd or 0) - row.logged_estimate.pico_usd for row in rows) if rows else None

    @property
    def billed_days(self) -> tuple[ReckonedDay, ...]:
        """Days that are over and have a bill: of others, more was used than is billed as yet."""
        today = self.billing.as_of.date()
        return tuple(day for day in self.days if day.billed_pico_usd is not None and day.day < today)

    @property
    def is_known(self) -> bool:
        """Whether anything of Anthropic's side is stored."""
        return bool(self.imports or self.sync.usage_until or self.sync.cost_until)


def billed_side(
    connection: sqlite3.Connection,
    book: RateBook,
    now: datetime,
    by: BillingGrouping,
    days: int = USUAL_DAYS,
    reckoning: Reckoning | None = None,
) -> BilledSide:
    """Answer from what is stored; a reckoning of the same days that is at hand is taken as it is."""
    from tokentui.queries.reckoning.billing import billing
    from tokentui.queries.reckoning.reconcile import reconcile
    from tokentui.queries.reckoning.reported.reach import imported_files, sync_state

    until = now.astimezone(UTC).date() + timedelta(days=1)
    since = until - timedelta(days=days)
    bill = billing(connection, book, now, by, since, until)
    reckoning = reckoning or reconcile(connection, book, now, since, until)
    state, files = sync_state(connection), imported_files(connection)
    return BilledSide(bill, reckoning, by_day(reckoning), state, files, _groupings(connection))


def _groupings(connection: sqlite3.Connection) -> tuple[BillingGrouping, ...]:
    has_accounts, has_code = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM billed_group WHERE account_id <> '' OR service_account_id <> ''), "
        "EXISTS (SELECT 1 FROM claude_code_model)"
    ).fetchone()
    found: list[BillingGrouping] = ["day", "model", "project", "key", "workspace"]
    found += ["account"] if has_accounts else []
    found += ["actor", "terminal"] if has_code else []
    return tuple(found)


def by_day(reckoning: Reckoning) -> tuple[ReckonedDay, ...]:
    """Its rows by day, newest first."""
    days: dict[date, list[ReckoningRow]] = {}
    for row in reckoning.rows:
        days.setdefault(row.day, []).append(row)
    return tuple(ReckonedDay(day, tuple(days[day])) for day in sorted(days, reverse=True))


@dataclass(slots=True)
class KeptBilledSide:
    """Answers from memory while what was synced and imported is the same and the answers are not old."""

    read_rates: Callable[[sqlite3.Connection], RateBook]
    _marks: tuple[object, ...] = ()
    _answers: dict[tuple[BillingGrouping, int], BilledSide] = field(default_factory=dict)
    _due: float = 0.0

    def ask(
        self, connection: sqlite3.Connection, now: datetime, by: BillingGrouping, days: int = USUAL_DAYS
    ) -> BilledSide:
        """The answer, new or kept; another grouping takes over the reckoning, which is most of the work."""
        marks = (now.astimezone(UTC).date(), *_marks(connection))
        started = time.monotonic()
        if marks != self._marks or started >= self._due:
            self._answers.clear()
        if (by, days) not in self._answers:
            kept = next((answer.reckoning for answer in self._answers.values() if answer.days_back == days), None)
            is_first = not self._answers
            self._answers[by, days] = billed_side(connection, self.read_rates(connection), now, by, days, kept)
            took = time.monotonic() - started
            due = started + took + max(KEPT_SECONDS, 20 * took)
            self._marks, self._due = marks, due if is_first else max(due, self._due) if kept is None else self._due
        return self._answers[by, days]


def _marks(connection: sqlite3.Connection) -> tuple[object, ...]:
    """What changes with every end of a run, import and undoing."""
    return tuple(
        connection.execute(
            "SELECT (SELECT max(id) FROM sync_run), (SELECT max(finished_at_ms) FROM sync_run), "
            "(SELECT count(*) FROM console_import), (SELECT max(id) FROM console_import)"
        ).fetchone()
    )
