"""A notice: what is sent about an alert outside the screen, as a value, as JSON, and as a line of text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

NoticeState = Literal["alarm", "over", "test"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What is sent about one alert. Its texts are safe to show, since they were cleaned where they were read."""

    alert_id: int
    """0 for a test."""
    state: NoticeState
    rule: str
    title: str
    """What the rule warns of."""
    evidence: str
    value: float
    limit: float
    unit: str
    at_ms: int
    session_id: str = ""
    session_title: str = ""
    project: str = ""
    agents: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """`tokentui: too many agents at once`."""
        prefix = {"alarm": "", "over": "over: ", "test": "test: "}[self.state]
        return f"tokentui: {prefix}{self.title}"

    @property
    def line(self) -> str:
        """Headline and evidence in one line."""
        return f"{self.headline}: {self.evidence}"

    def fields(self) -> dict[str, Any]:
        """The fields that the webhook and the command get."""
        return {
            "schema_version": 1,
            "id": self.alert_id,
            "state": self.state,
            "rule": self.rule,
            "title": self.title,
            "evidence": self.evidence,
            "value": self.value,
            "limit": self.limit,
            "unit": self.unit,
            "at": datetime.fromtimestamp(self.at_ms / 1000, UTC).isoformat(timespec="milliseconds"),
            "session_id": self.session_id,
            "session_title": self.session_title,
            "project": self.project,
            "agents": list(self.agents),
        }

    def to_json(self) -> str:
        """The fields as one line of JSON."""
        return json.dumps(self.fields(), ensure_ascii=False)


def made_up_notice(at_ms: int) -> Notice:
    """A notice about a made-up alert, to try out the channels; its text says that it is made up."""
    said = '14 agents working, usual 2; 9 spawned in 60 s; $31.00/min · session "made up", 82 % of it'
    return Notice(0, "test", "agents_at_once", "this is only a test", said, 14, 10, "agents", at_ms)
