"""Findings with money attached: what was seen, what it could have saved, and where to look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from tokentui.figures import format_usd
from tokentui.queries.advice.findings import Finding
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.line_pane import room_beside
from tokentui.ui.drawing.lines import Line, fold
from tokentui.ui.drawing.scrolling import ScrolledLines
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.keymap import keys, spelled
from tokentui.ui.requests import MarkFinding
from tokentui.ui.scene import Scene
from tokentui.widths import shorten_middle

HELP = texts.PaneHelp(
    "advice",
    "What stands out in the logs of the last 30 days, the largest possible saving first. Each saving is a range, "
    "reckoned as the text below says. Savings of different findings may overlap, so they do not add up. {drill} shows "
    "the evidence: the costliest places, each of which opens.",
    (
        ("idle rebuilds", "a prompt was written again after 5 to 60 idle minutes; an hour's cache would have kept it"),
        ("model choice", "a costly model on agents that a smaller one serves elsewhere in the same project"),
        ("large results", "tool results that were carried in many prompts"),
        ("repeated calls", "the same call of the same tool again and again"),
        ("repeated agents", "agents that were asked the same"),
        texts.MONEY,
    ),
)


def range_text(finding: Finding) -> str:
    """`$0.12 – $4.20`; one figure where both ends are the same."""
    low, high = format_usd(finding.low_pico_usd), format_usd(finding.high_pico_usd)
    return low if low == high else f"{low} – {high}"


def _project(row: Finding, _scene: Scene, width: int) -> Line:
    return ((shorten_middle(words.project(safe_text(row.project)) or "(none)", width), ""),)


def _kind(row: Finding, _scene: Scene, _width: int) -> Line:
    return ((row.kind, ""), (" dismissed", "muted") if row.is_dismissed else ("", ""))


def _saving(row: Finding, _scene: Scene, _width: int) -> Line:
    low, dash, high = range_text(row).rpartition(" – ")
    return ((f"{low}{dash}{high:>8}", "strong"),)


COLUMNS: tuple[Column[Finding], ...] = (
    Column("saving", "could have saved", 19, 0, _saving),
    Column("kind", "finding", 15, 0, _kind, flush_right=False, ease=25),
    Column("subject", "about", 14, 2, lambda row, *_: ((safe_text(row.subject), ""),), flush_right=False, share=1),
    Column("project", "project", 14, 1, _project, flush_right=False, share=2),
    Column("count", "times", 6, 3, lambda row, *_: ((f"{row.count:,}", ""),)),
)


class AdvicePane(RowTable[Finding]):
    """The table of findings, one row each."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("advice"))
    HELP_TEXT: ClassVar = HELP

    class Chosen(Message):
        """Posted when the cursor is on another finding."""

    class Opened(Message):
        """Posted when the evidence of a finding is asked for."""

        def __init__(self, finding: Finding) -> None:
            super().__init__()
            self.finding = finding

    findings: tuple[Finding, ...] | None = None
    as_of: datetime | None = None
    with_dismissed = False
    undoable: tuple[str, ...] = ()
    """Keys of findings dismissed on this screen, the latest last."""

    def take(self, findings: tuple[Finding, ...]) -> None:
        """Show the new findings."""
        self.findings = findings
        self.set_rows([one for one in findings if self.with_dismissed or not one.is_dismissed])
        self.post_message(self.Chosen())
        self.redraw()
        self.refresh_bindings()

    def key_of(self, row: Finding) -> str:
        """The finding's key."""
        return row.key

    def open_row(self, row: Finding) -> None:
        """Show the evidence."""
        self.post_message(self.Opened(row))

    def _place_cursor(self, index: int) -> None:
        super()._place_cursor(index)
        self.post_message(self.Chosen())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse to dismiss without a row, and to undo where nothing was dismissed."""
        if action == "undo":
            return bool(self.undoable)
        if action == "show_dismissed":
            return any(one.is_dismissed for one in self.findings or ())
        return bool(self.rows) if action in ("open_row", "dismiss") else True

    def action_dismiss(self) -> None:
        """Dismiss the finding under the cursor, or show it again."""
        if row := self.cursor_row:
            self.post_message(MarkFinding(row.key, is_dismissed=not row.is_dismissed))

    def action_undo(self) -> None:
        """Take back the last dismissal."""
        if self.undoable:
            self.post_message(MarkFinding(self.undoable[-1], is_dismissed=False))

    def action_show_dismissed(self) -> None:
        """Show dismissed findings as well, or hide them again."""
        self.with_dismissed = not self.with_dismissed
        self.take(self.findings or ())

    def columns(self, scene: Scene) -> Sequence[Column[Finding]]:
        """All columns."""
        return COLUMNS

    def is_ghost(self, row: Finding) -> bool:
        """Dismissed findings are drawn quietly."""
        return row.is_dismissed

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """How many findings there are and how many are hidden, and when the history was examined."""
        hidden = len(self.findings or ()) - len(self.rows)
        more = f", {hidden} dismissed" if hidden else ""
        name, kind = f"advice · {words.plural(len(self.rows), 'finding')}{more}", "last 30 days · at list price"
        if self.as_of is None:
            return name, kind
        at = words.moment(self.as_of, scene.now, scene.time_zone)
        return name, words.fitting(room_beside(name, width), f"{kind} · as of {at}", kind, "at list price", "")

    def empty_lines(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """That nothing was found, or that nothing is known yet."""
        if self.findings is None:
            text = "going through the last 30 days …"
        elif self.findings:
            text = "all that was found is dismissed"
        else:
            text = "nothing stands out in the last 30 days"
        return ((), ((f" {text}", "muted"),))


class FindingText(ScrolledLines, can_focus=False):
    """One finding in full."""

    finding: Finding | None = None

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """What it could have saved."""
        return (self.finding.kind, range_text(self.finding)) if self.finding else ("", "")

    def text(self, scene: Scene, width: int) -> Sequence[Line]:
        """What was seen, how the range is reckoned, where to look."""
        finding = self.finding
        if finding is None:
            return ()
        places = len({one.session_id for one in finding.evidence})
        where = f"{words.plural(len(finding.evidence), 'place')} in {words.plural(places, 'session')}"
        where = f"{where}; {spelled.first_key('drill', scene.keymap)} lists them"
        facts = (("seen", f"{safe_text(finding.text, 400)}."), ("reckoned", finding.reckoning), ("evidence", where))
        return [line for label, value in facts for line in _fact(label, value, width)]


def _fact(label: str, value: str, width: int) -> list[Line]:
    parts = fold(value, max(16, width - 14)) or [""]
    first: Line = ((f" {label:<10}  ", "muted"), (parts[0], ""))
    return [first, *(((" " * 13, ""), (part, "")) for part in parts[1:])]
