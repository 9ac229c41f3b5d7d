"""Checks for the tables of the configuration file that say what to watch: budgets, rules and notifications."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tokentui.config.checks import (
    Check,
    EntryError,
    Mistake,
    between,
    each,
    number,
    one_of,
    percent,
    short_text,
    some_text,
    switch,
    table,
    text,
)
from tokentui.config.settings import EVERYTHING, THRESHOLDS, Budget, Notify, usual_grade
from tokentui.config.thresholds import GRADES, RULE_DEFAULTS, Grade, RuleChange, threshold_names

_ROLLING = re.compile(r"rolling\s+([1-9]\d{0,2})\s*h", re.IGNORECASE)
_SCOPE = re.compile(r"(project|model|session|agent)\s*:\s*(.+)", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RULE_SWITCHES = ("enabled", "grade", "hold_seconds")
_HIGHEST = 1e15


def _limit(value: object) -> float:
    limit = number(value)
    if limit <= 0:
        raise ValueError("should be greater than 0")
    if limit > _HIGHEST:
        raise ValueError(f"should be at most {_HIGHEST:g}")
    return limit


def _window(value: object) -> str:
    if (window := text(value)) in ("day", "week", "month"):
        return window
    if rolling := _ROLLING.fullmatch(window.strip()):
        return f"rolling {rolling[1]}h"
    raise ValueError("expected day, week, month, or hours that move along such as `rolling 5h`")


def _scope(value: object) -> str:
    if text(value).strip().lower() == EVERYTHING:
        return EVERYTHING
    if scope := _SCOPE.fullmatch(text(value).strip()):
        return f"{scope[1].lower()}:{scope[2].strip()}"
    raise ValueError("expected everything, project:TEXT, model:TEXT, session:ID or agent:TYPE")


def _marks(value: object) -> tuple[int, ...]:
    marks = each(percent)(value)
    if list(marks) != sorted(set(marks)):
        raise ValueError("expected percentages that rise, such as [50, 75, 90, 100]")
    return marks


def _actions(value: object) -> dict[int, Grade]:
    if not isinstance(value, dict) or not all(mark.isdecimal() for mark in value):
        raise ValueError('expected percentages and what happens there, such as { "90" = "warn", "100" = "alarm" }')
    found: dict[str, Grade] = table(value, dict.fromkeys(value, one_of(*GRADES)))
    return {int(mark): grade for mark, grade in found.items()}


BUDGET: Mapping[str, Check] = {
    "name": short_text,
    "limit": _limit,
    "unit": one_of("usd", "tokens", "fresh_tokens"),
    "window": _window,
    "scope": _scope,
    "thresholds": _marks,
    "at": _actions,
}
"""The keys of a `[[budgets]]` table, with their checks."""


def parse_budgets(value: object) -> tuple[Budget, ...]:
    """All `[[budgets]]` tables. Raises ValueError and EntryError."""
    budgets = each(_budget, "list of tables, each begun with [[budgets]]")(value)
    names = [budget.name for budget in budgets]
    again = [place for place, name in enumerate(names) if name in names[:place]]
    if again:
        raise EntryError(*(Mistake((place, "name"), f"two budgets have the name {names[place]!r}") for place in again))
    return budgets


def _budget(value: object) -> Budget:
    entry = table(value, BUDGET, needed=("name", "limit", "window"))
    marks, at = entry.get("thresholds", THRESHOLDS), entry.get("at", {})
    unknown = [mark for mark in at if mark not in marks]
    if unknown:
        raise EntryError(Mistake(("at",), f"{unknown[0]} is none of the thresholds {list(marks)}"))
    grades = tuple(at.get(mark, usual_grade(mark)) for mark in marks) if at else ()
    scope = entry.get("scope", EVERYTHING)
    return Budget(
        entry["name"], entry["limit"], entry.get("unit", "usd"), entry["window"], marks, scope=scope, grades=grades
    )


def _variable(value: object) -> str:
    if not _VARIABLE.fullmatch(text(value)):
        raise ValueError("expected the name of an environment variable, such as TOKENTUI_WEBHOOK_URL")
    return text(value)


NOTIFY: Mapping[str, Check] = {
    "bell": switch,
    "title": switch,
    "terminal": one_of("off", "osc9", "osc777"),
    "desktop": switch,
    "webhook": one_of("off", "slack", "discord", "json"),
    "webhook_url_env": _variable,
    "webhook_token_env": _variable,
    "command": each(some_text),
    "when_over": switch,
    "quiet_seconds": between(0, 86_400),
}
"""The keys of `[notify]`, with their checks."""


def parse_notify(value: object) -> Notify:
    """The `[notify]` table. Raises ValueError and EntryError."""
    return Notify(**table(value, NOTIFY))


def parse_rules(tables: object) -> Mapping[str, RuleChange]:
    """The `[rules.NAME]` tables, checked against the thresholds of each rule. Raises ValueError and EntryError."""
    if not isinstance(tables, dict):
        raise ValueError("expected tables such as [rules.agents_at_once]")
    mistakes = [mistake for name, rule in tables.items() for mistake in _rule_mistakes(name, rule)]
    if mistakes:
        raise EntryError(*mistakes)
    return MappingProxyType({name: _rule_change(rule) for name, rule in tables.items()})


def _rule_mistakes(name: str, rule: object) -> list[Mistake]:
    if name not in RULE_DEFAULTS:
        return [Mistake((name,), f"no such rule; there are {', '.join(RULE_DEFAULTS)}")]
    if not isinstance(rule, dict):
        return [Mistake((name,), f"expected a table [rules.{name}]")]
    known = [*_RULE_SWITCHES, *threshold_names(name)]
    reasons = {
        key: _mistake_in(key, value) if key in known else f"no such setting; there are {', '.join(known)}"
        for key, value in rule.items()
    }
    return [Mistake((name, key), reason) for key, reason in reasons.items() if reason]


def _rule_change(rule: Mapping[str, Any]) -> RuleChange:
    values = {key: float(value) for key, value in rule.items() if key not in _RULE_SWITCHES}
    hold = rule.get("hold_seconds")
    return RuleChange(values, None if hold is None else float(hold), rule.get("grade"), rule.get("enabled", True))


def _mistake_in(key: str, value: Any) -> str:
    """What is wrong with one setting of a rule; empty if nothing is."""
    if key == "enabled":
        return "" if isinstance(value, bool) else "expected true or false"
    if key == "grade":
        return "" if value in GRADES else f"expected one of {', '.join(GRADES)}"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if key == "hold_seconds":
        return "" if is_number and 0 <= value <= _HIGHEST else f"expected a number of seconds from 0 to {_HIGHEST:g}"
    return "" if is_number and 1e-9 <= value <= _HIGHEST else f"expected a number above 0, at most {_HIGHEST:g}"
