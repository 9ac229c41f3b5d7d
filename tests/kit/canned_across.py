"""Made-up advice and comparisons."""

from __future__ import annotations

from datetime import timedelta

from tests.kit.canned import HAIKU, HOSTILE, NOW, OPUS, SONNET, USD, dollars, session, tokens
from tokentui.queries.advice.advise import AdviceView
from tokentui.queries.advice.findings import Advice, Evidence, Finding, FindingKind
from tokentui.queries.compare.screen import Choice, Comparison
from tokentui.queries.compare.side_by_side import Side
from tokentui.queries.compare.subjects import SideKind


def _finding(key: str, kind: FindingKind, subject: str, low: float, high: float, count: int) -> Finding:
    evidence = tuple(
        Evidence(session(place).session_id, "a2" if place else "", 9_000 - place if place < 2 else None, "",
                 round(high / (place + 2) * USD))
        for place in range(3)
    )  # fmt: skip
    return Finding(
        key, kind, "/home/ada/src/[wip]/parser" if kind == "large results" else "/home/ada/src/tokentui", subject,
        f"{count} times something was seen that costs more than it should", "Low: the surely avoidable part of what "
        "was spent on it; high: all of it. Other findings may count some of the same money.", round(low * USD),
        round(high * USD), count, evidence,
    )  # fmt: skip


FINDINGS = (
    _finding("f1", "idle rebuilds", "5-minute cache", 4.1, 12.62, 31),
    _finding("f2", "model choice", "Explore", 0.0, 7.9, 118),
    _finding("f3", "large results", HOSTILE, 1.2, 1.9, 4),
    _finding("f4", "repeated calls", "Bash", 0.25, 0.25, 6),
)


def advice() -> AdviceView:
    """Four findings, and titles of the sessions behind them."""
    titles = {session(place).session_id: session(place).title for place in range(3)}
    return AdviceView(Advice(NOW, NOW - timedelta(days=30), FINDINGS), titles)


NAMES: dict[SideKind, tuple[tuple[str, str], ...]] = {
    "session": tuple((session(place).session_id, session(place).title) for place in range(4)),
    "project": (
        ("/home/ada/src/tokentui", ""),
        ("/home/ada/work/ledger/services/billing", ""),
        ("/home/ada/src/[wip]", ""),
    ),
    "week": tuple((f"2026-11-{day:02}", f"week of 2026-11-{day:02}") for day in (16, 9, 2)),
    "model": ((OPUS, ""), (SONNET, ""), (HAIKU, "")),
}


def _side(kind: SideKind, name: str, scale: float) -> Side:
    label = next(label or name for known, label in NAMES[kind] if known == name)
    return Side(
        kind, name, label, round(410 * scale), round(2 * scale), tokens(61_000_000 * scale), dollars(38.4 * scale),
        round(6 * scale), round(31 * scale), ((OPUS, round(30 * scale * USD)), (HAIKU, round(8.4 * scale * USD))),
        round(702 * scale), 11, round(150 * scale * USD),
    )  # fmt: skip


def comparison(kind: SideKind, one: str, other: str) -> Comparison:
    """The two asked for; where none is named the first two."""
    names = [name for name, _ in NAMES[kind]]
    one = one or next(name for name in names if name != other)
    other = other or next(name for name in names if name != one)
    choices = tuple(
        Choice(name, label or name, dollars(30 / (place + 1), 0, place), 41_000_000 // (place + 1), 900 // (place + 1),
               round((NOW - timedelta(days=place)).timestamp() * 1000))
        for place, (name, label) in enumerate(NAMES[kind])
    )  # fmt: skip
    return Comparison(NOW, kind, (_side(kind, one, 1.0), _side(kind, other, 1.62)), choices)
