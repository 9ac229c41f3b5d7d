"""The settings of the runaway rules, as data: their thresholds, and how loud their alerts are. No rule runs here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Grade = Literal["note", "warn", "alarm"]
"""`note` is kept in the alert log, `warn` is also shown on the screen, `alarm` is also sent outside it."""
GRADES: tuple[Grade, ...] = ("note", "warn", "alarm")


class Threshold(NamedTuple):
    """A number in a rule that the user may set."""

    name: str
    default: float
    meaning: str
    """What the number says, with its unit."""


class RuleDefaults(NamedTuple):
    """A rule's settings as they ship."""

    name: str
    thresholds: tuple[Threshold, ...]
    hold_seconds: float = 3.0
    """How long the condition has to hold before an alert is raised."""
    grade: Grade = "alarm"

    @property
    def values(self) -> dict[str, float]:
        """Name of a threshold → its number."""
        return {threshold.name: threshold.default for threshold in self.thresholds}


class RuleSettings(NamedTuple):
    """A rule's settings as it is to run."""

    values: Mapping[str, float]
    hold_seconds: float
    grade: Grade
    enabled: bool = True


class RuleChange(NamedTuple):
    """What the user set about one rule; None keeps what ships."""

    values: Mapping[str, float] = MappingProxyType({})
    hold_seconds: float | None = None
    grade: Grade | None = None
    enabled: bool = True


def _times(default: float) -> Threshold:
    return Threshold("times_usual", default, "how many times the usual 95th percentile; used once usual is known")


RULE_DEFAULTS: Mapping[str, RuleDefaults] = {
    rule.name: rule
    for rule in (
        RuleDefaults(
            "agents_at_once", (Threshold("floor_agents", 10, "agents working at once, at least"), _times(2.0))
        ),
        RuleDefaults("spawn_rate", (Threshold("floor_agents", 12, "new agents in 60 s, at least"), _times(2.0))),
        RuleDefaults(
            "spawn_depth",
            (
                Threshold("depth", 3, "levels below the main thread"),
                Threshold("agents", 2, "agents at work that deep, at least"),
            ),
        ),
        RuleDefaults(
            "spawn_after_limit",
            (
                Threshold("agents", 3, "agents that one session began after the limit error, at least"),
                Threshold("minutes", 10, "how long after the error spawning is looked at"),
            ),
            hold_seconds=0,
        ),
        RuleDefaults(
            "tokens_per_minute", (Threshold("floor_tokens", 750_000, "fresh tokens in 60 s, at least"), _times(3.0))
        ),
        RuleDefaults("usd_per_minute", (Threshold("floor_usd", 8.0, "dollars in 60 s, at least"), _times(3.0))),
        RuleDefaults(
            "session_tokens_per_minute",
            (Threshold("floor_tokens", 500_000, "fresh tokens of one session in 60 s, at least"), _times(3.0)),
        ),
        RuleDefaults(
            "session_usd_per_minute",
            (Threshold("floor_usd", 5.0, "dollars of one session in 60 s, at least"), _times(3.0)),
        ),
        RuleDefaults(
            "unattended",
            (
                Threshold("minutes", 60, "since the last human line, at least"),
                Threshold("floor_usd", 20.0, "dollars since then, at least"),
                Threshold("floor_tokens", 5_000_000, "fresh tokens since then, where nothing has a price"),
            ),
        ),
        RuleDefaults(
            "context_growth",
            (
                Threshold("floor_tokens", 150_000, "by how many tokens one agent's prompt grew in 5 min, at least"),
                Threshold("prompt_tokens", 200_000, "size of that prompt, at least"),
            ),
        ),
        RuleDefaults(
            "cache_write_share",
            (
                Threshold("share", 0.5, "cache writes ÷ prompt tokens of one session in 5 min, at least"),
                Threshold("floor_tokens", 600_000, "tokens written in these 5 min, at least"),
                _times(2.0),
            ),
        ),
        RuleDefaults(
            "cache_hit_rate",
            (
                Threshold("miss_share", 0.5, "share of prompts not read from the cache, at least"),
                Threshold("responses", 4, "of an agent's last six responses that lost the cache, at least"),
                Threshold("floor_tokens", 150_000, "tokens these six wrote to the cache, at least"),
            ),
        ),
        RuleDefaults(
            "api_errors", (Threshold("errors", 10, "answers 429, 529 or 5xx of one session in 2 min, at least"),)
        ),
        RuleDefaults("tool_loop", (Threshold("repeats", 10, "same tool, same input in 10 min, at least"),)),
        RuleDefaults("budget_level", (), hold_seconds=0),
        RuleDefaults(
            "budget_pace",
            (
                Threshold("spent_share", 0.5, "share of the limit that is used, at least"),
                Threshold("elapsed_share", 0.1, "share of the window that has passed, at least"),
            ),
            hold_seconds=5,
            grade="warn",
        ),
        RuleDefaults(
            "unusual_day",
            (
                Threshold("times_tokens", 2.0, "today's tokens ÷ those of an average day of the last week"),
                Threshold("times_usd", 2.0, "the same for the cost"),
                Threshold("times_responses", 3.0, "the same for the number of calls"),
                Threshold("floor_tokens", 20_000_000, "tokens today, at least"),
                Threshold("floor_usd", 15.0, "dollars today, at least"),
                Threshold("floor_responses", 500, "calls today, at least"),
                Threshold("days", 3, "days with any use in the last week, at least"),
            ),
            grade="warn",
        ),
    )
}


def settings_of(name: str, changes: Mapping[str, RuleChange]) -> RuleSettings:
    """The settings that a rule is to run with: those that ship, with the user's changes."""
    defaults = RULE_DEFAULTS[name]
    shipped = RuleSettings(defaults.values, defaults.hold_seconds, defaults.grade)
    change = changes.get(name)
    if change is None:
        return shipped
    return shipped._replace(
        values={**defaults.values, **change.values},
        hold_seconds=defaults.hold_seconds if change.hold_seconds is None else change.hold_seconds,
        grade=change.grade or defaults.grade,
        enabled=change.enabled,
    )


def threshold_names(name: str) -> Iterable[str]:
    """The names of the thresholds that a rule has."""
    return [threshold.name for threshold in RULE_DEFAULTS[name].thresholds]
