"""Answers as JSON and CSV: one head for all, money as decimal strings. Rows are written one by one as they come."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from tokentui.cli.printing.dollars import exact_usd
from tokentui.config.zones import zone_name
from tokentui.queries.reports.report import Report, ReportRow
from tokentui.queries.sums.scoped import Used

SCHEMA_VERSION = 1
_FIGURES = (*Used._fields[:7], "total_tokens", "cost_usd", "unpriced_responses")


def report_json(answer: Report) -> Iterator[str]:
    """The report as one JSON object, in pieces: the head and totals, then each row on a line of its own."""
    fields = {
        **head(answer.as_of),
        "by": answer.question.by,
        "since": utc_text(answer.question.scope.since),
        "until": utc_text(answer.question.scope.until),
        "time_zone": zone_name(answer.question.time_zone),
        "money": "estimate at list price",
        "totals": used_fields(answer.totals),
    }
    yield "{\n" + "".join(f'  "{name}": {_indented(value)},\n' for name, value in fields.items()) + '  "rows": ['
    row_text = _row_text(answer.question.about)
    mark = "\n    "
    for row in answer.rows:
        yield mark + row_text(row)
        mark = ",\n    "
    unpriced = [json.dumps({"model": name, "responses": count}) for name, count in answer.unpriced_models]
    yield "\n  ]" if mark[0] == "," else "]"
    yield (
        ',\n  "unpriced_models": ' + (f"[\n    {f',{chr(10)}    '.join(unpriced)}\n  ]" if unpriced else "[]") + "\n}\n"
    )


def _indented(value: object) -> str:
    return json.dumps(value, indent=2).replace("\n", "\n  ")


def _row_text(about: tuple[str, ...]) -> Callable[[ReportRow], str]:
    """A function that encodes a row of this report; many times as quick as a general encoder."""
    form = "{" + ", ".join([*(f'"{name}": %s' for name in about), *(f'"{name}": %s' for name in _FIGURES)]) + "}"

    def text(row: ReportRow) -> str:
        names, used = row
        responses, lower_bounds, *kinds, _, unpriced = used
        cost = usd_text(used)
        money = "null" if cost is None else f'"{cost}"'
        return form % (*map(quoted, names), responses, lower_bounds, *kinds, sum(kinds), money, unpriced)

    return text


def head(as_of: datetime) -> dict[str, Any]:
    """The fields that every JSON answer begins with."""
    return {"schema_version": SCHEMA_VERSION, "as_of": utc_text(as_of)}


def report_csv(answer: Report) -> None:
    """Write the rows to standard output, without a row of totals: columns stay summable."""
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow((*answer.question.about, *_FIGURES))
    writer.writerows((*row.names, *_figures(row.used)) for row in answer.rows)


def used_fields(used: Used) -> dict[str, Any]:
    """The figures of a row or of the totals."""
    return dict(zip(_FIGURES, _figures(used), strict=True))


def _figures(used: Used) -> tuple[int | str | None, ...]:
    return (*used[:7], used.total_tokens, usd_text(used), used.unpriced_responses)


def usd_text(used: Used) -> str | None:
    """Exact dollars as a string; None if nothing could be priced."""
    return None if used.unpriced_responses and not used.cost_pico_usd else exact_usd(used.cost_pico_usd)


def utc_text(moment: datetime | None) -> str | None:
    """`2026-11-22T10:00:00Z`, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
