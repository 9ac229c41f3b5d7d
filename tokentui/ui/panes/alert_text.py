"""One alert in full: evidence, times, peak, who was told, and what keeps it quiet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tokentui.queries.alert_rows import AlertRow, Mute, Sent
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.drawing.lines import Line, fold
from tokentui.ui.drawing.scrolling import ScrolledLines
from tokentui.ui.scene import Scene
from tokentui.watch.amounts import amount_text


class AlertText(ScrolledLines, can_focus=False):
    """Everything that is stored about one alert."""

    row: AlertRow | None = None
    mutes: tuple[Mute, ...] = ()

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The titles of the frame."""
        return (f"alert {self.row.alert_id}", self.row.rule) if self.row else ("", "")

    def text(self, scene: Scene, width: int) -> Sequence[Line]:
        """Evidence, times, peak, what was sent, what is muted."""
        row = self.row
        if row is None:
            return ()
        lines = _fact("evidence", row.evidence, width)
        lines += _fact("session", session_of(row), width) if row.session_id else []
        lines += _fact("peak", _peak(row, scene), width)
        lines += _fact("times", _times(row, scene), width)
        lines += [line for sent in row.sent for line in _fact(*_delivery(sent, scene), width)]
        if not row.sent:
            lines += _fact("sent", "nowhere outside the screen", width)
        return [
            *lines,
            *(line for mute in self.mutes if _keeps_quiet(mute, row) for line in _muted(mute, scene, width)),
        ]


def _peak(row: AlertRow, scene: Scene) -> str:
    reached, limit = amount_of(row.peak, row), amount_of(row.limit, row)
    said = f"{reached} at {words.clock(row.peak_at, scene.time_zone)}, limit {limit}"
    return f"{said} · {row.peak_evidence}" if row.peak_evidence not in ("", row.evidence) else said


def _times(row: AlertRow, scene: Scene) -> str:
    def at(moment: datetime) -> str:
        return words.date_and_time(moment, scene.time_zone)

    parts = [f"raised {at(row.raised_at)}", f"ended {at(row.ended_at)}" if row.ended_at else f"holds {scene.now_word}"]
    if row.acknowledged_at:
        parts.append(f"seen {at(row.acknowledged_at)}")
    if row.times > 1:
        parts.append(f"came back {'once' if row.times == 2 else f'{row.times - 1:,} times'}")
    return " · ".join(parts)


def _delivery(sent: Sent, scene: Scene) -> tuple[str, str]:
    at = words.clock(sent.at, scene.time_zone)
    if sent.error:
        tries = f" after {words.plural(sent.attempts, 'attempt')}" if sent.attempts else ""
        return "✖ not sent", f"{sent.channel} at {at}{tries}: {sent.error}"
    if sent.is_pending:
        return "on its way", f"{sent.channel} since {at}"
    return ("sent", f"{sent.channel} at {at}") if sent.attempts else ("not sent", sent.channel)


def _keeps_quiet(mute: Mute, row: AlertRow) -> bool:
    return mute.rule in ("", row.rule) and mute.session_id in ("", row.session_id)


def _muted(mute: Mute, scene: Scene, width: int) -> list[Line]:
    what = " of ".join(part for part in (mute.rule, "this session" if mute.session_id else "") if part)
    until = f"until {words.moment(mute.until, scene.now, scene.time_zone)}" if mute.until else "for good"
    return _fact("muted", f"{what} is quiet {until}", width)


def _fact(label: str, value: str, width: int) -> list[Line]:
    parts = fold(safe_text(value), max(16, width - 14)) or [""]
    ink = "bad" if label.startswith("✖") else "muted"
    first: Line = ((f" {words.left(label, 10)}  ", ink), (parts[0], ""))
    return [first, *(((" " * 13, ""), (part, "")) for part in parts[1:])]


def amount_of(value: float, row: AlertRow) -> str:
    """A value with its unit, rates per minute; the rules' tokens per minute are fresh tokens."""
    if not row.rule.endswith("_per_minute"):
        return amount_text(value, row.unit)
    return f"{amount_text(value, 'fresh_tokens' if row.unit == 'tokens' else row.unit)}/min"


def session_of(row: AlertRow) -> str:
    """The title of the alert's session, else the beginning of its id; empty where it names none."""
    return row.session_title or (f"session {row.session_id[:8]}" if row.session_id else "")
