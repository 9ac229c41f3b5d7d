"""The plan's limits for `tokentui doctor`: how far they are used, when they reset, and how old that is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tokentui.cli.printing.answers import utc_text
from tokentui.figures import format_age, whole_percent
from tokentui.instants import moment_of
from tokentui.store.plan_limits import PLAN_WINDOWS, PlanLimit


def plan_limit_lines(limits: Sequence[PlanLimit], now: datetime) -> list[str]:
    """The lines of the section."""
    return ["Plan limits, as told by Claude Code", *(_line(limit, now) for limit in limits)]


def _line(limit: PlanLimit, now: datetime) -> str:
    reset = ""
    if limit.resets_at_ms:
        at = moment_of(limit.resets_at_ms)
        reset = f", {'resets' if at > now else 'has reset since, at'} {utc_text(at)}"
    age = format_age((now - moment_of(limit.seen_at_ms)).total_seconds())
    return f"  {PLAN_WINDOWS[limit.window]}: {whole_percent(limit.used_share)} % used{reset}; told {age} ago".replace(
        "now ago", "just now"
    )


def plan_limit_fields(limit: PlanLimit) -> dict[str, Any]:
    """The limits as JSON."""
    return {
        "window": limit.window,
        "used_share": limit.used_share,
        "resets_at": utc_text(moment_of(limit.resets_at_ms)) if limit.resets_at_ms else None,
        "told_at": utc_text(moment_of(limit.seen_at_ms)),
        "session": limit.session_id,
    }
