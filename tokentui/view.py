"""What the user asks to see, as plain data that the screens and the command line share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

RangeName = Literal["15m", "1h", "6h", "24h", "7d", "30d", "all"]
SplitName = Literal["kind", "model"]
Operator = Literal["~", "=", ">", ">=", "<", "<="]
SortName = Literal["rate", "cost", "agents", "context", "hit", "age", "title"]

RANGES: dict[RangeName, timedelta | None] = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "all": None,
}
SORTS: tuple[SortName, ...] = ("rate", "cost", "agents", "context", "hit", "age", "title")


class Term(NamedTuple):
    """One condition of a filter: a field, a comparison, a value, and whether it is negated."""

    field: str
    """`text`, `model`, `project`, `session`, `branch`, `agent`, `cost`, `tokens`, `agents` or `since`."""
    operator: Operator
    value: str | float
    """Lower-case text for fields of text, else a number; for `since`, seconds before now."""
    negated: bool = False


class Filter(NamedTuple):
    """Terms that must all hold; no terms match everything."""

    terms: tuple[Term, ...] = ()
    source: str = ""
    """The text as the user typed it."""


class View(NamedTuple):
    """What a snapshot is to show: its time range, filter and order, and how its chart is split."""

    range: RangeName = "1h"
    filter: Filter = Filter()
    sort: SortName = "rate"
    reverse: bool = False
    split: SplitName = "kind"
    chart_columns: int = 120
    """How many buckets the chart can draw; the query picks a round length of bucket that gives about as many."""
    row_limit: int = 200
    """The most sessions to fetch."""
    as_of: datetime | None = None
    """The moment to show, aware and in UTC, or None for now; what was logged later does not count."""
