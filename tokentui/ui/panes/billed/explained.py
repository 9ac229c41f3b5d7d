"""A row of the billed screen in full: where each figure comes from, and why logs and bill differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from tokentui.figures import format_share
from tokentui.queries.reckoning.billing import BillingRow
from tokentui.queries.reckoning.cells import Reason
from tokentui.queries.reckoning.claude_code.report import CodeVoice
from tokentui.queries.reckoning.claude_code.sums import CODE_GROUPINGS
from tokentui.queries.reckoning.results import REASONS, KeyRow, ReckoningRow
from tokentui.queries.reckoning.screen import BilledSide, ReckonedDay
from tokentui.records import Tokens
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.lines import Line, fold
from tokentui.ui.drawing.scrolling import ScrolledLines
from tokentui.ui.panes.billed.bill import DEFAULT, WORKBENCH, BilledLine, billed, estimate
from tokentui.ui.panes.billed.reckoning import DOUBLE
from tokentui.ui.scene import Scene

_CELLS = 20
_NOTHING = "–"
_BY_CODE = (
    "logs and bills name no people and no terminals: Claude Code's own report tells of them, of everybody in the "
    "organization and subscriptions included"
)
_UNTOLD: Mapping[str, str] = MappingProxyType(
    {
        "project": "bills name no projects: only the local estimate can be told for one",
        "workspace": "logs name no workspaces: what is billed here cannot be set beside logs",
        "account": "logs and bills name no accounts: only the Usage API tells of one",
        "actor": _BY_CODE,
        "terminal": _BY_CODE,
    }
)
"""Why rows of these groupings have no local figures, or no billed ones."""


class ExplainedPane(ScrolledLines):
    """The text that explains one row."""

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "explained",
        "Where a row's figures come from, and the class of each difference: billed minus logged, in tokens.",
        tuple(REASONS.items()),
    )

    def __init__(self, row: object, side: BilledSide, *, id: str, classes: str) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._row, self._side = row, side

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The titles of the frame: which row."""
        return title_of(self._row, self._side), "billed − local"

    def text(self, scene: Scene, width: int) -> Sequence[Line]:
        """All lines."""
        return explained(self._row, self._side, width)


def title_of(row: object, side: BilledSide) -> str:
    """The name of the row that is explained."""
    if isinstance(row, ReckonedDay):
        return f"{row.day} UTC"
    return f"{side.billing.by} {row.name}" if isinstance(row, BilledLine) and row.key != "total" else "total"


def explained(row: object, side: BilledSide, width: int) -> list[Line]:
    """The lines for a row of either table."""
    if isinstance(row, ReckonedDay):
        return [*_by_model(row.rows, width), *_classes(row.rows, width), *_findings(row.rows, side, width)]
    if not isinstance(row, BilledLine):
        return []
    rows = _rows_of(row, side)
    lines = [*_money(row), ()]
    by = side.billing.by
    if by in _UNTOLD and (row.key != "total" or by in CODE_GROUPINGS):
        return [*lines, *_text(_UNTOLD[by], width)]
    if by == "key" and row.key != "total":
        return [*lines, *_key(row, side.reckoning.keys, width)]
    return [*lines, *_classes(rows, width), *_findings(rows, side, width)]


def _rows_of(line: BilledLine, side: BilledSide) -> list[ReckoningRow]:
    by, name = side.billing.by, line.row.name
    return [
        row
        for row in side.reckoning.rows
        if line.key == "total" or (by == "day" and row.day.isoformat() == name) or (by == "model" and row.model == name)
    ]


def _money(line: BilledLine) -> list[Line]:
    row = line.row
    tokens = f"{row.reported_tokens.total:,}" if row.reported_tokens else _NOTHING
    return [
        _named("local estimate", estimate(row.logged), "the logs at list price"),
        _named("list estimate", estimate(row.reported), "what Anthropic reports, at list price"),
        _named("billed", billed(row.billed_pico_usd), "the Cost API, else imported cost exports"),
        _named("tokens reported", tokens, "the Usage API, else imported token exports"),
        *_money_by_code(row),
    ]


def _money_by_code(row: BillingRow) -> list[Line]:
    if row.code is None:
        return []
    tokens = f"Claude Code's own report: {row.code.tokens.total:,} tokens, Anthropic's estimate"
    return [_named("Claude Code", billed(row.code.pico_usd), tokens)]


