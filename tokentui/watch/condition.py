"""The state machine that every rule shares: quiet → watch → alarm → over, with hysteresis. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tokentui.instants import MINUTE_MS

State = Literal["quiet", "watch", "alarm", "over"]

WATCH_RATIO = 0.75
"""From this share of the limit on a condition is watched."""
RELEASE_RATIO = 0.7
"""An alarm holds until the value has fallen below this share of the limit."""
CALM_MS = 20_000
"""How long it has to stay there."""
AGAIN_MS = 5 * MINUTE_MS
"""An alarm that comes back within this time is the same one, and is not announced again."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Where one rule stands for one subject. Times are milliseconds of the clock that steps it."""

    state: State = "quiet"
    held_since_ms: int | None = None
    """Since when the value has been at the limit without a break."""
    calm_since_ms: int | None = None
    """Since when an alarm's value has been below the release share."""
    over_since_ms: int | None = None


def step(condition: Condition, ratio: float | None, now_ms: int, hold_ms: int) -> Condition:
    """The condition after one look at it.

    `ratio` is value ÷ limit; None where the rule finds nothing at all, as once spend has stopped: an alarm is over
    at once then. A clock that is set back starts the waiting anew, so that nothing is held or calm for ever.
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
    """Over for a while, then quiet."""
    since = condition.over_since_ms
    if since is None or not 0 <= now_ms - since < AGAIN_MS:
        return Condition()
    return Condition("over", over_since_ms=since)


def _since(known_ms: int | None, now_ms: int) -> int:
    return now_ms if known_ms is None or known_ms > now_ms else known_ms
