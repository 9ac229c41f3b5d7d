"""Answers as JSON and CSV: one head for all, money as decimal strings."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

from tokentui.queries.report import Report, ReportRow
from tokentui.queries.usage import Used
from tokentui.workspace import zone_name

SCHEMA_VERSION = 1
_PICO_DIGITS, _FEWEST_DIGITS = 12, 6


def report_json(answer: Report) -> str:
    """The whole report as one JSON object."""
    fields = {
        **head(answer.as_of),
        "by": answer.question.by,
        "since": utc_text(answer.question.scope.since),
        "until": utc_text(answer.question.scope.until),
        "time_zone": zone_name(answer.question.time_zone),
        "money": "estimate at list price",
        "totals": used_fields(answer.totals),
        "rows": [row_fields(row) for row in answer.rows],
        "unpriced_models": [{"model": name, "responses": count} for name, count in answer.unpriced_models],
    }
    return "{\n" + ",\n".join(f'  "{name}": {_value_text(value)}' for name, value in fields.items()) + "\n}"


def _value_text(value: object) -> str:
    """A field's value; of a list each row on a line of its own, which is quick however many there are."""
    if isinstance(value, list) and value:
        return "[\n    " + ",\n    ".join(map(json.dumps, value)) + "\n  ]"
    return json.dumps(value, indent=2).replace("\n", "\n  ")


def head(as_of: datetime) -> dict[str, Any]:
    """What every JSON answer begins with."""
    return {"schema_version": SCHEMA_VERSION, "as_of": utc_text(as_of)}


def report_csv(answer: Report) -> None:
    """Write the rows to standard output, without a row of totals: columns stay summable."""
    import csv

    fields = [*answer.question.about, *used_fields(Used())]
    writer = csv.DictWriter(sys.stdout, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row_fields(row) for row in answer.rows)


def row_fields(row: ReportRow) -> dict[str, Any]:
    """One row."""
    return {**dict(row.about), **used_fields(row.used)}


def used_fields(used: Used) -> dict[str, Any]:
    """The figures of a row or of the totals."""
    fields = used._asdict()
    del fields["cost_pico_usd"], fields["unpriced_responses"]
    return {
        **fields,
        "total_tokens": used.total_tokens,
        "cost_usd": usd_text(used),
        "unpriced_responses": used.unpriced_responses,
    }


def usd_text(used: Used) -> str | None:
    """Dollars, exactly: 6 decimals, more where they are needed; None where nothing could be priced."""
    if used.unpriced_responses and not used.cost_pico_usd:
        return None
    dollars, rest = divmod(used.cost_pico_usd, 10**_PICO_DIGITS)
    decimals = f"{rest:0{_PICO_DIGITS}}"
    return f"{dollars}.{decimals[:_FEWEST_DIGITS]}{decimals[_FEWEST_DIGITS:].rstrip('0')}"


def utc_text(moment: datetime | None) -> str | None:
    """`2026-11-22T10:00:00Z`, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
