"""The alert log, the newest first, and one alert in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from tokentui.queries.alert_rows import AlertRow, Mute, Sent
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.alerts import INKS, SIGNS
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line, fold
from tokentui.ui.drawing.scrolling import ScrolledLines
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.keymap import keys
from tokentui.ui.requests import AcknowledgeAlert, MuteAlerts, OfferInterrupt, OpenSession, ShowMoment
from tokentui.ui.scene import Scene
from tokentui.watch.amounts import amount_text
from tokentui.widths import shorten_words


def _state(row: AlertRow, _scene: Scene, _width: int) -> Line:
    if row.state == "over":
        return (("○ over", "muted"),)
    if row.acknowledged_at is not None:
        return (("✓ seen", "muted"),)
    return ((f"{SIGNS[row.grade]} {row.grade}", INKS[row.grade]),)


def _sent(row: AlertRow, _scene: Scene, _width: int) -> Line:
    failed = sum(bool(sent.error) for sent in row.sent)
    told = sum(bool(sent.attempts) and not sent.error for sent in row.sent)
    if failed:
        return ((f"✖ {failed} of {failed + told}", "bad"),)
    return ((str(told), "") if told else ("–", "muted"),)


def _lasted(row: AlertRow, scene: Scene, _width: int) -> Line:
    seconds = ((row.ended_at or max(scene.now, row.last_at)) - row.raised_at).total_seconds()
    return ((words.duration(max(0.0, seconds)), "muted"),)


def _reached(row: AlertRow, _scene: Scene, width: int) -> Line:
    """The peak with its unit, or without it if there is no room."""
    whole = _amount(row.peak, row)
    return ((words.fitting(width, whole, whole.replace(" tokens", ""), whole.split(" ")[0]), "strong"),)


def _amount(value: float, row: AlertRow) -> str:
    """A value with its unit, rates per minute; the rules' tokens per minute are fresh tokens."""
    if not row.rule.endswith("_per_minute"):
        return amount_text(value, row.unit)
    return f"{amount_text(value, 'fresh_tokens' if row.unit == 'tokens' else row.unit)}/min"


def _session(row: AlertRow) -> str:
    return row.session_title or (f"session {row.session_id[:8]}" if row.session_id else "")


COLUMNS: tuple[Column[AlertRow], ...] = (
    Column("state", "state", 7, 0, _state, flush_right=False),
    Column("raised", "raised", 9, 1,
           lambda row, scene, _: ((words.moment(row.raised_at, scene.now, scene.time_zone), ""),), flush_right=False),
    Column("rule", "rule", 24, 0, lambda row, *_: ((safe_text(row.title), ""),), flush_right=False, share=2, ease=30),
    Column("evidence", "evidence", 16, 4,
           lambda row, _, width: ((shorten_words(safe_text(row.evidence), width), "muted"),), flush_right=False,
           share=3),
    Column("lasted", "lasted", 8, 5, _lasted),
    Column("peak", "peak", 15, 3, _reached),
    Column("sent", "sent", 8, 2, _sent),
)  # fmt: skip


class AlertsPane(RowTable[AlertRow]):
    """The table of all stored alerts."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("alerts", "session"))

    class Chosen(Message):
        """Posted when the cursor is on another alert."""

    def __init__(self, formulas: Mapping[str, str]) -> None:
        super().__init__(id="alerts", classes="framed")
        self.HELP_TEXT = texts.PaneHelp(
            "alerts",
            "What the rules raised, the newest first. ✖ alarm, ▲ warn and · note hold now, ✓ was seen by somebody, "
            "○ is over. A note is only kept here, a warning is also shown on the screen, an alarm is also sent "
            "outside it. Each rule speaks once its condition has held for its time, and is over when spend stops.",
            (*formulas.items(), texts.USUAL, texts.WORKING),
        )

    def key_of(self, row: AlertRow) -> str:
        """The alert's number."""
        return str(row.alert_id)

    def columns(self, scene: Scene) -> Sequence[Column[AlertRow]]:
        """All columns."""
        return COLUMNS

    def is_ghost(self, row: AlertRow) -> bool:
        """Alerts that are over are drawn quietly."""
        return row.state == "over"

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """How many alerts there are."""
        is_open = sum(row.state == "alarm" for row in self.rows)
        return f"alerts · {words.plural(len(self.rows), 'alert')}, {is_open} open", "newest first"

    def empty_lines(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """That no alert was ever raised."""
        return [(), ((" nothing was raised so far: no rule's condition held", "muted"),)]

    def _place_cursor(self, index: int) -> None:
        super()._place_cursor(index)
        self.post_message(self.Chosen())
        self.refresh_keys()

    def open_row(self, row: AlertRow) -> None:
        """Open the session of the alert, with the guilty agents marked."""
        if row.session_id:
            self.post_message(OpenSession(row.session_id, frozenset(row.agents)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse what concerns a session if the alert names none."""
        row = self.cursor_row
        if action in ("open_row", "mute_session", "interrupt"):
            return row is not None and bool(row.session_id)
        if action == "acknowledge":
            return row is not None and row.acknowledged_at is None
        return row is not None if action in ("mute_rule", "moment") else True

    def action_acknowledge(self) -> None:
        """Mark the alert as seen."""
        if row := self.cursor_row:
            self.post_message(AcknowledgeAlert(row.alert_id))

    def action_moment(self) -> None:
        """Show the dashboard as it stood when the alert was raised."""
        if row := self.cursor_row:
            self.post_message(ShowMoment(row.raised_at))

    def action_mute_rule(self) -> None:
        """Mute the alert's rule for an hour."""
        if row := self.cursor_row:
            self.post_message(MuteAlerts(row.rule, "", f"rule {row.rule}"))

    def action_mute_session(self) -> None:
        """Mute the alert's session for good."""
        if row := self.cursor_row:
            self.post_message(MuteAlerts("", row.session_id, _session(row)))

    def action_interrupt(self) -> None:
        """Offer to interrupt the alert's session."""
        if row := self.cursor_row:
            self.post_message(OfferInterrupt(row.session_id, _session(row)))


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
        lines += _fact("session", _session(row), width) if row.session_id else []
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
    reached, limit = _amount(row.peak, row), _amount(row.limit, row)
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
