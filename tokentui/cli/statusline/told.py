"""The JSON that Claude Code passes to its status line; every value is checked."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from tokentui.instants import DAY_MS, MINUTE_MS
from tokentui.store.plan_limits import PLAN_WINDOWS, PlanLimit
from tokentui.text import safe_text

_FURTHEST_RESET_MS = 62 * DAY_MS
"""A reset further ahead than this is not believed."""
_MOST_SHARE = 10.0
_DATE = re.compile(r"-20\d{6}$")


@dataclass(frozen=True, slots=True)
class Told:
    """The values that could be read."""

    session_id: str = ""
    model: str = ""
    """The model's name without `claude-` and date."""
    estimate_usd: float | None = None
    """Claude Code's own estimate for the session."""
    context_share: float | None = None
    limits: tuple[PlanLimit, ...] = ()
    """The plan's limits whose windows have not ended."""
    trouble: str = ""
    """Why nothing could be read."""


def read_told(raw: bytes, now_ms: int) -> Told:
    """Read the JSON object; leaves out what is wrong, and raises nothing."""
    if not raw.strip():
        return Told(trouble="nothing on standard input; Claude Code gives a JSON object there")
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return Told(trouble="standard input is no JSON")
    if not isinstance(value, dict):
        return Told(trouble="standard input is no JSON object")
    session_id = _text(value.get("session_id"), 100)
    used = _number(_table(value, "context_window").get("used_percentage"))
    return Told(
        session_id,
        _model(_table(value, "model")),
        _number(_table(value, "cost").get("total_cost_usd")),
        None if used is None else _share(used),
        tuple(_limits(_table(value, "rate_limits"), session_id, now_ms)),
    )


def _limits(told: dict[str, Any], session_id: str, now_ms: int) -> list[PlanLimit]:
    found = []
    for window in PLAN_WINDOWS:
        table = _table(told, window)
        used, resets_at = _number(table.get("used_percentage")), _number(table.get("resets_at"))
        resets_at_ms = 0 if resets_at is None else round(min(resets_at, 1e12) * 1000 / MINUTE_MS) * MINUTE_MS
        if resets_at_ms > now_ms + _FURTHEST_RESET_MS:
            resets_at_ms = 0
        if used is not None and (resets_at_ms == 0 or resets_at_ms > now_ms):
            found.append(PlanLimit(window, _share(used), resets_at_ms, now_ms, session_id))
    return found


def _model(told: dict[str, Any]) -> str:
    name = _text(told.get("id"), 60) or _text(told.get("display_name"), 60)
    return safe_text(_DATE.sub("", name.partition("[")[0].removeprefix("claude-")), 24)


def _table(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: object, limit: int) -> str:
    return safe_text(value, limit) if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    """The value if it is a finite number that is not negative, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _share(percent: float) -> float:
    return min(percent / 100, _MOST_SHARE)
