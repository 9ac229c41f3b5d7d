"""The Claude Code report, day by day. It names people by e-mail; what is kept of that, `people` decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from tokentui.anthropic.asking import Asker
from tokentui.anthropic.paging import pages
from tokentui.anthropic.reports import MOST_PICO_USD, Span
from tokentui.anthropic.shapes import Actor, CodeModelUse, CodeRecord, Paged
from tokentui.billed import CodeActivity, CodeDay, CodeModel, CodePlace, CodeUse, Page
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
    days: dict[CodePlace, CodeActivity] = {}
    models: dict[tuple[CodePlace, str], CodeUse] = {}
    for record in records:
        customer, terminal = safe_text(record.customer_type), safe_text(record.terminal_type)
        place = CodePlace(*_actor(record.actor, name_of), customer, terminal, bool(record.is_remote))
        days[place] = days.get(place, CodeActivity()).plus(_activity(record))
        for used in record.model_breakdown:
            whose = (place, safe_text(used.model))
            models[whose] = models.get(whose, CodeUse()).plus(_use(used))
    return Page(
        "claude code",
        start_ms,
        ms_of(day + _DAY),
        code_days=tuple(CodeDay(start_ms, place, activity) for place, activity in days.items()),
        code_models=tuple(CodeModel(start_ms, *whose, use) for whose, use in models.items()),
        requests=requests,
    )


def _actor(actor: Actor, name_of: NameOf) -> tuple[str, str]:
    """Kind and name."""
    if actor.api_key_name or actor.type == "api_actor":
        return "key", safe_text(actor.api_key_name)
    return "person", safe_text(name_of(actor.email_address))


def _activity(record: CodeRecord) -> CodeActivity:
    core = record.core_metrics
    edits = [edit for edit in record.tool_actions.values() if edit]
    return CodeActivity(
        records=1,
        sessions=core.num_sessions,
        lines_added=core.lines_of_code.added,
        lines_removed=core.lines_of_code.removed,
        commits=core.commits_by_claude_code,
        pull_requests=core.pull_requests_by_claude_code,
        accepted_edits=sum(edit.accepted for edit in edits),
        rejected_edits=sum(edit.rejected for edit in edits),
    )


def _use(used: CodeModelUse) -> CodeUse:
    tokens = used.tokens
    return CodeUse(tokens.input, tokens.output, tokens.cache_creation, tokens.cache_read, _pico_usd(used))


def _pico_usd(used: CodeModelUse) -> int:
    """Anthropic's estimate comes as a number of cents; 0 where there is none in dollars, or beyond reason."""
    cost = used.estimated_cost
    if cost is None or cost.amount is None or cost.currency != "USD":
        return 0
    try:
        amount = Decimal(str(cost.amount)) * PICO_PER_CENT
        return int(amount) if abs(amount) <= MOST_PICO_USD else 0
    except (InvalidOperation, ValueError, OverflowError):
        return 0
