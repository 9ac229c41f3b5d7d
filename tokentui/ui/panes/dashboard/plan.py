"""The user's plan in the budgets pane: how far its windows are used, and when they begin anew."""

from __future__ import annotations

from collections.abc import Sequence

from tokentui.figures import whole_percent
from tokentui.queries.results import PlanGauge
from tokentui.ui import words
from tokentui.ui.charts.gauge import gauge_state
from tokentui.ui.panes.dashboard.gauge_rows import GaugeRow
from tokentui.ui.scene import Scene

_THRESHOLDS = (75, 90, 100)


def plan_row(limit: PlanGauge, scene: Scene) -> GaugeRow:
    """One window."""
    told = _told(limit, scene)
    reset, short = _reset(limit, scene), _reset(limit, scene, "to ")
    beside = (f"{reset} · {told}", reset, short) if limit.is_stale and reset else (reset or told, short or told)
    in_words = " · ".join(filter(None, (reset, f"{told} by Claude Code")))
    return GaugeRow(
        f"plan {limit.name}" if len(limit.name) == 2 else limit.name,
        limit.used_share,
        beside,
        (in_words, " · ".join(filter(None, (reset, told))), reset or told),
        limit.elapsed_share if limit.used_share is not None else None,
        _THRESHOLDS,
        limit.is_stale or limit.used_share is None,
    )


def plan_in_brief(limits: Sequence[PlanGauge]) -> list[str]:
    """The plan in words such as `plan 5h 62% · 7d ▲ ≥82%`, from long to short, where gauges have no room."""
    known = " · ".join(_brief(limit, limit.used_share) for limit in limits if limit.used_share is not None)
    return [f"plan {known}", known] if known else []


def _brief(limit: PlanGauge, used_share: float) -> str:
    state = gauge_state(used_share, _THRESHOLDS)
    sign = "" if state.level == "ok" else f"{state.text.split(' ')[0]} "
    return f"{limit.name} {sign}{'≥' if limit.is_stale else ''}{whole_percent(used_share)}%"


def _reset(limit: PlanGauge, scene: Scene, verb: str = "resets ") -> str:
    """When the window begins anew, or began."""
    if limit.resets_at is None:
        return ""
    at = words.moment(limit.resets_at, scene.now, scene.time_zone)
    return f"{verb}{at}" if limit.used_share is not None else f"reset {at}"


def _told(limit: PlanGauge, scene: Scene) -> str:
    """The age of the figure, if it is old; a fresh one has none, so that nothing ticks."""
    return f"told {words.age(limit.told_at, scene.now)} ago" if limit.is_stale else "as told"
