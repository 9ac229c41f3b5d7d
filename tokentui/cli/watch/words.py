"""What `tokentui watch` prints about an alarm that begins or ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime, tzinfo

from tokentui.watch.alarm import Change
from tokentui.watch.rules.catalogue import RULES


def change_text(change: Change, zone: tzinfo) -> str:
    """`2026-11-22 14:02:11 alarm agents_at_once: 14 agents working, usual 2; …`."""
    at = datetime.fromtimestamp(change.at_ms / 1000, zone)
    word = change.grade if change.after == "alarm" else "over"
    return f"{at:%Y-%m-%d %H:%M:%S} {word} {change.rule}: {change.finding.evidence}"


def change_json(change: Change) -> str:
    """The alarm as one line of JSON."""
    found = change.finding
    return json.dumps(
        {
            "at": datetime.fromtimestamp(change.at_ms / 1000, UTC).isoformat(timespec="milliseconds"),
            "id": change.alert_id,
            "state": change.after,
            "is_new": change.is_new,
            "rule": change.rule,
            "title": RULES[change.rule].title,
            "grade": change.grade,
            "subject": change.subject,
            "evidence": found.evidence,
            "value": found.value,
            "limit": found.limit,
            "unit": found.unit,
            "session_id": found.session_id,
            "agents": list(found.agents),
        },
        ensure_ascii=False,
    )
