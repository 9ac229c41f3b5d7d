"""The panes of each view of a session, created when the view is first shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from tokentui.queries.session.parts import PartName, SessionInsight
from tokentui.ui.drawing.line_pane import LinePane


class TakesInsight(Protocol):
    """A pane that shows a part of what is known about a session."""

    def take(self, insight: SessionInsight) -> None:
        """Show a new answer."""
        ...


def _timeline() -> tuple[LinePane, ...]:
    from tokentui.ui.panes.session.concurrency import ConcurrencyPane
    from tokentui.ui.panes.session.timeline import LanesPane

    return (ConcurrencyPane(id="concurrency"), LanesPane(id="lanes"))


def _turns() -> tuple[LinePane, ...]:
    from tokentui.ui.panes.session.turns import TurnsPane

    return (TurnsPane(id="turns"),)


def _cache() -> tuple[LinePane, ...]:
    from tokentui.ui.panes.session.cache_clock import CacheClockPane
    from tokentui.ui.panes.session.rebuilds import RebuildsPane

    return (CacheClockPane(id="cache-clock"), RebuildsPane(id="rebuilds"))


def _tools() -> tuple[LinePane, ...]:
    from tokentui.ui.panes.session.growth import GrowthPane
    from tokentui.ui.panes.session.tools import ToolsPane

    return (ToolsPane(id="tools"), GrowthPane(id="growth"))


def _context() -> tuple[LinePane, ...]:
    from tokentui.ui.panes.session.context import ContextPane
    from tokentui.ui.panes.session.context_growth import ContextGrowthPane

    return (ContextPane(id="context"), ContextGrowthPane(id="context-growth"))


PANES: Mapping[PartName, Callable[[], tuple[LinePane, ...]]] = {
    "timeline": _timeline,
    "turns": _turns,
    "cache": _cache,
    "tools": _tools,
    "context": _context,
}
