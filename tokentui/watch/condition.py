"""The state machine that every rule shares: quiet → watch → alarm → over, with hysteresis. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tokentui.instants import MINUTE_MS

State = Literal["quiet", "watch", "alarm", "over"]

WATCH_RATIO = 0.75
"""A condition is watched once its value reaches this share of the limit."""
RELEASE_RATIO = 0.7
"""An alarm, or a watch, lasts until the value falls below this share of the limit."""
CALM_MS = 20_000
"""How long the value must stay below that share before an alarm is over."""
AGAIN_MS = 5 * MINUTE_MS
"""An alarm that comes back within this time is the same one, and is not announced again."""


@dataclass(frozen=True, slots=True)
class Condition:
    """The state of one rule for one subject. Times are those that `step` was given."""

    state: State = "quiet"
    held_since_ms: int | None = None
    """Since when the value has been at the limit without a break."""
    calm_since_ms: int | None = None
    """Since when an alarm's value has been below the release share."""
    over_since_ms: int | None = None
    """When the last alarm ended; forgotten once it can no longer come back as the same one."""


def step(condition: Condition, ratio: float | None, now_ms: int, hold_ms: int) -> Condition:
    """The condition after one look at it.

    `ratio` is value ÷ limit, or None if the rule finds nothing at all, for example because spend has stopped: then an
    alarm is over at once. If the clock was set back, waiting starts anew instead of lasting until it has caught up.
    """
    if condition.state == "alarm":
        return _in_alarm(condition, ratio, now_ms)
    if ratio is not None and ratio >= 1:
        since = _since(condition.held_since_ms, now_ms)
        if now_ms - since >= hold_ms:
            return Condition("alarm", held_since_ms=since)
        return replace(condition, state="watch", held_since_ms=since)
    lowest = RELEASE_RATIO if condition.state == "watch" else WATCH_RATIO
    if ratio is not None and ratio >= lowest:
        return Condition("watch", over_since_ms=condition.over_since_ms)
    return _at_rest(condition, now_ms)


def _in_alarm(condition: Condition, ratio: float | None, now_ms: int) -> Condition:
    if ratio is None:
        return Condition("over", over_since_ms=now_ms)
    if ratio >= RELEASE_RATIO:
        return replace(condition, calm_since_ms=None)
    since = _since(condition.calm_since_ms, now_ms)
    if now_ms - since >= CALM_MS:
        return Condition("over", over_since_ms=now_ms)
    return replace(condition, calm_since_ms=since)


def _at_rest(condition: Condition, now_ms: int) -> Condition:
    """The condition below all marks: over for as long as the alarm may come back, then quiet."""
    since = condition.over_since_ms
    if since is None or not 0 <= now_ms - since < AGAIN_MS:
        return Condition()
    return Condition("over", over_since_ms=since)


def _since(known_ms: int | None, now_ms: int) -> int:
    return now_ms if known_ms is None or known_ms > now_ms else known_ms
