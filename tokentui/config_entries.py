"""The tables of the configuration file that say what to watch: budgets, rules and notifications."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from tokentui.config import (
    EVERYTHING,
    THRESHOLDS,
    Budget,
    BudgetUnit,
    Notify,
    TerminalNotice,
    WebhookShape,
    usual_grade,
)
from tokentui.thresholds import GRADES, RULE_DEFAULTS, Grade, RuleChange, threshold_names

_ROLLING = re.compile(r"rolling\s+([1-9]\d{0,2})\s*h", re.IGNORECASE)
_SCOPE = re.compile(r"(project|model|session|agent)\s*:\s*(.+)", re.IGNORECASE)
_RULE_SWITCHES = ("enabled", "grade", "hold_seconds")


class EntryError(Exception):
    """An entry that cannot be used: the keys that lead to it, and why."""

    def __init__(self, keys: tuple[str | int, ...], reason: str) -> None:
        super().__init__(reason)
        self.keys = keys


class Strict(BaseModel):
    """A table that may hold nothing but what is known."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _window(text: str) -> str:
    if text in ("day", "week", "month"):
        return text
    if rolling := _ROLLING.fullmatch(text.strip()):
        return f"rolling {rolling[1]}h"
    raise ValueError("expected day, week, month, or hours that move along such as `rolling 5h`")


def _scope(text: str) -> str:
    if text.strip().lower() == EVERYTHING:
        return EVERYTHING
    if scope := _SCOPE.fullmatch(text.strip()):
        return f"{scope[1].lower()}:{scope[2].strip()}"
    raise ValueError("expected everything, project:TEXT, model:TEXT, session:ID or agent:TYPE")


def _rising(marks: tuple[int, ...]) -> tuple[int, ...]:
    if list(marks) != sorted(set(marks)):
        raise ValueError("expected percentages that rise, such as [50, 75, 90, 100]")
    return marks


def _percentages(actions: dict[str, Grade]) -> dict[str, Grade]:
    if not all(mark.isdecimal() for mark in actions):
        raise ValueError('expected percentages and what happens there, such as { "90" = "warn", "100" = "alarm" }')
    return actions


class BudgetEntry(Strict):
    """One `[[budgets]]` table."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    limit: Annotated[float, Field(gt=0, le=1e15, allow_inf_nan=False, strict=True)]
    unit: BudgetUnit = "usd"
    window: Annotated[str, AfterValidator(_window)]
    scope: Annotated[str, AfterValidator(_scope)] = EVERYTHING
    thresholds: Annotated[tuple[Annotated[int, Field(ge=1, le=1000)], ...], AfterValidator(_rising)] = THRESHOLDS
    at: Annotated[dict[str, Grade], AfterValidator(_percentages)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _marks_exist(self) -> BudgetEntry:
        unknown = [mark for mark in self.at if int(mark) not in self.thresholds]
        if unknown:
            raise ValueError(f"at: {unknown[0]} is none of the thresholds {list(self.thresholds)}")
        return self

    def to_budget(self) -> Budget:
        """As the rest of the program knows it."""
        grades = tuple(self.at.get(str(mark), usual_grade(mark)) for mark in self.thresholds) if self.at else ()
        return Budget(self.name, self.limit, self.unit, self.window, self.thresholds, scope=self.scope, grades=grades)


class NotifyEntry(Strict):
    """The `[notify]` table."""

    bell: bool = False
    title: bool = False
    terminal: TerminalNotice = "off"
    desktop: bool = False
    webhook: WebhookShape = "off"
    webhook_url_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = Notify().webhook_url_env
    webhook_token_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = Notify().webhook_token_env
    command: tuple[str, ...] = ()
    when_over: bool = False
    quiet_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = Notify().quiet_seconds

    def to_notify(self) -> Notify:
        """As the rest of the program knows it."""
        return Notify(**self.model_dump())


def parse_rules(tables: object) -> Mapping[str, RuleChange]:
    """The `[rules.NAME]` tables, checked by hand: there is one model for each rule. Raises EntryError."""
    if not isinstance(tables, dict):
        raise EntryError(("rules",), "expected tables such as [rules.agents_at_once]")
    return MappingProxyType({name: _rule(name, table) for name, table in tables.items()})


def _rule(name: str, table: object) -> RuleChange:
    if name not in RULE_DEFAULTS:
        raise EntryError(("rules", name), f"no such rule; there are {', '.join(RULE_DEFAULTS)}")
    if not isinstance(table, dict):
        raise EntryError(("rules", name), f"expected a table [rules.{name}]")
    known = [*_RULE_SWITCHES, *threshold_names(name)]
    for key, value in table.items():
        reason = f"no such setting; there are {', '.join(known)}" if key not in known else _wrong(key, value)
        if reason:
            raise EntryError(("rules", name, key), reason)
    values = {key: float(value) for key, value in table.items() if key not in _RULE_SWITCHES}
    hold = table.get("hold_seconds")
    return RuleChange(values, None if hold is None else float(hold), table.get("grade"), table.get("enabled", True))


def _wrong(key: str, value: Any) -> str:
    """What is wrong with one setting of a rule; empty for nothing."""
    if key == "enabled":
        return "" if isinstance(value, bool) else "expected true or false"
    if key == "grade":
        return "" if value in GRADES else f"expected one of {', '.join(GRADES)}"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    lowest = 0 if key == "hold_seconds" else 1e-9
    return "" if is_number and lowest <= value <= 1e15 else "expected a number above 0"
