"""Reads the configuration file: TOML, checked key by key, with errors that say which line to mend."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError, field_validator

from tokentui.config import DEFAULT_BUDGETS, WEEKDAYS, AnthropicSettings, ConfigError, GraphAlphabet, Settings
from tokentui.config_entries import BudgetEntry, EntryError, NotifyEntry, Strict, parse_rules
from tokentui.pricing.overrides import Override, OverrideError, parse_overrides
from tokentui.thresholds import RuleChange

_HEADER = re.compile(r"\s*\[+\s*([^\]#]+?)\s*\]")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")
_Key = str | int


def _known_zone(name: str) -> str:
    try:
        if name:
            ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise ValueError("no such time zone; give a name such as Europe/Berlin") from None
    return name


def _weekday(text: str) -> str:
    if text.lower() not in WEEKDAYS:
        raise ValueError(f"expected one of {', '.join(WEEKDAYS)}")
    return text.lower()


def _joined(keys: str | list[str]) -> str:
    joined = ",".join(keys) if isinstance(keys, list) else keys
    if not all(part.strip() for part in joined.split(",")):
        raise ValueError('expected keys such as "p" or ["p", "ctrl+p"]')
    return joined


class AnthropicTable(Strict):
    """The `[anthropic]` table."""

    key_command: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    base_url: str = ""
    keep_emails: bool = False

    def to_settings(self) -> AnthropicSettings:
        """As the rest of the program knows it."""
        return AnthropicSettings(self.key_command, self.base_url, self.keep_emails)


class ConfigFile(Strict):
    """The whole file, except prices and rules, which have their own checks."""

    theme: str = Settings().theme
    graph: GraphAlphabet = "auto"
    interval: Annotated[float, Field(ge=0.1, le=3600, allow_inf_nan=False)] = 1.0
    time_zone: Annotated[str, AfterValidator(_known_zone)] = ""
    week_start: Annotated[str, AfterValidator(_weekday)] = WEEKDAYS[0]
    directories: tuple[str, ...] = ()
    keys: dict[str, Annotated[str | list[str], AfterValidator(_joined)]] = Field(default_factory=dict)
    budgets: tuple[BudgetEntry, ...] | None = None
    anthropic: AnthropicTable = Field(default_factory=AnthropicTable)
    notify: NotifyEntry = Field(default_factory=NotifyEntry)

    @field_validator("budgets")
    @classmethod
    def _names_differ(cls, budgets: tuple[BudgetEntry, ...] | None) -> tuple[BudgetEntry, ...] | None:
        names = [budget.name for budget in budgets or ()]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"two budgets have the name {twice!r}")
        return budgets

    def to_settings(self, prices: tuple[Override, ...], rules: Mapping[str, RuleChange]) -> Settings:
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
            rules=rules,
            notify=self.notify.to_notify(),
        )


def read_settings(path: Path) -> Settings:
    """The settings of a file. Raises ConfigError."""
    try:
        return parse_settings(path, path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}): check its permissions") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text: save it as UTF-8") from error


def parse_settings(path: Path, text: str) -> Settings:
    """The settings that a text stands for; `path` is only named in errors. Raises ConfigError."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}; mend it or move the file away") from error
    return _checked(path, text, values)


def _checked(path: Path, text: str, values: dict[str, Any]) -> Settings:
    try:
        prices = parse_overrides(values.pop("prices", ()))
        rules = parse_rules(values.pop("rules", {}))
        return ConfigFile.model_validate(values).to_settings(prices, rules)
    except EntryError as error:
        place = f"{path}{line_of(text, error.keys)}: {_dotted(error.keys)}"
        raise ConfigError(f"{place}: {error}; mend it or leave it out") from error
    except OverrideError as error:
        found = re.match(r"prices entry (\d+)", str(error))
        line = line_of(text, ("prices", int(found[1]) - 1)) if found else line_of(text, ("prices",))
        raise ConfigError(f"{path}{line}: {error}; mend it or leave it out") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        keys = tuple(first["loc"])
        reason = _reason(first["type"], first["msg"], keys)
        raise ConfigError(f"{path}{line_of(text, keys)}: {_dotted(keys)}: {reason}; mend it or leave it out") from error


_TABLES: dict[str, type[Strict]] = {"budgets": BudgetEntry, "notify": NotifyEntry, "anthropic": AnthropicTable}


def _reason(kind: str, message: str, keys: tuple[_Key, ...]) -> str:
    if kind == "extra_forbidden":
        model = _TABLES.get(str(keys[0]), ConfigFile) if len(keys) > 1 else ConfigFile
        names = [*model.model_fields, *(["rules", "prices"] if model is ConfigFile else [])]
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
    table: list[str] = []
    tables_met, found = 0, 0
    for line_number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = [part.strip(" \"'") for part in header[1].split(".")]
            is_ours = names[: len(table)] == table
            tables_met += is_ours and table == names[:1]
            if is_ours and (len(table) > 1 or tables_met == number + 1):
                found = line_number
        elif key := _KEY.match(line):
            is_wanted = [*table, key[1]] == names[: len(table) + 1] and (len(table) != 1 or tables_met == number + 1)
            if is_wanted or (not table and not found and key[1] == names[0]):
                return f":{line_number}"
    return f":{found}" if found else ""