def _named(name: str, value: str, source: str) -> Line:
    return ((f" {words.left(name, _CELLS)}", "muted"), (f"{value:>12}", "strong"), (f"  {source}", "muted"))


def _heading(text: str) -> Line:
    return ((f" {text}", "title"),)


def _text(text: str, width: int, ink: str = "") -> list[Line]:
    return [((f" {part}", ink),) for part in fold(text, max(10, width - 2))]


def _by_model(rows: Iterable[ReckoningRow], width: int) -> list[Line]:
    """Each model's figures by source."""
    lines: list[Line] = []
    for row in rows:
        at_least = "≥" if row.lower_bound_responses else ""
        lines += [
            _heading(words.model(safe_text(row.model)) or "(no model)"),
            _named("local", f"{at_least}{row.logged.total:,}", f"tokens · {estimate(row.logged_estimate)} estimate"),
            _named("API", _count(row.api), f"tokens · {billed(row.api_billed_pico_usd)} billed"),
            _named("CSV", _count(row.csv), f"tokens · {billed(row.csv_billed_pico_usd)} billed"),
        ]
        if row.code is not None:
            lines.append(_named("Claude Code", f"{row.code.tokens.total:,}", _voice(row.code)))
        if row.against:
            source = {"api": "the API", "csv": "the exports"}[row.against]
            grain = words.slice_length(row.grain_s) if row.grain_s else "day"
            lines += _text(f"compared with {source} in steps of {grain}", width, "muted")
        lines.append(())
    return lines


def _voice(voice: CodeVoice) -> str:
    return (
        f"tokens by its own report, {voice.subscription.total:,} by subscription · "
        f"{billed(voice.estimated_pico_usd)} its estimate"
    )


def _count(tokens: Tokens | None) -> str:
    return _NOTHING if tokens is None else f"{tokens.total:,}"


def _classes(rows: Iterable[ReckoningRow], width: int) -> list[Line]:
    """The classes of differences that occur, each with its sum and meaning; double counting stands out as the first."""
    rows = list(rows)
    sums: dict[Reason, Tokens] = {}
    for row in rows:
        for reason, tokens in row.parts:
            sums[reason] = sums.get(reason, Tokens()).plus(tokens)
    lines = [_heading("why they differ")]
    if not any(row.against for row in rows):
        return [*lines, *_text("there is nothing to compare the logs with", width), ()]
    if not any(any(tokens) for tokens in sums.values()):
        return [*lines, *_text("they do not: every token that was billed was logged", width), ()]
    for reason, tokens in sorted(sums.items(), key=lambda item: (item[0] != DOUBLE, -abs(item[1].total))):
        is_double = reason == DOUBLE
        name = "✖ DOUBLE COUNTING" if is_double else reason
        lines.append(
            ((f" {words.left(name, _CELLS)}", "bad" if is_double else "strong"), (f"{tokens.total:>+16,} tokens", ""))
        )
        lines += [((f"   {part}", "bad" if is_double else "muted"),) for part in fold(REASONS[reason], width - 4)]
    return [*lines, ()]


def _findings(rows: Iterable[ReckoningRow], side: BilledSide, width: int) -> list[Line]:
    """Findings about these days and models."""
    names = {f"{row.day} {row.model}" for row in rows}
    found = [finding for finding in side.reckoning.findings if any(finding.text.startswith(name) for name in names)]
    lines = [_heading("findings")] if found else []
    for finding in found:
        sign, ink = ("✖", "bad") if finding.is_off else ("•", "")
        lines += _text(f"{sign} {safe_text(finding.text, 400)}", width, ink)
    return lines


def _key(line: BilledLine, keys: Iterable[KeyRow], width: int) -> list[Line]:
    """The lines that say whether an API key is used on this machine."""
    lines = [_heading("is it used here?")]
    for key in keys:
        if key.api_key == line.row.name:
            where = safe_text(key.workspace) or DEFAULT
            name = safe_text(key.api_key) or WORKBENCH
            seen = format_share(key.seen_here).strip()
            lines += _text(f"{name} in {where}: {seen} of its tokens were billed while the logs show use", width)
            if key.code is not None:
                lines += _text(f"Claude Code's own report tells of {key.code.total:,} of its tokens", width)
            if key.is_foreign:
                lines += _text("never used while the logs show use: no project here seems to use it", width, "warn")
    return lines if len(lines) > 1 else [*lines, *_text("logs name no keys, and minutes are not known", width)]
