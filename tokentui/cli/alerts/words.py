"""Alerts and rules as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

import click

from tokentui.cli.printing.answers import SCHEMA_VERSION, utc_text
from tokentui.cli.printing.folding import print_folded
from tokentui.config.settings import Settings
from tokentui.config.thresholds import RULE_DEFAULTS, settings_of
from tokentui.figures import format_duration_ms
from tokentui.queries.alert_rows import AlertRow, Mute
from tokentui.watch.rules.catalogue import RULES

if TYPE_CHECKING:
    from tokentui.guard.raised import Raised


def print_alerts(rows: Sequence[AlertRow], mutes: Sequence[Mute], zone: tzinfo) -> None:
    """The alerts as text, two lines or more for each: when and what, the evidence at its worst, and what was sent."""
    for row in rows:
        marks = ["open" if row.state == "alarm" else "over", row.grade, *(["seen"] if row.acknowledged_at else [])]
        times = f", {row.times}×" if row.times > 1 else ""
        print_folded(
            f"#{row.alert_id}  {row.raised_at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {_lasted(row)}{times}"
            f"  {' · '.join(marks)}  {row.rule}: {row.title}"
        )
        print_folded(row.peak_evidence, "    ")
        for sent in row.sent:
            outcome = sent.error or ("on its way" if sent.is_pending else "sent" if sent.attempts else "not sent")
            tries = f" after {sent.attempts} attempts" if sent.attempts > 1 else ""
            print_folded(f"{sent.channel}: {outcome}{tries}", "    ")
    if not rows:
        click.echo("No alerts.")
    for mute in mutes:
        what = " of ".join(part for part in (mute.rule, mute.session_id and f"session {mute.session_id}") if part)
        until = "for good" if mute.until is None else f"until {mute.until.astimezone(zone):%Y-%m-%d %H:%M}"
        click.echo(f"muted: {what}, {until}")


def _lasted(row: AlertRow) -> str:
    return format_duration_ms(((row.ended_at or row.last_at) - row.raised_at).total_seconds() * 1000)


def alerts_json(rows: Iterable[AlertRow], now: datetime) -> str:
    """The alerts as JSON."""
    found = [_fields(row) for row in rows]
    totals = {"alerts": len(found), "open": sum(row["state"] == "alarm" for row in found)}
    return _answer(now, totals, found)


def _fields(row: AlertRow) -> dict[str, Any]:
    return {
        "id": row.alert_id,
        "rule": row.rule,
        "title": row.title,
        "grade": row.grade,
        "state": row.state,
        "subject": row.subject,
        "session_id": row.session_id,
        "session_title": row.session_title,
        "agents": list(row.agents),
        "evidence": row.evidence,
        "unit": row.unit,
        "value": row.value,
        "limit": row.limit,
        "peak": row.peak,
        "peak_at": utc_text(row.peak_at),
        "peak_evidence": row.peak_evidence,
        "raised_at": utc_text(row.raised_at),
        "last_at": utc_text(row.last_at),
        "ended_at": utc_text(row.ended_at),
        "times": row.times,
        "acknowledged_at": utc_text(row.acknowledged_at),
        "sent": [
            {
                "channel": sent.channel,
                "at": utc_text(sent.at),
                "attempts": sent.attempts,
                "error": sent.error,
                "is_pending": sent.is_pending,
            }
            for sent in row.sent
        ],
    }


def check_json(raised: Iterable[Raised], now: datetime) -> str:
    """The alerts that hold now as JSON."""
    rows = [
        {
            "rule": one.finding.rule,
            "title": RULES[one.finding.rule].title,
            "grade": one.grade,
            "session_id": one.finding.session_id,
            "agents": list(one.finding.agents),
            "evidence": one.finding.evidence,
            "unit": one.finding.unit,
            "value": one.finding.value,
            "limit": one.finding.limit,
        }
        for one in raised
    ]
    return _answer(now, {"over": len(rows)}, rows)


def print_rules(settings: Settings) -> None:
    """A rule as text: name, what it warns of, formula, and its settings as the configuration writes them."""
    for name, rule in RULES.items():
        current = settings_of(name, settings.rules)
        hold = f", held for {current.hold_seconds:g} s" if current.hold_seconds else ""
        state = current.grade if current.enabled else "off"
        click.echo(f"{name}  ({state}{hold})\n    {rule.title}")
        print_folded(rule.formula_with(current.values), "    ")
        figures = [
            (f"{one.name} = {current.values[one.name]:_.10g}", one.meaning) for one in RULE_DEFAULTS[name].thresholds
        ]
        width = max((len(figure) for figure, _ in figures), default=0)
        for figure, meaning in figures:
            print_folded(f"{figure:<{width}}  {meaning}", " " * 6)


def rules_json(settings: Settings, now: datetime) -> str:
    """The rules as JSON."""
    rows = []
    for name, rule in RULES.items():
        current = settings_of(name, settings.rules)
        rows.append(
            {
                "rule": name,
                "title": rule.title,
                "formula": rule.formula_with(current.values),
                "grade": current.grade,
                "is_enabled": current.enabled,
                "hold_seconds": current.hold_seconds,
                "thresholds": dict(current.values),
            }
        )
    return _answer(now, {"rules": len(rows)}, rows)


def _answer(now: datetime, totals: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    head = {"schema_version": SCHEMA_VERSION, "as_of": utc_text(now), "totals": totals}
    return json.dumps({**head, "rows": rows}, indent=2, ensure_ascii=False)
