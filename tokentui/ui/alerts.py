"""How alerts are shown: sign, word and ink by severity, and which alert comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tokentui.text import safe_text

if TYPE_CHECKING:
    from tokentui.config.thresholds import Grade
    from tokentui.queries.alert_rows import AlertRow

SIGNS: Mapping[Grade, str] = {"alarm": "✖", "warn": "▲", "note": "·"}
INKS: Mapping[Grade, str] = {"alarm": "bad", "warn": "warn", "note": "muted"}
_WORDS: Mapping[Grade, tuple[str, str]] = {"alarm": ("ALARM", "alarm"), "warn": ("WARNING", "banner")}


_CULPRIT = ' · session "'
"""The words that come before the culprit in the sentences of `watch.rules.findings`."""


def shown(alerts: Sequence[AlertRow]) -> list[AlertRow]:
    """The alerts for the banners, unseen ones first and the loudest first among those; notes stay in the log."""
    return sorted((alert for alert in alerts if alert.grade != "note"), key=lambda alert: bool(alert.acknowledged_at))


def headline(alert: AlertRow, room: int, *, is_tall: bool) -> tuple[list[str], str]:
    """`✖ ALARM too many agents at once: 14 agents working …` and its ink; calm once somebody has seen it.

    Where that is too long for one line and there is room for two, rule and culprit come first, the figures below.
    """
    word, ink = _WORDS.get(alert.grade, ("NOTE", "calm"))
    sign, ink = (f"{SIGNS[alert.grade]} {word} ", ink) if alert.acknowledged_at is None else ("✓ seen · ", "calm")
    evidence = safe_text(alert.peak_evidence or alert.evidence, 400)
    whole = f"{sign}{safe_text(alert.title)}: {evidence}"
    figures, culprit, name = evidence.rpartition(_CULPRIT)
    if cell_len(whole) <= room or not is_tall or alert.acknowledged_at is not None:
        return [whole], ink
    first = f"{sign}{safe_text(alert.title)}"
    return [f"{first}{culprit}{name}" if figures else first, f"  {figures or evidence}"], ink


def grade_of(alerts: Sequence[AlertRow], session_id: str) -> Grade | None:
    """The level of a session's loudest unseen alert, else of its loudest seen one; None without any.

    `alerts` come the loudest first.
    """
    seen: Grade | None = None
    for alert in alerts:
        if alert.session_id == session_id and alert.grade != "note":
            if not alert.acknowledged_at:
                return alert.grade
            seen = seen or alert.grade
    return seen


def guilty_agents(alerts: Sequence[AlertRow], session_id: str) -> frozenset[str]:
    """The agents of a session that open alerts name; the empty id is the main thread."""
    return frozenset(agent for alert in alerts if alert.session_id == session_id for agent in alert.agents)
