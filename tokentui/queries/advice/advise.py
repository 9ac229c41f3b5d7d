"""Collects the findings of all kinds of advice for a stretch of time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tokentui.instants import ms_of
from tokentui.pricing.book import RateBook
from tokentui.queries.advice.costly_models import model_choices
from tokentui.queries.advice.findings import Advice
from tokentui.queries.advice.idle_gaps import idle_rebuilds
from tokentui.queries.advice.large_results import large_results
from tokentui.queries.advice.repeats import repeated_agents, repeated_calls
from tokentui.records import PICO_PER_CENT


@dataclass(frozen=True, eq=False, slots=True)
class AdviceView:
    """Advice, and the titles of sessions."""

    advice: Advice
    titles: Mapping[str, str]
    """Session id → title; empty where it has none."""


LEAST_PICO_USD = PICO_PER_CENT
"""A finding that could save less is not worth a line."""


def advise(
    connection: sqlite3.Connection,
    book: RateBook,
    now: datetime,
    since: datetime,
    project: str = "",
    least_pico_usd: int = LEAST_PICO_USD,
) -> Advice:
    """Findings since a moment; `project` is a part of the directory, empty for all."""
    since_ms = ms_of(since)
    found = [
        *idle_rebuilds(connection, book, since_ms),
        *model_choices(connection, book, since_ms),
        *large_results(connection, book, since_ms),
        *repeated_calls(connection, since_ms),
        *repeated_agents(connection, since_ms),
    ]
    dismissed = {row[0] for row in connection.execute("SELECT finding_key FROM dismissed_advice")}
    kept = [
        replace(finding, is_dismissed=finding.key in dismissed)
        for finding in found
        if finding.high_pico_usd >= least_pico_usd and project.lower() in finding.project.lower()
    ]
    kept.sort(key=lambda finding: (-finding.high_pico_usd, -finding.low_pico_usd, finding.key))
    return Advice(now, since, tuple(kept))


def advice_view(connection: sqlite3.Connection, book: RateBook, now: datetime, since: datetime) -> AdviceView:
    """Findings since a moment, with the titles of the sessions that their evidence names."""
    advice = advise(connection, book, now, since)
    sessions = sorted({one.session_id for finding in advice.findings for one in finding.evidence})
    rows = connection.execute(
        "SELECT session_id, title FROM json_each(?) AS wanted JOIN session ON session.session_id = wanted.value",
        (json.dumps(sessions),),
    )
    return AdviceView(advice, dict(rows.fetchall()))
