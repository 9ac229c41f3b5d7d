"""Prefixes that were written again: when, whose, why, and what that cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from tokentui.figures import format_count, format_duration_ms, format_usd
from tokentui.queries.cache.results import FIVE_MINUTES_MS, LEAST_REBUILD_TOKENS, CacheStep, SessionCache
from tokentui.queries.session.parts import SessionInsight
from tokentui.ui import words
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.ordered import Order, OrderedTable
from tokentui.ui.requests import OpenResponse
from tokentui.ui.scene import Scene


def _time(step: CacheStep, scene: Scene, width: int) -> Line:
    at = datetime.fromtimestamp(step.at_ms / 1000, UTC)
    return ((words.date_or_clock(at, scene.time_zone, width), ""),)


def _cause(step: CacheStep, _scene: Scene, _width: int) -> Line:
    lifetime = f" ({'1h' if step.ttl_ms > FIVE_MINUTES_MS else '5m'})" if step.cause == "expired" else ""
    return ((step.cause or "", "warn"), (lifetime, "muted"))


def _idle(step: CacheStep, _scene: Scene, _width: int) -> Line:
    return ((format_duration_ms(step.gap_ms), ""),)


def _premium(step: CacheStep, _scene: Scene, _width: int) -> Line:
    return ((format_usd(step.premium_pico_usd), "strong"),)


COLUMNS: tuple[Column[CacheStep], ...] = (
    Column("time", "time", 8, 0, _time, flush_right=False, sort="time"),
    Column("agent", "agent", 12, 3, lambda *_: (), flush_right=False, share=1),
    Column("cause", "cause", 14, 0, _cause, flush_right=False, share=2, ease=23),
    Column("idle", "idle", 6, 2, _idle),
    Column("expected", "expected", 8, 4, lambda step, *_: ((format_count(step.expected_tokens), ""),)),
    Column("read", "read", 6, 3, lambda step, *_: ((format_count(step.tokens.cache_read), ""),)),
    Column("again", "again", 6, 1, lambda step, *_: ((format_count(step.rewritten_tokens), ""),)),
    Column("premium", "premium", 8, 0, _premium, sort="premium"),
    Column("model", "model", 10, 5, lambda step, *_: ((words.model(step.model), ""),), flush_right=False),
    Column("reason", "API's reason", 16, 6, lambda step, *_: ((step.miss_reason or "–", "muted"),), flush_right=False),
)
_ORDERS: tuple[Order[CacheStep], ...] = (
    Order("time", "newest first", lambda step: (-step.at_ms, -step.response_id)),
    Order("premium", "costliest first", lambda step: (-(step.premium_pico_usd or 0), -step.response_id)),
)


class RebuildsPane(OrderedTable[CacheStep]):
    """The table of rebuilds, one row each."""

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "cache rebuilds",
        "Responses that wrote a part of the previous prompt again instead of reading it. Causes are tried in this "
        "order: compaction, model switch, expired (the lifetime of the latest write had run out), tools or system "
        f"changed (as the API says), prefix changed. Fewer than {LEAST_REBUILD_TOKENS:,} tokens are no rebuild.",
        (
            ("expected", "the previous prompt of the same agent: what could have been read"),
            ("again", "clamp(previous prompt − read, 0, written)"),
            ("premium", "again × (write rate − read rate)"),
            ("idle", "from the last line of the response before to the first of this one"),
            ("going cold", "cached tokens × (write rate − read rate): the price of waiting longer than the lifetime"),
            texts.HIT_RATE,
            (
                "an hour instead",
                "again within an hour × (5m rate − read rate) − all other 5m writes × (1h rate − 5m rate)",
            ),
            ("break-even", "(1h rate − 5m rate) ÷ (1h rate − read rate): the share of writes needed again after 5 min"),
            texts.MONEY,
        ),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._names: dict[str, str] = {}
        self._responses = 0

    def take(self, insight: SessionInsight) -> None:
        """Show the new rebuilds."""
        if isinstance(insight.part, SessionCache):
            self._names = {agent.agent_id: agent.name for agent in insight.tree.agents}
            self._responses = insight.part.report.hits.responses
            self.take_rows(insight.part.rebuilds)
            self.redraw()

    def key_of(self, row: CacheStep) -> str:
        """The response's id."""
        return str(row.response_id)

    def open_row(self, row: CacheStep) -> None:
        """Show the response."""
        self.post_message(OpenResponse(row.response_id))

    def orders(self) -> Sequence[Order[CacheStep]]:
        """The orders: by time, by premium."""
        return _ORDERS

    def columns(self, scene: Scene) -> Sequence[Column[CacheStep]]:
        """All columns; times with their day on a wide screen."""
        time, _, *rest = COLUMNS
        if self.inner_size.width >= 110:
            time = Column("time", "time", 15, 0, _time, flush_right=False, sort="time")

        def name(step: CacheStep, _scene: Scene, _width: int) -> Line:
            return ((self._names.get(step.agent_id, step.agent_id), ""),)

        return [time, Column("agent", "agent", 12, 3, name, flush_right=False, share=1), *rest]

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """How many rebuilds there are."""
        return f"rebuilds · {len(self.rows):,} of {words.plural(self._responses, 'response')}", self.order.name

    def empty_lines(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """That nothing had to be rebuilt."""
        return ((), ((" nothing was written again so far", "muted"),))
