"""The scene: everything that one picture of the screen depends on, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Literal

from tokentui.ingest.report import IngestProgress, IngestReport
from tokentui.queries.results import Snapshot
from tokentui.ui.background.syncing import SyncStatus
from tokentui.ui.charts.alphabet import BLOCK, Alphabet
from tokentui.view import View

if TYPE_CHECKING:
    from tokentui.queries.alert_rows import AlertRow

Stage = Literal["opening", "nothing found", "reading first", "no responses", "out of range", "filtered out", "shown"]
"""How much there is to show, from nothing known yet to figures."""

UNPRICED_IS_NEWS_FOR = timedelta(minutes=10)
"""How long a new model without a price has a banner; afterwards `≥` and a mark in the status line remain."""


@dataclass(frozen=True, eq=False, slots=True)
class Scene:
    """What the screen shows at one moment; replaced as a whole, and compared by identity."""

    now: datetime
    time_zone: tzinfo
    view: View
    snapshot: Snapshot | None = None
    """The snapshot on screen: the newest, or the one at the freeze."""
    latest: Snapshot | None = None
    report: IngestReport | None = None
    frozen_at: datetime | None = None
    failures: Mapping[str, str] = field(default_factory=dict)
    """Part that fails → the reason."""
    is_demo: bool = False
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys that the user has remapped, by id."""
    alphabet: Alphabet = BLOCK
    """The glyphs of the charts."""
    sync: SyncStatus = field(default_factory=SyncStatus)
    """The state of the background sync."""
    unpriced_since: Mapping[str, datetime] = field(default_factory=dict)
    """Model without a price → when this screen first saw a response of it."""

    @property
    def progress(self) -> IngestProgress:
        """How far reading has come; nothing read before the first report."""
        return self.report.progress if self.report else IngestProgress("starting")

    @property
    def unpriced_models(self) -> tuple[tuple[str, int], ...]:
        """Models without a price and how many responses each has in the range."""
        return self.snapshot.totals.unpriced_models if self.snapshot else ()

    @property
    def unpriced_is_news(self) -> bool:
        """Whether any of these models was first seen within the last ten minutes."""
        since = [self.unpriced_since.get(model, self.now) for model, _ in self.unpriced_models]
        return any(self.now - at < UNPRICED_IS_NEWS_FOR for at in since)

    def noting_unpriced(self, at: datetime) -> Scene:
        """The scene with the time `at` noted for models without a price that it has not seen before."""
        new = {model: at for model, _ in self.unpriced_models if model not in self.unpriced_since}
        return replace(self, unpriced_since={**self.unpriced_since, **new}) if new else self

    @property
    def is_reading(self) -> bool:
        """Whether old logs are still being read."""
        return self.progress.phase in ("starting", "re-pricing", "catching up")

    @property
    def is_past(self) -> bool:
        """Whether a moment in the past is shown."""
        return self.view.as_of is not None

    @property
    def now_word(self) -> str:
        """The word for the moment shown: `now`, or `then` in the past."""
        return "then" if self.is_past else "now"

    @property
    def today_word(self) -> str:
        """The word for the day shown: `today`, or `that day` in the past."""
        return "that day" if self.is_past else "today"

    @property
    def alerts(self) -> tuple[AlertRow, ...]:
        """Alerts of the moment shown, the loudest first; a freeze does not hide new ones."""
        return self.latest.alerts if self.latest is not None else ()

    @property
    def waiting_responses(self) -> int:
        """Responses that arrived since the view was frozen."""
        if self.snapshot is None or self.latest is None:
            return 0
        return max(0, self.latest.totals.responses - self.snapshot.totals.responses)

    @property
    def stage(self) -> Stage:
        """How much there is to show."""
        snapshot = self.snapshot
        if snapshot is None:
            return "opening"
        if not snapshot.totals.responses:
            return self._stage_of_empty_store()
        if snapshot.sessions:
            return "shown"
        return "filtered out" if snapshot.sessions_in_range else "out of range"

    def _stage_of_empty_store(self) -> Stage:
        if self.report is None or self.progress.phase == "starting":
            return "opening"
        if self.is_reading and self.progress.logs_known:
            return "reading first"
        return "no responses" if self.progress.logs_known else "nothing found"
