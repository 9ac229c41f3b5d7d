"""The Claude Code report, day by day. It names people by e-mail; what is kept of that, `people` decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from tokentui.anthropic.asking import Asker
from tokentui.anthropic.paging import pages
from tokentui.anthropic.reports import MOST_PICO_USD, Span
from tokentui.anthropic.shapes import Actor, CodeModelUse, CodeRecord, Paged
from tokentui.billed import CodeDay, CodeModel, CodePlace, Page
from tokentui.instants import ms_of
from tokentui.records import PICO_PER_CENT
from tokentui.text import safe_text

_PATH = "/v1/organizations/usage_report/claude_code"
_DAY = timedelta(days=1)


NameOf = Callable[[str], str]
"""What a person is called, by their address."""


def claude_code_pages(asker: Asker, span: Span, name_of: NameOf) -> Iterator[Page]:
    """One page for each UTC day, oldest first."""
    day = datetime(*span.since.astimezone(UTC).timetuple()[:3], tzinfo=UTC)
    while day < span.until:
        query = [("starting_at", day.strftime("%Y-%m-%d")), ("limit", "1000")]
        found = list(pages(asker, _PATH, query, Paged[CodeRecord]))
        yield _page(day, [record for page in found for record in page.data], len(found), name_of)
        day += _DAY


def _page(day: datetime, records: list[CodeRecord], requests: int, name_of: NameOf) -> Page:
    start_ms = ms_of(day)
    days: dict[CodePlace, list[int]] = {}
    models: dict[tuple[CodePlace, str], list[int]] = {}
    for record in records:
        customer, terminal = safe_text(record.customer_type), safe_text(record.terminal_type)
        place = CodePlace(*_actor(record.actor, name_of), customer, terminal, bool(record.is_remote))
        _add(days.setdefault(place, [0] * 8), _activity(record))
        for use in record.model_breakdown:
            _add(models.setdefault((place, safe_text(use.model)), [0] * 5), _usage(use))
    return Page(
        "claude code",
        start_ms,
        ms_of(day + _DAY),
        code_days=tuple(CodeDay(start_ms, place, tuple(counts)) for place, counts in days.items()),
        code_models=tuple(CodeModel(start_ms, *whose, tuple(counts)) for whose, counts in models.items()),
        requests=requests,
    )


def _actor(actor: Actor, name_of: NameOf) -> tuple[str, str]:
    """Kind and name."""
    if actor.api_key_name or actor.type == "api_actor":
        return "key", safe_text(actor.api_key_name)
    return "person", safe_text(name_of(actor.email_address))


def _activity(record: CodeRecord) -> list[int]:
    """In the order of `CodeDay.counts`."""
    core = record.core_metrics
    edits = [edit for edit in record.tool_actions.values() if edit]
    return [
        1, core.num_sessions, core.lines_of_code.added, core.lines_of_code.removed, core.commits_by_claude_code,
        core.pull_requests_by_claude_code, sum(e.accepted for e in edits), sum(e.rejected for e in edits),
    ]  # fmt: skip


def _usage(use: CodeModelUse) -> list[int]:
    """In the order of `CodeModel.counts`."""
    tokens = use.tokens
    return [tokens.input, tokens.output, tokens.cache_creation, tokens.cache_read, _pico_usd(use)]


def _pico_usd(use: CodeModelUse) -> int:
    """Anthropic's estimate comes as a number of cents; 0 where there is none in dollars, or beyond reason."""
    cost = use.estimated_cost
    if cost is None or cost.amount is None or cost.currency != "USD":
        return 0
    try:
        amount = Decimal(str(cost.amount)) * PICO_PER_CENT
        return int(amount) if abs(amount) <= MOST_PICO_USD else 0
    except (InvalidOperation, ValueError, OverflowError):
        return 0


def _add(sums: list[int], counts: list[int]) -> None:
    for index, count in enumerate(counts):
        sums[index] += count
