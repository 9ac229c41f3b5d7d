"""The alert log, the newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from tokentui.queries.alert_rows import AlertRow
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.alerts import INKS, SIGNS
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.keymap import keys
from tokentui.ui.panes.alert_text import amount_of, session_of
from tokentui.ui.requests import AcknowledgeAlert, MuteAlerts, OfferInterrupt, OpenSession, ShowMoment
from tokentui.ui.scene import Scene
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
    whole = amount_of(row.peak, row)
    return ((words.fitting(width, whole, whole.replace(" tokens", ""), whole.split(" ")[0]), "strong"),)


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
            self.post_message(MuteAlerts("", row.session_id, session_of(row)))

    def action_interrupt(self) -> None:
        """Offer to interrupt the alert's session."""
        if row := self.cursor_row:
            self.post_message(OfferInterrupt(row.session_id, session_of(row)))
