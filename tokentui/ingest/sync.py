"""Brings Anthropic's reports up to date: asks from where each series stands, and stores page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from tokentui.anthropic.asking import Asker, Pace
from tokentui.anthropic.claude_code import claude_code_pages
from tokentui.anthropic.errors import AnthropicError, OutOfTimeError, RefusedError, StoppedError, UnreachableError
from tokentui.anthropic.people import person_namer
from tokentui.anthropic.reports import Span, Width, api_keys, cost_pages, usage_pages, usage_series, workspaces
from tokentui.billed import KeyName, Page, SeriesName, WorkspaceName
from tokentui.instants import HOUR_MS, moment_of, ms_of
from tokentui.store.billing import BillingStore
from tokentui.store.sync_runs import Change, Outcome, begin_run, coverage, end_run

FIRST_DAYS = 30
"""How far back the first run asks."""
FEWEST_SECONDS_APART = 60
SHORT_OVERLAP, LONG_OVERLAP = timedelta(hours=3), timedelta(days=2)
"""What is asked for again because late data may have come in: little each time, much four times a day."""
DAYS_OVERLAP = timedelta(days=3)
"""The same for reports by day."""
_LONG_EVERY_MS = 6 * HOUR_MS
_DAY_REPORTS_EVERY = timedelta(hours=1)
_RESTARTS = 2
"""How often a report is begun anew, from where it stands, when the server no longer takes a page's token."""


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """What a run is to do."""

    width: Width = "1m"
    days: int | None = None
    """Ask for the last so many days, whatever is stored of them; None goes on from where each series stands."""
    everything: bool = True
    """Also the reports by day and the names; in the background they are asked for once an hour."""
    keep_emails: bool = False
    """Whether the Claude Code report's people keep their addresses, or get made-up names."""


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """A page was stored."""

    series: SeriesName
    reached: datetime
    pages: int
    change: Change


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a run came to."""

    outcome: Outcome | None
    """None where it came too soon after another."""
    error: str = ""
    notes: tuple[str, ...] = ()
    pages: int = 0
    change: Change = field(default_factory=Change)


_Name = TypeVar("_Name", KeyName, WorkspaceName)
OnSyncProgress = Callable[[SyncProgress], None]


def sync(
    store: BillingStore, asker: Asker, pace: Pace, plan: SyncPlan, on_progress: OnSyncProgress = lambda _: None
) -> SyncResult:
    """One run. What was stored stays, however it ends: the next run goes on from there."""
    now_ms = ms_of(pace.clock())
    run_id = begin_run(store.connection, now_ms, now_ms - FEWEST_SECONDS_APART * 1000 + 1)
    if run_id is None:
        return SyncResult(None, f"the last run began less than {FEWEST_SECONDS_APART} s ago")
    run = _Run(store, asker, pace, plan, on_progress, run_id)
    error = "broken off by an error of tokentui"
    try:
        run.all_series()
        error = "; ".join(run.errors)
    finally:
        outcome: Outcome = "done" if not error else "incomplete" if run.pages else "failed"
        end_run(store.connection, run_id, ms_of(pace.clock()), outcome, error)
    return SyncResult(outcome, error, tuple(sorted(run.notes)), run.pages, run.change)


class _Run:
    """One run: which series have been asked for, and what went wrong."""

    def __init__(
        self, store: BillingStore, asker: Asker, pace: Pace, plan: SyncPlan, on_progress: OnSyncProgress, run_id: int
    ) -> None:
        self._store, self._asker, self._pace, self._plan = store, asker, pace, plan
        self._on_progress, self._run_id = on_progress, run_id
        self.errors: list[str] = []
        self.notes: set[str] = set()
        self.pages = 0
        self.change = Change()
        self._reached: dict[SeriesName, datetime] = {}

    def all_series(self) -> None:
        """Usage first, it is what changes by the minute; what one series cannot have does not keep back another."""
        series: list[SeriesName] = [usage_series(self._plan.width), "cost", "claude code"]
        for name in series:
            try:
                if self._is_due(name):
                    self._whole(name)
            except AnthropicError as error:
                self.errors.append(f"{name}: {error}{self._stand(name)}")
                if _ends_the_run(error):
                    return
        if self._plan.everything or not self._are_names_known():
            self._names()

    def _whole(self, name: SeriesName) -> None:
        """A series up to now; begun anew where a page's token is refused, and only then."""
        for restarts_left in range(_RESTARTS, -1, -1):
            before = self.pages
            try:
                for page in self._pages(name):
                    self._keep(page)
            except RefusedError as error:
                if error.status != 400 or self.pages == before or not restarts_left:
                    raise
            else:
                return

    def _keep(self, page: Page) -> None:
        change = self._store.put_page(page, self._run_id, ms_of(self._pace.clock()))
        self.pages += page.requests
        self.change = self.change.plus(change)
        self.notes.update(page.notes)
        self._reached[page.series] = moment_of(page.until_ms)
        self._on_progress(SyncProgress(page.series, moment_of(page.until_ms), self.pages, change))

    def _pages(self, name: SeriesName) -> Iterator[Page]:
        now = self._pace.clock()
        span = Span(self._start(name, now), now)
        if name == "cost":
            return cost_pages(self._asker, span)
        if name == "claude code":
            name_of = person_namer(self._store.salt(), self._plan.keep_emails)
            self._store.rename_people(name_of)
            return claude_code_pages(self._asker, span, name_of)
        return usage_pages(self._asker, span, self._plan.width)

    def _start(self, name: SeriesName, now: datetime) -> datetime:
        """From where to ask: where this run came to already, else what the plan says."""
        if name in self._reached:
            return self._reached[name]
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        wanted = today - timedelta(days=(self._plan.days or FIRST_DAYS) - 1)
        return wanted if self._plan.days else self._after(name, now, wanted)

    def _after(self, name: SeriesName, now: datetime, wanted: datetime) -> datetime:
        """The end of what is stored without a gap, minus the overlap."""
        covered = coverage(self._store.connection, name)
        if not covered:
            return wanted
        first = covered[0]
        overlap = DAYS_OVERLAP
        if name.startswith("usage"):
            is_long = first.asked_at_ms // _LONG_EVERY_MS != ms_of(now) // _LONG_EVERY_MS
            overlap = LONG_OVERLAP if is_long else SHORT_OVERLAP
        return max(moment_of(first.until_ms) - overlap, moment_of(first.from_ms))

    def _is_due(self, name: SeriesName) -> bool:
        if self._plan.everything or name.startswith("usage"):
            return True
        covered = coverage(self._store.connection, name)
        due_ms = ms_of(self._pace.clock() - _DAY_REPORTS_EVERY)
        return not covered or covered[-1].asked_at_ms <= due_ms

    def _are_names_known(self) -> bool:
        return bool(self._store.connection.execute("SELECT 1 FROM api_key LIMIT 1").fetchone())

    def _names(self) -> None:
        """Names only make reports readable: a key that may not list them does not fail the run."""
        keys, workspace_names = self._had(api_keys, "keys"), self._had(workspaces, "workspaces")
        self._store.put_names(keys, workspace_names)

    def _had(self, names: Callable[[Asker], Iterator[_Name]], what: str) -> list[_Name]:
        """The names that can be had."""
        found: list[_Name] = []
        try:
            found.extend(names(self._asker))
        except (OutOfTimeError, StoppedError) as error:
            self.errors.append(f"names of {what}: {error}")
        except AnthropicError as error:
            self.notes.add(f"{what} stay without names: {error}")
        return found

    def _stand(self, name: SeriesName) -> str:
        """How far a series has come, for a run that did not reach the end."""
        covered = coverage(self._store.connection, name)
        if not covered:
            return "; nothing of it is stored yet"
        return f"; stored up to {moment_of(covered[0].until_ms):%Y-%m-%d %H:%M} UTC, run it again to go on"


def _ends_the_run(error: AnthropicError) -> bool:
    """Whether the other series would fare no better."""
    if isinstance(error, RefusedError):
        return error.status in (401, 402)
    return isinstance(error, OutOfTimeError | StoppedError | UnreachableError)
