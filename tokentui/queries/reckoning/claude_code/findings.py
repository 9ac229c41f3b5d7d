"""What Claude Code's own report says beside logs and bill, in a sentence for the whole range."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from tokentui.instants import DAY_MS, day_ms
from tokentui.queries.reckoning.claude_code.shares import pooled
from tokentui.queries.reckoning.differences import TOLERATED_SHARE, TOLERATED_TOKENS
from tokentui.queries.reckoning.reported.reach import Standing
from tokentui.queries.reckoning.results import Finding, ReckoningRow

_MORE_LOGGED = (
    "more was logged than Claude Code's own report has: a subscription of your own, another organization, Bedrock, "
    "Vertex or another provider"
)
_MORE_REPORTED = "Claude Code's own report has more paid for by key than the Usage API reports"


def code_findings(rows: Iterable[ReckoningRow], stands: Standing) -> Iterator[Finding]:
    """What to note about the report; nothing where it is empty."""
    told = [row for row in rows if row.code is not None and day_ms(row.day) + DAY_MS <= stands.code_settled_ms]
    if not any(row.code and row.code.tokens.total for row in told):
        return
    yield from _note(told, _logged_above, _MORE_LOGGED)
    yield from _note([row for row in told if row.against == "api"], _reported_above, _MORE_REPORTED)


def _logged_above(row: ReckoningRow) -> int:
    return row.logged.total - row.code.tokens.total if row.code else 0


def _reported_above(row: ReckoningRow) -> int:
    """By kind, so that opposite differences do not cancel."""
    if row.code is None or row.api is None:
        return 0
    return sum(max(code - all_, 0) for code, all_ in zip(row.code.api, pooled(row.api), strict=True))


def _note(rows: Sequence[ReckoningRow], above: Callable[[ReckoningRow], int], what: str) -> Iterator[Finding]:
    beyond = [row for row in rows if above(row) > max(TOLERATED_TOKENS, TOLERATED_SHARE * row.logged.total)]
    if beyond:
        days = sorted({row.day for row in beyond})
        when = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}, on {len(days)} days"
        yield Finding("note", f"{when}: {what}, {sum(map(above, beyond)):,} tokens", is_off=False)
