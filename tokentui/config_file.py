"""Reads the configuration file: TOML, checked key by key, with errors that say which line to mend."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from tokentui.config import (
    DEFAULT_BUDGETS,
    THRESHOLDS,
    WEEKDAYS,
    AnthropicSettings,
    Budget,
    BudgetUnit,
    ConfigError,
    GraphAlphabet,
    Settings,
)
from tokentui.pricing.overrides import Override, OverrideError, parse_overrides

_ROLLING = re.compile(r"rolling\s+([1-9]\d{0,2})\s*h", re.IGNORECASE)
_Key = str | int


def _known_zone(name: str) -> str:
    try:
        if name:
            ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise ValueError("no such time zone; give a name such as Europe/Berlin") from None
    return name


def _window(text: str) -> str:
    if text in ("day", "week", "month"):
        return text
    if rolling := _ROLLING.fullmatch(text.strip()):
        return f"rolling {rolling[1]}h"
    raise ValueError("expected day, week, month, or hours that move along such as `rolling 5h`")


def _weekday(text: str) -> str:
    if text.lower() not in WEEKDAYS:
        raise ValueError(f"expected one of {', '.join(WEEKDAYS)}")
    return text.lower()


def _rising(marks: tuple[int, ...]) -> tuple[int, ...]:
    if list(marks) != sorted(set(marks)):
        raise ValueError("expected percentages that rise, such as [50, 75, 90, 100]")
    return marks


def _joined(keys: str | list[str]) -> str:
    joined = ",".join(keys) if isinstance(keys, list) else keys
    if not all(part.strip() for part in joined.split(",")):
        raise ValueError('expected keys such as "p" or ["p", "ctrl+p"]')
    return joined


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BudgetEntry(_Strict):
    """One `[[budgets]]` table."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    limit: Annotated[float, Field(gt=0, le=1e15, allow_inf_nan=False, strict=True)]
    unit: BudgetUnit = "usd"
    window: Annotated[str, AfterValidator(_window)]
    thresholds: Annotated[tuple[Annotated[int, Field(ge=1, le=1000)], ...], AfterValidator(_rising)] = THRESHOLDS

    def to_budget(self) -> Budget:
        """As the rest of the program knows it."""
        return Budget(self.name, self.limit, self.unit, self.window, self.thresholds)


class AnthropicTable(_Strict):
    """The `[anthropic]` table."""

    key_command: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    base_url: str = ""

    def to_settings(self) -> AnthropicSettings:
        """As the rest of the program knows it."""
        return AnthropicSettings(self.key_command, self.base_url)


class ConfigFile(_Strict):
    """The whole file, except the prices, which have their own checks."""

    theme: str = Settings().theme
    graph: GraphAlphabet = "auto"
    interval: Annotated[float, Field(ge=0.1, le=3600, allow_inf_nan=False)] = 1.0
    time_zone: Annotated[str, AfterValidator(_known_zone)] = ""
    week_start: Annotated[str, AfterValidator(_weekday)] = WEEKDAYS[0]
    directories: tuple[str, ...] = ()
    keys: dict[str, Annotated[str | list[str], AfterValidator(_joined)]] = Field(default_factory=dict)
    budgets: tuple[BudgetEntry, ...] | None = None
    anthropic: AnthropicTable = Field(default_factory=AnthropicTable)

    def to_settings(self, prices: tuple[Override, ...]) -> Settings:
        """As the rest of the program knows it."""
        return Settings(
            theme=self.theme,
            graph=self.graph,
            interval_seconds=self.interval,
            keymap=MappingProxyType({key: str(keys) for key, keys in self.keys.items()}),
            time_zone=self.time_zone,
            week_start=WEEKDAYS.index(self.week_start),
            directories=tuple(Path(directory).expanduser() for directory in self.directories),
            budgets=DEFAULT_BUDGETS if self.budgets is None else tuple(b.to_budget() for b in self.budgets),
            prices=prices,
            anthropic=self.anthropic.to_settings(),
        )


def read_settings(path: Path) -> Settings:
    """The settings of a file. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}): check its permissions") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text: save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}; mend it or move the file away") from error
    return _checked(path, text, values)


def _checked(path: Path, text: str, values: dict[str, Any]) -> Settings:
    try:
        prices = parse_overrides(values.pop("prices", ()))
        return ConfigFile.model_validate(values).to_settings(prices)
    except OverrideError as error:
        found = re.match(r"prices entry (\d+)", str(error))
        line = line_of(text, ("prices", int(found[1]) - 1)) if found else line_of(text, ("prices",))
        raise ConfigError(f"{path}{line}: {error}; mend it or leave it out") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        keys = tuple(first["loc"])
        reason = _reason(first["type"], first["msg"], keys)
        raise ConfigError(f"{path}{line_of(text, keys)}: {_dotted(keys)}: {reason}; mend it or leave it out") from error


def _reason(kind: str, message: str, keys: tuple[_Key, ...]) -> str:
    if kind == "extra_forbidden":
        tables: dict[_Key, type[_Strict]] = {"budgets": BudgetEntry, "anthropic": AnthropicTable}
        model = tables.get(keys[0], ConfigFile) if len(keys) > 1 else ConfigFile
        names = [*model.model_fields, *(["prices"] if model is ConfigFile else [])]
        return f"no such setting; there are {', '.join(names)}"
    if kind == "missing":
        return "is needed"
    return message.removeprefix("Value error, ").replace("Input should", "should")


def _dotted(keys: tuple[_Key, ...]) -> str:
    """`budgets[2].limit`, counted from 1."""
    return "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in keys).lstrip(".")


def line_of(text: str, keys: tuple[_Key, ...]) -> str:
    """`:12`, the line on which a key stands, or the table that it belongs to; empty where it cannot be told."""
    names = [key for key in keys if isinstance(key, str)]
    number = next((key for key in keys if isinstance(key, int)), 0)
    table, tables_met, found = "", 0, 0
    for line_number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([\w-]+)", line):
            table = header[1]
            tables_met += table == names[0]
            if table == names[0] and tables_met == number + 1:
                found = line_number
        elif key := re.match(r"""\s*["']?([\w-]+)["']?\s*=""", line):
            is_wanted = [key[1]] == names if not table else [table, key[1]] == names[:2] and tables_met == number + 1
            if is_wanted or (not table and not found and key[1] == names[0]):
                return f":{line_number}"
    return f":{found}" if found else ""
