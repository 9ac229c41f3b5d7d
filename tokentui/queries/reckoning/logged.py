"""Our side of a bill: what the logs of a range of UTC days come to at list price."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date
from typing import Literal

from tokentui.instants import midnight
from tokentui.queries.reckoning.estimates import Estimate
from tokentui.queries.reports.report import ReportQuestion, report
from tokentui.queries.sums.scoped import ReportScope

LoggedGrouping = Literal["day", "month", "model", "project"]
"""What logs can be grouped by; they name neither keys nor workspaces."""


def logged_estimates(
    connection: sqlite3.Connection, by: LoggedGrouping, since: date, until: date
) -> dict[str, Estimate]:
    """Name of the day, month, model or project → its estimate; models by the names that reports have for them."""
    from tokentui.pricing.model_names import normalise

    question = ReportQuestion(by, UTC, scope=ReportScope(midnight(since), midnight(until)))
    sums: dict[str, Estimate] = {}
    for row in report(connection, question, midnight(until)).rows:
        name = normalise(row.names[0]) if by == "model" else row.names[0]
        used = row.used
        unpriced = used.total_tokens if used.unpriced_responses and not used.cost_pico_usd else 0
        inexact = used.unpriced_responses + used.lower_bound_responses
        sums[name] = sums.get(name, Estimate()).plus(Estimate(used.cost_pico_usd, 0, unpriced, inexact))
    return sums
